"""An application as an officer sees it: its way, what it needs, why the rule says what it says, and the form of what can be done now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.agreements.models import Award
from linli.batches.explained import explanations
from linli.casework.documents.queries import OF_LETTERS, documents_of, label_of, pictures_in
from linli.casework.kinds import APPLICATION, KINDS, LEVEL_WORDS
from linli.casework.models import Case, Pause
from linli.casework.steps.clocks import promised_days
from linli.casework.steps.moving import PARKED
from linli.casework.steps.notes import Note
from linli.entitlements.models import Application
from linli.entitlements.paying import other_payee
from linli.entitlements.queries import Progress, Stage
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES, PAYEES
from linli.rules.declare import Label
from linli.settlement.models import MADE_GOOD
from linli.settlement.queries import Status
from linli.settlement.words import REASONS
from linli.web.case import papers
from linli.web.frame.own_words import OwnWords
from linli.web.templatetags.texts import day, words

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


def way(stages: tuple[Stage, ...], names: Mapping[str, str] = MappingProxyType({})) -> list[Stop]:
    """The steps in order, with who signed each where names (by actor, "" for machines) are given."""
    signs = {"done": "tick", "now": "arrow", "coming": "clock"}
    return [
        Stop(
            stage.step.label,
            Label(*LEVEL_WORDS[stage.level]),
            stage.state,
            signs[stage.state],
            stage.until or stage.since,
            stage.due_at if stage.state == "now" else None,
            tuple(names.get(actor) or _("系统") for actor in stage.actors) if names else (),
        )
        for stage in stages
    ]


def limits(programme: Programme) -> dict[str, int | None]:
    """Working days from acceptance on: by law, None where the source states none, and as promised."""
    return {"statutory": programme.statutory_working_days, "promised": promised_days(programme, APPLICATION.slug)}


def needs(progress: Progress) -> list[tuple[Label, Label, str, str]]:
    """(material, state, kind of tag, icon) of each."""
    return [(one.material.label, NEEDS[one.state], *LAMPS[one.state]) for one in progress.needs]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the case: what it is called, when it came, the officer's word on it, where it is looked at beside the registers."""

    label: Label
    at: datetime
    tag: papers.Tag
    address: str


@dataclass(frozen=True, slots=True)
class Papers:
    """needs: (material, state, kind of tag, icon, its documents) of each material; others: documents of none."""

    needs: list[tuple[Label, Label, str, str, list[Paper]]]
    others: list[Paper]


def papers_of(found: Progress) -> Papers:
    """The materials with what was given for each. One query."""
    materials = {one.id: one for one in found.programme.materials}
    pictures = pictures_in(found.programme)
    given = [one for one in documents_of(found.case) if one.part != OF_LETTERS]
    by_material: dict[str, list[Paper]] = {}
    for one in given:
        key = one.material if one.part == "material" else ""
        paper = Paper(label_of(one, materials, pictures), one.given_at, papers.check_tag(one), reverse("office:paper", args=[one.uid]))
        by_material.setdefault(key, []).append(paper)
    rows = [(need.material.label, NEEDS[need.state], *LAMPS[need.state], by_material.pop(need.material.id, [])) for need in found.needs]
    return Papers(rows, [one for rest in by_material.values() for one in rest])


PAUSED = {
    "supplement": gettext_lazy("等申请人补正"),
    "appraisal": gettext_lazy("评估鉴定"),
    "notice": gettext_lazy("公示"),
}
SIGNED = {
    "passed": gettext_lazy("通过"),
    "returned": gettext_lazy("退回"),
    "taken_back": gettext_lazy("收回"),
    **{verb: VERBS[verb] for verb in ("granted", "refused", "registered", "forwarded")},
}


@dataclass(frozen=True, slots=True)
class Said:
    """A colleague's signature with its words, "" for none."""

    step: Label
    who: str
    what: Any
    words: str
    at: datetime


