"""Visits: whom a steward's list names and in which order, what a call changes, and what becomes of calls that nobody made."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from case_examples import CITY, FOUNDED, GRID, OTHER_COUNTY, STEWARD, Town, on, resident, staff
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from place_examples import BUILDING, FIRST_DAY, GROUP, OTHER_BUILDING, SYSTEM, VILLAGE, person

from linli.casework import acts as cases
from linli.casework import timers
from linli.casework.models import Case, Visit, Words
from linli.casework.visits import acts, places, queries
from linli.casework.visits.reach import neighbour, round_of
from linli.casework.visits.rules import visit_rules
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant
from linli.registers import acts as registers
from linli.registers.acts import Lives
from linli.registers.models import Area, Resident
from linli.trace.models import Fact
from linli.vault import keyring

pytestmark = pytest.mark.django_db
NOON = FOUNDED + timedelta(hours=2)
NEXT_VILLAGE = "140802002002"
VILLAGE_STEWARD = staff(9, Grant("steward", VILLAGE))


def elder(name: str, years: int = 80, *, lives: str = "140802002001B0001", company: bool = False) -> Resident:
    """Somebody of that age who lives there, alone or with a grown child."""
    born = date(2026 - years, 3, 1)
    at = [Lives("registered", VILLAGE, FIRST_DAY), Lives("lives", lives, FIRST_DAY)]
    who = person(name, birth_date=born, situations=at)
    members = [(who, "head")]
    if company:
        members.append((person(f"{name}之子", birth_date=date(1980, 1, 1), situations=at), "child"))
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
    return who


def names(day: queries.Day) -> list[str]:
    return [call.person.name for call in day.calls]


def test_the_list_names_those_of_seventy_five_who_live_alone_in_the_stewards_buildings_only(town: Town):
    with on(NOON):
        elder("独居甲")
        elder("独居乙", lives=OTHER_BUILDING)
        elder("有伴丙", company=True)
        elder("年轻丁", 74)
        person("无户戊", birth_date=date(1940, 1, 1))
        assert names(queries.day_list(STEWARD)) == ["独居甲"]
        assert names(queries.day_list(GRID)) == ["独居甲"]
        assert sorted(names(queries.day_list(VILLAGE_STEWARD))) == ["独居乙", "独居甲"]
        assert queries.day_list(OTHER_COUNTY).calls == ()


def test_villages_of_a_wide_grant_take_turns_and_each_has_its_day(town: Town, tmp_path: Path, settings):
    _rules(tmp_path, settings, daily=2)
    wide = staff(3, Grant("steward", "1408"))
    villages = Area.objects.filter(level="village", valid_to=None).count()
    with on(NOON):
        people = {elder(f"独居{number}", lives=code).name for number, code in enumerate((BUILDING, NEXT_VILLAGE, GROUP))}
    seen: set[str] = set()
    for day in range(-(-villages // 2)):
        with on(NOON + timedelta(days=day)):
            found = queries.day_list(wide)
        assert (len(found.round.turn), found.round.villages, found.too_wide) == (2, villages, True)
        assert len(found.calls) <= found.limit
        seen |= set(names(found))
    assert seen == people


def test_of_calls_due_on_one_day_each_village_has_its_first_before_a_second(town: Town):
    with on(NOON):
        for number in range(3):
            elder(f"甲村{number}", 90 - number)
        elder("乙村", 80, lives=NEXT_VILLAGE)
        both = staff(4, Grant("steward", VILLAGE), Grant("steward", NEXT_VILLAGE))
        assert names(queries.day_list(both)) == ["甲村0", "乙村", "甲村1", "甲村2"]
        acts.call(both, queries.day_list(both).calls[0].person.uid, "not_home", uid=uuid7())
        assert names(queries.day_list(both)) == ["甲村1", "乙村", "甲村2"]


def test_who_asked_comes_first_wherever_in_a_wide_grant(town: Town):
    with on(NOON):
        elder("独居甲")
        cases.open_home_visit(resident(town.who, "phone"), town.who.uid)
        assert names(queries.day_list(staff(3, Grant("steward", "140802"))))[0] == "测试甲"


@pytest.mark.parametrize("most", [1, 2, 5, 7, 100])
def test_in_turns_no_village_is_left_out_and_none_comes_twice(town: Town, most: int):
    wide = staff(3, Grant("steward", "1408"), Grant("steward", VILLAGE)) if most > 1 else staff(3, Grant("steward"))
    first = round_of(wide, date(2026, 11, 1), most)
    days = -(-first.villages // most)
    rounds = [round_of(wide, date(2026, 11, 1) + timedelta(days=day), most).areas for day in range(days)]
    assert len({area for areas in rounds for area in areas}) == first.villages
    assert all(len(set(areas)) == len(areas) == min(most, first.villages) for areas in rounds)


def test_a_day_has_its_limit_and_the_rest_waits_for_tomorrow(town: Town, tmp_path: Path, settings):
    _rules(tmp_path, settings, daily=2)
    with on(NOON):
        people = [elder(f"老人{number}", 80 + number) for number in range(4)]
        first = queries.day_list(STEWARD)
        assert (names(first), first.later) == (["老人3", "老人2"], 2)
        acts.call(STEWARD, people[3].uid, "visited", uid=uuid7())
        acts.call(STEWARD, people[2].uid, "not_home", uid=uuid7())
        full = queries.day_list(STEWARD)
        assert (full.calls, full.later, full.done) == ((), 2, 2)
    with on(NOON + timedelta(days=1)):
        assert names(queries.day_list(STEWARD)) == ["老人2", "老人1"]


def _rules(folder: Path, settings, **changes: object) -> None:
    """The city's rules with other figures."""
    own = Path(django_settings.LINLI_CITY)
    for entry in own.iterdir():
        (folder / entry.name).symlink_to(entry)
    (folder / "visits.yaml").unlink()
    declared = yaml.safe_load((own / "visits.yaml").read_text("utf-8")) | changes
    (folder / "visits.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), "utf-8")
    settings.LINLI_CITY = folder


def test_who_was_met_comes_back_when_it_is_time_again(town: Town):
    rule = visit_rules().regular
    with on(NOON):
        who = elder("独居甲")
        acts.call(STEWARD, who.uid, "visited", uid=uuid7())
    for days, expected in ((1, []), (rule.every_days - rule.ahead_days - 1, []), (rule.every_days - rule.ahead_days, ["独居甲"])):
        with on(NOON + timedelta(days=days)):
            assert names(queries.day_list(STEWARD)) == expected


def test_a_visit_that_was_asked_for_comes_first_and_is_closed_by_the_call(town: Town):
    with on(NOON):
        elder("独居甲")
        case = cases.open_home_visit(resident(town.who, "phone"), town.who.uid, "想办残疾证")
        day = queries.day_list(STEWARD)
        assert names(day) == ["测试甲", "独居甲"]
        assert day.calls[0].reasons[0].case == case
        acts.call(STEWARD, town.who.uid, "not_home", uid=uuid7(), case=case.uid)
        assert Case.objects.get(pk=case.pk).status == "open"
        visit = acts.call(STEWARD, town.who.uid, "visited", "一切都好", uid=uuid7(), case=case.uid)
        closed = Case.objects.get(pk=case.pk)
        assert (closed.status, closed.outcome, visit.case_id) == ("closed", "visited", case.pk)
        assert visit.cipher.count("好") == 0
    assert [fact.type for fact in Fact.objects.filter(subject=str(town.who), type="casework.called_on")] == ["casework.called_on"] * 2


def test_the_same_call_sent_again_is_one_call(town: Town):
    uid = uuid7()
    with on(NOON):
        who = elder("独居甲")
        first = acts.call(STEWARD, who.uid, "visited", uid=uid)
        again = acts.call(STEWARD, who.uid, "visited", uid=uid)
    assert first.pk == again.pk
    assert Visit.objects.count() == 1
    assert Fact.objects.filter(type="casework.called_on", echo_of__isnull=True).count() == 1


def test_an_id_that_a_colleagues_call_has_is_refused(town: Town):
    uid = uuid7()
    with on(NOON):
        who = elder("独居甲")
        acts.call(STEWARD, who.uid, "visited", uid=uid)
        with pytest.raises(LinliError) as error:
            acts.call(GRID, who.uid, "visited", uid=uid)
    assert error.value.code == "visits.id_taken"


@pytest.mark.parametrize(("outcome", "words"), [("needs_help", "想换助听器"), ("visited", "门口结冰"), ("visited", "")])
def test_another_call_under_a_used_id_is_refused_and_not_taken_for_done(town: Town, outcome: str, words: str):
    """Such as the form of a page that the browser had kept, filled in once more."""
    uid = uuid7()
    with on(NOON):
        who = elder("独居甲")
        acts.call(STEWARD, who.uid, "visited", "一切都好", uid=uid)
        with pytest.raises(LinliError) as error:
            acts.call(STEWARD, who.uid, outcome, words, uid=uid)
        assert error.value.code == "visits.id_taken"
        keyring.store(keyring.keyring().with_new("index"))
        assert acts.call(STEWARD, who.uid, "visited", " 一切都好", uid=uid) == Visit.objects.get()


@pytest.mark.parametrize(
    ("ago", "code"), [(timedelta(minutes=-6), "visits.in_the_future"), (timedelta(days=7, minutes=1), "visits.too_old")]
)
def test_a_time_that_cannot_be_is_refused(town: Town, ago: timedelta, code: str):
    with on(NOON):
        who = elder("独居甲")
        with pytest.raises(LinliError) as error:
            acts.call(STEWARD, who.uid, "visited", uid=uuid7(), occurred_at=clock.now() - ago)
    assert error.value.code == code
    assert not Visit.objects.exists()


def test_a_call_of_some_days_ago_says_when_it_happened_and_when_it_was_heard_of(town: Town):
    with on(NOON):
        who = elder("独居甲")
        happened = clock.now() - timedelta(hours=5)
        visit = acts.call(STEWARD, who.uid, "visited", uid=uuid7(), occurred_at=happened)
        assert (visit.occurred_at, visit.recorded_at) == (happened, clock.now())
    fact = Fact.objects.get(type="casework.called_on", echo_of__isnull=True)
    assert fact.occurred_at == happened


def test_a_case_closed_meanwhile_refuses_the_call_and_nothing_is_written(town: Town):
    with on(NOON):
        case = cases.open_home_visit(resident(town.who, "phone"), town.who.uid)
        cases.answer(GRID, case.uid, "visited")
        with pytest.raises(LinliError) as error:
            acts.call(STEWARD, town.who.uid, "visited", uid=uuid7(), case=case.uid)
    assert error.value.code == "visits.closed_meanwhile"
    assert error.value.remedy_zh
    assert not Visit.objects.exists()


@pytest.mark.parametrize("viewer", [CITY, OTHER_COUNTY, staff(9, Grant("steward", "140882"))])
def test_nobody_records_a_call_outside_their_area(town: Town, viewer):
    with on(NOON), pytest.raises(Refused):
        acts.call(viewer, town.who.uid, "visited", uid=uuid7())
    with on(NOON), pytest.raises(Refused):
        neighbour(viewer, UUID(int=7), clock.today())


def test_help_that_is_needed_goes_to_the_township_once(town: Town):
    with on(NOON):
        who = elder("独居甲")
        with pytest.raises(LinliError, match="help"):
            acts.call(STEWARD, who.uid, "needs_help", uid=uuid7())
        acts.call(STEWARD, who.uid, "needs_help", "屋顶漏水", uid=uuid7())
        acts.call(STEWARD, who.uid, "needs_help", "屋顶还在漏", uid=uuid7())
        (case,) = Case.objects.filter(kind="help_needed")
        assert (case.subject, case.task.desk_code, case.task.role) == (str(who), "140802002", "officer")
        assert Words.objects.filter(case=case, part="opened").count() == 1


def test_a_call_that_nobody_made_becomes_the_townships_case_and_climbs(town: Town):
    rule = visit_rules().regular
    with on(NOON):
        who = elder("独居甲")
    late = rule.every_days + rule.late_days
    with on(NOON + timedelta(days=late)):
        assert acts.report_missed() == 0
    with on(NOON + timedelta(days=late + 1)):
        assert acts.report_missed() == 1
        assert acts.report_missed() == 0
        (case,) = Case.objects.filter(kind="missed_visit")
        assert case.task.desk_code == "140802002"
        assert queries.day_list(STEWARD).calls[0].reasons[0].colour == "red"
    with on(case.due_at + timedelta(minutes=1)):
        timers.fire_due()
        case.task.refresh_from_db()
        assert case.task.desk_code == "140802"
        acts.call(STEWARD, who.uid, "visited", uid=uuid7())
        case.refresh_from_db()
        assert (case.status, case.outcome) == ("closed", "visited")
        assert acts.report_missed() == 0


def test_an_answer_of_the_township_rests_the_matter_for_one_interval(town: Town):
    rule = visit_rules().regular
    with on(NOON):
        elder("独居甲")
    with on(NOON + timedelta(days=60)):
        assert acts.report_missed() == 1
        cases.answer(SYSTEM, Case.objects.get(kind="missed_visit").uid, "not_visited", "住院，出院后再走访")
        assert acts.report_missed() == 0
    with on(NOON + timedelta(days=61 + rule.every_days)):
        assert acts.report_missed() == 1


def test_places_count_people_and_a_place_lists_its_homes_by_householder(town: Town):
    with on(NOON):
        elder("独居甲")
        elder("有伴丙", company=True)
        elder("独居乙", lives=OTHER_BUILDING)
        (mine,) = places.spots(STEWARD)
        assert (mine.name, mine.people, mine.alone) == ("槐东社区居委会 幸福小区1号楼", 5, 1)
        assert [spot.code for spot in places.spots(VILLAGE_STEWARD)] == ["140802002001B0001", OTHER_BUILDING]
        both = places.spots(staff(9, Grant("steward", "140882"), Grant("steward", VILLAGE)))
        assert both == places.spots(staff(9, Grant("steward", "140882"))) + places.spots(VILLAGE_STEWARD)
        assert {spot.code[:6] for spot in both} == {"140882", "140802"}
        homes = places.street(STEWARD, mine.code).homes
        assert [(home.head.resident.name, len(home.members), home.alone) for home in homes] == [("独居甲", 1, True), ("有伴丙", 2, False)]
        assert [home.head.resident.name for home in places.street(STEWARD, mine.code, named="有伴").homes] == ["有伴丙"]
        assert [one.name for one in places.street(STEWARD, mine.code, loose=True).loose] == ["测试甲", "测试乙"]
        with pytest.raises(Refused):
            places.street(STEWARD, OTHER_BUILDING)


def test_pages_of_a_place_lose_and_repeat_nobody(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(places, "PAGE", 2)
    with on(NOON):
        for number in range(5):
            elder(f"住户{number % 2}")
        seen, after = [], 0
        while True:
            page = places.street(STEWARD, "140802002001B0001", after=after)
            seen += [home.head.pk for home in page.homes]
            after = page.after
            if not after:
                break
    assert len(seen) == len(set(seen)) == 5


def test_the_day_takes_the_same_number_of_queries_however_many_are_due(town: Town):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.day_list(STEWARD)
        return len(captured)

    with on(NOON):
        elder("独居甲")
        cases.open_home_visit(resident(town.who, "phone"), town.who.uid)
        few = asked()
        for number in range(6):
            elder(f"老人{number}")
        cases.open_home_visit(resident(town.other, "phone"), town.other.uid)
        assert asked() == few <= 9


def test_an_erased_person_leaves_no_note_and_no_house_behind(town: Town):
    with on(NOON):
        who = elder("独居甲")
        acts.call(STEWARD, who.uid, "needs_help", "屋顶漏水", uid=uuid7())
        assert acts.forget(SYSTEM, who.uid) == 1
    visit = Visit.objects.get()
    assert (visit.cipher, visit.area_code) == ("", "140802")


def test_times_are_the_devices_own_zone_or_utc_alike(town: Town):
    with on(NOON):
        who = elder("独居甲")
        shanghai = (clock.now() - timedelta(hours=1)).astimezone(clock.SHANGHAI)
        assert acts.call(STEWARD, who.uid, "visited", uid=uuid7(), occurred_at=shanghai).occurred_at == shanghai
