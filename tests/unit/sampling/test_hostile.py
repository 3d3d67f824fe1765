"""Draw files from strangers: whatever stands in them ends in a LinliError or a verification, never in anything else."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from linli.kernel.errors import LinliError
from linli.kernel.identity import check_character
from linli.sampling import read_draw, reading, verify, write_draw
from tests.unit.sampling.made import drawn, with_one_department

WHOLE = json.loads(write_draw(drawn()))
PUBLIC = json.loads(write_draw(with_one_department()))
SCHEMA = Draft202012Validator(json.loads((Path(reading.__file__).parent / "schema" / "draw.schema.json").read_text()))
UNKNOWN = copy.deepcopy(WHOLE) | {"extra": 1}


def code_of(data: bytes) -> str:
    with pytest.raises(LinliError) as refused:
        read_draw(data, file="f.json")
    assert refused.value.place.file == "f.json"
    assert refused.value.remedy_zh
    assert refused.value.remedy_en
    return refused.value.code.removeprefix("sampling.")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"{", "not_json"),
        (b"{} {}", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b'{"a":' * 100_000, "not_json"),
        (b"[" + b"[]," * (reading.MAX_BRACKETS + 1), "too_large"),
        (b'"' + b" " * reading.MAX_BYTES, "too_large"),
        (b'["a"' + b',"b"' * (reading.MAX_COMMAS + 1), "too_large"),
        (b'{"a":1,"a":2}', "key_twice"),
        (b'{"a":NaN}', "number"),
        (b"[Infinity]", "number"),
        (b"[-Infinity]", "number"),
        (b"[1.5]", "number"),
        (b"[1e9]", "number"),
        (b"[" + b"9" * 5000 + b"]", "number"),
        (b"null", "malformed"),
        (b"[]", "malformed"),
        (b"{}", "malformed"),
        (json.dumps(UNKNOWN).encode(), "malformed"),
        (json.dumps(WHOLE).replace('"frozen"', '"Frozen"').encode(), "malformed"),
        (json.dumps(WHOLE).replace("助学金", "\\ud800").replace("\\u52a9\\u5b66\\u91d1", "\\ud800").encode(), "malformed"),
        (json.dumps(WHOLE).replace("linli-draw.1", "linli-draw.2").encode(), "malformed"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else None,
)
def test_bombs_and_what_readers_read_differently_are_refused(data, code):
    assert code_of(data) == code


def test_a_folder_a_pipe_and_nothing_are_refused_and_nobody_waits(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in (".", "pipe", "nothing"):
        with pytest.raises(LinliError) as refused:
            read_draw(tmp_path / name)
        assert refused.value.code == "sampling.no_such_file"


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values of a document but the document itself; of long lists the first two values only."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    return [one for key, part in inner for one in ((*path, key), *spots(part, (*path, key)))]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


IDENTITY = "99000019900307283" + check_character("99000019900307283")
ODD = (
    None,
    True,
    0,
    -1,
    10**12 + 1,
    "",
    "x",
    "x\n",
    "x" * 400,
    "张三",
    "a\u202eb",
    "2999-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    IDENTITY,
    [],
    {},
    [0, 0],
    [2, 4],
    [[]],
    {"x": 1},
    ["x", "x"],
)


WRITTEN_DOWN = ("outcome", "at")
"""When a public draw's numbers were copied, on its day or later, binds nothing."""


def check_replaced(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Either refused as malformed, or readable: then the schema agrees, the file comes back, and holds only if unaltered."""
    changed = put(document, path, value)
    try:
        draw = read_draw(json.dumps(changed).encode())
    except LinliError:
        return
    assert SCHEMA.is_valid(changed), path
    assert json.loads(write_draw(draw)) == changed
    assert verify(draw).holds == (changed == document or path == WRITTEN_DOWN), (path, value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("frozen", "strata", "near", "rate"), [2, 4]),
        (("frozen", "strata", "near", "rate"), [1, 0]),
        (("frozen", "strata", "near", "rate"), [3, 2]),
        (("frozen", "strata", "near", "count"), 1),
        (("frozen", "reveal_by"), "9999-12-31T23:59:59Z"),
        (("frozen", "at"), "2026-02-30T00:00:00Z"),
        (("frozen", "public_draw", "on"), "2026-02-30"),
        (("frozen", "public_draw", "groups", 0, "numbers"), 34),
        (("frozen", "public_draw", "groups", 0, "low"), 34),
        (("frozen", "title", "zh"), "a\u202eb"),
        (("frozen", "title", "zh"), "拨打１３９００００００００"),
    ],
    ids=str,
)
def test_values_with_two_readings_or_none_are_refused(path, value):
    code = code_of(json.dumps(put(PUBLIC, path, value)).encode())
    assert code == ("personal" if path[-1] == "zh" and "拨打" in value else "malformed")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([(one, path) for one in (WHOLE, PUBLIC) for path in spots(one)]), st.sampled_from(ODD))
def test_any_value_in_any_place_is_refused_or_found_out(spot, value):
    check_replaced(*spot, value)


@pytest.mark.long
@settings(max_examples=1500, deadline=None)
@given(st.sampled_from([WHOLE, PUBLIC]), st.data())
def test_parts_put_in_other_places_are_refused_or_found_out(document, data):
    paths = spots(document)
    value: Any = document
    for key in data.draw(st.sampled_from(paths)):
        value = value[key]
    path = data.draw(st.sampled_from([path for path in paths if path[-1] != "at" or path[0] == "frozen"]))
    check_replaced(document, path, copy.deepcopy(value))


@pytest.mark.long
def test_every_odd_value_in_every_place():
    for document in (WHOLE, PUBLIC):
        for path in spots(document):
            for value in ODD:
                check_replaced(document, path, value)


def test_files_fit_the_published_schema():
    for document in (WHOLE, PUBLIC):
        SCHEMA.validate(document)


def test_layout_means_nothing():
    assert read_draw(json.dumps(WHOLE, indent=2, ensure_ascii=True).encode("utf-8-sig")) == read_draw(write_draw(drawn()))
