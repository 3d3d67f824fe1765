"""What staff and residents of the demo city have done so far: applications in every state, a fund, a batch being checked, one to be paid.

Everything is done through the acts that the pages call, by the demo's own sign-ins and by residents whom the screening found, in one
act of its own: a kill leaves nothing of it, a second run does nothing. Accounts, funds and figures are made up and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from linli.batches.acts import approving, checking, drawing, gathering
from linli.batches.models import Batch, Check
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.kernel import clock
from linli.kernel.viewer import Viewer, system
from linli.ledger.acts import Promise, allocate, open_fund
from linli.ledger.models import Fund
from linli.programmes.queries import live_version, programme_of
from linli.registers.models import Resident, Staff
from linli.registers.queries import viewer_of
from linli.sampling import commit, new_secret
from linli.screening.models import Determination
from linli.settlement.acts import enter_payer
from linli.trace import AlreadyDone, act

OPERATOR = system("demo")
AID, ALLOWANCE = "disabled-student-aid", "old-age-allowance"
HOME = "140802"
# county: sign-in of its federation. Cross review needs three.
FEDERATIONS = {HOME: "yanhu-federation", "140881": "yongji-federation", "140882": "hejin-federation"}
GRANTED_EACH = 2
ELDERS = 4
NOTICE_DAYS = 5
FUND_FEN = 50_000_000
DOCUMENT = "演示文件"
NOTE = "演示"
APART = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Wish:
    """A batch to make. given: what the programme's file leaves open."""

    programme: str
    period: str
    area: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Brought:
    """How many cases and batches there are now."""

    cases: int = 0
    batches: int = 0


def walk() -> Brought | None:
    """Do all of it, unless it was done before: None. About a hundred statements for each application."""
    brought = Brought()
    try:
        with act(OPERATOR, key="demo:cases") as a:
            for programme in (AID, ALLOWANCE):
                _fund(programme)
            enter_payer(OPERATOR, name="演示付款单位", number="9900000000000000001", bank="990000000000")
            _students(brought)
            _elders(brought)
            a.result = {"cases": brought.cases, "batches": brought.batches}
    except AlreadyDone:
        return None
    return brought


def staff(login: str) -> Viewer:
    """What the sign-in may do today."""
    return viewer_of(Staff.objects.get(login=login))


def _fund(programme: str) -> None:
    """The first fund of a programme in force, opened and filled."""
    version = live_version(programme, clock.today())
    if version is None or Fund.objects.filter(programme=programme).exists():
        return
    declared = programme_of(version).funds[0]
    slug = f"{programme}.{declared.id}"
    names = (f"{declared.label.zh}（演示）", f"{declared.label.en} (demonstration)")
    open_fund(OPERATOR, slug=slug, purpose=names, programme=programme, promises=[Promise("promised", names, FUND_FEN)])
    allocate(OPERATOR, fund=slug, source="promised", fen=FUND_FEN, key=f"demo:{slug}", reference=DOCUMENT)


def _found(programme: str, county: str) -> list[Resident]:
    """The people of a county whom the screening found, in a fixed order."""
    rows = Determination.objects.filter(programme=programme, verdict="eligible", until__isnull=True, subject_kind="person")
    uids = list(rows.filter(area_code__startswith=county).order_by("id").values_list("subject", flat=True))
    people = {one.uid: one for one in Resident.objects.filter(uid__in=uids, deceased_on__isnull=True)}
    return [people[uid] for uid in uids if uid in people]


def _apply(brought: Brought, who: Resident, programme: str, *, at: Viewer | None = None, window: str = "") -> Case:
    """Applied for by the person, or by a clerk at a window. The account's number is no bank's."""
    viewer = at or Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")
    brought.cases += 1
    account = acts.Account(who.name, f"9900000000{brought.cases:09}", "演示银行")
    version = live_version(programme, clock.today())
    words = [one.id for one in programme_of(version).materials if one.exempt == "commitment"] if version else []
    return acts.apply(viewer, who.uid, Wanted(programme, account=account, committed=words, window=window))


