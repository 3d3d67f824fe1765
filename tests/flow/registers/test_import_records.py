"""Deliveries of a list: who gains and who loses a fact, what was believed when, and what can be taken back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from lists_examples import SYSTEM, add_areas, deliver, identity_number, list_of, load_city, on_list

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.registers import snapshot
from linli.registers.acts.records import record_change
from linli.registers.bulk import NewResident
from linli.registers.imports import Delivery, import_list, undo_import
from linli.registers.imports import deliver as delivering
from linli.registers.imports.deliver import DeliveryRefused
from linli.registers.models import Doubtful, ListImport, Record, Resident
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
FIRST, SECOND = date(2026, 10, 1), date(2026, 10, 20)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def people() -> list[NewResident]:
    return [person for person in load_city(40) if person.identity]


def levels(people: list[NewResident], as_of: date, known_at: datetime | None = None) -> dict[str, tuple[bool | None, int | None]]:
    """(has a certificate, its level) of each person."""
    family = snapshot.facts_for([person.uid for person in people], as_of=as_of, known_at=known_at)
    rows = {str(person.uid): family.people.get(str(person.uid), {}) for person in people}
    return {uid: (row.get("has_disability_certificate"), row.get("disability_level")) for uid, row in rows.items()}


def test_on_the_list_is_yes_off_it_is_no_and_uncovered_is_unknown(people: list[NewResident], tmp_path: Path) -> None:
    county = [person for person in people if person.situations[0][1].startswith("140802")]
    others = [person for person in people if not person.situations[0][1].startswith("140802")]
    report = deliver(tmp_path, [on_list(county[0], "肢体", "二级")], FIRST, area="140802")
    assert (report.rows, report.matched, report.opened) == (1, 1, 1)
    found = levels(people, FIRST)
    assert found[str(county[0].uid)] == (True, 2)
    assert {found[str(person.uid)] for person in county[1:]} == {(False, None)}
    assert {found[str(person.uid)] for person in others} == {(None, None)}
    stale = FIRST + timedelta(days=31)
    assert levels(people, stale)[str(county[0].uid)] == (True, 2)
    assert {levels(people, stale)[str(person.uid)] for person in county[1:]} == {(None, None)}


def test_the_same_file_twice_changes_nothing(people: list[NewResident], tmp_path: Path) -> None:
    rows = [on_list(person, "肢体", "二级") for person in people[:5]]
    first = deliver(tmp_path, rows, FIRST)
    before = Record.objects.count(), Fact.objects.count()
    again = deliver(tmp_path, rows, FIRST)
    assert again.repeated
    assert again.uid == first.uid
    assert (Record.objects.count(), Fact.objects.count()) == before


def test_the_same_rows_in_another_file_change_no_record(people: list[NewResident], tmp_path: Path) -> None:
    rows = [on_list(person, "肢体", "二级") for person in people[:5]]
    deliver(tmp_path, rows, FIRST)
    before = list(Record.objects.values_list())
    report = deliver(tmp_path, reversed(rows), SECOND)
    assert (report.unchanged, report.opened, report.changed, report.closed) == (5, 0, 0, 0)
    assert list(Record.objects.values_list()) == before
    assert levels(people, SECOND)[str(people[0].uid)] == (True, 2)


def test_whoever_is_no_longer_on_it_loses_the_fact_from_that_day(people: list[NewResident], tmp_path: Path) -> None:
    deliver(tmp_path, [on_list(person, "肢体", "二级") for person in people[:3]], FIRST)
    report = deliver(tmp_path, [on_list(person, "肢体", "二级") for person in people[1:3]], SECOND)
    assert report.closed == 1
    assert levels(people, SECOND - timedelta(days=1))[str(people[0].uid)] == (True, 2)
    assert levels(people, SECOND)[str(people[0].uid)] == (False, None)


def test_a_smaller_area_ends_nothing_outside_it(people: list[NewResident], tmp_path: Path) -> None:
    deliver(tmp_path, [on_list(person, "肢体", "二级") for person in people], FIRST)
    inside = [person for person in people if person.situations[0][1].startswith("140802")]
    report = deliver(tmp_path, [on_list(inside[0], "肢体", "二级")], SECOND, area="140802", accept_drop=True)
    assert report.closed == len(inside) - 1


def test_a_partial_delivery_ends_nothing_and_covers_nobody(people: list[NewResident], tmp_path: Path) -> None:
    report = deliver(tmp_path, [on_list(people[0], "肢体", "二级")], FIRST, whole=False)
    assert report.opened == 1
    assert levels(people, FIRST)[str(people[1].uid)] == (None, None)


@pytest.mark.parametrize("seed", range(6))
def test_any_past_days_answer_can_be_recomputed(seed: int, tmp_path: Path) -> None:
    """Random deliveries against an oracle: on day d, with deliveries 1…k known, a person's state is that of the last one up to d."""
    chance = random.Random(seed)
    people = [person for person in load_city(12, seed) if person.identity]
    days = sorted(chance.choices([FIRST + timedelta(days=step) for step in range(0, 45, 5)], k=5))
    said: list[tuple[date, dict[str, int]]] = []
    known: list[datetime] = []
    for number, day in enumerate(days):
        chosen = {str(person.uid): chance.randint(1, 4) for person in people if chance.random() < 0.6}
        rows = [on_list(person, "肢体", chosen[str(person.uid)]) for person in people if str(person.uid) in chosen]
        moment = NOW + timedelta(minutes=number)
        with clock.frozen(moment):
            (tmp_path / str(number)).mkdir()
            # An empty selection would be refused as an empty file: it is left out, as a department would.
            if rows:
                deliver(tmp_path / str(number), rows, day, accept_drop=True)
                said.append((day, chosen))
                known.append(moment)
    for known_count, moment in enumerate(known, start=1):
        for day in {date(2026, 9, 30), *days, days[0] + timedelta(days=3), days[-1] + timedelta(days=40)}:
            past = [(on, chosen) for on, chosen in said[:known_count] if on <= day]
            expected = {}
            for person in people:
                uid = str(person.uid)
                level = past[-1][1].get(uid) if past else None
                fresh = any(on <= day < on + timedelta(days=31) for on, _ in past)
                expected[uid] = (True, level) if level else (False if fresh else None, None)
            assert levels(people, day, moment + timedelta(seconds=1)) == expected, (seed, known_count, day)
    assert list(verify_chains()) == []


