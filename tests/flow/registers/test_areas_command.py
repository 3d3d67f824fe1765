"""linli areas: what a person at the terminal sees, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from place_examples import BUILDING, NAMES, SYSTEM

from linli.kernel.errors import LinliError, Problems
from linli.registers import acts
from linli.registers.models import Area, Staff
from linli.site.command import areas, staff

YUNCHENG = Path(__file__).resolve().parents[3] / "cities" / "yuncheng" / "areas"


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    monkeypatch.setenv("LINLI_LANG", name)
    return name


def run(*arguments: str | Path) -> str:
    """Output of a `linli areas` command; errors are raised as the root command would print them."""
    result = CliRunner().invoke(areas.command, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def city_folder(folder: Path) -> Path:
    """A whole city in files: divisions, kinds, grids and buildings."""
    rows = "".join(f"{code},{name}\n" for code, name in NAMES.items())
    (folder / "areas").mkdir()
    (folder / "areas" / "divisions.csv").write_text("code,name\n" + rows, encoding="utf-8")
    (folder / "areas" / "kinds.yaml").write_text(
        "valid_from: 2023-06-30\nsource: {zh: 例, en: example}\n"
        'kinds:\n  - {code: "140826402", kind: functional_zone, administering: "140826"}\n',
        encoding="utf-8",
    )
    (folder / "areas" / "places.csv").write_text(
        f"code,name,grid\n140802002001G001,槐东一网格,\n{BUILDING},幸福小区1号楼,140802002001G001\n", encoding="utf-8"
    )
    return folder


def test_a_table_is_checked_without_a_database(language: str) -> None:
    said = run("check", YUNCHENG / "divisions.csv", "--kinds", YUNCHENG / "kinds.yaml")
    assert ("乡级：161（147 法定, 5 功能区, 5 统计用, 4 特殊）" if language == "zh" else "township: 161 (147 statutory") in said


def test_guessed_kinds_are_pointed_out(language: str) -> None:
    assert ("提示：140802404" if language == "zh" else "note: 140802404") in run("check", YUNCHENG / "divisions.csv")


def test_a_wrong_table_is_refused_line_by_line(tmp_path: Path) -> None:
    table = tmp_path / "wrong.csv"
    table.write_text("code,name\n14,山西省\n1408x,运城市\n140882100,樊村镇\n", encoding="utf-8")
    with pytest.raises(Problems) as caught:
        run("check", table)
    assert [str(problem.place) for problem in caught.value.problems] == ["wrong.csv:3", "wrong.csv:4"]


@pytest.mark.django_db
def test_a_citys_folder_is_imported_once(tmp_path: Path, language: str) -> None:
    folder = city_folder(tmp_path)
    assert str(len(NAMES)) in run("import", "--city", folder)
    assert run("import", "--city", folder).strip() == ("没有变化" if language == "zh" else "nothing has changed")
    assert Area.objects.count() == len(NAMES) + 2
    assert BUILDING in run("address", "盐湖区槐东社区幸福小区1号楼")


@pytest.mark.django_db
def test_a_newer_table_keeps_the_kinds_and_needs_successors(tmp_path: Path) -> None:
    run("import", "--city", city_folder(tmp_path))
    newer = tmp_path / "newer.csv"
    rows = "".join(f"{code},{name}\n" for code, name in NAMES.items() if not code.startswith("140882101"))
    newer.write_text("code,name\n" + rows, encoding="utf-8")
    with pytest.raises(LinliError) as caught:
        run("import", "--table", newer, "--on", "2025-01-01")
    assert caught.value.code == "areas.no_successor"
    successors = tmp_path / "successors.csv"
    successors.write_text("code,successor\n140882101,140882100\n140882101201,\n", encoding="utf-8")
    run("import", "--table", newer, "--on", "2025-01-01", "--successors", successors)
    assert Area.objects.get(code="140882101").successor_code == "140882100"
    assert Area.objects.get(code="140826402").kind == "functional_zone"


@pytest.mark.usefixtures("small_city")
def test_a_tree_is_indented_by_level() -> None:
    assert run("tree", "140882", "--depth", "2").splitlines() == [
        "140882 河津市",
        "  140882100 樊村镇",
        "    140882100201 樊村村委会",
        "  140882101 僧楼镇",
        "    140882101201 张吴村委会",
    ]
    with pytest.raises(LinliError):
        run("tree", "999999")


@pytest.mark.usefixtures("small_city")
def test_a_name_outside_the_city_is_a_warning_with_the_likely_place(language: str) -> None:
    said = run("resolve", "天津市")
    assert ("警告" if language == "zh" else "warning") in said
    assert "140882" in said
    assert run("resolve", "河津市").strip() == "140882 山西省运城市河津市"


@pytest.mark.usefixtures("small_city")
def test_an_address_shows_its_people(language: str) -> None:
    worker = acts.add_staff(SYSTEM, login="worker", name="网格员甲", password="correct-horse-battery")
    run_staff("grant", "worker", "steward", "--area", "140802002001G001", "--from", "2024-01-01")
    said = run("address", "盐湖区槐东社区幸福小区1号楼2单元301", "--on", "2025-01-01")
    assert worker.name in said
    assert "2-301" in said


def run_staff(*arguments: str) -> str:
    result = CliRunner().invoke(staff.command, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("small_city")
def test_staff_are_added_granted_listed_and_revoked(language: str) -> None:
    said = run_staff("add", "officer1", "经办人")
    assert Staff.objects.get().check_password(said.strip().rsplit("：" if language == "zh" else ": ", 1)[1])
    run_staff("grant", "officer1", "officer", "--area", "140882", "--programme", "elder-pairing")
    assert "140882 · elder-pairing" in run_staff("list")
    run_staff("revoke", "officer1", "officer", "--area", "140882", "--programme", "elder-pairing")
    assert "…" not in run_staff("list")
