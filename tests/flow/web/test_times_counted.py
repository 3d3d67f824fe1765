"""Times of steps as insight counts them over all cases at once, against the same reckoned case by case; and the newest of several rows."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from math import ceil
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from web_examples import AID, SmallCity

from linli.agreements.models import Award
from linli.casework.deadlines import calendar
from linli.casework.models import Case, Pause, StepTaken
from linli.entitlements.models import Application
from linli.insight import counting
from linli.insight.models import StepFigure, Unpaid
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.workdays import ONE_DAY
from linli.screening.models import Determination

pytestmark = [pytest.mark.django_db, pytest.mark.long]
COUNTIES = ("140802", "140881")
STEPS = ("check", "decide")
HERE = ZoneInfo("Asia/Shanghai")


def closed_case(lot: random.Random, number: int, subject: UUID, outcome: str = "refused") -> Case:
    """A case of one of two counties, accepted within the last half year and closed one to twenty days later."""
    begun = clock.now() - timedelta(days=lot.randint(25, 180), minutes=lot.randint(0, 1439))
    ended = begun + timedelta(minutes=lot.randint(1, 20 * 1440))
    case = Case.objects.create(
        receipt=f"77{number:011}", kind="application", subject=f"resident:{subject}", area_code=f"{lot.choice(COUNTIES)}005005",
        programme=AID, programme_version="2026", origin="resident", department="", status="closed", outcome=outcome, opened_at=begun,
        opened_by="test", accepted_at=begun, closed_at=ended, due_at=begun + timedelta(days=lot.randint(1, 20)),
    )  # fmt: skip
    Application.objects.create(
        case=case, person=subject, programme=AID, beneficiary_kind="person", beneficiary=subject, verdict="eligible", category="",
        conditions={}, missing=[], asked=1, known=2, payee="self", automatic=False, open=False,
    )  # fmt: skip
    return case


def with_steps(lot: random.Random, case: Case) -> None:
    """Two steps one after the other, and up to two times when the clock stood still, over the ends of steps as it falls."""
    assert case.accepted_at is not None
    assert case.closed_at is not None
    between = case.accepted_at + (case.closed_at - case.accepted_at) * lot.random()
    for place, (opened, done) in enumerate(((case.accepted_at, between), (between, case.closed_at))):
        StepTaken.objects.create(
            case=case, position=place, step=STEPS[place], kind=STEPS[place], level="county", officers=1, signatures=[], opened_at=opened,
            done_at=done, due_at=opened + timedelta(days=lot.randint(1, 9)), result=lot.choice(("passed", "returned")),
        )  # fmt: skip
    for _ in range(lot.randint(0, 2)):
        began = case.accepted_at + (case.closed_at - case.accepted_at) * lot.random()
        Pause.objects.create(case=case, reason="notice", began_at=began, ended_at=began + timedelta(days=lot.random() * 6))


def workdays(begun: datetime, ended: datetime) -> int:
    """Working days after the day of the one up to that of the other, counted one by one."""
    known, first, last = calendar(), begun.astimezone(HERE).date(), ended.astimezone(HERE).date()
    return sum(known.is_workday(first + ONE_DAY * step) for step in range(1, (last - first).days + 1))


def stood(case: Case, begun: datetime, ended: datetime) -> int:
    pauses = [(max(one.began_at, begun), min(one.ended_at or ended, ended)) for one in Pause.objects.filter(case=case)]
    return sum(workdays(first, last) for first, last in pauses if first < last)


def one_by_one() -> dict[tuple[str, str], tuple[int, int, int, int, int, int]]:
    """Number, median, nine of ten, median that it stood still, late, and a hundredth of steps, by area and step."""
    parts: dict[tuple[str, str], list[tuple[int, int, bool, int]]] = defaultdict(list)
    for case in Case.objects.filter(kind="application", status="closed", opened_by="test"):
        stays = list(StepTaken.objects.filter(case=case))
        spans = [(one.step, one.opened_at, one.done_at, one.due_at, 0) for one in stays]
        for step, begun, ended, due, number in [*spans, ("", case.accepted_at, case.closed_at, case.due_at, len(stays))]:
            rest = stood(case, begun, ended)
            for area in (case.area_code[:4], case.area_code[:6]):
                parts[area, step].append((workdays(begun, ended) - rest, rest, ended > due, number))
    return {key: figures(rows) for key, rows in parts.items()}


def figures(rows: list[tuple[int, int, bool, int]]) -> tuple[int, int, int, int, int, int]:
    days, rests, count = sorted(row[0] for row in rows), sorted(row[1] for row in rows), len(rows)
    hundredths = 100 * sum(row[3] for row in rows) / count
    late = sum(row[2] for row in rows)
    return count, days[ceil(count / 2) - 1], days[ceil(count * 9 / 10) - 1], rests[ceil(count / 2) - 1], late, round(hundredths)


def test_times_counted_at_once_are_those_of_each_case(small_city: SmallCity):
    lot = random.Random(7)
    for number in range(60):
        with_steps(lot, closed_case(lot, number, uuid7()))
    counting.count()
    counted = {
        (one.area_code, one.step): (one.number, one.median, one.ninth, one.stood, one.late, one.hundredths)
        for one in StepFigure.objects.filter(programme=AID)
    }
    assert counted == one_by_one()
    assert any(figure[3] for figure in counted.values())


def test_of_several_applications_and_awards_the_newest_counts(small_city: SmallCity):
    lot, subject = random.Random(1), small_city.found.uid
    assert Determination.objects.filter(subject=subject, programme=AID, until__isnull=True).exists()
    other, first, second = (closed_case(lot, number, subject, ended) for number, ended in enumerate(("granted", "refused", "lapsed")))
    counting.count()
    assert Unpaid.objects.get(subject=subject, programme=AID).state == "lapsed"
    for case, state in ((first, "ended"), (second, "active"), (other, "dropped")):
        Award.objects.create(
            case=case, programme=AID, programme_version="2026", beneficiary_kind="person", beneficiary=subject, person=subject,
            area_code=case.area_code, category="", amount_fen=50_000, cycle="month", begins_on=date(2026, 1, 1), payee="self",
            account_cipher="x", state=state, state_since=clock.now(), ending="stopped" if state == "ended" else "",
        )  # fmt: skip
    counting.count()
    assert Unpaid.objects.get(subject=subject, programme=AID).state == "unbatched"
