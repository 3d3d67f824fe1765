"""A delivery writes and names nobody outside its area, whatever its rows say; a doubt about somebody outside is a wider desk's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lists_examples import FIRST_DAY, SYSTEM, VILLAGES, add_areas, deliver, identity_number, load_city

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.identity import credit_check_character
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer
from linli.registers import imports
from linli.registers.acts.records import record_change
from linli.registers.acts.residents import record_situation
from linli.registers.bulk import NewResident, register_residents
from linli.registers.imports import merging
from linli.registers.imports.undo import dependents
from linli.registers.models import Doubtful, DoubtfulCandidate, ListImport, Organisation, Record, Resident

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
DAY = date(2026, 11, 1)
BORN = date(1950, 3, 7)
LIST = "disability-certificate"
HERE, THERE = "140802", "140881"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def officer(*areas: str) -> Viewer:
    return Viewer("staff:00000000-0000-7000-8000-000000000009", tuple(Grant("officer", area) for area in areas))


def person(name: str, number: int | None, village: str = VILLAGES[0], **more: str) -> NewResident:
    places = [(kind, code, FIRST_DAY) for kind, code in {"registered": village, **more}.items()]
    return NewResident(uuid7(), name, identity_number(BORN, number) if number is not None else "", BORN, "male", situations=places)


def register(*people: NewResident) -> None:
    add_areas()
    register_residents(SYSTEM, people, source="tests", generated=True)


def row(number: str, name: str, area: str = "", level: str = "二级") -> list[object]:
    return [number, name, BORN, area, "肢体", level]


def by_county(folder: Path, rows: list[list[object]], day: date = DAY, area: str = HERE, **options: Any) -> imports.ImportReport:
    options.setdefault("whole", False)
    return deliver(folder, rows, day, viewer=officer(area), area=area, **options)


def stands() -> list[tuple[Any, ...]]:
    columns = ("id", "resident__name", "present", "data", "valid_from", "valid_to", "known_to", "source_import", "withdrawn_by")
    return list(Record.objects.order_by("id").values_list(*columns))


def test_a_stranger_is_put_on_no_list_changed_on_none_and_named_in_no_doubt(tmp_path: Path) -> None:
    mine, stranger, other = person("测试甲", 1), person("测试乙", 2, VILLAGES[2]), person("测试丙", None, VILLAGES[2])
    register(mine, stranger, other)
    by_county(tmp_path, [row(stranger.identity, "测试乙")], area=THERE)
    before = stands()
    rows = [
        row(mine.identity, "测试甲"),
        row(stranger.identity, "测试乙", level="四级"),
        row(stranger.identity, "测试假", VILLAGES[0]),
        row("", "测试丙", VILLAGES[0]),
        row(identity_number(BORN, 9), "测试丙"),
        ["9.90E+17", "测试乙", "三月", "", "肢体", "二级"],
    ]
    report = by_county(tmp_path, rows, DAY + timedelta(days=1), skip_wrong=True)
    assert (report.matched, report.opened, report.changed, report.closed) == (1, 1, 0, 0)
    assert (report.unknown, report.doubtful, report.wrong) == (4, 1, 1)
    assert stands()[: len(before)] == before
    assert [one[1] for one in stands()[len(before) :]] == ["测试甲"]
    assert not DoubtfulCandidate.objects.exists()
    about = [note for note in report.notes if note.code == "imports.unknown"]
    nobody = by_county(tmp_path / "..", [row(identity_number(BORN, 8), "测试丁")], DAY + timedelta(days=2))
    assert {(note.zh, note.en, note.found) for note in about} == {(note.zh, note.en, note.found) for note in nobody.notes}


def test_a_strangers_number_is_not_taken_for_a_neighbours_who_has_none(tmp_path: Path) -> None:
    register(person("测试甲", 1, VILLAGES[2]), person("测试甲", None, VILLAGES[0]))
    report = by_county(tmp_path, [row(identity_number(BORN, 1), "测试甲", VILLAGES[0])])
    assert (report.unknown, report.doubtful, stands()) == (1, 0, [])


def test_somebody_of_two_areas_is_reached_from_both(tmp_path: Path) -> None:
    both = person("测试甲", 1, VILLAGES[2], lives=VILLAGES[0])
    register(both)
    assert by_county(tmp_path, [row(both.identity, "测试甲")]).opened == 1
    assert by_county(tmp_path, [row(both.identity, "测试甲", level="一级")], DAY + timedelta(days=1), THERE).changed == 1


def test_whoever_is_nowhere_is_reached_by_those_who_see_everybody(tmp_path: Path) -> None:
    nowhere = person("测试甲", 1)
    nowhere.situations.clear()
    register(nowhere)
    assert by_county(tmp_path, [row(nowhere.identity, "测试甲")]).unknown == 1
    assert deliver(tmp_path, [row(nowhere.identity, "测试甲")], DAY, viewer=officer("1408"), whole=False).unknown == 1
    assert deliver(tmp_path, [row(nowhere.identity, "测试甲")], DAY + timedelta(days=1), viewer=officer("")).matched == 1


def test_an_organisation_of_another_county_keeps_its_figures(tmp_path: Path) -> None:
    add_areas()
    code = "91140800MA0000001"
    code += credit_check_character(code)
    factory = Organisation.objects.create(credit_code=code, name="测试厂", area_code=VILLAGES[2], kind="employer")
    deliver(tmp_path, [[code, 7]], DAY, slug="employer-roster", viewer=officer(THERE), area=THERE)
    before = stands()
    sent = {"slug": "employer-roster", "viewer": officer(HERE), "area": HERE}
    assert deliver(tmp_path, [[code, 9]], DAY + timedelta(days=1), **sent).unknown == 1
    assert deliver(tmp_path, [[code, 9], [code, 8]], DAY + timedelta(days=2), **sent).doubtful == 0
    assert stands() == before
    assert factory.name == Organisation.objects.get().name


def test_whoever_moved_away_is_their_new_countys(tmp_path: Path) -> None:
    """Their old county's whole delivery, which leaves them out, ends nothing that their new one's has confirmed."""
    moving, staying = person("测试甲", 1), person("测试乙", 2)
    register(moving, staying)
    by_county(tmp_path, [row(moving.identity, "测试甲"), row(staying.identity, "测试乙")], whole=True)
    with clock.frozen(NOW + timedelta(minutes=1)):
        moved = Resident.objects.get(uid=moving.uid)
        record_situation(SYSTEM, resident=moved, kind="registered", area_code=VILLAGES[2], valid_from=DAY + timedelta(days=3))
        by_county(tmp_path, [row(moving.identity, "测试甲")], DAY + timedelta(days=4), THERE, whole=True)
        before = stands()
        by_county(tmp_path, [row(staying.identity, "测试乙")], DAY + timedelta(days=5), whole=True)
        assert stands() == before
        by_county(tmp_path, [row(staying.identity, "测试乙")], DAY + timedelta(days=6), THERE, whole=True)
        assert [one for one in stands() if one[1] == "测试甲" and one[-1]]


def test_a_doubt_about_somebody_who_moved_away_is_the_citys(tmp_path: Path) -> None:
    who = person("测试甲", 1)
    register(who)
    by_county(tmp_path, [row(who.identity, "测试假")])
    doubt = Doubtful.objects.get()
    assert list(imports.open_doubtful(officer(HERE))) == [doubt]
    with clock.frozen(NOW + timedelta(minutes=1)):
        moved = Resident.objects.get(uid=who.uid)
        record_situation(SYSTEM, resident=moved, kind="registered", area_code=VILLAGES[2], valid_from=DAY)
        assert not imports.open_doubtful(officer(HERE)).exists()
        assert not imports.open_doubtful(officer(THERE)).exists()
        for verb in ("same", "dismiss", "ask"):
            (handled,) = imports.handle_many(officer(HERE), doubts=[doubt.uid], verb=verb)
            assert isinstance(handled.problem, Refused), verb
        with pytest.raises(Refused):
            imports.resolve_doubtful(officer(HERE), doubt=doubt.uid, resident=who.uid)
        for wider in (officer("1408"), officer(HERE, THERE), officer("")):
            assert list(imports.open_doubtful(wider)) == [doubt]
        imports.resolve_doubtful(officer("1408"), doubt=doubt.uid, resident=who.uid)
    assert Record.objects.get().resident == moved


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 24))])
def test_random_deliveries_change_and_name_nobody_outside(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random rows about anybody, by random grants, whole or not: facts of everybody outside stay, and nothing of them is shown."""
    chance = random.Random(seed)
    people = load_city(20, seed)
    residents = {one.uid: Resident.objects.get(uid=one.uid) for one in people}
    named: list[str] = []
    for number in range(6):
        area = chance.choice((HERE, THERE, *VILLAGES, "140802001"))
        outside = {residents[one.uid].pk for one in people if not any(code.startswith(area) for _, code, _ in one.situations)}
        before = {pk: facts_of(pk) for pk in outside}
        rows = [confused(chance, one) for one in chance.sample(people, 14)]
        with clock.frozen(NOW + timedelta(minutes=number)):
            folder = tmp_path / str(number)
            folder.mkdir()
            options = {"whole": chance.random() < 0.6, "skip_wrong": True, "accept_drop": True}
            report = by_county(folder, rows, DAY + timedelta(days=number), area, settled=lambda _: named.extend(touched()), **options)
        assert {pk: facts_of(pk) for pk in outside} == before, (seed, number, area)
        assert not outside & set(named), (seed, number, area)
        seen = {candidate.resident_id for doubt in imports.open_doubtful(officer(area)) for candidate in doubt.candidates.all()}
        assert not outside & seen, (seed, number, area)
        names = {one.name for one in people if residents[one.uid].pk in outside}
        assert not any(name in f"{note.zh}{note.found}" for note in report.notes for name in names)
        named.clear()
    assert Record.objects.exists()
    assert Doubtful.objects.exists()


