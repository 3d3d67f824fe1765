"""A review that ranks: sheets, frozen ranks with the weights of the review's day, their notice, and the decision after it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from award_examples import City, own
from case_examples import later, on, refused, staff
from django.conf import settings
from django.db import IntegrityError, transaction
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import born

from linli.casework import timers
from linli.casework.models import Case, Requirement
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.reviewing import acts as reviewing
from linli.entitlements.reviewing import queries
from linli.entitlements.reviewing.models import Ranking, RankingPlace, ReviewSheet
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.programmes import Programme, catalogue, parse_programme
from linli.programmes.acts import publish_version
from linli.programmes.files import city_vocabulary
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Resident

pytestmark = pytest.mark.django_db
SLUG = "rural-title-review"
COUNTY = staff(21, Grant("officer", "140802"))
BOARD = [staff(31 + number, Grant("officer", "1408", SLUG)) for number in range(3)]
WEIGHTS = {"weight_teaching": "0.5", "weight_research": "0.3", "weight_rural": "0.2"}


def with_weights() -> Programme:
    """The city's review with weights, as a document might lay them down."""
    text = catalogue(settings.LINLI_CITY).newest(SLUG).text
    for name, value in WEIGHTS.items():
        at = text.index(f"{name}: {{type: decimal")
        source = "source: {zh: 测试文件, en: a test document}"
        text = text[:at] + text[at:].replace("values: []", f"values: [{{from: 2026-01-01, value: {value}, {source}}}]", 1)
    return parse_programme(text.encode(), city_vocabulary(Path(settings.LINLI_CITY)))


def teacher(name: str, years: int | None) -> Resident:
    with on(later(date(2026, 10, 12))):
        lives = [registers.Lives(kind, VILLAGE, FIRST_DAY) for kind in ("registered", "lives", "insured")]
        who: Resident = person(name, identity=identity(born(40)), birth_date=born(40), situations=lives, relations_known=True)
        data = {"school_grade": "village", **({"rural_teaching_years": years} if years is not None else {})}
        record_change(SYSTEM, subject=who, list_slug="teacher-post", valid_from=FIRST_DAY, data=data)
    return who


def applied(who: Resident) -> Case:
    """An application that waits for its sheets."""
    case = acts.apply(own(who), who.uid, Wanted(SLUG))
    Requirement.objects.filter(case=case).update(state="given")
    acts.accept(COUNTY, case.uid)
    return steps.pass_on(COUNTY, case.uid)


@pytest.fixture
def three(city: City) -> list[Case]:
    """Three teachers: the second has taught longest in the countryside."""
    publish_version(viewer=SYSTEM, catalogue=catalogue(settings.LINLI_CITY), programme=with_weights(), demonstration=True)
    return [applied(teacher(f"测试师{name}", years)) for name, years in zip("甲乙丙", (2, 30, 2), strict=True)]


POINTS = ((90, 80), (85, 80), (90, 80))


def scored(cases: list[Case]) -> None:
    for case, (teaching, research) in zip(cases, POINTS, strict=True):
        reviewing.score(BOARD[0], case.uid, {"teaching": teaching, "research": research})
        reviewing.score(BOARD[1], case.uid, {"teaching": teaching - 10, "research": research})


def again(case: Case) -> Case:
    return Case.objects.select_related("task").get(pk=case.pk)


