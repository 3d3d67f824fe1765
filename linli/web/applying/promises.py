"""A promise that stands for a paper (告知承诺), given after the application: its words, and what the paper would have shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from linli.entitlements.told import by_word, open_facts
from linli.programmes.declaration import Material, Programme
from linli.screening.interview import Question
from linli.web.programme.questions import answer_field, hint_words, unit_words
from linli.web.templatetags.texts import words

FACT = "fact:"


def fact_fields(programme: Programme, names: tuple[str, ...] | None = None, *, required: bool) -> dict[str, forms.Field]:
    """A field for each fact that the person may state and no register holds, by its name in the form. names: only these."""
    declared, allowed = open_facts(programme), by_word(programme)
    found: dict[str, forms.Field] = {}
    for name, fact in declared.items():
        if name in allowed and (names is None or name in names):
            question = Question(f"fact:{name}", "fact", name, fact)
            field = answer_field(question, label=words(fact.label), help_text=hint_words(question, "person"), required=required)
            field.unit = unit_words(question)  # type: ignore[attr-defined]
            found[f"{FACT}{name}"] = field
    return found


def stated(programme: Programme, told: dict[str, Any]) -> dict[str, Any]:
    """The facts of a valid form as the rule takes them; empty ones are left out."""
    declared = open_facts(programme)
    given = {name.removeprefix(FACT): value for name, value in told.items() if name.startswith(FACT) and value not in (None, "")}
    return {name: value == "yes" if declared[name].type.kind == "boolean" else value for name, value in given.items()}


class PromiseForm(forms.Form):
    """One material of a case, promised by whoever asked for what it gives."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, programme: Programme, material: Material, data: Any = None, **more: Any) -> None:
        super().__init__(data, prefix=material.id, **more)
        self.programme, self.material = programme, material
        self.fields |= fact_fields(programme, material.gives, required=True)
        self.fields["agreed"] = forms.BooleanField(
            label=_("我承诺“%(what)s”属实；不属实的，承担责任") % {"what": words(material.label)},
            error_messages={"required": _("愿意承诺的请勾选；不愿意的，改为交材料。")},
        )

    def facts(self) -> dict[str, Any]:
        """What it states."""
        return stated(self.programme, self.cleaned_data)