def facts_of(resident: int) -> list[Any]:
    doubted = list(DoubtfulCandidate.objects.filter(resident=resident, doubtful__resolved_at=None).values_list("id", flat=True))
    return [list(Record.objects.filter(resident=resident).order_by("id").values_list("id", "known_to", "valid_to")), doubted]


def touched() -> list[int]:
    return [key for change in ("opened", "changed", "closed") for key in merging.touched(change, 1_000)]


def confused(chance: random.Random, one: NewResident) -> list[object]:
    """A row about somebody with one thing or another wrong, missing, or said of another place."""
    number = one.identity if chance.random() < 0.8 else chance.choice(("", identity_number(one.birth_date or BORN, chance.randrange(900))))
    name = one.name if chance.random() < 0.8 else "测试假"
    area = chance.choice((one.situations[0][1], chance.choice(VILLAGES), ""))
    return [number, name, one.birth_date, area, "肢体", chance.choice(("一级", "二级", "九级" if chance.random() < 0.2 else "三级"))]


def test_a_delivery_whose_dropped_people_were_stated_anew_is_not_undone(tmp_path: Path) -> None:
    """What it ended can't be stated again beside a correction of the same days: refused with the reason, not by the database."""
    dropped, kept = person("测试甲", 1), person("测试乙", 2)
    register(dropped, kept)
    by_county(tmp_path, [row(dropped.identity, "测试甲")])
    with clock.frozen(NOW + timedelta(minutes=1)):
        second = by_county(tmp_path, [row(kept.identity, "测试乙")], whole=True)
        delivery = ListImport.objects.get(uid=second.uid)
        assert not dependents(delivery).any
    with clock.frozen(NOW + timedelta(minutes=2)):
        anew = Resident.objects.get(uid=dropped.uid)
        record_change(SYSTEM, subject=anew, list_slug=LIST, present=False, valid_from=DAY - timedelta(days=9))
        assert dependents(delivery).records == 1
        with pytest.raises(LinliError) as refused:
            imports.undo_import(SYSTEM, delivery=str(second.uid))
    assert refused.value.code == "imports.built_upon"
