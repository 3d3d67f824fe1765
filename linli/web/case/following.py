"""An application as the person follows it, in plain words: what now and by when, who has it, what to give, what happened, what was paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.agreements import queries as given
from linli.agreements.models import Award
from linli.batches.coming import coming as payments_to_come
from linli.casework.kinds import LEVEL_WORDS, desk_level
from linli.casework.letters import queries as letters
from linli.casework.models import Case, Letter, Pause
from linli.casework.steps.intake import answer_by
from linli.casework.steps.moving import PARKED
from linli.casework.steps.showing import SHOWN
from linli.entitlements.queries import Progress, Stage
from linli.entitlements.reckoning import ACCOUNT
from linli.kernel.clock import day_of
from linli.programmes.declaration import Material
from linli.rules.declare import Label
from linli.settlement import queries as settlement
from linli.web.case import applications, cases
from linli.web.case.at_once import held_up
from linli.web.case.begun import begun_by
from linli.web.case.whose import office_of
from linli.web.money.coming import Next, said, shown
from linli.web.templatetags.texts import words

STOPPED: dict[str, tuple[Any, Any]] = {
    "supplement": (gettext_lazy("一次告知您要补的材料"), gettext_lazy("要补的材料收齐了")),
    "appraisal": (gettext_lazy("开始评估鉴定"), gettext_lazy("评估鉴定结束")),
    "notice": (gettext_lazy("公示开始了"), gettext_lazy("公示结束")),
}
CAME: dict[str, Any] = {
    "invitation": gettext_lazy("您确认了政策找人的邀请，申请收到了"),
    "resident": gettext_lazy("您在网上提出，申请收到了"),
    "proxy": gettext_lazy("代办人替您提出，申请收到了"),
    "window": gettext_lazy("窗口工作人员替您提出，申请收到了"),
    "phone": gettext_lazy("您打电话，窗口工作人员替您提出，申请收到了"),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is still to be given. promise: a word stands for it; account: it is an account; address: where a photo is handed in;
    again: what was given before was not accepted."""

    material: Material
    promise: bool
    account: bool
    address: str
    again: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. address: of its letter, "" without one."""

    at: datetime
    words: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Now:
    """How it stands: kind and sign of the notice; the sentence; by when, None where nothing promises a day; what comes next."""

    kind: str
    words: str
    by: date | None
    following: Label | None


@dataclass(frozen=True, slots=True)
class Following:
    """All that components/following.html shows. office: who has it now, None once it is closed; asked, known: see Application;
    held_up: why it wasn't approved at once; award: what was granted; halted: why it rests or has ended; coming: its next payment, None
    before a decision; paid_to: see applications.paid_to."""

    now: Now
    office: Label | None
    desk: Label | None
    phone: str
    missing: list[Missing]
    letter: str
    events: list[Event]
    paid: list[applications.Paid]
    known: int
    asked: int
    held_up: list[str]
    award: Award | None
    halted: given.Halted | None
    coming: Next | None
    paid_to: tuple[Label, str] | None

    @property
    def total(self) -> int:
        """How many things the application needs in all."""
        return self.known + self.asked


def followed(found: Progress, *, give: str, letter: str) -> Following:
    """An application that the viewer was already shown. give, letter: names of the addresses where papers are handed in and letters are
    read, "" where the portal has none. Thirteen queries at most."""
    issued = letters.letters_of(found.case)
    case, waits = found.case, found.waits_for_person
    asked = next((one for one in issued if one.kind == "supplement"), None) if waits else None
    open_ = case.status == "open"
    award = given.of_case(case)
    coming = payments_to_come([(award, found.programme)]).get(award.uid) if award else None
    return Following(
        now=_now(found, coming.shown_until if coming else None),
        office=office_of(case) if open_ and not waits else None,
        desk=Label(*LEVEL_WORDS[desk_level(case.task.desk_code)]) if open_ and not waits else None,
        phone=found.programme.item.enquiry.phone,
        missing=[_missing(case, one.material, one.state, give) for one in found.missing] if open_ else [],
        letter=reverse(letter, args=[asked.uid]) if asked and letter else "",
        events=sorted(_events(found, issued, letter), key=lambda one: one.at),
        paid=applications.payments(settlement.of_case(case.uid)),
        known=found.application.known,
        asked=found.application.asked,
        held_up=held_up(found.application, found.programme),
        award=award,
        halted=given.halted([award]).get(award.pk) if award else None,
        coming=said(coming, found.programme) if coming and not open_ else None,
        paid_to=applications.paid_to(award or found.application, case.subject_uid),
    )


def _missing(case: Case, material: Material, state: str, give: str) -> Missing:
    query = urlencode({"material": material.id})
    address = f"{reverse(give, args=[case.uid])}?{query}" if give and material.id != ACCOUNT else ""
    return Missing(material, material.exempt == "commitment", material.id == ACCOUNT, address, state == "refused")


def _now(found: Progress, shown_until: date | None) -> Now:
    case = found.case
    if case.status == "closed":
        outcome = cases.standing_words(case)
        good = case.outcome in ("granted", "registered") and outcome is not cases.ANNULLED
        return Now("good" if good else "note", words(outcome) if outcome else "", None, None)
    if found.waits_for_person:
        return Now("open", _("等您补材料。这段时间不计入办理期限。"), _asked_by(found), None)
    following = _following(found)
    if found.now is None:
        return Now("note", _("已经收到，正在看材料齐不齐，能不能受理。"), day_of(case.due_at), following)
    step = next((one.step.label for one in found.stages if one.step.id == found.now.step), None)
    if found.now.kind in PARKED:
        by = day_of(case.due_at) if found.now.kind == SHOWN and not found.hangs else None
        return Now("note", _parked(found, shown_until), by, following)
    due = found.now.due_at
    return Now(
        "note", _("正在办：%(step)s") % {"step": words(step) if step else ""}, day_of(due) if due else day_of(case.due_at), following
    )


def _parked(found: Progress, shown_until: date | None) -> str:
    if found.now is not None and found.now.kind == "sign":
        return _("等各部门会签。")
    if not found.hangs:
        waits = _("等候公示：名单张贴以后听取意见，再作决定。等候的时间照常计入办理期限。")
        return _("这次公示已经取下，正在核对反映的情况，或者等候再次公示。") if found.hung else waits
    if shown_until is None:
        return _("正在公示，听取意见。这段时间不计入办理期限。")
    return shown(shown_until, found.programme) + _("这段时间不计入办理期限。")


def _asked_by(found: Progress) -> date | None:
    """The last day of the one request for what is missing."""
    pause = next((one for one in reversed(found.pauses) if one.reason == "supplement"), None)
    return answer_by(found.programme, day_of(pause.began_at)) if pause else None


def _following(found: Progress) -> Label | None:
    """The step after this one."""
    coming = [one.step.label for one in _after(found)]
    return coming[0] if coming else None


def _after(found: Progress) -> tuple[Stage, ...]:
    at = next((place for place, one in enumerate(found.stages) if one.state == "now"), -1)
    return found.stages[at + 1 :]


def _events(found: Progress, issued: list[Letter], letter: str) -> Iterator[Event]:
    case = found.case
    begun = begun_by(case)
    yield Event(
        case.opened_at,
        _("%(what)s重新办理，不用您再申请") % {"what": begun} if begun else str(CAME.get(case.origin or "", _("申请收到了"))),
    )
    if case.accepted_at:
        yield Event(case.accepted_at, _("受理了，期限从这天算起"))
    for pause in found.pauses:
        yield from _stood(pause)
    for stage in found.stages:
        if stage.state == "done" and stage.until:
            yield Event(stage.until, _("%(step)s：办完了") % {"step": words(stage.step.label)})
    for one in issued:
        address = reverse(letter, args=[one.uid]) if letter and one.cipher else ""
        yield Event(one.issued_at, _("出具%(letter)s") % {"letter": words(letters.kind_label(one))}, address)
    if case.closed_at:
        outcome = cases.outcome_words(case)
        yield Event(case.closed_at, _("办结：%(outcome)s") % {"outcome": words(outcome) if outcome else ""})


def _stood(pause: Pause) -> Iterator[Event]:
    began, ended = STOPPED[pause.reason]
    yield Event(pause.began_at, str(began))
    if pause.ended_at:
        yield Event(pause.ended_at, str(ended))
