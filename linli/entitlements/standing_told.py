"""What happens to an award that goes on is told in writing: a numbered letter with what is decided, why, condition by condition, and the
ways to object; once for each change. Of somebody who has died nobody is written to but a household that lives on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from linli.agreements.models import AMOUNT, FINDING, UNTIL, Award
from linli.agreements.queries import AWARD_REASONS
from linli.casework.letters.queries import number_of
from linli.entitlements import facts, letters
from linli.entitlements.letters import Pair
from linli.entitlements.models import Application
from linli.entitlements.reckoning import reckon
from linli.entitlements.recording import record
from linli.entitlements.told import told_of
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import RESUMES
from linli.programmes.queries import live_version, pinned, programme_of
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import HouseholdMember, Resident
from linli.trace import AlreadyDone, act
from linli.trace.models import Fact

TELLING = system("entitlements.standing_told")
DIED = "died"
TOLD_ELSEWHERE = ("completed", "annulled", "replaced", "not_granted", "erased")
"""Ends that another letter or message tells, or that leave nobody to tell."""
DECIDED: dict[str, Pair] = {
    "rests": ("暂停发放", "payments rest"),
    "ended": ("停止发放", "payments end"),
    "resumed": ("恢复发放", "it is paid again"),
    "amount": ("调整发放金额", "the amount is another"),
    "until": ("调整享受期限", "it runs until another day"),
}
NOT_TAKEN = (
    "已经发放的款项不因本决定扣减；核实有多发的，另行书面告知。",
    "Nothing that was paid is taken back by this decision; if it was too much, you are told so in writing and apart.",
)
FOLLOWS: dict[str, Pair] = {
    "rests": (
        f"原因消除后恢复发放，另行书面告知，您不需要重新申请。登记的情况不对的，请告诉经办单位。{NOT_TAKEN[0]}",
        "It is paid again once the reason is gone, without applying anew; you are told in writing. If the record is wrong, tell us. "
        f"{NOT_TAKEN[1]}",
    ),
    "ended": (
        f"以后重新符合条件的，可以再申请。登记的情况不对的，请告诉经办单位。{NOT_TAKEN[0]}",
        f"You may apply again whenever you meet the conditions. If the record is wrong, tell us. {NOT_TAKEN[1]}",
    ),
    "resumed": ("按期发放，您不需要办理什么。", "It is paid as before; there is nothing you have to do."),
    "amount": (
        "以后各期按新的金额发放；以前各期需要补发或者核实的，另行告知。",
        "It is paid so from now on; what earlier periods come to, if it is another sum, you are told apart.",
    ),
    "until": ("其余不变，您不需要办理什么。", "Nothing else changes; there is nothing you have to do."),
}
OTHERS_LIVE = (
    "其他家庭成员仍符合条件的，可以重新申请，经办单位会协助办理。",
    "Those of the household who live may apply anew; the office helps.",
)
OF_ITSELF: dict[str, Pair] = {
    DIED: ("领取这项待遇的人健在", "whoever answers for it is alive"),
    "repaid": ("贷款没有提前还清", "the loan was not repaid early"),
    "expired": ("没有超过享受期限", "its term is not over"),
    FINDING: ("核查没有发现问题", "a check found nothing"),
    UNTIL: ("享受期限与登记的相同", "it runs as long as the registers say"),
}
"""Reasons that no condition of the rule says: what did not hold."""
NEW_TERMS: dict[str, Pair] = {
    AMOUNT: ("按现行标准重新核算", "reckoned anew by today's standard"),
    UNTIL: ("登记的起止时间有变化", "the registers say another day"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an award that is told. kind: a key of DECIDED; why: its reason's code; day: from which it holds, of an end the last."""

    kind: str
    why: str
    day: date
    before_fen: int | None


