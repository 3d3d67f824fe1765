"""The form in which an officer enters what an accepted paper shows, where no register says it."""

from __future__ import annotations

from typing import Any

from django import forms

from linli.casework.kinds import APPLICATION
from linli.casework.models import Document
from linli.entitlements.acts.showing import takes_two
from linli.entitlements.models import Application
from linli.entitlements.reckoning import reckon
from linli.entitlements.told import shown_facts, told_of
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.programmes.queries import pinned
from linli.rules.declare import FactDeclaration
from linli.screening.interview import Question
from linli.web.programme.questions import answer_field, hint_words, unit_words
from linli.web.templatetags.texts import words

FACT = "fact:"


class ShownForm(forms.Form):
    """One field for each fact; what is left empty is not entered."""

    fact_key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, facts: dict[str, FactDeclaration], data: Any = None) -> None:
        super().__init__(data, initial={"fact_key": str(uuid7())})
        self.facts = facts
        for name, fact in facts.items():
            question = Question(f"fact:{name}", "fact", name, fact)
            field = answer_field(question, label=words(fact.label), help_text=hint_words(question, "person"), required=False)
            field.unit = unit_words(question)  # type: ignore[attr-defined]
            self.fields[f"{FACT}{name}"] = field

    def entered(self) -> dict[str, Any]:
        """The facts as the rule takes them."""
        found = {name: self.cleaned_data.get(f"{FACT}{name}") for name in self.facts}
        kinds = {name: one.type.kind for name, one in self.facts.items()}
        return {name: value == "yes" if kinds[name] == "boolean" else value for name, value in found.items() if value not in (None, "")}


def form_for(viewer: Viewer, found: Document, data: Any = None) -> ShownForm | None:
    """The form for what the registers leave open and this paper shows; None where there is nothing of that, or a colleague has to do it.

    The caller knows that the viewer deals with the case. The rule is asked as the decision asks it.
    """
    case = found.case
    if case.kind != APPLICATION.slug or case.status != "open" or case.accepted_at is None:
        return None
    if found.check_result != "accepted" or found.part != "material":
        return None
    programme = pinned(case.programme, case.programme_version or "")
    facts = shown_facts(programme, found.material)
    if not facts or (takes_two(programme) and found.checked_by == viewer.actor):
        return None
    application = Application.objects.select_related("case").get(case=case)
    reckoned = reckon(programme, application.beneficiary_uid, told_of(application, programme))
    own = {fact.name for one in reckoned.reasons.explanation.conditions for fact in one.facts if not fact.who and fact.value is not None}
    open_ones = {name: one for name, one in facts.items() if name not in own or name in reckoned.reasons.given}
    return ShownForm(open_ones, data) if open_ones else None