def test_undoing_brings_back_what_was_and_keeps_what_was_believed(people: list[NewResident], tmp_path: Path) -> None:
    deliver(tmp_path, [on_list(person, "肢体", "二级") for person in people[:4]], FIRST)
    before = levels(people, SECOND)
    with clock.frozen(NOW + timedelta(minutes=1)):
        second = deliver(tmp_path, [on_list(people[0], "肢体", "一级"), on_list(people[5], "视力", "三级")], SECOND)
        between = levels(people, SECOND)
    with clock.frozen(NOW + timedelta(minutes=2)):
        undo_import(SYSTEM, delivery=str(second.uid))
        assert levels(people, SECOND) == before
        assert levels(people, SECOND, NOW + timedelta(minutes=1, seconds=30)) == between
        with pytest.raises(LinliError, match="has been undone"):
            undo_import(SYSTEM, delivery=str(second.uid))
        deliver(tmp_path, [on_list(people[0], "肢体", "一级"), on_list(people[5], "视力", "三级")], SECOND)
        assert levels(people, SECOND) == between
    assert list(verify_chains()) == []


def test_deliveries_are_undone_last_first(people: list[NewResident], tmp_path: Path) -> None:
    first = deliver(tmp_path, [on_list(person, "肢体", "二级") for person in people[:4]], FIRST)
    with clock.frozen(NOW + timedelta(minutes=1)):
        second = deliver(tmp_path, [on_list(person, "肢体", "一级") for person in people[:4]], SECOND)
        with pytest.raises(LinliError, match="build on it"):
            undo_import(SYSTEM, delivery=str(first.uid))
        undo_import(SYSTEM, delivery=str(second.uid))
        undo_import(SYSTEM, delivery=str(first.uid))
    assert not Record.objects.filter(known_to__isnull=True).exists()
    assert {state for state, _ in levels(people, SECOND, NOW + timedelta(minutes=2)).values()} == {None}


def test_what_an_officer_changed_since_keeps_an_import_from_being_undone(people: list[NewResident], tmp_path: Path) -> None:
    report = deliver(tmp_path, [on_list(people[0], "肢体", "二级")], FIRST)
    resident = Resident.objects.get(uid=people[0].uid)
    with clock.frozen(NOW + timedelta(minutes=1)):
        data = {"disability_level": 1, "disability_kind": "physical"}
        record_change(SYSTEM, subject=resident, list_slug="disability-certificate", data=data, valid_from=SECOND)
        assert levels(people, SECOND)[str(people[0].uid)] == (True, 1)
        assert levels(people, SECOND - timedelta(days=1))[str(people[0].uid)] == (True, 2)
        with pytest.raises(LinliError, match="build on it"):
            undo_import(SYSTEM, delivery=str(report.uid))


def test_a_delivery_does_not_end_what_was_stated_of_later_days(people: list[NewResident], tmp_path: Path) -> None:
    resident = Resident.objects.get(uid=people[0].uid)
    data = {"disability_level": 3, "disability_kind": "physical"}
    record_change(SYSTEM, subject=resident, list_slug="disability-certificate", data=data, valid_from=SECOND)
    deliver(tmp_path, [on_list(people[0], "肢体", "二级"), on_list(people[1], "肢体", "二级")], FIRST)
    assert levels(people, FIRST)[str(people[0].uid)] == (True, 2)
    assert levels(people, SECOND)[str(people[0].uid)] == (True, 3)


