"""Writes of awards: made with a decision, changed by what happens to the person. Whether that is right, the caller has decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from linli.agreements import facts
from linli.agreements.bills import require_bill, require_within
from linli.agreements.models import AMOUNT, STANDING, STATES, UNTIL, Award, Rest, Slip
from linli.casework.desks import require_impartial
from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.documents import tidy_number
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import ONE_DAY
from linli.registers.acts.guards import county_of
from linli.trace import Act, FactType, act
from linli.trace.turns import one_at_a_time

LONGEST_DOCUMENT = 200
STANDS = ("state", "state_since", "ending", "ends_on", "renew_on")
"""The columns that say how an award stands."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is owed: see Award. begins_on to ends_on, both included; ends_on None: until it is stopped. area_code: of whoever pays."""

    beneficiary_kind: str
    beneficiary: UUID
    person: UUID
    category: str
    amount_fen: int | None
    cycle: str
    begins_on: date
    ends_on: date | None
    payee: str
    payee_uid: UUID | None
    account_cipher: str
    minor: bool
    renew_on: date | None
    area_code: str


def make(a: Act, case: Case, terms: Terms, *, state: str) -> Award:
    """An award out of a case, proposed or active. For the act that decides. Refused while one stands for the same beneficiary."""
    standing = Award.objects.filter(programme=case.programme, beneficiary=terms.beneficiary, state__in=STANDING).first()
    if standing is not None:
        raise LinliError(
            "agreements.held_already",
            zh="已在享受这项待遇，不能重复给予",
            en="This is being received already and can't be granted twice.",
            expected="no standing award",
            expected_zh="没有正在享受的同一待遇",
            found=str(standing.uid),
            remedy_zh="查看正在享受的待遇；情况有变的，请变更那一项",
            remedy_en="look at the standing award; where things changed, change that one",
        )
    award = Award.objects.create(
        case=case,
        programme=case.programme,
        programme_version=case.programme_version or "",
        state=state,
        state_since=clock.now(),
        **{name: getattr(terms, name) for name in Terms.__dataclass_fields__},
    )
    payload = {"amount_fen": award.amount_fen, "cycle": award.cycle}
    _record(a, award, facts.AWARD_MADE, payload)
    return award


def restate(a: Act, award: Award, terms: Terms, *, state: str, reason: str) -> Award:
    """Give an award of the same case other terms: proposed to the public and then decided, or its works accepted. For an act that locked
    the case. Nothing changes once it has ended. reason: a word for the trace.
    """
    if award.state in ("ended", "dropped"):
        return award
    for name in Terms.__dataclass_fields__:
        setattr(award, name, getattr(terms, name))
    if award.state != state:
        award.state, award.state_since = state, clock.now()
    award.save()
    _record(a, award, facts.AWARD_CHANGED, {"reason": reason})
    return award


def terms_of(award: Award) -> Terms:
    """What an award is now, to be restated with a change."""
    return Terms(**{name: getattr(award, name) for name in Terms.__dataclass_fields__})


def change(viewer: Viewer, award: UUID, state: str, reason: str, *, on: date | None = None) -> bool:
    """Let an award stand, rest or end. reason: a code of the programme's stops or resumes, or of ENDINGS. on: its last day, when it ends.

    False where it is so already, or has ended; a decision that is annulled takes back what ended it otherwise. Locks it. Money that was
    paid is not touched: that is a recovery's business.
    """
    if state not in STATES:
        raise ValueError(f"an award has no state {state!r}")
    with act(viewer) as a:
        row = Award.objects.select_for_update().get(uid=award)
        taken_back = row.state == "ended" and reason == "annulled" and row.ending not in ("annulled", "erased")
        if (row.state == state or row.state in ("ended", "dropped")) and not taken_back:
            return False
        rows = [row, *_rested(row, state, reason)]
        row.state, row.state_since = state, clock.now()
        if state in ("ended", "dropped"):
            _end(row, reason, on or clock.today())
        row.save(update_fields=STANDS)
        _record(a, row, facts.AWARD_CHANGED, {"reason": reason}, rows)
    return True


def drop_proposed(a: Act, case: Case) -> None:
    """What was proposed for a case comes to nothing; for the act that ends the case otherwise than by granting it. Locks the award."""
    row = Award.objects.select_for_update().filter(case=case, state="proposed").first()
    if row is not None:
        row.state, row.state_since = "dropped", clock.now()
        _end(row, "not_granted", clock.today())
        row.save(update_fields=STANDS)
        _record(a, row, facts.AWARD_CHANGED, {"reason": "not_granted"})


def _end(row: Award, reason: str, last: date) -> None:
    row.ending, row.renew_on = reason, None
    row.ends_on = max(row.begins_on, last if row.ends_on is None else min(row.ends_on, last))


def _rested(row: Award, state: str, reason: str) -> list[Any]:
    """The rest that begins or ends with a change: it lasts to the day before the award stands again."""
    if state == "suspended":
        return [Rest.objects.create(award=row, from_day=clock.today(), reason=reason)]
    found = Rest.objects.select_for_update().filter(award=row, until_day__isnull=True).first()
    if found is None:
        return []
    found.until_day = max(found.from_day, clock.today() - ONE_DAY)
    found.save(update_fields=["until_day"])
    return [found]


