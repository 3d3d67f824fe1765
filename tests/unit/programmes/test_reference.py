"""The generated reference is up to date and the published schemas are valid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from linli.programmes import catalogue
from linli.programmes.files import SCHEMAS
from linli.programmes.reference import write_reference

ROOT = Path(__file__).resolve().parents[3]


def test_the_reference_in_docs_is_what_the_command_writes() -> None:
    stale = write_reference(catalogue(ROOT / "cities" / "yuncheng"), ROOT / "docs" / "programmes", write=False)
    assert stale == [], "run `linli programme reference`"


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    shelf = catalogue(ROOT / "cities" / "yuncheng")
    assert write_reference(shelf, tmp_path)
    assert write_reference(shelf, tmp_path) == []


@pytest.mark.parametrize("name", ["programme", "examples"])
def test_the_published_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))
