"""`linli programme` as an official types it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from linli.kernel.errors import Problems
from linli.programmes.models import ProgrammeVersion
from linli.site.command.programme import command

YUNCHENG = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_LANG", "en")


def test_check_passes_a_good_programme_and_stops_at_a_draft() -> None:
    assert run("check", "disabled-student-aid").exit_code == 0
    draft = run("check", "employer-insurance-subsidy")
    assert draft.exit_code == 1
    assert "has no figure" in draft.output


def test_check_takes_a_file_or_its_folder_from_anywhere(tmp_path: Path) -> None:
    for name in ("programme.yaml", "examples.yaml"):
        shutil.copy(YUNCHENG / "programmes" / "disabled-student-aid" / name, tmp_path)
    assert run("check", str(tmp_path / "programme.yaml")).exit_code == 0
    assert run("check", str(tmp_path)).exit_code == 0
    assert run("check", "cities/yuncheng/programmes/disabled-student-aid").exit_code == 0
    broken = tmp_path / "programme.yaml"
    broken.write_text(broken.read_text("utf-8").replace("when: is_enrolled_student", "when: is_enroled_student"), "utf-8")
    result = run("check", str(broken))
    assert result.exit_code == 1
    assert "is_enrolled_student" in result.output


@pytest.fixture
def city(tmp_path: Path, settings: Any) -> Path:
    """A copy of the city whose files a test may spoil."""
    folder = tmp_path / "yuncheng"
    for part in ("programmes", "registers"):
        shutil.copytree(YUNCHENG / part, folder / part)
    shutil.copy(YUNCHENG / "city.yaml", folder)
    settings.LINLI_CITY = folder
    return folder


def spoil(city: Path, slug: str, old: str, new: str, file: str = "programme.yaml") -> None:
    path = city / "programmes" / slug / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_check_says_everything_in_one_go(city: Path) -> None:
    """A fault of the rule, one of the names it uses, one of its examples' form, and another programme's: all in one output."""
    aid = "disabled-student-aid"
    spoil(city, aid, "when: is_enrolled_student", "when: is_enroled_student")
    spoil(city, aid, "body: disabled-federation", "body: no-such-body")
    spoil(city, aid, "examples:", "exampels:", "examples.yaml")
    spoil(city, "home-adaptation", "lifecycle: entitlements", "lifecycle: gifts")
    result = run("check", aid)
    assert result.exit_code == 1
    for wanted in ("is_enrolled_student", "city.yaml has no such department", "exampels"):
        assert wanted in result.output
    assert "gifts" not in result.output
    every = run("check", "--all")
    assert every.exit_code == 1
    for wanted in ("is_enrolled_student", "gifts", "elder-pairing 2026", "old-age-allowance"):
        assert wanted in every.output
    assert isinstance(run("publish", "elder-pairing").exception, Problems)


def test_two_files_of_one_version_are_named_and_the_rest_is_checked(city: Path) -> None:
    folder = city / "programmes" / "disabled-student-aid"
    shutil.copy(folder / "programme.yaml", folder / "programme-2023-02-01.yaml")
    result = run("check", "disabled-student-aid")
    assert result.exit_code == 1
    assert "Two files are the same version" in result.output


def test_words_come_in_both_languages() -> None:
    said = run("words", "elder-pairing").output
    assert "对象：个人" in said
    assert "Subject: a person" in said


def test_a_file_is_told_in_words_as_its_programme_is(city: Path) -> None:
    file = city / "programmes" / "elder-pairing" / "programme.yaml"
    assert run("words", str(file)).output == run("words", "elder-pairing").output


def test_examples_run_and_are_counted() -> None:
    result = run("examples")
    assert result.exit_code == 0
    assert "0 differences" in result.output


def test_an_unknown_slug_is_answered_with_the_nearest() -> None:
    error = run("words", "elder-paring").exception
    assert "elder-pairing" in str(error)


@pytest.mark.django_db
def test_confirm_then_publish() -> None:
    assert isinstance(run("publish", "elder-pairing").exception, Problems)
    assert run("confirm", "elder-pairing", "--by", "Yuncheng Civil Affairs Bureau").exit_code == 0
    assert run("publish", "elder-pairing").exit_code == 0
    assert ProgrammeVersion.objects.get().confirmed_by == "Yuncheng Civil Affairs Bureau"
    assert "● elder-pairing 2026" in run("list").output


@pytest.mark.django_db
def test_publish_all_lists_what_was_left_out_and_why() -> None:
    result = run("publish", "--all", "--demonstration")
    assert result.exit_code == 0
    assert "not published: employer-insurance-subsidy draft-1" in result.output
    assert "published disabled-student-aid 2023" in result.output
