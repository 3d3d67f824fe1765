"""What a letter says, as one text that is sealed under the person's key and comes back as the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

_DAY, _PAIR = "$day", "$zh-en"


def text_of(fields: Mapping[str, Any]) -> str:
    """The fields as JSON with sorted keys; days and pairs of texts (zh, en) are marked as such."""
    return json.dumps(_plain(fields), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fields_of(text: str) -> dict[str, Any]:
    """The fields again."""
    told: dict[str, Any] = json.loads(text, object_hook=_value)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return {_DAY: str(value)}
    if isinstance(value, tuple):
        return {_PAIR: list(value)}
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _value(found: dict[str, Any]) -> Any:
    if found.keys() == {_DAY}:
        return date.fromisoformat(found[_DAY])
    return tuple(found[_PAIR]) if found.keys() == {_PAIR} else found
