"""What is shipped for running it: units, compose file, environment files and the commands that the operators' pages print."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from jsonschema import Draft202012Validator

from linli.site.command import root
from linli.site.roles import ROLES

REPOSITORY = Path(__file__).resolve().parents[3]
DEPLOY = REPOSITORY / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SCHEMA = Path(__file__).parent / "schemas" / "compose-spec.json"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
PROCESSES = ("public", "office", "worker")
SETTINGS = {**os.environ, "DJANGO_SETTINGS_MODULE": "linli.site.settings"}
PROGRAM = "/opt/linli/.venv/bin/linli"


def refused(words: list[str]) -> str | None:
    """Why the linli command does not take these words; None if it does."""
    current: click.Command = root
    context = click.Context(root, info_name="linli")
    while isinstance(current, click.Group):
        found = current.get_command(context, words[0]) if words else None
        if found is None:
            return None if words and "take" in current.commands else f"no command {words[:1]}"
        current, words = found, words[1:]
    try:
        current.make_context(current.name, words, parent=context)
    except click.ClickException as error:
        return error.message
    return None


def started(unit: Path) -> list[str]:
    """The words after `linli` in a unit's ExecStart."""
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text("utf-8"), re.MULTILINE)
    words = shlex.split(line.replace("$$(date +%%F)", "a-day"))
    if words[0] == "/bin/sh":
        words = shlex.split(words[2])[1:]
    return words[words.index("/opt/linli/.venv/bin/linli") + 1 :]


def unit_settings(unit: Path) -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists(unit: Path):
    assert refused(started(unit)) is None


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_reads_environment_files_that_are_shipped_and_none_runs_as_root_but_the_backup(unit: Path):
    for file in re.findall(r"^EnvironmentFile=/etc/linli/(.*)$", unit.read_text("utf-8"), re.MULTILINE):
        assert (DEPLOY / "env" / file).exists()
    assert (unit_settings(unit)["User"] == "root") == (unit.stem == "linli-backup")


def test_each_process_connects_as_its_own_role_and_serves_its_own_site():
    for process in PROCESSES:
        told = dict(line.split("=", 1) for line in (DEPLOY / "env" / f"{process}.env").read_text("utf-8").splitlines() if "=" in line)
        assert told["DATABASE_URL"].startswith(f"postgresql://linli_{process}@")
        environment = COMPOSE["services"][process]["environment"]
        assert environment["DATABASE_URL"].startswith(f"postgresql://linli_{process}:")
        assert told.get("LINLI_SITE") == environment.get("LINLI_SITE") == (process if process != "worker" else None)
    assert sorted(PROCESSES) == sorted(ROLES)
    sql = (DEPLOY / "roles.sql").read_text("utf-8")
    assert set(re.findall(r"^CREATE ROLE linli_(\w+)", sql, re.MULTILINE)) == {*ROLES, "owner"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
def test_systemd_finds_nothing_to_say_about_the_units(tmp_path: Path):
    """The paths of an installation do not exist here: an executable that does stands in for them."""
    for unit in (DEPLOY / "systemd").iterdir():
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace("/opt/linli/.venv/bin/linli", "/bin/true"), "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    told = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    own = [line for line in (told.stdout + told.stderr).splitlines() if "linli-" in line]
    assert (told.returncode, own) == (0, [])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardened(unit: Path):
    """systemd's own measure of what a broken-into service could reach: 10 is everything, a service without settings has 9.6."""
    told = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=32", str(unit)], capture_output=True, text=True)
    if "Unknown" in told.stderr or "unrecognized" in told.stderr:
        pytest.skip("this systemd-analyze cannot judge a file")
    assert told.returncode == 0, told.stdout[-400:] + told.stderr


def test_the_compose_file_is_what_its_specification_says():
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    broken = {**COMPOSE, "services": {"public": {"imagge": "linli"}}}
    assert list(validator.iter_errors(broken))


def test_the_containers_start_commands_that_exist_as_nobody_in_particular():
    for process in PROCESSES:
        service = COMPOSE["services"][process]
        assert refused(list(service["command"])) is None
        first, then = service["entrypoint"][2].replace("$$", "$").split(" && exec ")
        assert (shlex.split(first), shlex.split(then)) == ([PROGRAM, "reach", "compile"], [PROGRAM, "$@"])
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    for command in COMPOSE["services"]["migrate"]["command"][0].split(" && "):
        assert refused(shlex.split(command)[1:]) is None
    assert "inside" in COMPOSE["services"]["database"]["networks"]
    assert "ports" not in COMPOSE["services"]["database"]
    for given in re.findall(r"\$\{(\w+):\?\}", (DEPLOY / "compose.yaml").read_text("utf-8")):
        assert f"{given}=" in (DEPLOY / "env" / "compose.env").read_text("utf-8")


def test_the_image_compiles_what_walking_needs_as_who_runs_it():
    image = (DEPLOY / "Containerfile").read_text("utf-8")
    user, compiled = image.index("USER linli"), image.index("RUN .venv/bin/linli reach compile")
    assert image.index("ENV LINLI_STATE=/var/lib/linli") < user < compiled
    assert refused(["reach", "compile"]) is None


def test_a_process_that_was_asked_for_no_walk_has_neither_compiler_nor_solver_in_memory():
    words = "import sys, linli.circles.queries, linli.reach.transit; print(sorted({'numba', 'scipy'} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {words}"], capture_output=True, text=True, check=True, env=SETTINGS
    )
    assert done.stdout.strip() == "[]"


def variables(text: str) -> set[str]:
    return set(re.findall(r"\b(LINLI_[A-Z_]*[A-Z])\b", text))


def test_every_variable_that_is_written_down_is_read_somewhere():
    """One that was misspelt, or that a release no longer reads, would change nothing without a word."""
    code = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "linli").rglob("*.py"))
    known = variables(code) | {f"LINLI_{site}_ADDRESS" for site in ("PUBLIC", "OFFICE")}
    own = variables((DEPLOY / "compose.yaml").read_text("utf-8")) & variables((DEPLOY / "env" / "compose.env").read_text("utf-8"))
    for page in (*(REPOSITORY / "docs" / "operate").glob("*.md"), *(path for path in DEPLOY.rglob("*") if path.is_file())):
        assert variables(page.read_text("utf-8")) - known - own == set(), page.name


def commands_of(page: Path) -> Iterator[list[str]]:
    for block in re.findall(r"```\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        for line in block.splitlines():
            found = re.match(r"\s*(?:\.venv/bin/|/opt/linli/\.venv/bin/)linli (.*)", line)
            if found:
                yield shlex.split(found[1].split(" #")[0])


def test_the_steps_of_the_installation_are_commands_that_exist():
    found = [command for page in (REPOSITORY / "docs" / "operate").glob("*.md") for command in commands_of(page)]
    assert len(found) >= 6
    assert {" ".join(one): refused(one) for one in found if refused(one)} == {}


def test_every_file_that_the_pages_name_is_there():
    for page in (REPOSITORY / "docs" / "operate").glob("*.md"):
        for name in re.findall(r"`(deploy/[\w./-]+|tests/[\w./]+|linli/[\w./]+)`", page.read_text("utf-8")):
            assert (REPOSITORY / name).exists(), f"{page.name} names {name}"
