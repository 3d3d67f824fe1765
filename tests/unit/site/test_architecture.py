"""The house rules that can be checked: direction of imports, direction of foreign keys, rooms that exist and are described."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[3]
LAYERS = [
    *("kernel", "papers", "rules", "reach", "sampling", "vault", "trace", "ledger", "registers", "programmes", "screening"),
    *("casework", "agreements", "batches", "entitlements", "settlement", "circles", "notices"),
    *("insight", "archives", "gateways", "api", "web", "site"),
]
ORDER = [name for name in LAYERS if (ROOT / "linli" / name / "__init__.py").exists()]


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True)


def test_a_planted_upward_import_and_an_unplaced_package_fail_the_contract(tmp_path):
    shutil.copytree(ROOT / "linli", tmp_path / "linli", ignore=shutil.ignore_patterns("__pycache__", "static", "templates", "locale"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    clean = lint_imports(tmp_path)
    assert clean.returncode == 0, clean.stdout + clean.stderr

    planted = tmp_path / "linli" / "kernel" / "planted.py"
    planted.write_text("from linli.trace import act\n")
    broken = lint_imports(tmp_path)
    assert broken.returncode != 0
    assert "linli.kernel is not allowed to import linli.trace" in broken.stdout

    planted.unlink()
    (tmp_path / "linli" / "drawer").mkdir()
    (tmp_path / "linli" / "drawer" / "__init__.py").write_text('"""Unplaced."""\n')
    assert lint_imports(tmp_path).returncode != 0


def test_the_page_of_rooms_names_the_layers_in_the_contracts_order():
    layers = (ROOT / ".importlinter").read_text().partition("layers =\n")[2].partition("\n\n")[0]
    chain = re.search(r"`(site › .*?)`", (ROOT / "docs" / "rooms.md").read_text("utf-8"))[1]
    assert chain.split(" › ") == [line.strip().replace("(", "").replace(")", "") for line in layers.splitlines()]


def linli_models():
    return [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("linli.")]


@pytest.mark.parametrize("model", linli_models(), ids=lambda model: model.__name__)
def test_foreign_keys_point_the_same_way_as_imports(model):
    own = model.__module__.split(".")[1]
    for field in model._meta.get_fields():
        target = getattr(field, "related_model", None)
        if field.auto_created or not isinstance(target, type) or not target.__module__.startswith("linli."):
            continue
        room = target.__module__.split(".")[1]
        assert ORDER.index(room) <= ORDER.index(own), f"{model.__name__}.{field.name} points upwards to {room}"


def packages():
    return sorted(path.name for path in (ROOT / "linli").iterdir() if (path / "__init__.py").exists())


def test_every_package_is_in_the_order_and_none_is_empty():
    assert sorted(ORDER) == packages()
    for name in packages():
        code = [path for path in (ROOT / "linli" / name).rglob("*.py") if path.name != "__init__.py" and path.stat().st_size]
        assert len(code) >= 2, f"{name} is empty"


def test_rooms_md_names_every_room():
    text = (ROOT / "docs" / "rooms.md").read_text()
    named = set(re.findall(r"^\| `([a-z_./]+)`", text, re.MULTILINE))
    for name in packages():
        rooms = {f"{name}/"} | {
            f"{name}/{path.name}" + ("/" if path.is_dir() else "")
            for path in (ROOT / "linli" / name).iterdir()
            if not path.name.startswith("__") and (path.is_dir() or path.suffix == ".py")
        }
        missing = sorted(room for room in rooms if room not in named)
        assert not missing, f"docs/rooms.md does not say what belongs in {missing}"
    ghosts = sorted(room for room in named if not (ROOT / "linli" / room).exists())
    assert not ghosts, f"docs/rooms.md names rooms that are gone: {ghosts}"


def test_no_committed_lock_names_where_packages_come_from():
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text()


def test_no_room_outside_migrations_has_outgrown_its_limits():
    too_long = [
        f"{path.relative_to(ROOT)} ({count})"
        for folder in ("linli", "benchmarks", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and (count := path.read_text().count("\n")) > 500
    ]
    assert not too_long