def pay_to(viewer: Viewer, award: UUID, account_cipher: str) -> None:
    """Where it is paid from now on: an account under the key of its person. What is under way is settlement's. Locks it."""
    with act(viewer) as a:
        row = Award.objects.select_for_update().get(uid=award)
        row.account_cipher = account_cipher
        row.save(update_fields=["account_cipher"])
        _record(a, row, facts.ACCOUNT_CHANGED, {})


def renewed(
    viewer: Viewer, award: UUID, *, renew_on: date | None, amount_fen: int | None, category: str, undecided_since: date | None = None
) -> None:
    """Screened anew and still owed: the next look, and what one payment is from now on. undecided_since: where nobody can say. Locks it."""
    with act(viewer) as a:
        row = Award.objects.select_for_update().get(uid=award)
        known = row.amount_fen
        told = {"reason": "renewed"} if known == amount_fen else {"reason": AMOUNT, "before_fen": known}
        row.renew_on, row.amount_fen, row.category, row.undecided_since = renew_on, amount_fen, category, undecided_since
        row.save(update_fields=["renew_on", "amount_fen", "category", "undecided_since"])
        _record(a, row, facts.AWARD_CHANGED, told)


def lasts(viewer: Viewer, award: UUID, ends_on: date) -> bool:
    """A standing award runs until another day than was known: a course that takes longer, a loan that was prolonged. Locks it."""
    with act(viewer) as a:
        row = Award.objects.select_for_update().get(uid=award)
        if row.ends_on == ends_on or row.state in ("ended", "dropped"):
            return False
        row.ends_on = ends_on
        row.save(update_fields=["ends_on"])
        _record(a, row, facts.AWARD_CHANGED, {"reason": UNTIL})
    return True


def state_slip(viewer: Viewer, award: UUID, *, period: str, fen: int, document: str, paper: UUID) -> Slip:
    """Say what a document shows for a period of an award; the newest counts. paper: the scan of it in the award's case, accepted by another
    officer. At most what is paid for one period, where that is known. For officers of its area and programme who have nothing to do with
    the person. One slip is stated once: not for another award of the programme, nor for another
    period; what was copied wrongly is stated anew for the same. One statement of a programme at a time; locks the award."""
    told = tidy_number(document)
    if not told or len(told) > LONGEST_DOCUMENT or fen < 0:
        field = "fen" if told and len(told) <= LONGEST_DOCUMENT else "document"
        raise LinliError(
            "agreements.slip",
            zh="请写明凭证和金额",
            en="Say which slip it is and what it shows.",
            place=Place(field=field),
            expected=f"a document of 1 to {LONGEST_DOCUMENT} characters, an amount of 0 or more",
            expected_zh=f"凭证名称和编号（至多 {LONGEST_DOCUMENT} 字），不小于 0 的金额",
            found=(told or str(fen))[:60],
            remedy_zh="对照凭证填写",
            remedy_en="copy it from the slip",
        )
    with act(viewer) as a:
        row = Award.objects.select_for_update(of=("self",)).select_related("case").get(uid=award)
        viewer.require("officer", area=row.case.area_code, programme=row.programme)
        require_impartial(viewer, row.case)
        _require_once(row, period, told)
        require_within(row, fen)
        known = require_bill(viewer, row, period, paper)
        slip = Slip.objects.create(
            award=row, period=period, fen=fen, document=told, paper=known, stated_at=clock.now(), stated_by=viewer.actor
        )
        _record(a, row, facts.SLIP_STATED, {"period": period, "fen": fen}, [slip])
    return slip


def _require_once(award: Award, period: str, document: str) -> None:
    """Raise LinliError where the slip was stated for another award of the programme or another period. One query, after a lock by which no
    other act states one of the programme meanwhile."""
    one_at_a_time(f"agreements.slip:{award.programme}")
    known = Slip.objects.filter(award__programme=award.programme, document__iexact=document).exclude(award=award, period=period)
    before = known.select_related("award__case").first()
    if before is not None:
        raise LinliError(
            "agreements.slip_again",
            zh="这份凭证已经登记过，一份凭证只能登记一次",
            en="This slip was stated before: each counts once.",
            place=Place(field="document"),
            expected="a slip of its own for each award and period, with its number; of a bill for several people, also its line",
            expected_zh="每笔待遇每期各有凭证并写明编号；一张结算单含多人的，同时写明第几行",
            found=f"{before.award.case.receipt}, {before.period}",
            found_zh=f"已登记在 {before.award.case.receipt}，期间 {before.period}",
            remedy_zh="核对凭证编号和行号",
            remedy_en="check its number and line",
        )


def forget(viewer: Viewer, person: UUID) -> int:
    """Empty the awards of an erased person: place shrinks to the county, the account goes, standing ones end. Returns how many."""
    with act(viewer) as a:
        rows = list(Award.objects.select_for_update().filter(person=person).order_by("pk"))
        for row in rows:
            row.area_code, row.account_cipher = county_of(row.area_code), ""
            if row.state not in ("ended", "dropped"):
                row.state, row.state_since, row.ending, row.renew_on = "ended", clock.now(), "erased", None
            row.save()
            _record(a, row, facts.AWARD_CHANGED, {"reason": "erased"})
    return len(rows)


def _record(a: Act, award: Award, fact_type: FactType, payload: dict[str, Any], rows: list[Any] | None = None) -> None:
    about = {"award": str(award.uid), "case": str(award.case.uid), "programme": award.programme, "state": award.state, **payload}
    subject, area = f"resident:{award.person}", county_of(award.area_code)
    a.record(fact_type, subject=subject, payload=about, rows=rows or [award], area=area, also=[str(award)])
