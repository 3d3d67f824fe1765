"""Facts of programmes: a reading confirmed by its owner, a version published."""

from __future__ import annotations

from typing import Any

from linli.programmes.models import ProgrammeVersion, ReadingConfirmation
from linli.trace import FactType
from linli.trace.rows import digested

_TEXT = {"type": "string", "maxLength": 200}
_DAY = {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _object(**properties: Any) -> dict[str, Any]:
    """A payload with exactly these keys, all required."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


READING_CONFIRMED = FactType(
    "programmes.reading_confirmed",
    version=1,
    schema=_object(version=_TEXT, words_digest=_TEXT, confirmed_by=_TEXT),
    zh="确认规则读法",
    en="reading of the rule confirmed",
)
VERSION_PUBLISHED = FactType(
    "programmes.version_published",
    version=1,
    schema=_object(
        version=_TEXT,
        digest=_TEXT,
        rule_digest=_TEXT,
        words_digest=_TEXT,
        issued_on=_DAY,
        effective_from=_DAY,
        effective_to=_DAY,
        retroactive={"type": "boolean"},
    ),
    zh="发布事项版本",
    en="programme version published",
)

digested(ProgrammeVersion)
digested(ReadingConfirmation)
