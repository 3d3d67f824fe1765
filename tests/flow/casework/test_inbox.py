"""The inbox: one order by deadline, narrowed and paged without loss, in the viewer's area only, with a fixed number of queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from case_examples import CITY, COUNTY, DUE, FACT, GRID, LIST, OPENED, OTHER_COUNTY, STEWARD, Town, later, on, resident
from django.db import connection
from django.test.utils import CaptureQueriesContext
from place_examples import SYSTEM, person

from linli.casework import acts, timers
from linli.casework.inbox import Choice, inbox
from linli.kernel.viewer import Grant, Viewer
from linli.registers.lists import load_lists
from linli.registers.models import Doubtful, ListImport

pytestmark = pytest.mark.django_db


def many(town: Town, number: int) -> list:
    """Disputes of so many people, a day between them."""
    cases = []
    for index in range(number):
        with on(OPENED + timedelta(days=index)):
            who = person(f"测试{index}")
            cases.append(acts.open_dispute(resident(who), who.uid, FACT))
    return cases


def doubted(rows: int, settings) -> ListImport:
    from linli.registers.imports.deliver import version_of

    declaration = load_lists(settings.LINLI_CITY)[LIST]
    delivery = ListImport.objects.create(
        list_slug=LIST, version=version_of(declaration), file_digest="sha256:x", as_of=date(2026, 9, 1), fresh_until=date(2026, 10, 1),
        area_code="140802", actor="staff:x", applied_at=OPENED,
    )  # fmt: skip
    for row in range(rows):
        Doubtful.objects.create(list_import=delivery, list_slug=LIST, row=row, reason="name_differs", known_from=OPENED)
    return delivery


def test_the_most_urgent_come_first_and_pages_lose_and_repeat_nothing(town: Town, settings):
    cases = many(town, 7)
    doubted(3, settings)
    with on(later(DUE)):
        whole = inbox(COUNTY)
        assert [item.case for item in whole.items if item.case] == [case.uid for case in cases]
        keys = [item.key for item in whole.items]
        assert keys == sorted(keys)
        paged, after = [], ""
        while True:
            page = inbox(COUNTY, after=after, limit=2)
            paged += page.items
            after = page.after
            if not after:
                break
    assert [item.key for item in paged] == keys


def test_colours_follow_the_clock(town: Town):
    (case,) = many(town, 1)
    for moment, colour, days in (
        (OPENED, "green", 10),
        (later(date(2026, 10, 14), 23), "green", 2),
        (later(date(2026, 10, 15)), "yellow", 1),
        (later(DUE, 23), "yellow", 0),
    ):
        with on(moment):
            (item,) = (one for one in inbox(COUNTY).items if one.case)
            assert (item.due.colour, item.due.days) == (colour, days)
            assert inbox(COUNTY).counts[colour] == 1
            assert inbox(COUNTY, Choice(colour=colour)).items[0].case == case.uid
    with on(later(date(2026, 10, 20))):
        assert inbox(COUNTY, Choice(colour="red")).items[0].due.days == -2


def test_the_lamps_count_what_the_list_shows(town: Town, settings):
    many(town, 1)
    doubted(2, settings)
    with on(OPENED):
        counts = inbox(COUNTY).counts
        assert counts == {colour: len(inbox(COUNTY, Choice(colour=colour)).items) for colour in counts}
    assert sum(counts.values()) == 2


def test_a_late_task_shows_its_level_and_can_be_filtered_by_it(town: Town):
    (case,) = many(town, 1)
    with on(later(date(2026, 10, 17))):
        timers.fire_due()
        (item,) = (one for one in inbox(COUNTY).items if one.case)
        assert (item.level, item.escalated) == ("county", 1)
        assert inbox(COUNTY, Choice(level="county")).items[0].case == case.uid
        assert inbox(COUNTY, Choice(level="township")).items == ()


def test_filters_by_kind_and_by_holder(town: Town, settings):
    first, second = many(town, 2)
    doubted(2, settings)
    acts.take(COUNTY, first.uid)
    assert [item.case for item in inbox(COUNTY, Choice(mine=True)).items] == [first.uid]
    assert {item.kind for item in inbox(COUNTY, Choice(kind="fact_dispute")).items} == {"fact_dispute"}
    (doubtful,) = inbox(COUNTY, Choice(kind="doubtful_rows")).items
    assert doubtful.number == 2
    assert {item.kind for item in inbox(CITY, Choice(kind="draft")).items} == {"draft"}
    assert second.pk


def test_nobody_sees_beyond_their_grants(town: Town, settings):
    many(town, 2)
    doubted(1, settings)
    with on(OPENED):
        visit = acts.open_home_visit(town.self, town.who.uid)
    for viewer in (OTHER_COUNTY, Viewer("staff:00000000-0000-7000-8000-000000000077"), resident(town.other)):
        page = inbox(viewer)
        assert page.items == ()
        assert set(page.counts.values()) == {0}
    for viewer in (STEWARD, GRID):
        assert [item.case for item in inbox(viewer).items] == [visit.uid]
    assert "home_visit" not in {item.kind for item in inbox(COUNTY).items}


def test_a_programmes_officer_confirms_its_draft(town: Town):
    drafts = {item.programme for item in inbox(CITY, Choice(kind="draft")).items}
    slug = sorted(drafts)[0]
    own = Viewer("staff:00000000-0000-7000-8000-000000000078", (Grant("officer", "", slug),))
    assert {item.programme for item in inbox(own).items} == {slug}


def test_the_number_of_queries_does_not_grow_with_the_list(town: Town, settings):
    counted = []
    for number in (1, 6):
        many(town, number)
        doubted(number, settings) if number == 1 else None
        inbox(CITY)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            inbox(CITY)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 14


@pytest.mark.parametrize("after", ["", "x", "1~2", "nan~0~5", "1e400~0~5", "5~0~x", "9~9~9"])
def test_a_cursor_that_is_none_starts_at_the_beginning_or_nowhere(town: Town, after: str):
    assert inbox(SYSTEM, after=after).counts == {"red": 0, "yellow": 0, "green": 0}
