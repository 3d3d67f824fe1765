"""`linli areas check` as an engineer types it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from linli.site.command.areas import command

AREAS = "cities/yuncheng/areas"


def check(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["check", *arguments])


def test_a_citys_folder_says_what_its_table_and_kinds_say():
    folder, files = check(AREAS), check(f"{AREAS}/divisions.csv", "--kinds", f"{AREAS}/kinds.yaml")
    assert folder.exit_code == 0
    assert folder.output == files.output
    assert "13" in folder.output


def test_a_folder_without_a_table_is_named(tmp_path: Path):
    result = check(str(tmp_path))
    assert result.exit_code != 0
    assert "divisions.csv" in str(result.exception)
