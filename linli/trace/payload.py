"""What payload schemas are made of: a text, a day, a count, an outside id, an object of exactly the keys it names (JSON Schema 2020-12)."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string", "maxLength": 200}
DAY: dict[str, Any] = {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
UID: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f-]{36}$"}


def exactly(*, optional: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """A payload with these keys, all required but the optional ones, and no other."""
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }
