"""Objections, reviews and money paid too much in words, and the forms that they take, for every portal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli import vault
from linli.batches.models import Item
from linli.casework import queries
from linli.casework.documents.queries import label_of, materials_of
from linli.casework.kinds import APPLICATION, KINDS, OBJECTION, RECOVERY, REVIEW, Promise, promise
from linli.casework.letters import queries as letters
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.casework.steps.acts import programme_of
from linli.casework.steps.notes import PURPOSE
from linli.entitlements import recovering
from linli.entitlements.acts.objecting import last_day, may_object, may_review, review_until
from linli.entitlements.models import CAUSES, Recovery
from linli.kernel.clock import day_of
from linli.kernel.errors import LinliError
from linli.kernel.money import fen_from_yuan, yuan_text
from linli.kernel.viewer import Viewer
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.settlement.queries import made_good
from linli.web.case.applications import Paid, paid_to, payments
from linli.web.case.cases import outcome_words
from linli.web.frame.counted import counted
from linli.web.frame.own_words import OwnWords
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese, period_words, words

PROPOSED = {"waived": Label("不予追回", "not to recover it"), "unfounded": Label("核实没有多发", "nothing was paid too much")}


@dataclass(frozen=True, slots=True)
class Ways:
    """Which ways to contest a case are open: of the contested case, its objection and its review. until: the last day of the review;
    object_until: of the objection, None where no term is stated."""

    case: Case
    objection: bool
    review: bool
    until: date | None
    object_until: date | None


def ways_of(case: Case) -> Ways | None:
    """The ways to contest an application or a recovery; of an answered objection those that are left. None where there is none. Four
    queries at most."""
    contested = case.parent if case.kind == OBJECTION.slug and case.status == "closed" else case
    if contested is None or contested.kind not in (APPLICATION.slug, RECOVERY.slug):
        return None
    programme = programme_of(contested)
    again = case.kind != OBJECTION.slug and may_object(contested, programme)
    review = may_review(contested, programme)
    if not (again or review):
        return None
    return Ways(contested, again, review, review_until(contested, programme), last_day(contested, programme))


@dataclass(frozen=True, slots=True)
class Contested:
    """The decision that somebody is about to contest. what: how it ended, None of a case that no office has decided; letter, number: of the
    paper that says so, None and "" without one; day: of the decision; until: the last day to contest it, None where no term is stated."""

    programme: Label
    receipt: str
    what: Label | None
    letter: Label | None
    number: str
    day: date | None
    until: date | None


SAID_BY = ("grant", "refusal", "ending", "recovery", "standing")
"""Letters that say what was decided."""


def contested(case: Case, kind: str) -> Contested:
    """The decision that an objection or a review of this case is about. Three queries at most."""
    programme = programme_of(case)
    found = next((one for one in letters.letters_of(case) if one.kind in SAID_BY and one.withdrawn_at is None), None)
    day = day_of(found.issued_at) if found else day_of(case.closed_at) if case.closed_at else None
    return Contested(
        programme.label,
        grouped(case.receipt),
        Label(KINDS[case.kind].zh, KINDS[case.kind].en) if case.kind == RECOVERY.slug else outcome_words(case),
        letters.kind_label(found) if found else None,
        letters.number_of(found) if found else "",
        day,
        last_day(case, programme) if kind == OBJECTION.slug else review_until(case, programme),
    )


def asking(case: Case, kind: str) -> dict[str, Any]:
    """Title, lead and the decision of the page on which somebody contests a case."""
    return {"contested": contested(case, kind), **_asking(case, kind)}


def _asking(case: Case, kind: str) -> dict[str, Any]:
    if kind == OBJECTION.slug:
        days = promise(OBJECTION.slug).answer
        lead = counted("写明您认为哪里不对。由没有参与办理的人员在 %(number)s 个工作日内复核，给您答复。", number=days)
        return {"title": _("对决定提出异议"), "lead": lead}
    objection = programme_of(case).objection
    organ = words(objection.review.label) if objection and objection.review else ""
    lead = _("写明您的请求和理由。复议机关（%(organ)s）由作出决定的部门以外的人员审查，自受理起%(term)s内答复。不收费用。")
    lead %= {"organ": organ, "term": _days(promise(REVIEW.slug))}
    return {"title": _("申请行政复议"), "lead": lead}


def _days(promised: Promise) -> str:
    """“ 60 日” or “ 40 个工作日”, as the city's file counts."""
    if promised.calendar:
        return counted(" %(number)s 日", number=promised.answer)
    return counted(" %(number)s 个工作日", number=promised.answer)


@dataclass(frozen=True, slots=True)
class Shown:
    """A recovery as its pages show it. cause, proposed: in words; rows: period, paid and owed fen; back: of one that was stopped, what is
    paid back of what had been set off or returned. paid_to: see applications.paid_to. unsettled: whether money is still asked back;
    proposer, reasons: of who proposed to end it, where the page is one of somebody who works on it."""

    recovery: Recovery
    cause: Label
    proposed: Label | None
    rows: list[tuple[str, int, int]]
    back: list[Paid]
    paid_to: tuple[Label, str] | None
    unsettled: bool
    proposer: str = ""
    reasons: str = ""


def recovery_of(case: Case) -> Shown | None:
    """What was paid too much, of a case about that; None for any other. Three queries at most; five of one that was stopped."""
    if case.kind != RECOVERY.slug:
        return None
    found = Recovery.objects.select_related("case", "award").filter(case=case).first()
    if found is None:
        return None
    back = payments(made_good(found)) if found.stopped_at else []
    rows = [tuple(one) for one in found.periods]
    to = paid_to(found.award, found.person)
    return Shown(found, Label(*CAUSES[found.cause]), PROPOSED.get(found.proposed), rows, back, to, recovering.unsettled(case))


def _with_proposal(viewer: Viewer, shown: Shown) -> Shown:
    """With who proposed to end it and their reasons, which whoever confirms has to know; the reading is recorded. Two queries at most."""
    found = shown.recovery
    if not found.proposed:
        return shown
    names = names_of({found.proposed_by})
    plain = {}
    if found.proposal_cipher and not vault.is_erased(found.person):
        people = [(found.person, {"words": found.proposal_cipher})]
        (plain,) = vault.reveal_many(viewer, purpose=PURPOSE, people=people, place=found.case.area_code)
    return replace(shown, proposer=names.get(found.proposed_by, ""), reasons=plain.get("words", ""))


class YuanField(forms.CharField):
    """An amount in yuan, as fen."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **more)

    def clean(self, value: Any) -> int:
        """Whole fen above zero, 0 for nothing where it may stay empty."""
        text = super().clean(value)
        try:
            fen = fen_from_yuan(text) if text else 0
        except LinliError as problem:
            raise ValidationError(problem.zh if chinese() else problem.en) from None
        if text and fen < 0:
            raise ValidationError(_("请填写金额，例如 1200.50"))
        return fen


class AgreeForm(forms.Form):
    """The person's own consent to a set-off, and how much each time."""

    agreed = forms.BooleanField(label=gettext_lazy("我同意从以后发给我的这项待遇中扣回，直到还清。办结以前可以改变主意，要求改为退回。"))
    instalment = YuanField(label=gettext_lazy("每次扣多少（元）"))
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, least: int, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["instalment"].help_text = _least(least)


def _least(fen: int) -> str:
    """How much each time at the least, and that the rest is paid as ever."""
    told = {"yuan": yuan_text(fen), "months": recovering.LONGEST_MONTHS}
    return _("至少 %(yuan)s 元，%(months)s 个月内还清。每次发放只扣这么多，其余照常发放。") % told


class PaperAgreeForm(forms.Form):
    """The consent that the person signed on paper, given for the case and checked."""

    paper = forms.ChoiceField(label=gettext_lazy("本人签字的同意书"), widget=forms.RadioSelect)
    instalment = YuanField(label=gettext_lazy("每次扣多少（元）"))

    def __init__(self, case: Case, data: Any = None) -> None:
        super().__init__(data)
        materials = materials_of(case)
        rows = case.documents.filter(check_result="accepted").order_by("id")
        self.found = [(str(one.uid), f"{words(label_of(one, materials))} · {one.given_at.date()}") for one in rows]
        self.fields["paper"].choices = self.found  # type: ignore[attr-defined]
        self.fields["instalment"].help_text = _least(recovering.least_instalment(Recovery.objects.select_related("award").get(case=case)))