def said(found: Progress, notes: Iterable[Note], names: Mapping[str, str]) -> list[Said]:
    """What colleagues signed and wrote, in order."""
    labels = {stage.step.id: stage.step.label for stage in found.stages}
    return [
        Said(labels.get(one.step, Label(one.step, one.step)), names.get(one.actor) or _("系统"), SIGNED[one.outcome], one.words, one.at)
        for one in notes
    ]


def stood_still(pauses: Iterable[Pause]) -> list[tuple[Any, datetime, datetime | None]]:
    """(why, from, until: None while it lasts) of each time the clock stood still."""
    return [(PAUSED[one.reason], one.began_at, one.ended_at) for one in pauses]


def signing(children: Iterable[Case]) -> list[tuple[str, Label, str, str]]:
    """(body, state, kind of tag, icon) of each sign-off."""
    lamps = {"": ("open", "clock"), "signed": ("good", "tick"), "objected": ("bad", "cross")}
    return [(one.department, _signed(one), *lamps.get(one.outcome, ("note", "dot"))) for one in children]


def _signed(case: Case) -> Label:
    outcome = KINDS[case.kind].outcome(case.outcome) if case.outcome else None
    return Label(outcome.zh, outcome.en) if outcome else Label("待会签", "to be signed")


def waiting_for(found: Progress) -> str:
    """What an open case waits for that no desk can hurry, "" where a desk has it."""
    if found.case.status != "open":
        return ""
    if found.waits_for_person:
        return _("等申请人补正，期限暂停")
    if found.now is not None and found.now.kind in PARKED:
        return _("等其他部门会签") if found.now.kind == "sign" else _shown(found)
    return ""


def _shown(found: Progress) -> str:
    if found.hangs:
        return _("正在公示，期限暂停")
    return _("公示已取下：等异议办结，或再次公示") if found.hung else _("等候公示：名单还没有张贴，期限照常计算")


def barred(found: Progress, verdict: str, unknown: Iterable[Label]) -> dict[str, str]:
    """What this step would have but doesn't allow now, and why. verdict: the rule's of today, "" where the viewer may not see it."""
    if not found.verbs and not (found.now is None and found.missing):
        return {}
    why: dict[str, str] = {}
    missing = _("、").join(words(one.material.label) for one in found.missing)
    incomplete = _("还有材料没有交齐：%(what)s") % {"what": missing}
    if found.now is None:
        why |= {"accept": incomplete} if found.missing else {}
    elif found.now.kind in DECIDES:
        why |= _undecidable(found, verdict, _("、").join(words(one) for one in unknown), incomplete)
    if found.now is not None and "return" not in found.verbs:
        why["return"] = _("前面没有可以退回的步骤")
    asked = next((one for one in found.pauses if one.reason == "supplement"), None)
    if found.decided:
        why["ask"] = _("已经作出决定，不能再要求补正")
    elif asked is not None:
        why["ask"] = _("补正只能一次性告知，%(day)s 已经告知") % {"day": day(asked.began_at)}
    return why


def _undecidable(found: Progress, verdict: str, unknown: str, incomplete: str) -> dict[str, str]:
    yes = [verb for verb in found.verbs if verb in ("granted", "registered")]
    why: dict[str, str] = {}
    if verdict == "unknown":
        text = _("还没有查明：%(what)s") % {"what": unknown}
        why = dict.fromkeys([*yes, *(verb for verb in found.verbs if verb == "refused")], text)
    elif verdict == "not_eligible":
        why = dict.fromkeys(yes, _("有条件不符合"))
    elif verdict == "eligible" and "refused" in found.verbs:
        why = {"refused": _("全部条件都符合，不能不予")}
    if found.missing:
        why |= dict.fromkeys([*yes, *(verb for verb in found.verbs if verb == "forwarded")], incomplete)
    first = found.now.signatures[0]["outcome"] if found.now is not None and found.now.signatures else ""
    other = [verb for verb in found.verbs if verb in SIGNED and first and verb != first]
    return why | dict.fromkeys(other, _("同事已签的意见不同，先商量一致或退回"))