def test_a_round_is_scored_ranked_shown_and_decided(three: list[Case]) -> None:
    assert {again(case).step for case in three} == {"score"}
    with refused("entitlements.review_incomplete"):
        reviewing.rank(BOARD[2], SLUG, "2026", clock.today())
    scored(three)
    with refused("entitlements.review_unranked"):
        steps.pass_on(BOARD[2], three[0].uid)
    row = reviewing.rank(BOARD[2], SLUG, "2026", clock.today())
    told = [(one.row.rank, one.name, one.total) for one in queries.placed(row)]
    assert [(rank, name) for rank, name, _total in told] == [(1, "测试师乙"), (2, "测试师甲"), (2, "测试师丙")]
    assert [float(total) for *_known, total in told] == [70.0, 66.9, 66.9]
    assert reviewing.rank(BOARD[2], SLUG, "2026", clock.today()).pk == row.pk
    with refused("entitlements.review_not_at_notice"):
        reviewing.show(BOARD[2], row.uid, "12345", "运城市教育局", days=5, document="测试文件")
    for case in three:
        steps.pass_on(BOARD[2], case.uid)
    with refused("entitlements.review_days"):
        reviewing.show(BOARD[2], row.uid, "12345", "运城市教育局")
    shown = reviewing.show(BOARD[2], row.uid, "12345", "运城市教育局", days=5, document="测试文件")
    assert shown.shown_until is not None
    assert [one.pk for one in queries.shown_now()] == [row.pk]
    with on(later(shown.shown_until, 23)):
        timers.fire_due()
        assert again(three[0]).step == "show"
    with on(later(shown.shown_until + timedelta(days=1))):
        timers.fire_due()
        assert {again(case).step for case in three} == {"decide"}
        assert queries.shown_now() == []
        for officer in BOARD[1:]:
            acts.decide(officer, three[1].uid, "granted")
    assert again(three[1]).outcome == "granted"


def test_scoring_again_reproduces_the_ranks_and_nothing_rewrites_them(three: list[Case]) -> None:
    scored(three)
    row = reviewing.rank(BOARD[2], SLUG, "2026", clock.today())
    record_change(
        SYSTEM, subject=Resident.objects.get(uid=three[0].subject_uid), list_slug="teacher-post", valid_from=FIRST_DAY,
        data={"school_grade": "village", "rural_teaching_years": 40},
    )  # fmt: skip
    found = queries.reckoned_again(Ranking.objects.get(pk=row.pk))
    assert found.digest == row.digest
    assert {(one.candidate, one.rank) for one in found.places} == {(str(one.case.uid), one.rank) for one in RankingPlace.objects.all()}
    with refused("entitlements.review_not_now"):
        reviewing.score(BOARD[0], three[0].uid, {"teaching": 100, "research": 100})
    for change in (
        lambda: ReviewSheet.objects.filter(case=three[0]).update(points={"teaching": 100, "research": 100}),
        lambda: RankingPlace.objects.update(rank=1),
        lambda: Ranking.objects.update(digest="sha256:x"),
    ):
        with pytest.raises(IntegrityError, match="never rewritten"), transaction.atomic():
            change()


@pytest.mark.long
@pytest.mark.parametrize(
    ("points", "code"),
    [
        ({"teaching": 101, "research": 1}, "entitlements.review_points"),
        ({"teaching": 1}, "entitlements.review_points"),
        ({"teaching": 1, "research": 1, "rural": 40}, "entitlements.review_criterion"),
    ],
)
def test_a_sheet_out_of_range_is_refused(three: list[Case], points: dict[str, Any], code: str) -> None:
    with refused(code):
        reviewing.score(BOARD[0], three[0].uid, points)
    assert not ReviewSheet.objects.exists()


@pytest.mark.long
def test_whose_years_no_register_knows_is_not_ranked_as_nothing(three: list[Case]) -> None:
    unknown = applied(teacher("测试师丁", None))
    scored(three)
    reviewing.score(BOARD[0], unknown.uid, {"teaching": 1, "research": 1})
    with refused("entitlements.review_incomplete"):
        reviewing.rank(BOARD[2], SLUG, "2026", clock.today())
    assert [one.name for one in queries.waiting(BOARD[0], SLUG)] == ["测试师甲", "测试师乙", "测试师丙", "测试师丁"]
    with refused("viewer.not_granted"):
        reviewing.rank(COUNTY, SLUG, "2026", clock.today())
