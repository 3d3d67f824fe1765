"""`linli draw` as departments use it, and anyone who has the file."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.sampling import Commitment, Draw, Reveal, finish, freeze, reveal, write_draw
from linli.site.command.draw import command
from tests.unit.sampling.made import HOUR, START, items, plan


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINLI_LANG", "en")


def invoke(*arguments: str) -> Any:
    with clock.frozen(START):
        return CliRunner().invoke(command, list(arguments))


def committed(department: str) -> Commitment:
    """What the department publishes: its secret stays in its file."""
    printed = invoke("commit", "d-1", department, "--out", f"{department}.json", "--algorithm", "sm3")
    assert printed.exit_code == 0
    said = json.loads(printed.output)
    assert json.loads(Path(f"{department}.json").read_text())["secret"] not in printed.output
    at = datetime.strptime(said["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return Commitment(said["department"], bytes.fromhex(said["salt"]), said["length"], said["digest"], at)


def draw_between(*departments: str) -> Draw:
    given = plan(algorithm="sm3", commitments=tuple(map(committed, departments)))
    draw = Draw(freeze(given, items(), at=START + HOUR))
    for department in departments:
        secret = bytes.fromhex(json.loads(Path(f"{department}.json").read_text())["secret"])
        draw = reveal(draw, Reveal(department, secret, START + 2 * HOUR))
    return draw


def test_two_departments_draw_and_anyone_verifies():
    draw = finish(draw_between("finance", "disability"))
    Path("draw.json").write_bytes(write_draw(draw))
    result = invoke("verify", "draw.json", "--published", draw.frozen.digest)
    assert (result.exit_code, "the draw holds" in result.output) == (0, True)
    assert "✗" not in result.output
    alone = invoke("verify", "draw.json")
    assert alone.exit_code == 0
    assert f"--published: {draw.frozen.digest}" in alone.output


def test_an_altered_file_ends_with_1_and_names_file_and_field_in_either_language(monkeypatch: pytest.MonkeyPatch):
    draw = finish(draw_between("finance", "disability"))
    altered = write_draw(draw).replace(b'"reasons":["cap"]', b'"reasons":["late"]', 1)
    Path("draw.json").write_bytes(altered)
    for language, words in (("en", "draw.json (digest): The list or the plan was changed"), ("zh", "抽取结果不成立")):
        monkeypatch.setenv("LINLI_LANG", language)
        result = invoke("verify", "draw.json")
        assert result.exit_code == 1
        assert words in result.output
        assert "✗" in result.output


def test_a_draw_that_is_not_finished_does_not_hold():
    Path("draw.json").write_bytes(write_draw(draw_between("finance", "disability")))
    result = invoke("verify", "draw.json")
    assert (result.exit_code, "has not been drawn yet" in result.output) == (1, True)


def test_a_secret_is_kept_from_others_and_never_overwritten():
    committed("finance")
    assert stat.S_IMODE(os.stat("finance.json").st_mode) == 0o600
    kept = Path("finance.json").read_text()
    assert isinstance(invoke("commit", "d-1", "finance", "--out", "finance.json").exception, FileExistsError)
    assert Path("finance.json").read_text() == kept


def test_what_no_draw_could_use_is_refused_before_a_secret_is_kept():
    for draw, department in (("d 1", "finance"), ("d-1", "财政局"), ("d-1", "tel:13900000000")):
        assert isinstance(invoke("commit", draw, department, "--out", "x.json").exception, LinliError)
    assert not Path("x.json").exists()


WITHOUT_DJANGO = """
import sys
sys.modules["django"] = None
from linli.site.command import main
sys.argv = ["linli", "draw", "verify", "draw.json"]
main()
"""


def test_it_starts_without_django_and_a_file_that_is_no_draw_ends_with_2():
    Path("draw.json").write_text("{}")
    ended = subprocess.run([sys.executable, "-c", WITHOUT_DJANGO], capture_output=True, text=True)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert "draw.json" in ended.stderr
