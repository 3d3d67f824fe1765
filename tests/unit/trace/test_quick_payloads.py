"""The quick look at a payload says yes only where jsonschema does, for every fact that is declared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from linli.trace.payload import COUNT, DAY, TEXT, UID, exactly
from linli.trace.quick import quick

SCHEMA = exactly(
    text=TEXT, day=DAY, count=COUNT, uid=UID, kind={"enum": ["a", "b", 1, None]}, most={"type": "integer", "maximum": 9},
    optional={"more": {"type": ["integer", "null"]}},
)  # fmt: skip
GOOD: dict[str, Any] = {"text": "x", "day": "2026-11-23", "count": 3, "uid": "0" * 36, "kind": "a", "most": -1}
ODD = (None, True, False, 0, -1, 1, 1.0, 10, "", "a", "c", "x" * 201, "2026-11-23", "2026-11-23\n", "0" * 36, "0" * 37, [], {}, ["a"])
_changes = st.dictionaries(st.sampled_from([*GOOD, "more", "unknown"]), st.sampled_from(ODD), max_size=3)


@given(_changes, st.sets(st.sampled_from([*GOOD]), max_size=1))
@settings(max_examples=150, deadline=None)
def test_a_yes_is_always_jsonschemas_too(changes: dict[str, Any], without: set[str]) -> None:
    fits = quick(SCHEMA)
    assert fits is not None
    payload = {key: value for key, value in (GOOD | changes).items() if key not in without}
    if fits(payload):
        assert Draft202012Validator(SCHEMA).is_valid(payload)


@pytest.mark.parametrize("more", [{}, {"more": None}, {"more": -5}, {"day": None}, {"kind": "b", "most": 9}])
def test_what_facts_usually_say_is_seen_at_once(more: dict[str, Any]) -> None:
    fits = quick(SCHEMA)
    assert fits is not None
    assert fits(GOOD | more)


@pytest.mark.parametrize("payload", [[], None, "text", {**GOOD, "unknown": 1}, {key: GOOD[key] for key in list(GOOD)[1:]}])
def test_what_is_no_such_object_is_left_to_jsonschema(payload: Any) -> None:
    fits = quick(SCHEMA)
    assert fits is not None
    assert not fits(payload)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {**SCHEMA, "minProperties": 9},
        {**SCHEMA, "additionalProperties": TEXT},
        exactly(items={"type": "array", "items": TEXT}),
        exactly(text={**TEXT, "minLength": 3}),
        exactly(count={**COUNT, "multipleOf": 2}),
        exactly(kind={"enum": ["a"], "type": "string"}),
        exactly(either={"type": ["integer", "string"]}),
        exactly(free=True),
    ],
)
def test_a_schema_that_asks_for_more_is_left_to_jsonschema(schema: dict[str, Any]) -> None:
    assert quick(schema) is None
