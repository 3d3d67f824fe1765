"""The figures from found to paid, counted a second time: person by person with plain SELECTs, days one by one, nothing of insight's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

import pytest
from award_examples import ACCOUNT, COMMITTED, COUNTY, FEDERATION, OTHER_COUNTY
from batch_examples import GIVEN, MAKER
from case_examples import later, on, resident
from django.db import connection
from place_examples import SYSTEM, VILLAGE
from web_examples import AID, SmallCity, certify, student

from linli.batches.acts import gathering
from linli.batches.models import Check, Item
from linli.casework.deadlines import calendar
from linli.casework.models import Case, Pause
from linli.casework.steps import acts as steps
from linli.casework.withdrawing import withdraw
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.insight import counting, lifecycle, measures
from linli.insight.models import StepFigure
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Resident
from linli.screening.acts import screen

pytestmark = [pytest.mark.django_db, pytest.mark.long]
CITY = Viewer("staff:00000000-0000-7000-8000-0000000000c1", (Grant("officer"),))
AWAY = "140882100201"
# By person: the village, on which days of December 2026 they apply, are accepted, passed on and granted, and what happens beside.
WAYS: tuple[tuple[str, tuple[int, ...], str], ...] = (
    (VILLAGE, (), ""),
    (VILLAGE, (7,), ""),
    (VILLAGE, (7,), "missing"),
    (AWAY, (7,), "withdrawn"),
    (VILLAGE, (7, 8), ""),
    (AWAY, (7, 8, 9), ""),
    (VILLAGE, (1, 2, 4, 8), "later version"),
    (VILLAGE, (1, 2, 7, 16), "later version"),
    (VILLAGE, (3, 4, 11, 22), "paused"),
    (AWAY, (1, 4, 9, 10), ""),
)


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def walk(who: Resident, village: str, days: tuple[int, ...], more: str) -> None:
    """As far along the way as there are days."""
    office = OTHER_COUNTY if village == AWAY else COUNTY
    for number, day in enumerate(days):
        with on(later(date(2026, 12, day))):
            if number == 0:
                case = acts.apply(resident(who), who.uid, Wanted(AID, account=ACCOUNT, committed=COMMITTED))
                if more == "missing":
                    acts.ask_supplement(office, case.uid, ["enrolment"], "本学年的")
                if more == "withdrawn":
                    withdraw(resident(who), case.uid)
            elif number == 1:
                acts.accept(office, case.uid)
            elif number == 2:
                steps.pass_on(office, case.uid)
            else:
                acts.decide(FEDERATION, case.uid, "granted")
    if more == "paused":
        Pause.objects.create(case=case, reason="notice", began_at=later(date(2026, 12, 9)), ended_at=later(date(2026, 12, 15)))
    if more == "later version":
        Case.objects.filter(pk=case.pk).update(programme_version="9999")


@pytest.fixture
def counted(small_city: SmallCity) -> None:
    """People everywhere on the way, three of whom stand in a batch: one check passed, one finding stands, one was cleared."""
    for place, (village, days, more) in enumerate(WAYS):
        who = student(f"学生{place}", village)
        certify(who)
        walk(who, village, days, more)
    with on(later(date(2026, 12, 23))):
        screen(viewer=SYSTEM, slugs=[AID])
        batch = gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN)
        gathering.gather(MAKER, batch=batch.uid)
        told = {"kind": "every", "done_at": clock.now(), "done_by": "staff:one"}
        results = (("passed", ""), ("finding", ""), ("finding", "cleared"))
        for item, (result, settled) in zip(Item.objects.order_by("id")[:3], results, strict=True):
            by = "staff:two" if settled else ""
            Check.objects.create(item=item, subject=item.person, result=result, settled=settled, settled_by=by, **told)
        counting.count()


def where(subject: object) -> str:
    """How far one person has come, asked of each table by itself."""
    awards = rows("SELECT id, state FROM agreements_award WHERE programme = %s AND beneficiary = %s ORDER BY id DESC", AID, subject)
    if awards:
        assert awards[0][1] == "active"
        return "batch" if rows("SELECT 1 FROM batches_item WHERE award_id = %s AND state = 'listed'", awards[0][0]) else "unbatched"
    cases = rows("SELECT id, status, outcome, step FROM casework_case WHERE kind = 'application' AND subject = %s", f"resident:{subject}")
    if not cases:
        return "uninvited"
    ((case, status, outcome, step),) = cases
    if status == "closed":
        return str(outcome)
    asked = rows("SELECT 1 FROM casework_pause WHERE case_id = %s AND ended_at IS NULL AND reason = 'supplement'", case)
    return "missing" if asked else "step" if step else "received"


def test_everybody_eligible_is_counted_where_each_table_says_they_are(counted: None) -> None:
    people = rows(
        "SELECT subject, area_code FROM screening_determination WHERE programme = %s AND verdict = 'eligible' AND until IS NULL", AID
    )
    standing: dict[tuple[str, str], int] = {}
    for subject, area in people:
        key = (area[:6], where(subject))
        standing[key] = standing.get(key, 0) + 1
    assert {state for _county, state in standing} == {"uninvited", "received", "missing", "withdrawn", "step", "batch"}
    for county in sorted({county for county, _state in standing}):
        told: dict[str, int] = {}
        for one in lifecycle.reasons(CITY, AID, county=county):
            told[one.state] = told.get(one.state, 0) + one.number
        assert told == {state: number for (place, state), number in standing.items() if place == county}
        (line,) = [one for one in lifecycle.by_county(CITY, AID) if one.key == county]
        assert (line.eligible, line.unpaid) == (sum(told.values()), sum(told.values()))
        assert line.granted == told.get("batch", 0)
        listed = lifecycle.unpaid(CITY, AID, county=county)
        assert sorted((str(one.subject), one.state) for one in listed) == sorted(
            (str(subject), where(subject)) for subject, area in people if area.startswith(county)
        )


def working_days(first: datetime, last: datetime) -> set[date]:
    """The working days after the first day up to the last."""
    day, end = first.astimezone(clock.SHANGHAI).date(), last.astimezone(clock.SHANGHAI).date()
    span = (day + timedelta(days=number) for number in range(1, (end - day).days + 1))
    return {one for one in span if calendar().is_workday(one)}


def share(days: list[int], percent: int) -> int:
    """The smallest that so many of a hundred do not exceed."""
    return sorted(days)[ceil(len(days) * percent / 100) - 1]


def test_days_of_every_step_by_version_are_those_of_the_calendar(counted: None) -> None:
    stays = rows(
        "SELECT c.id, c.programme_version, left(c.area_code, 6), t.step, t.opened_at, t.done_at, t.done_at > t.due_at"
        " FROM casework_steptaken t JOIN casework_case c ON c.id = t.case_id WHERE c.programme = %s AND t.result IN ('passed', 'returned')",
        AID,
    )
    stays += rows(
        "SELECT id, programme_version, left(area_code, 6), '', accepted_at, closed_at, closed_at > due_at FROM casework_case"
        " WHERE programme = %s AND kind = 'application' AND status = 'closed' AND accepted_at IS NOT NULL",
        AID,
    )
    figures: dict[tuple[str, str, str], list[tuple[int, int, bool]]] = {}
    for case, version, county, step, begun, ended, late in stays:
        days, still = working_days(begun, ended), set()
        for began, went_on in rows("SELECT began_at, ended_at FROM casework_pause WHERE case_id = %s", case):
            still |= working_days(max(began, begun), min(went_on or ended, ended)) if began < ended else set()
        for area in (county, county[:4]):
            figures.setdefault((version, area, step), []).append((len(days - still), len(still), bool(late)))
    kept = {(one.version, one.area_code, one.step): one for one in StepFigure.objects.filter(programme=AID)}
    assert set(kept) == set(figures)
    assert len({version for version, _area, _step in kept}) == 2
    for key, found in figures.items():
        took, stood = [one[0] for one in found], [one[1] for one in found]
        told = kept[key]
        wanted = (len(found), share(took, 50), share(took, 90), share(stood, 50), sum(one[2] for one in found))
        assert (key, told.number, told.median, told.ninth, told.stood, told.late) == (key, *wanted)
    assert any(one.stood for one in kept.values())


def test_approvals_stand_beside_what_checks_found_of_them(counted: None) -> None:
    decisions = rows(
        "SELECT p.case_id, d.outcome FROM entitlements_decision d JOIN entitlements_application p ON p.id = d.application_id"
        " WHERE p.programme = %s",
        AID,
    )
    looked = (
        "SELECT x.result, x.settled FROM batches_check x, batches_item i, agreements_award a WHERE i.id = x.item_id AND a.id = i.award_id"
    )
    checks = [rows(f"{looked} AND a.case_id = %s AND x.result <> ''", case) for case, _outcome in decisions]
    found = sum(any(result == "finding" and settled != "cleared" for result, settled in each) for each in checks)
    told = measures.decided(CITY, programme=AID)
    sums = [sum(getattr(one, name) for one in told) for name in ("granted", "refused", "checked", "findings")]
    assert sums == [len(decisions), 0, sum(map(bool, checks)), found] == [4, 0, 3, 1]