def test_dates_in_the_file_say_since_when(people: list[NewResident], tmp_path: Path) -> None:
    rows = [on_list(people[0], "农村", "2024-03-01"), on_list(people[1], "城市", "")]
    deliver(tmp_path, rows, FIRST, slug="subsistence-allowance")
    records = dict(Record.objects.values_list("resident__uid", "valid_from"))
    assert records == {people[0].uid: date(2024, 3, 1), people[1].uid: FIRST}


def test_a_wrong_cell_refuses_the_whole_file(people: list[NewResident], tmp_path: Path) -> None:
    rows = [on_list(people[0], "肢体", "二级"), on_list(people[1], "肢体", "九级"), on_list(people[2], "心脏", "二级")]
    rows.append(["110105194912310021", "某", "", "", "肢体", "一级"])
    with pytest.raises(DeliveryRefused) as refused:
        deliver(tmp_path, rows, FIRST)
    places = {(error.place.line, error.place.column) for error in refused.value.problems if error.place}
    assert places == {(3, 6), (4, 5), (5, 1)}
    assert not Record.objects.exists()
    assert not ListImport.objects.exists()


def test_a_dry_run_counts_and_writes_nothing(people: list[NewResident], tmp_path: Path) -> None:
    before = Fact.objects.count()
    report = deliver(tmp_path, [on_list(person, "肢体", "二级") for person in people[:3]], FIRST, dry_run=True)
    assert (report.opened, report.uid) == (3, None)
    assert (Record.objects.count(), ListImport.objects.count(), Fact.objects.count()) == (0, 0, before)


def test_an_older_delivery_cannot_be_laid_under_a_newer(people: list[NewResident], tmp_path: Path) -> None:
    deliver(tmp_path, [on_list(people[0], "肢体", "二级")], SECOND)
    with pytest.raises(LinliError) as refused:
        deliver(tmp_path, [on_list(people[1], "肢体", "二级")], FIRST)
    assert refused.value.code == "imports.out_of_order"


def test_a_delivery_that_would_end_most_of_a_list_must_be_confirmed(tmp_path: Path) -> None:
    people = [person for person in load_city(90) if person.identity]
    deliver(tmp_path, [on_list(person, "肢体", "二级") for person in people], FIRST)
    with pytest.raises(LinliError) as refused:
        deliver(tmp_path, [on_list(people[0], "肢体", "二级")], SECOND)
    assert refused.value.code == "imports.large_drop"
    assert set(levels(people, SECOND).values()) == {(True, 2)}
    assert deliver(tmp_path, [on_list(people[0], "肢体", "二级")], SECOND, accept_drop=True).closed == len(people) - 1


def test_two_rows_that_contradict_each_other_are_believed_neither(people: list[NewResident], tmp_path: Path) -> None:
    rows = [
        on_list(people[0], "肢体", "二级"),
        on_list(people[0], "肢体", "三级"),
        on_list(people[1], "肢体", "二级"),
        on_list(people[1], "肢体", "二级"),
    ]
    report = deliver(tmp_path, rows, FIRST)
    assert (report.opened, report.doubtful, report.same) == (1, 2, 1)
    assert set(Doubtful.objects.values_list("reason", flat=True)) == {"duplicate_rows"}
    assert levels(people, FIRST)[str(people[0].uid)] == (None, None)


def test_numbers_that_a_spreadsheet_destroyed_are_named(tmp_path: Path) -> None:
    add_areas()
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["身份证号码", "姓名", "残疾类别", "残疾等级"])
        sheet.write_row(1, 0, [float(identity_number(date(1960, 1, 1), 1)[:17] + "0"), "测试", "肢体", "一级"])
    with pytest.raises(DeliveryRefused) as refused:
        import_list(SYSTEM, declaration=list_of("disability-certificate"), delivery=Delivery(path))
    assert refused.value.problems[0].code == "cells.digits_lost"


def test_a_delivery_overtaken_while_it_waited_is_refused(
    people: list[NewResident], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [on_list(person, "肢体", "二级") for person in people[:5]]
    deliver(tmp_path, rows, FIRST)
    before = levels(people, SECOND)
    lock = delivering.lock_list

    def overtaken(slug: str, *, shared: bool = False) -> None:
        lock(slug, shared=shared)
        ListImport.objects.update(as_of=SECOND)  # what another process committed meanwhile; taken back with the refusal

    monkeypatch.setattr(delivering, "lock_list", overtaken)
    with pytest.raises(LinliError) as refused:
        deliver(tmp_path, rows[1:], FIRST + timedelta(days=5))
    assert refused.value.code == "imports.out_of_order"
    assert levels(people, SECOND) == before


def test_the_same_file_delivered_twice_at_once_is_applied_once(
    people: list[NewResident], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [on_list(person, "肢体", "二级") for person in people[:5]]
    first = deliver(tmp_path, rows, FIRST)
    ask, answers = delivering._same_delivery, iter([True])
    monkeypatch.setattr(delivering, "_same_delivery", lambda *about: None if next(answers, False) else ask(*about))
    again = deliver(tmp_path, rows, FIRST)
    assert (again.repeated, again.uid) == (True, first.uid)
    assert ListImport.objects.count() == 1
