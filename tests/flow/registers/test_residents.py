"""Residents: one person per identity number, nothing overwritten, only what a grant covers, nothing left after erasure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from place_examples import BUILDING, CLERK, FIRST_DAY, GROUP, OTHER_BUILDING, SYSTEM, VILLAGE, identity, person

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.identity import parse_identity
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts, facts, queries
from linli.registers.models import Record, Resident, ResidentPast, Situation
from linli.trace import act
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.usefixtures("small_city")
MORNING = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def facts_of(resident: Resident) -> list[str]:
    return list(Fact.objects.filter(subject=f"resident:{resident.uid}").order_by("id").values_list("type", flat=True))


def test_a_number_gives_birth_date_and_sex_and_is_not_readable() -> None:
    number = identity(date(1950, 3, 7), male=False)
    resident = person(identity=number, phone="+86 199 0000 0001")
    assert (resident.birth_date, resident.sex, resident.birth_known) == (date(1950, 3, 7), "female", True)
    stored = str(Resident.objects.filter(pk=resident.pk).values().get()) + str(list(Fact.objects.values_list("payload", flat=True)))
    assert number not in stored
    assert "19900000001" not in stored


def test_the_same_number_is_the_same_person() -> None:
    number = identity()
    first = person("王建国", identity=number)
    assert person("王建国", identity=number.lower()) == first
    assert facts_of(first) == ["registers.resident_registered"]
    with pytest.raises(LinliError) as caught:
        person("李建国", identity=number)
    assert caught.value.code == "registers.identity_taken"
    assert number not in str(caught.value)


def test_the_same_key_is_the_same_act() -> None:
    first = person("无证老人", birth_date=date(1940, 1, 1), key="form-17")
    assert person("无证老人", birth_date=date(1940, 1, 1), key="form-17") == first
    assert Resident.objects.count() == 1


@pytest.mark.parametrize("stated", [{"birth_date": date(1951, 3, 7)}, {"sex": "female"}])
def test_what_contradicts_the_number_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(LinliError) as caught:
        person(identity=identity(date(1950, 3, 7), male=True), **stated)
    assert caught.value.code == "registers.contradicts_identity"
    assert not Resident.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "  "}, "registers.bad_name"),
        ({"name": "王\u202e国"}, "registers.bad_name"),
        ({"birth_date": date(2999, 1, 1)}, "registers.impossible_date"),
        ({"identity": "123"}, "identity.shape"),
        ({"situations": [acts.Lives("lives", "999999", FIRST_DAY)]}, "registers.unknown_area"),
        ({"situations": [acts.Lives("lives", "140899", FIRST_DAY)]}, "registers.unknown_area"),
        ({"situations": [acts.Lives("lives", "14080", FIRST_DAY)]}, "areas.bad_code"),
    ],
)
def test_bad_input_writes_nothing(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(LinliError) as caught:
        person(**{"name": "王建国", **fields})
    assert caught.value.code == code
    assert not Resident.objects.exists()
    assert not Fact.objects.filter(type="registers.resident_registered").exists()


def test_someone_may_study_or_be_insured_in_another_city() -> None:
    resident = person(situations=[acts.Lives("registered", VILLAGE, FIRST_DAY), acts.Lives("studies", "110108", FIRST_DAY)])
    assert {row.area_code for row in queries.situations_of(resident, FIRST_DAY)} == {VILLAGE, "110108"}


def test_a_correction_keeps_what_was_believed() -> None:
    with clock.frozen(MORNING):
        resident = person(birth_date=date(1950, 1, 1), sex="male")
    with clock.frozen(MORNING + timedelta(days=1)):
        acts.correct_resident(SYSTEM, resident=resident, changes={"birth_date": date(1949, 1, 1)})
    assert believed_birth(MORNING + timedelta(hours=1)) == date(1950, 1, 1)
    assert believed_birth(MORNING + timedelta(days=2)) == date(1949, 1, 1)
    assert believed_birth(MORNING - timedelta(hours=1)) is None
    assert believed_birth(None) == date(1949, 1, 1)


def believed_birth(instant: datetime | None) -> date | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT birth_date FROM registers_residents_known_at(%s)", [instant])
        rows = cursor.fetchall()
    assert len(rows) <= 1
    return rows[0][0] if rows else None


def test_the_same_correction_twice_is_one() -> None:
    resident = person(birth_date=date(1950, 1, 1))
    for _ in range(2):
        acts.correct_resident(SYSTEM, resident=resident, changes={"name": "王建新", "hukou_type": "unified"})
    resident.refresh_from_db()
    assert (resident.name, resident.name_initials, resident.name_bigrams) == ("王建新", "wjx", ["王建", "建新"])
    assert facts_of(resident) == ["registers.resident_registered", "registers.resident_corrected"]


def test_a_wrong_number_is_corrected_with_birth_date_and_sex() -> None:
    resident, right = person(identity=identity(male=True)), identity(date(1960, 5, 5), male=False)
    acts.correct_resident(SYSTEM, resident=resident, changes={"identity": right})
    resident.refresh_from_db()
    assert (resident.birth_date, resident.sex) == (date(1960, 5, 5), "female")
    assert resident.identity_blind == vault.blind("identity", right)
    other = person("李四", identity=identity())
    with pytest.raises(LinliError) as caught:
        acts.correct_resident(SYSTEM, resident=other, changes={"identity": right})
    assert caught.value.code == "registers.identity_taken"


def test_death_is_recorded_and_never_before_birth() -> None:
    resident = person(birth_date=date(1950, 1, 1))
    with pytest.raises(LinliError):
        acts.record_death(SYSTEM, resident=resident, deceased_on=date(1949, 1, 1))
    acts.record_death(SYSTEM, resident=resident, deceased_on=date(2026, 1, 1))
    assert ResidentPast.objects.get().deceased_on is None
    assert facts_of(resident)[-1] == "registers.resident_died"


SPANS = st.tuples(st.integers(0, 60), st.integers(1, 40) | st.none(), st.sampled_from([VILLAGE, "140882100201", "140882101201"]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(SPANS, min_size=1, max_size=6), st.integers(0, 110))
def test_the_latest_statement_counts_and_every_earlier_belief_can_be_read_back(spans: list[tuple[int, int | None, str]], day: int) -> None:
    """Replays statements on a plain day-by-day model and compares, for each past instant, what is believed of one day."""
    before = transaction.savepoint()
    resident = person(situations=[])
    believed: list[str | None] = [None]
    for step, (start, length, area) in enumerate(spans):
        end = None if length is None else start + length
        with clock.frozen(MORNING + timedelta(hours=step)):
            acts.record_situation(
                SYSTEM,
                resident=resident,
                kind="lives",
                area_code=area,
                valid_from=FIRST_DAY + timedelta(days=start),
                valid_to=FIRST_DAY + timedelta(days=end) if end is not None else None,
            )
        believed.append(area if start <= day and (end is None or day < end) else believed[-1])
    on = FIRST_DAY + timedelta(days=day)
    for step, expected in enumerate(believed[1:]):
        at = MORNING + timedelta(hours=step, minutes=30)
        assert [row.area_code for row in queries.situations_of(resident, on, at)] == ([expected] if expected else [])
    transaction.savepoint_rollback(before)


def test_the_same_situation_twice_is_one() -> None:
    resident = person()
    for _ in range(2):
        acts.record_situation(SYSTEM, resident=resident, kind="studies", area_code=VILLAGE, valid_from=FIRST_DAY)
    assert facts_of(resident).count("registers.situation_recorded") == 1


def test_the_database_refuses_two_places_at_a_time() -> None:
    resident = person()
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        Situation.objects.create(resident=resident, kind="lives", area_code=GROUP, valid_from=date(2025, 1, 1), known_from=clock.now())
    earlier = Situation.objects.create(
        resident=resident, kind="lives", area_code=GROUP, valid_from=date(2020, 1, 1), valid_to=FIRST_DAY, known_from=clock.now()
    )
    with pytest.raises(IntegrityError, match="overlap"), transaction.atomic():
        Situation.objects.filter(pk=earlier.pk).update(valid_to=None)


def test_erasure_leaves_an_opaque_id_and_nothing_to_read() -> None:
    number = identity()
    resident = person("王建国", identity=number, phone="19900000001", account="622200001111")
    cipher = resident.identity_cipher
    acts.correct_resident(SYSTEM, resident=resident, changes={"hukou_type": "unified"})
    acts.erase_resident(SYSTEM, resident=resident, reason="request")
    acts.erase_resident(SYSTEM, resident=resident, reason="request")
    row = Resident.objects.get()
    assert (row.name, row.name_bigrams, row.birth_date, row.identity_blind, row.identity_cipher) == ("", [], None, None, "")
    assert set(ResidentPast.objects.values_list("birth_date", "sex", "hukou_type")) <= {(None, None, None)}
    assert facts_of(row).count("registers.resident_erased") == 1
    with pytest.raises(LinliError):
        vault.reveal(SYSTEM, purpose="registers.match", subject=row.uid, fields={"identity": cipher})
    with pytest.raises(LinliError) as caught:
        acts.correct_resident(SYSTEM, resident=row, changes={"name": "王建国"})
    assert caught.value.code == "registers.erased"
    assert person("王建国", identity=number) != row


def test_erasure_deletes_what_lists_say_of_the_person() -> None:
    resident, other = person(identity=identity()), person("李秀英")
    with act(SYSTEM) as a:
        for who in (resident, other):
            row = Record.objects.create(
                resident=who, list_slug="economic-check", data={"assets": 100}, origin="query", valid_from=FIRST_DAY, known_from=clock.now()
            )
            a.record(facts.RESIDENT_CORRECTED, subject=f"resident:{who.uid}", payload={"fields": ["test"]}, rows=[row])
    acts.erase_resident(SYSTEM, resident=resident, reason="request")
    said = {row.resident_id: (row.data, row.known_to is None) for row in Record.objects.all()}
    assert said == {other.pk: ({"assets": 100}, True)}
    assert list(verify_rows()) == []


def clerk(*areas: str, role: str = "clerk") -> Viewer:
    return Viewer("staff:00000000-0000-7000-8000-000000000002", tuple(Grant(role, area) for area in areas))


def test_a_grant_shows_its_area_and_nothing_else() -> None:
    here = person("王建国", birth_date=date(1950, 1, 1))
    there = person("王建军", situations=[acts.Lives("lives", GROUP, FIRST_DAY)])
    assert set(queries.residents(clerk("140802"))) == {here}
    assert set(queries.residents(clerk("140882", "140802"))) == {here, there}
    assert set(queries.residents(clerk("140882", role="auditor"))) == set()
    assert set(queries.residents(Viewer("public"))) == set()
    with pytest.raises(Refused):
        queries.resident_page(clerk("140882"), here.uid, purpose="registers.service")


def test_a_grid_worker_sees_the_buildings_of_the_grid_on_the_day() -> None:
    mine, other = person("王建国"), person("王建军", situations=[acts.Lives("lives", OTHER_BUILDING, FIRST_DAY)])
    worker = clerk(f"{VILLAGE}G002", role="steward")
    assert set(queries.residents(worker)) == {other}
    acts.assign_grid(SYSTEM, place_code=BUILDING, grid_code=f"{VILLAGE}G002", valid_from=date(2025, 1, 1))
    assert set(queries.residents(worker)) == {mine, other}
    assert set(queries.residents(worker, on=date(2024, 1, 1))) == {other}


def test_a_page_reveals_for_a_purpose_and_the_person_can_see_who_looked() -> None:
    number = identity()
    resident = person(identity=number, phone="19900000001")
    page = queries.resident_page(clerk("1408"), resident.uid, purpose="registers.service")
    assert page.revealed == {"identity": parse_identity(number).number, "phone": "19900000001"}
    assert {row.kind for row in page.situations} == {"registered", "lives"}
    assert [access.purpose for access in vault.accesses_of(resident.uid)] == ["registers.service"]
    with pytest.raises(LinliError):
        queries.resident_page(clerk("1408"), resident.uid, purpose="curiosity")


@pytest.mark.parametrize("typed", ["王建国", "建国", "王建", "wjg", "wang jian", "Wang Jian Guo", "wangjianguo", "wangj"])
def test_a_person_is_found_by_what_a_clerk_types(typed: str) -> None:
    wanted = person("王建国")
    person("李秀英")
    person("国建王")
    assert queries.search_residents(CLERK, typed).residents == (wanted,)


def test_a_person_is_found_by_number_and_phone() -> None:
    number = identity()
    wanted = person(identity=number, phone="199 0000 0001")
    person("王建国", identity=identity(), phone="199 0000 0002")
    assert queries.search_residents(CLERK, number).residents == (wanted,)
    assert queries.search_residents(CLERK, "+8619900000001").residents == (wanted,)


@pytest.mark.parametrize("typed", ["", "王", "%", "'; --"])
def test_too_little_to_search_by_is_refused(typed: str) -> None:
    with pytest.raises(LinliError) as caught:
        queries.search_residents(CLERK, typed)
    assert caught.value.code == "registers.search_too_short"


def test_search_pages_show_everyone_once_in_order() -> None:
    people = {person(f"王建{letter}").pk for letter in "国军华民伟"}
    shown: list[Resident] = []
    after = ""
    while True:
        page = queries.search_residents(CLERK, "王建", after=after, limit=2)
        shown += page.residents
        after = page.after
        if not after:
            break
    assert [row.name_pinyin for row in shown] == sorted(row.name_pinyin for row in shown)
    assert (len(shown), {row.pk for row in shown}) == (5, people)
