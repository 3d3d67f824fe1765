"""An application as an officer sees it: its way, what it needs, why the rule says what it says, and the form of what can be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.kinds import LEVEL_WORDS
from linli.entitlements.queries import Progress, Stage
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.web.own_words import OwnWords
from linli.web.templatetags.texts import words

VERBS = {
    "accept": gettext_lazy("受理"),
    "ask": gettext_lazy("一次性告知补正"),
    "pass": gettext_lazy("通过，转下一步"),
    "return": gettext_lazy("退回上一步"),
    "granted": gettext_lazy("给予"),
    "refused": gettext_lazy("不予"),
    "registered": gettext_lazy("予以登记"),
    "forwarded": gettext_lazy("转办"),
}
NEEDS = {
    "exempt": Label("免交，已有登记", "not needed: on record"),
    "commitment": Label("本人承诺", "promised by the person"),
    "wanted": Label("待交", "to be given"),
    "given": Label("已交", "given"),
    "refused": Label("未通过，待重交", "not accepted: to be given again"),
}
LAMPS = {
    "exempt": ("good", "tick"),
    "commitment": ("good", "tick"),
    "given": ("good", "tick"),
    "wanted": ("open", "clock"),
    "refused": ("bad", "warning"),
}
NEEDS_WORDS = frozenset({"ask", "return"})


@dataclass(frozen=True, slots=True)
class Stop:
    """A step on the way as the page shows it. sign: of an icon; who: names of those who let it pass."""

    label: Label
    level: Label
    state: str
    sign: str
    at: datetime | None
    due_at: datetime | None
    who: tuple[str, ...]


def way(stages: tuple[Stage, ...], *, named: bool = True) -> list[Stop]:
    """The steps in order. named: with who signed them, which takes one query."""
    names = names_of({actor for stage in stages for actor in stage.actors}) if named else {}
    signs = {"done": "tick", "now": "arrow", "coming": "clock"}
    return [
        Stop(
            stage.step.label,
            Label(*LEVEL_WORDS[stage.level]),
            stage.state,
            signs[stage.state],
            stage.until or stage.since,
            stage.due_at if stage.state == "now" else None,
            tuple(names.get(actor) or _("系统") for actor in stage.actors) if named else (),
        )
        for stage in stages
    ]


def needs(progress: Progress) -> list[tuple[Label, Label, str, str]]:
    """(material, state, kind of tag, icon) of each."""
    return [(one.material.label, NEEDS[one.state], *LAMPS[one.state]) for one in progress.needs]


class StepForm(forms.Form):
    """What the office does now: one choice, and words where it takes any."""

    verb = forms.ChoiceField(label=gettext_lazy("办理"), widget=forms.RadioSelect)
    materials = forms.MultipleChoiceField(
        label=gettext_lazy("需要补正的材料"),
        help_text=gettext_lazy("只能告知一次，请一次写全。"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = OwnWords(
        label=gettext_lazy("说明"), help_text=gettext_lazy("补正和退回须写明理由；补正的理由会写进通知书。"), rows=3, required=False
    )
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, progress: Progress, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        verb, materials = self.fields["verb"], self.fields["materials"]
        if not isinstance(verb, forms.ChoiceField) or not isinstance(materials, forms.MultipleChoiceField):
            raise AssertionError("both are choices")
        verb.choices = [(one, VERBS[one]) for one in progress.verbs]
        if "ask" in progress.verbs:
            materials.choices = [(one.material.id, words(one.material.label)) for one in progress.needs]
            materials.initial = [one.material.id for one in progress.missing]
        else:
            del self.fields["materials"]

    def clean(self) -> dict[str, Any]:
        """Words and materials where the choice takes them."""
        told = super().clean() or {}
        if told.get("verb") in NEEDS_WORDS and not told.get("words"):
            self.add_error("words", _("请写明理由。"))
        if told.get("verb") == "ask" and not told.get("materials"):
            self.add_error("materials", _("请选择需要补正的材料。"))
        return told