def tell(fact: Fact) -> None:
    """Write the letter of one change of an award, once."""
    row = Award.objects.select_related("case").filter(uid=fact.payload["award"]).first()
    change = _change(fact, row) if row is not None else None
    if row is None or change is None or not _reachable(row):
        return
    version = live_version(row.programme, clock.today())
    programme = programme_of(version) if version else pinned(row.programme, row.programme_version)
    with suppress(AlreadyDone), act(TELLING, key=f"entitlements.standing_told:{fact.id}") as a:
        application = Application.objects.select_related("case").get(case=row.case)
        letter = letters.standing(a, TELLING, row.case, programme, _said(row, application, programme, change))
        told = {"award": str(row.uid), "change": change.kind, "why": change.why, "on": str(change.day)}
        record(a, application, facts.STANDING_TOLD, {**told, "number": number_of(letter), "fen": row.amount_fen}, [letter])


def _change(fact: Fact, row: Award) -> Change | None:
    """What a fact says of an award that goes on; None of what isn't told here."""
    state, why = fact.payload["state"], fact.payload["reason"]
    day = clock.day_of(fact.recorded_at)
    kind = {AMOUNT: "amount", UNTIL: "until"}.get(why, "")
    if state == "suspended" and not kind:
        kind = "rests"
    elif state == "ended" and why not in TOLD_ELSEWHERE:
        kind = "ended"
    elif state == "active" and why in RESUMES:
        kind = "resumed"
    last = row.ends_on if kind in ("ended", "until") else None
    return Change(kind, why, last or day, fact.payload.get("before_fen")) if kind else None


def _reachable(row: Award) -> bool:
    """Whether anybody is there to write to."""
    person = Resident.objects.filter(uid=row.person, erased_at__isnull=True).first()
    if person is None:
        return False
    if person.deceased_on is None or row.beneficiary_kind == "organisation":
        return True
    return row.beneficiary_kind == "household" and living_in(row.beneficiary).exists()


def living_in(household: UUID) -> QuerySet[HouseholdMember]:
    """Those who live in a household today, as far as it is on record."""
    members = HouseholdMember.objects.filter(believed(), true_on(clock.today()), household__uid=household)
    return members.filter(resident__deceased_on__isnull=True, resident__erased_at__isnull=True)


def _said(row: Award, application: Application, programme: Programme, change: Change) -> dict[str, Any]:
    zh, en = _day(change.day), str(change.day)
    closes = change.kind in ("ended", "until")
    label = AWARD_REASONS.get(change.why)
    why = NEW_TERMS.get(change.why) or ((label.zh, label.en) if label else (change.why, change.why))
    follows = FOLLOWS[change.kind]
    if change.why == DIED:
        follows = (f"{OTHERS_LIVE[0]}{NOT_TAKEN[0]}", f"{OTHERS_LIVE[1]} {NOT_TAKEN[1]}")
    said: dict[str, Any] = {
        "title": (f"待遇变更决定书（{DECIDED[change.kind][0]}）", f"Decision on an award that goes on: {DECIDED[change.kind][1]}"),
        "decided": DECIDED[change.kind],
        "from": (f"到{zh}（含当天）为止", f"until {en} (that day included)") if closes else (f"{zh}起", f"from {en}"),
        "reason": why,
        "conditions": list(_conditions(row, application, programme, change)),
        "follows": follows,
    }
    if row.amount_fen is not None and change.kind in ("resumed", "amount"):
        said["amount"] = row.amount_fen
    if change.before_fen is not None:
        said["before"] = change.before_fen
    return said


def _conditions(row: Award, application: Application, programme: Programme, change: Change) -> Iterator[dict[str, Any]]:
    """Condition by condition as known today, with who says so; of a change that no condition says, the one thing that brought it about."""
    if change.why not in OF_ITSELF:
        with suppress(LinliError):
            reasons = reckon(programme, UUID(str(row.beneficiary)), told_of(application, programme)).reasons
            yield from list(letters.conditions(reasons, letters.stated(application, programme, reasons)))
            return
    label = AWARD_REASONS.get(change.why)
    condition = OF_ITSELF.get(change.why) or NEW_TERMS.get(change.why) or ((label.zh, label.en) if label else (change.why, change.why))
    found = (f"{label.zh}，" if label else "", f"{label.en}, " if label else "")
    met = change.kind in ("resumed", "amount")
    yield {"condition": condition, "found": (f"{found[0]}{_day(change.day)}", f"{found[1]}{change.day}"), "met": "met" if met else "unmet"}


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