class ProposeForm(forms.Form):
    """How a first officer would end it without the money."""

    proposed = forms.ChoiceField(
        label=gettext_lazy("建议"), choices=[(code, f"{one.zh}") for code, one in PROPOSED.items()], widget=forms.RadioSelect
    )
    reasons = OwnWords(label=gettext_lazy("理由"), rows=3, required=True)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["proposed"].choices = [(code, words(one)) for code, one in PROPOSED.items()]  # type: ignore[attr-defined]


class MoneyForm(forms.Form):
    """What the bank's receipt says of money that came back."""

    fen = YuanField(label=gettext_lazy("退回金额（元）"))
    on = DayField((2020, 2100), label=gettext_lazy("到账日期"))
    reference = forms.CharField(label=gettext_lazy("银行回单号"), max_length=60)


class StatedForm(forms.Form):
    """What an officer found to be paid too much: for each period that was paid what it should have been, and why."""

    reasons = OwnWords(label=gettext_lazy("查明的情况和依据"), help_text=gettext_lazy("领取人会看到。"), rows=4, required=True)

    def __init__(self, paid: list[tuple[str, int]], data: Any = None) -> None:
        super().__init__(data)
        self.paid = paid
        for number, (period, fen) in enumerate(paid):
            label = _("%(period)s：已发 %(yuan)s 元，应发（元）") % {"period": period_words(period), "yuan": yuan_text(fen)}
            self.fields[f"owed{number}"] = YuanField(label=label, initial=yuan_text(fen))
        self.order_fields([*(f"owed{number}" for number in range(len(paid))), "reasons"])

    def clean(self) -> dict[str, Any]:
        """Less was owed of one period at least, and of none more than was paid."""
        told = super().clean() or {}
        for number, (_period, fen) in enumerate(self.paid):
            if told.get(f"owed{number}", 0) > fen:
                self.add_error(f"owed{number}", _("应发多于已发的，用补发办理，不在这里登记。"))
        if not self.errors and not self.overpaid():
            self.add_error(None, _("每一期的应发都等于已发，没有多发。"))
        return told

    def overpaid(self) -> list[tuple[str, int, int]]:
        """(period, paid, owed) where less was owed."""
        told = self.cleaned_data
        rows = [(period, fen, told.get(f"owed{number}", fen)) for number, (period, fen) in enumerate(self.paid)]
        return [one for one in rows if one[2] < one[1]]


class ForSomebodyForm(forms.Form):
    """An objection or a review that a clerk writes down for somebody."""

    origin = forms.ChoiceField(
        label=gettext_lazy("怎样提出的"),
        choices=[("window", gettext_lazy("本人到窗口")), ("phone", gettext_lazy("电话"))],
        widget=forms.RadioSelect,
    )
    words = OwnWords(label=gettext_lazy("按本人的话写"), help_text=gettext_lazy("写完念给本人听一遍。"), rows=5, required=True)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())


def about(viewer: Viewer, case: Case, working: bool) -> dict[str, Any]:
    """For an officer: what an objection, a review or money paid too much is about, and what can be done about the money. {} for any other
    kind. working: whether it is theirs to deal with. Eleven queries at most."""
    if case.kind not in (OBJECTION.slug, REVIEW.slug, RECOVERY.slug) or case.parent is None:
        return {}
    told: dict[str, Any] = {"contested_receipt": grouped(case.parent.receipt)}
    with suppress(LinliError):  # it may lie with another department, whose page isn't the viewer's to open
        queries.shown(viewer, case.parent.uid)
        told["contested"] = case.parent
    shown = recovery_of(case)
    if shown is not None:
        shown = _with_proposal(viewer, shown) if working else shown
        told |= {"recovery": shown, "propose_form": ProposeForm(), "paper_form": PaperAgreeForm(case)}
    return told


def overpayable(case: Case) -> bool:
    """Whether something of the case's award has been paid, and not come back, so that it can turn out to be too much. One query."""
    return Item.objects.filter(award__case=case, state="paid", came_back_at__isnull=True).exists()
