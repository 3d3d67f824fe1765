"""The published JSON Schema of a rule file."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def rule_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a RULE.yaml and of the `rule` part of a programme file."""
    text = resources.files(__package__).joinpath("rule.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
