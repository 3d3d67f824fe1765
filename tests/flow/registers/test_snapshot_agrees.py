"""The snapshot and the live look are the same facts, whatever the registers hold."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lists_examples import SYSTEM, deliver, load_city, on_list

from linli.kernel import clock, prepared
from linli.registers import snapshot
from linli.registers.acts import erase_resident
from linli.registers.acts.records import record_authorisation, record_holding
from linli.registers.acts.verification import record_verification
from linli.registers.bulk import NewResident
from linli.registers.lists import vocabulary
from linli.registers.models import Household, Resident
from linli.registers.ports import Answer
from linli.rules import evaluate_frame, load_rule

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)


def busy_city(seed: int, folder: Path) -> list[NewResident]:
    """People with records on several lists, some stale, doubts, authorisations, answers and holdings."""
    chance = random.Random(seed)
    people = load_city(60, seed)
    known = [person for person in people if person.identity]
    some = [on_list(person, chance.choice(("肢体", "视力")), chance.choice(("一级", "三级"))) for person in known if chance.random() < 0.4]
    some.append([known[0].identity, "别名", "", "", "肢体", "一级"])
    deliver(folder, some, DAY - timedelta(days=5))
    farm = [
        on_list(person, chance.choice(("城市", "农村")), chance.choice(("2023-01-01", ""))) for person in known if chance.random() < 0.3
    ]
    deliver(folder, farm, DAY - timedelta(days=chance.choice((3, 60))), slug="subsistence-allowance", area="140802")
    visits = [on_list(person, chance.choice(("是", "否", ""))) for person in known if chance.random() < 0.5]
    deliver(folder, visits, DAY - timedelta(days=9), slug="elder-survey")
    for person in chance.sample(known, 10):
        resident = Resident.objects.get(uid=person.uid)
        given = DAY - timedelta(days=chance.choice((100, 20)))
        record_authorisation(
            SYSTEM, resident=resident, list_slug="economic-check", valid_from=given, valid_to=chance.choice((None, DAY)), evidence="A-1"
        )
        moment = datetime(given.year, given.month, given.day, 4, tzinfo=UTC)
        answer = Answer(True, "核对中心", moment, {"monthly_income": chance.randrange(10**6), "assets": 0}, chance.choice((None, DAY)))
        record_verification(SYSTEM, resident=resident, list_slug="economic-check", answer=answer)
        record_holding(SYSTEM, subject=resident, programme_slug="elder-pairing", valid_from=given, valid_to=chance.choice((None, DAY)))
    home = Household.objects.filter(kind="shared_living").order_by("id")[0]
    record_holding(SYSTEM, subject=home, programme_slug="subsistence-allowance", valid_from=DAY)
    return people


def rows_of(path: Path, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in pl.read_parquet(path).iter_rows(named=True)}


@pytest.mark.parametrize("seed", range(3))
def test_everybody_is_the_same_in_both(seed: int, tmp_path: Path) -> None:
    people = busy_city(seed, tmp_path)
    for as_of in (DAY, DAY - timedelta(days=4), DAY + timedelta(days=40)):
        info = snapshot.write(tmp_path / "snapshot", as_of=as_of, chunk=17)
        family = snapshot.facts_for([person.uid for person in people], as_of=as_of, known_at=info.known_at)
        assert rows_of(info.people, "person_id") == family.people
        assert {key: row for key, row in rows_of(info.households, "household_id").items() if key in family.households} == family.households
        assert pl.read_parquet(info.relations).sort(pl.all()).rows() == sorted(family.links)
        one = snapshot.facts_for([people[0].uid], as_of=as_of, known_at=info.known_at)
        assert one.people[str(people[0].uid)] == family.people[str(people[0].uid)]


def test_the_frames_of_a_family_give_the_verdicts_of_the_snapshot(tmp_path: Path) -> None:
    people = busy_city(7, tmp_path)
    rule = load_rule(
        {
            "rule": {
                "subject": "person",
                "as_of": "screening",
                "conditions": [
                    {"id": "a", "zh": "甲", "en": "a", "when": "has_disability_certificate AND disability_level <= 2"},
                    {"id": "b", "zh": "乙", "en": "b", "when": "household_any(on_subsistence_allowance) OR family_any(lives_alone)"},
                    {"id": "c", "zh": "丙", "en": "c", "when": "NOT holds('elder-pairing') AND monthly_income < 50000"},
                ],
            }
        },
        vocabulary(Path(settings.LINLI_CITY)),
    )
    info = snapshot.write(tmp_path / "snapshot", as_of=DAY)
    columns = ["subject_id", "verdict", "condition.a", "condition.b", "condition.c"]
    whole = evaluate_frame(rule, info.people, info.households, info.relations, as_of=DAY).select(columns)
    family = snapshot.facts_for([person.uid for person in people], as_of=DAY, known_at=info.known_at)
    live = evaluate_frame(rule, *family.frames(), as_of=DAY).select(columns)
    assert whole.sort("subject_id").rows() == live.sort("subject_id").rows()
    assert set(whole["verdict"]) >= {"not_eligible", "unknown"}


def test_the_digest_is_of_the_content_only(tmp_path: Path) -> None:
    busy_city(1, tmp_path)
    moment = clock.now()
    first = snapshot.write(tmp_path / "one", as_of=DAY, known_at=moment, chunk=7)
    second = snapshot.write(tmp_path / "two", as_of=DAY, known_at=moment, chunk=1000)
    assert first.digest == second.digest == snapshot.digest_of_files(first.folder)
    assert snapshot.read(first.folder) == first
    changed = pl.read_parquet(first.people).with_columns(pl.lit(True).alias("is_deceased"))
    changed.write_parquet(first.people)
    assert snapshot.digest_of_files(first.folder) != first.digest


def test_rows_are_sorted_by_household_and_hold_no_names(tmp_path: Path) -> None:
    people = busy_city(2, tmp_path)
    info = snapshot.write(tmp_path / "snapshot", as_of=DAY)
    frame = pl.read_parquet(info.people)
    homes = frame["household_id"].to_list()
    assert homes == sorted(homes, key=lambda home: (home is None, home or ""))
    assert len(frame) == len(people)
    text = frame.write_csv() + info.households.read_bytes().decode("latin-1")
    assert not [person.name for person in people if person.name in text]


def test_an_area_takes_only_its_people(tmp_path: Path) -> None:
    busy_city(3, tmp_path)
    info = snapshot.write(tmp_path / "snapshot", as_of=DAY, area="140881")
    frame = pl.read_parquet(info.people)
    assert 0 < len(frame) < 60
    assert all("140881" in (registered, living) for registered, living in frame.select("registered_county", "living_county").rows())


def test_the_statements_of_a_live_look_do_not_grow_with_the_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = busy_city(4, tmp_path)
    sent: list[str] = []
    run = prepared.rows

    def counted(connection: Any, statement: str, parameters: dict[str, Any]) -> list[prepared.Row]:
        sent.append(statement)
        return run(connection, statement, parameters)

    monkeypatch.setattr(prepared, "rows", counted)
    counts = []
    for asked in (people[:1], people):
        sent.clear()
        with CaptureQueriesContext(connection) as others:
            snapshot.facts_for([person.uid for person in asked], as_of=DAY)
        counts.append(len(sent) + len(others))
    assert counts == [2, 2]


def test_a_look_goes_no_further_than_its_reach_and_sees_the_same_there(tmp_path: Path) -> None:
    people = busy_city(6, tmp_path)
    moment = clock.now()
    for person in people:
        whole = snapshot.facts_for([person.uid], as_of=DAY, known_at=moment)
        own = whole.people.get(str(person.uid))
        home = whole.housemates_of(str(person.uid)) if own else []
        for members, relatives, households in product((True, False), repeat=3):
            reach = snapshot.Reach(members=members, relatives=relatives, households=households)
            part = snapshot.facts_for([person.uid], as_of=DAY, known_at=moment, reach=reach)
            assert part.asked == whole.asked
            assert part.people.items() <= whole.people.items()
            assert part.people.get(str(person.uid)) == own
            assert part.links == (whole.links if relatives else [])
            assert part.households == ({key: whole.households[key] for key in part.households} if households else {})
            if own and members:
                assert part.housemates_of(str(person.uid)) == home
            if own and not (members or relatives):
                assert list(part.people) == [str(person.uid)]


def test_a_look_is_planned_once_and_then_only_run(tmp_path: Path) -> None:
    people = busy_city(8, tmp_path)
    connection.cursor().execute("DEALLOCATE ALL")
    for asked in (people[:1], people[:3], people[3:4]) * 5:
        snapshot.facts_for([person.uid for person in asked], as_of=DAY)
        snapshot.provenance_of("person", asked[0].uid, as_of=DAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%%registers_%%'")
        planned = cursor.fetchall()
    assert len(planned) == 3
    assert [(statement, custom) for statement, custom, generic in planned if custom > 5 or not generic] == []


def test_an_erased_person_is_in_neither(tmp_path: Path) -> None:
    people = busy_city(5, tmp_path)
    resident = Resident.objects.get(uid=people[0].uid)
    erase_resident(SYSTEM, resident=resident, reason="tests")
    info = snapshot.write(tmp_path / "snapshot", as_of=DAY)
    assert str(resident.uid) not in rows_of(info.people, "person_id")
    assert snapshot.facts_for([resident.uid], as_of=DAY).people == {}