@dataclass(frozen=True, slots=True)
class Signatures:
    """How many signatures a step takes and has, and whether the viewer's is among them."""

    wanted: int
    given: int
    mine: bool


def signatures(viewer: Viewer, found: Progress) -> Signatures | None:
    """None where one signature is enough."""
    if found.now is None or found.now.officers < 2:
        return None
    signed = [one["actor"] for one in found.now.signatures]
    return Signatures(found.now.officers, len(signed), viewer.actor in signed)


class StepForm(forms.Form):
    """What the office does now: one choice, and words where it takes any."""

    verb = forms.ChoiceField(label=gettext_lazy("办理结果"), widget=forms.RadioSelect)
    materials = forms.MultipleChoiceField(
        label=gettext_lazy("需要补正的材料"),
        help_text=gettext_lazy("只能告知一次，请一次写全。"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    words = OwnWords(
        label=gettext_lazy("说明"),
        help_text=gettext_lazy("补正和退回须写明理由；补正的理由会写进通知书。其他的写给下一步的同事，可以不填。"),
        rows=3,
        required=False,
    )
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, progress: Progress, verbs: Iterable[str], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        allowed = list(verbs)
        verb, materials = self.fields["verb"], self.fields["materials"]
        if not isinstance(verb, forms.ChoiceField) or not isinstance(materials, forms.MultipleChoiceField):
            raise AssertionError("both are choices")
        verb.choices = [(one, VERBS[one]) for one in allowed]
        if "ask" in allowed:
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


PAID = {
    "planned": ("open", "clock", Label("准备发放", "being prepared")),
    "on_its_way": ("open", "clock", Label("已交银行，在路上", "on its way through the bank")),
    "paid": ("good", "tick", Label("已到账", "paid")),
    "failed": ("bad", "warning", Label("没有到账", "did not arrive")),
    "retained": ("note", "clock", Label("质保金，未到期", "retained for now")),
    "withdrawn": ("note", "cross", Label("不再发放", "not paid any more")),
}


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as the person sees it. why: what is wrong with the account, None where nothing is; by_bank: as the bank told; open:
    whether another account can be given for it now; offset_fen: what was set off from it with the person's consent; back: what had been
    set off or paid back for nothing; how: its amount came about, where it was reckoned."""

    kind: str
    sign: str
    words: Label
    fen: int
    day: date | None
    tail: str
    why: Label | None
    by_bank: bool
    uid: UUID
    period: str
    open: bool
    offset_fen: int
    back: bool
    how: tuple[Label, ...]


def payments(found: Iterable[Status]) -> list[Paid]:
    """The payments of a case, newest first, each with how its amount came about. One query where there are any."""
    rows = list(found)
    how = explanations(one.item for one in rows) if rows else {}
    return [_paid(one, tuple(Label(*line) for line in how.get(one.item, ()))) for one in rows]


def _paid(one: Status, how: tuple[Label, ...]) -> Paid:
    why = REASONS.get(one.reason) if one.reason else None
    mended = one.step in ("planned", "failed") and why is not None and one.reason not in BEYOND_MENDING
    by_bank = one.step == "failed" and one.reason not in ("other", *BEYOND_MENDING)
    back = one.part == MADE_GOOD
    return Paid(*PAID[one.step], one.fen, one.day, one.tail, why, by_bank, one.uid, one.period, mended, one.offset_fen, back, how)


BEYOND_MENDING = frozenset({"died", "payee_unknown", "no_money"})
"""Reasons that no other account settles."""


def paid_to(paid: Application | Award, person: UUID) -> tuple[Label, str] | None:
    """To whom it is paid, as what and by name ("" while nobody knows), where that isn't whoever gets it. person: whose matter it is. Two
    queries at most."""
    found = other_payee(paid, person)
    return (PAYEES[found[0]], found[1]) if found else None
