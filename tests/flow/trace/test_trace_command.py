"""What an auditor sees of `linli trace`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.contrib.auth.models import Group
from django.test import override_settings
from trace_examples import CLERK, NOTED, behind_the_trace, note

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.site.command.trace import command
from linli.trace import act
from linli.trace.jobs import seal_nightly
from linli.trace.models import Fact, Parked

pytestmark = pytest.mark.usefixtures("empty_trace", "state")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("LINLI_LANG", "en")
    with override_settings(LINLI_STATE=tmp_path / "state"):
        yield


def _run(*arguments: str) -> Result:
    result = CliRunner().invoke(command, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_verify_says_what_it_read_and_ends_with_1_when_it_found_something(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        note("case:1", str(number))
    clean = _run("verify", "--deep")
    assert (clean.exit_code, clean.output.splitlines()[-1][:32]) == (0, "verified 3 facts in 1 chains and")
    fact = Fact.objects.get(seq=2)
    behind_the_trace("UPDATE trace_fact SET actor = 'x' WHERE id = %s", fact.id)
    found = _run("verify", "--chain", str(fact.chain))
    assert found.exit_code == 1
    assert found.output.splitlines()[0] == f"chain {fact.chain}, place 2, fact {fact.id}: this fact was altered [altered]"
    monkeypatch.setenv("LINLI_LANG", "zh")
    assert _run("verify").output.splitlines()[0] == f"链 {fact.chain}，第 2 位，留痕 {fact.id}：这条留痕被改动过 [altered]"
    assert _run("verify", "--chain", str((fact.chain + 1) % 64)).exit_code == 0


def test_deep_names_the_row(tmp_path: Path) -> None:
    with act(CLERK) as a:
        group = Group.objects.create(name="x")
        a.record(NOTED, subject="case:1", rows=[group])
    Group.objects.filter(pk=group.pk).update(name="y")
    assert _run("verify").exit_code == 0
    found = _run("verify", "--deep")
    assert found.exit_code == 1
    assert f"row auth.group:{group.pk}, " in found.output


def test_a_seal_taken_before_catches_a_cut_tail(tmp_path: Path) -> None:
    for number in range(3):
        note("case:1", str(number))
    file = tmp_path / "seal.json"
    assert "sealed 3 facts" in _run("seal", "--out", str(file)).output
    assert _run("verify", "--seal", str(file)).exit_code == 0
    last = Fact.objects.get(seq=2)
    behind_the_trace("DELETE FROM trace_fact WHERE seq = 3")
    behind_the_trace("UPDATE trace_head SET seq = 2, hash = %s WHERE chain = %s", last.hash, last.chain)
    assert _run("verify").exit_code == 0
    found = _run("verify", "--seal", str(file))
    assert found.exit_code == 1
    assert "its tail was cut" in found.output
    file.write_text("{}")
    with pytest.raises(LinliError, match="Not a seal"):
        _run("verify", "--seal", str(file))


def test_the_nightly_job_leaves_a_seal_of_the_day(tmp_path: Path) -> None:
    note("case:1")
    with clock.frozen(datetime(2026, 9, 1, 18, 20, tzinfo=UTC)):
        seal_nightly(timestamp=0)
    assert _run("verify", "--seal", str(tmp_path / "state" / "seals" / "2026-09-02.json")).exit_code == 0


def test_an_auditor_elsewhere_checks_a_seal_with_the_public_key(suite: str, tmp_path: Path) -> None:
    note("case:1")
    file = tmp_path / "seal.json"
    _run("seal", "--out", str(file))
    key = _run("public-key").output.strip() if suite == "aes" else "00"
    with override_settings(LINLI_STATE=tmp_path / "elsewhere"):
        if suite == "aes":
            assert _run("verify", "--seal", str(file), "--public-key", key).exit_code == 0
        with pytest.raises(LinliError):
            _run("verify", "--seal", str(file), "--public-key", "00" * 32)


def test_a_timeline_and_the_parked_facts_are_listed() -> None:
    note("case:1")
    (line,) = _run("timeline", "case:1").output.splitlines()
    assert "noted" in line
    fact = Fact.objects.get()
    one = Parked.objects.create(
        reaction="example.lost", fact=fact.id, error="ValueError: x\nmore", first_seen=fact.recorded_at, last_seen=fact.recorded_at
    )
    (line,) = _run("parked").output.splitlines()
    assert line.split()[:4] == [str(one.pk), "example.lost", "fact", str(fact.id)]
    assert line.endswith("ValueError: x")
    with pytest.raises(LinliError, match="No such reaction"):
        _run("parked", "retry", str(one.pk))
