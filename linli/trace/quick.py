"""Payloads that plainly fit their schema, known without jsonschema: an approved batch records half a million of them.

Says yes only where jsonschema would; whatever it doesn't know, payload or schema, is left to jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Fits = Callable[[Any], bool]


def quick(schema: Mapping[str, Any]) -> Fits | None:
    """Whether a payload certainly fits an object of the keys it names, as linli.trace.payload.exactly spells it; None for other schemas."""
    if schema.keys() - {"type", "properties", "required", "additionalProperties"}:
        return None
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        return None
    checks = {key: _value(declared) for key, declared in schema.get("properties", {}).items()}
    if None in checks.values():
        return None
    required = frozenset(schema.get("required", ()))
    plain: dict[str, Fits] = {key: check for key, check in checks.items() if check is not None}

    def fits(payload: Any) -> bool:
        if type(payload) is not dict or not required <= payload.keys():
            return False
        for key, value in payload.items():
            check = plain.get(key)
            if check is None or not check(value):
                return False
        return True

    return fits


def _value(schema: Any) -> Fits | None:
    if not isinstance(schema, dict):
        return None
    if schema.keys() == {"enum"}:
        return _one_of(schema["enum"])
    kinds = schema.get("type")
    kinds = {kinds} if isinstance(kinds, str) else set(kinds or ())
    if "null" in kinds:
        rest = _value({**schema, "type": next(iter(kinds - {"null"}))}) if len(kinds) == 2 else None
        return None if rest is None else lambda value: value is None or rest(value)
    if kinds == {"string"} and not schema.keys() - {"type", "maxLength", "pattern"}:
        return _text(schema.get("maxLength"), schema.get("pattern"))
    if kinds == {"integer"} and not schema.keys() - {"type", "minimum", "maximum"}:
        return _whole(schema.get("minimum"), schema.get("maximum"))
    return None


def _one_of(values: list[Any]) -> Fits:
    texts = frozenset(value for value in values if isinstance(value, str))
    return lambda value: type(value) is str and value in texts


def _text(longest: int | None, pattern: str | None) -> Fits:
    found = re.compile(pattern).search if pattern is not None else None

    def fits(value: Any) -> bool:
        return type(value) is str and (longest is None or len(value) <= longest) and (found is None or found(value) is not None)

    return fits


def _whole(least: int | None, most: int | None) -> Fits:
    return lambda value: type(value) is int and (least is None or value >= least) and (most is None or value <= most)