def _students(brought: Brought) -> None:
    """Students of three counties: two each are granted the aid; the others' applications stand at one step each."""
    if live_version(AID, clock.today()) is None:
        return
    city = staff("federation")
    rest: dict[str, list[Resident]] = {}
    counties = 0
    for county, login in FEDERATIONS.items():
        desk, people = staff(login), _found(AID, county)
        rest[county] = people[GRANTED_EACH:]
        counties += bool(people)
        for who in people[:GRANTED_EACH]:
            case = _apply(brought, who, AID)
            acts.accept(desk, case.uid)
            steps.pass_on(desk, case.uid, NOTE)
            acts.decide(city, case.uid, "granted")
    _waiting(brought, rest)
    if counties == len(FEDERATIONS):
        _aid_batch(brought, city)


def _waiting(brought: Brought, rest: dict[str, list[Resident]]) -> None:
    """One application each, as far as the people go: to be accepted, asked for what is missing, in its first step, taken in at a window
    of another county, to be decided. The last two are of the last county."""
    spare = [(staff(FEDERATIONS[county]), who) for county, people in rest.items() for who in people]
    if spare:
        _desk, who = spare.pop(0)
        _apply(brought, who, AID)
    if spare:
        desk, who = spare.pop(0)
        acts.ask_supplement(desk, _apply(brought, who, AID).uid, ["enrolment"], "请交本学年的学籍证明（演示）")
    if spare:
        desk, who = spare.pop(0)
        acts.accept(desk, _apply(brought, who, AID).uid)
    if spare:
        _desk, who = spare.pop()
        _apply(brought, who, AID, at=staff("clerk"), window=HOME)
    if spare:
        desk, who = spare.pop()
        case = _apply(brought, who, AID)
        acts.accept(desk, case.uid)
        steps.pass_on(desk, case.uid, NOTE)


def _elders(brought: Brought) -> None:
    """Elders apply, and are approved at once where every condition is clear; what the county owes them this month is ready to be paid."""
    if live_version(ALLOWANCE, clock.today()) is None:
        return
    for who in _found(ALLOWANCE, HOME)[:ELDERS]:
        _apply(brought, who, ALLOWANCE)
    maker, checker = staff("yanhu-civil"), staff("yanhu-finance")
    period = f"{clock.today():%Y-%m}"
    batch = _drawn(Wish(ALLOWANCE, period, HOME), (("civil-affairs", maker), ("finance", checker)))
    if batch is None:
        return
    for check in Check.objects.filter(item__batch=batch):
        checking.record_result(staff("yanhu"), check=check.uid, result="passed", words=NOTE)
    approving.approve(checker, batch=batch.uid)
    brought.batches += 1


def _aid_batch(brought: Brought, maker: Viewer) -> None:
    """What was granted, listed, drawn, and on the desks of the counties that check one another."""
    given = {"notice_days": {"value": NOTICE_DAYS, "document": DOCUMENT}}
    wish = Wish(AID, str(clock.today().year), given=given)
    brought.batches += _drawn(wish, (("disabled-federation", maker), ("finance", staff("finance")))) is not None


def _drawn(wish: Wish, departments: tuple[tuple[str, Viewer], ...]) -> Batch | None:
    """A batch whose checks are assigned; None where nothing is due. Both departments promise a secret, the first freezes the list, both
    tell theirs.

    A promise is made a second before the list is frozen, and told later still: the clock is set back instead of waiting.
    """
    maker, now = departments[0][1], clock.now()
    with clock.frozen(now - 2 * APART):
        batch = gathering.open_batch(maker, programme=wish.programme, period=wish.period, area=wish.area, given=wish.given)
        if not gathering.gather(maker, batch=batch.uid):
            gathering.dissolve(maker, batch=batch.uid, reason=NOTE)
            return None
        draw = drawing.open_draw(maker, batch=batch.uid, reveal_by=now + timedelta(days=1))
        secrets = {name: new_secret() for name, _viewer in departments}
        for name, viewer in departments:
            told = commit(draw=draw.code, department=name, secret=secrets[name], at=clock.now())
            drawing.commit(viewer, draw=draw.uid, department=name, salt=told.salt.hex(), length=told.length, digest=told.digest)
    with clock.frozen(now - APART):
        drawing.freeze_list(maker, batch=batch.uid)
    for name, viewer in departments:
        drawing.reveal_secret(viewer, draw=draw.uid, department=name, secret=secrets[name].hex())
    return batch
