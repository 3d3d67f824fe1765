"""Whose row is it: by number, else by name, birth date and area; the uncertain ones wait for a human."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from lists_examples import FIRST_DAY, SYSTEM, VILLAGES, add_areas, deliver, identity_number, list_of

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.identity import credit_check_character
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer
from linli.registers import imports, snapshot
from linli.registers.bulk import NewResident, register_residents
from linli.registers.models import Doubtful, ListImport, Organisation, Record, Resident
from linli.site.command.registers import command
from linli.trace.deep import verify_rows
from linli.trace.verify import verify_chains
from linli.vault import keyring

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
DAY = date(2026, 11, 1)
BORN = date(1950, 3, 7)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def person(name: str, number: int | None, village: str = VILLAGES[0]) -> NewResident:
    identity = identity_number(BORN, number) if number is not None else ""
    return NewResident(uuid7(), name, identity, BORN, "male", situations=[("registered", village, FIRST_DAY)])


def register(*people: NewResident) -> None:
    add_areas()
    register_residents(SYSTEM, people, source="tests", generated=True)


def row(number: str, name: str, area: str = "", born: object = BORN) -> list[object]:
    return [number, name, born, area, "肢体", "二级"]


def owners() -> set[str]:
    return set(Record.objects.filter(known_to=None).values_list("resident__name", flat=True))


def reasons() -> list[str]:
    return list(Doubtful.objects.filter(resolved_at=None).order_by("row").values_list("reason", flat=True))


def test_by_number_whatever_else_is_missing(tmp_path: Path) -> None:
    register(person("测试甲", 1), person("测试乙", 2))
    report = deliver(tmp_path, [row(identity_number(BORN, 1).lower(), " 测试甲 ", born="")], DAY)
    assert report.matched == 1
    assert owners() == {"测试甲"}


def test_by_name_birth_date_and_area(tmp_path: Path) -> None:
    register(person("测试甲", None), person("测试甲", None, VILLAGES[2]), person("测试乙", 2))
    report = deliver(tmp_path, [row("", "测试甲", VILLAGES[2][:6] + "000000")], DAY)
    assert (report.matched, report.doubtful) == (1, 0)
    assert Record.objects.get(resident__situations__area_code=VILLAGES[2])


@pytest.mark.parametrize(
    ("numbers", "given", "area", "reason"),
    [
        ((None,), "", "", "area_differs"),
        ((None,), "", VILLAGES[2], "area_differs"),
        ((None, None), "", VILLAGES[0], "several_candidates"),
        ((1,), identity_number(BORN, 9), VILLAGES[0], "identity_differs"),
        ((None, None), identity_number(BORN, 9), VILLAGES[0], "identity_differs"),
    ],
)
def test_what_is_not_certain_is_left_to_a_human(
    numbers: tuple[int | None, ...], given: str, area: str, reason: str, tmp_path: Path
) -> None:
    register(*(person("测试甲", number) for number in numbers))
    report = deliver(tmp_path, [row(given, "测试甲", area)], DAY)
    assert (report.matched, report.doubtful, report.unknown) == (0, 1, 0)
    assert reasons() == [reason]
    assert not Record.objects.exists()
    assert Doubtful.objects.get().candidates.count() == len(numbers)


def test_a_number_new_to_us_fits_the_only_person_there_without_one(tmp_path: Path) -> None:
    register(person("测试甲", None))
    assert deliver(tmp_path, [row(identity_number(BORN, 9), "测试甲", VILLAGES[0])], DAY).matched == 1


def test_a_number_under_another_name_is_a_doubt(tmp_path: Path) -> None:
    register(person("测试甲", 1))
    deliver(tmp_path, [row(identity_number(BORN, 1), "测试假")], DAY)
    assert reasons() == ["name_differs"]


def test_people_the_registers_do_not_know_are_counted_and_listed(tmp_path: Path) -> None:
    register(person("测试甲", 1))
    report = deliver(tmp_path, [row(identity_number(BORN, 9), "测试丙"), row(identity_number(BORN, 1), "测试甲")], DAY)
    assert (report.unknown, report.matched) == (1, 1)
    assert [(note.code, note.place.line) for note in report.notes if note.place] == [("imports.unknown", 2)]
    assert not Doubtful.objects.exists()


def test_while_in_doubt_a_candidates_absence_is_unknown_and_a_record_stays(tmp_path: Path) -> None:
    first, second, third = person("测试甲", 1), person("测试乙", 2), person("测试丙", 3)
    register(first, second, third)
    deliver(tmp_path, [row(first.identity, first.name), row(third.identity, third.name)], DAY)
    later = DAY + timedelta(days=10)
    deliver(tmp_path, [row(first.identity, "测试假"), row(second.identity, "测试假"), row(third.identity, third.name)], later)
    facts = snapshot.facts_for([first.uid, second.uid], as_of=later).people
    assert facts[str(first.uid)]["has_disability_certificate"] is True
    assert facts[str(second.uid)]["has_disability_certificate"] is None
    for doubt in Doubtful.objects.filter(resolved_at=None):
        imports.dismiss_doubtful(SYSTEM, doubt=doubt.uid)
    facts = snapshot.facts_for([second.uid], as_of=later).people
    assert facts[str(second.uid)]["has_disability_certificate"] is False


def test_a_human_says_whose_row_it_is(tmp_path: Path) -> None:
    register(person("测试甲", None), person("测试甲", None))
    deliver(tmp_path, [row("", "测试甲", VILLAGES[0])], DAY)
    doubt, chosen = Doubtful.objects.get(), Resident.objects.first()
    assert chosen is not None
    assert list(imports.open_doubtful(SYSTEM)) == [doubt]
    imports.resolve_doubtful(SYSTEM, doubt=doubt.uid, resident=chosen.uid)
    assert Record.objects.get().resident == chosen
    assert Record.objects.get().data == {"disability_kind": "physical", "disability_level": 2}
    doubt.refresh_from_db()
    assert (doubt.resolution, doubt.name, doubt.birth_date) == ("matched", "", None)
    with pytest.raises(LinliError, match="no such open doubtful row"):
        imports.dismiss_doubtful(SYSTEM, doubt=doubt.uid)


def test_a_human_registers_somebody_new(tmp_path: Path) -> None:
    register(person("测试甲", 1))
    deliver(tmp_path, [row(identity_number(BORN, 9), "测试甲", VILLAGES[0])], DAY)
    imports.register_doubtful(SYSTEM, doubt=Doubtful.objects.get().uid, identity=identity_number(BORN, 9))
    assert Resident.objects.count() == 2
    assert Record.objects.get().resident == Resident.objects.latest("id")


def test_a_later_whole_delivery_settles_earlier_doubts_and_undoing_reopens_them(tmp_path: Path) -> None:
    register(person("测试甲", 1))
    deliver(tmp_path, [row(identity_number(BORN, 1), "测试假")], DAY)
    second = deliver(tmp_path, [row(identity_number(BORN, 1), "测试甲")], DAY + timedelta(days=1))
    assert reasons() == []
    imports.undo_import(SYSTEM, delivery=str(second.uid))
    assert reasons() == ["name_differs"]
    assert list(verify_chains()) == []


def test_rows_with_wrong_cells_can_be_left_to_a_human(tmp_path: Path) -> None:
    register(person("测试甲", 1), person("测试乙", 2))
    rows: list[list[object]] = [[identity_number(BORN, 1), "测试甲", "", "", "肢体", "九级"], row(identity_number(BORN, 2), "测试乙")]
    report = deliver(tmp_path, rows, DAY, skip_wrong=True)
    assert (report.wrong, report.doubtful, report.matched) == (1, 1, 1)
    assert reasons() == ["cell_error"]
    with pytest.raises(LinliError, match="wrong cell"):
        imports.resolve_doubtful(SYSTEM, doubt=Doubtful.objects.get().uid, resident=Resident.objects.get(name="测试甲").uid)


def test_no_wrong_row_is_lost_from_sight_and_none_takes_a_record_away(tmp_path: Path) -> None:
    register(person("测试甲", 1), person("测试乙", 2))
    deliver(tmp_path, [row(identity_number(BORN, 1), "测试甲")], DAY)
    broken: list[object] = ["9.90E+17", "测试甲", "三月", "", "肢体", "二级"]
    nobody: list[object] = ["", "", "", "", "肢体", "九级"]
    report = deliver(tmp_path, [row(identity_number(BORN, 2), "测试乙"), broken, nobody], DAY + timedelta(days=1), skip_wrong=True)
    assert (report.rows, report.matched, report.wrong, report.doubtful, report.unknown) == (3, 1, 2, 2, 0)
    assert reasons() == ["cell_error", "cell_error"]
    assert [doubt.candidates.count() for doubt in Doubtful.objects.order_by("row")] == [1, 0]
    assert owners() == {"测试甲", "测试乙"}
    assert list(verify_chains()) == []


def test_a_wrong_row_about_an_organisation_waits_too(tmp_path: Path) -> None:
    add_areas()
    code = "91140800MA0000001"
    report = deliver(tmp_path, [[code + credit_check_character(code), "七"]], DAY, slug="employer-roster", skip_wrong=True)
    assert (report.wrong, report.doubtful, reasons()) == (1, 1, ["cell_error"])
    imports.dismiss_doubtful(SYSTEM, doubt=Doubtful.objects.get().uid)
    assert reasons() == []


def test_doubts_are_seen_by_officers_of_the_area_only(tmp_path: Path) -> None:
    register(person("测试甲", 1))
    deliver(tmp_path, [row(identity_number(BORN, 1), "测试假")], DAY, area="140802")
    here, there = (Viewer("staff:x", (Grant("officer", area),)) for area in ("140802", "140881"))
    assert imports.open_doubtful(here).count() == 1
    assert imports.open_doubtful(there).count() == 0
    with pytest.raises(Refused):
        imports.dismiss_doubtful(there, doubt=Doubtful.objects.get().uid)


def test_people_are_found_while_the_index_key_is_being_renewed(tmp_path: Path) -> None:
    register(person("测试甲", 1))
    ring = keyring.keyring().with_new("index")
    keyring.write(ring, keyring.key_file(), replace=True)
    assert deliver(tmp_path, [row(identity_number(BORN, 1), "测试甲")], DAY).matched == 1


def test_organisations_are_matched_by_credit_code(tmp_path: Path) -> None:
    add_areas()
    code = "91140800MA0000001"
    code += credit_check_character(code)
    other = "91140800MA0000002"
    other += credit_check_character(other)
    Organisation.objects.create(credit_code=code, name="测试厂", area_code="140802", kind="employer")
    report = deliver(tmp_path, [[code, 7], [other, 9]], DAY, slug="employer-roster")
    assert (report.matched, report.unknown) == (1, 1)
    uid = Organisation.objects.get().uid
    assert snapshot.organisation_facts([uid], as_of=DAY)[str(uid)]["insured_headcount"] == 7


def employer(serial: int = 1) -> Organisation:
    code = f"91140800MA000000{serial}"
    return Organisation.objects.create(
        credit_code=code + credit_check_character(code), name=f"测试厂{serial}", area_code=VILLAGES[0], kind="employer"
    )


def headcount(one: Organisation) -> int | None:
    return snapshot.organisation_facts([one.uid], as_of=DAY)[str(one.uid)]["insured_headcount"]


def test_an_organisation_with_contradicting_rows_waits_for_a_human_as_a_person_does(tmp_path: Path) -> None:
    add_areas()
    twice, once = employer(1), employer(2)
    rows = [[twice.credit_code, 7], [once.credit_code, 3], [twice.credit_code, 8], [once.credit_code, 3]]
    report = deliver(tmp_path, rows, DAY, slug="employer-roster")
    assert (report.matched, report.doubtful, report.unknown) == (2, 2, 0)
    waiting = list(imports.open_doubtful(SYSTEM))
    assert [(one.reason, one.organisation, one.data["insured_headcount"]) for one in waiting] == [
        ("duplicate_rows", twice, 7),
        ("duplicate_rows", twice, 8),
    ]
    assert (headcount(twice), headcount(once)) == (None, 3)
    shown = CliRunner().invoke(command, ["doubtful"]).output
    assert shown.count("测试厂1") == 2
    assert '"insured_headcount": 7' in shown
    assert CliRunner().invoke(command, ["doubtful", "resolve", str(waiting[1].uid), "--believed"]).exit_code == 0
    imports.dismiss_doubtful(SYSTEM, doubt=waiting[0].uid)
    assert headcount(twice) == 8
    assert reasons() == []
    assert list(verify_chains()) == []
    mine = ("registers.record:", "registers.doubtful", "registers.listimport:")
    assert [finding for finding in verify_rows() if str(finding.row).startswith(mine)] == []


def test_a_contradicting_delivery_takes_no_earlier_record_away(tmp_path: Path) -> None:
    add_areas()
    one = employer()
    deliver(tmp_path, [[one.credit_code, 5]], DAY - timedelta(days=3), slug="employer-roster")
    deliver(tmp_path, [[one.credit_code, 7], [one.credit_code, 8]], DAY, slug="employer-roster", accept_drop=True)
    assert headcount(one) == 5
    assert len(reasons()) == 2


def test_a_doubted_organisation_is_unknown_on_a_list_whose_absence_means_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_areas()
    doubted, absent = employer(1), employer(2)
    roster = list_of("employer-roster")
    presence = list_of("disability-certificate").presence
    monkeypatch.setattr(
        "linli.registers.snapshot.live.load_lists", lambda _city: {roster.slug: replace(roster, absence="no", presence=presence)}
    )
    deliver(tmp_path, [[doubted.credit_code, 7], [doubted.credit_code, 8]], DAY, slug="employer-roster")
    facts = snapshot.organisation_facts([doubted.uid, absent.uid], as_of=DAY)
    assert [facts[str(one.uid)]["has_disability_certificate"] for one in (doubted, absent)] == [None, False]


def test_a_row_of_nobody_known_is_no_organisations(tmp_path: Path) -> None:
    register(person("测试甲", 1))
    deliver(tmp_path, [row(identity_number(BORN, 1), "测试假")], DAY)
    with pytest.raises(LinliError) as refused:
        imports.believe_doubtful(SYSTEM, doubt=Doubtful.objects.get().uid)
    assert refused.value.code == "imports.whose_row"


def test_every_row_written_is_accounted_for_in_the_trace(tmp_path: Path) -> None:
    register(person("测试甲", 1), person("测试乙", 2), person("测试丙", None), person("测试丙", None))
    deliver(tmp_path, [row(identity_number(BORN, 1), "测试甲"), row(identity_number(BORN, 2), "测试假"), row("", "测试丙")], DAY)
    second = deliver(tmp_path, [row(identity_number(BORN, 2), "测试乙"), row(identity_number(BORN, 1), "测试甲")], DAY + timedelta(days=3))
    imports.undo_import(SYSTEM, delivery=str(second.uid))
    imports.dismiss_doubtful(SYSTEM, doubt=Doubtful.objects.filter(resolved_at=None)[0].uid)
    mine = ("record", "listimport", "listversion", "doubtful", "doubtfulcandidate")
    labels = {f"registers.{name}" for name in mine}
    assert [finding for finding in verify_rows() if any(label in str(finding) for label in labels)] == []
    Record.objects.filter(pk=Record.objects.first().pk).update(data={"disability_level": 1})  # type: ignore[union-attr]
    assert [finding for finding in verify_rows() if "registers.record" in str(finding)] != []
    assert ListImport.objects.filter(undone_at=None).count() == 1
