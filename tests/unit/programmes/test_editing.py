"""Editing a programme file: what was not touched stays letter by letter, and what was typed reads back as it was typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError
from linli.programmes.editing import append, insert, put, remove, repeat
from linli.rules.source import Entry, parse_yaml

FILES = sorted(Path("cities/yuncheng/programmes").glob("*/programme.yaml"))
SMALL = """# 开头的说明
zh: 名称  # 行尾的说明
summary: {zh: 简介, en: "a: summary"}
code:
note: >-
  folded text
  of two lines
# 之后的说明
list:
  - {id: a, value: 50 yuan}
  # 末尾的说明
empty: []
last: null
"""


def leaves(entry: Entry) -> list[Entry]:
    if isinstance(entry.value, dict):
        return [leaf for item in entry.value.values() for leaf in leaves(item)]
    if isinstance(entry.value, list):
        return [leaf for item in entry.value for leaf in leaves(item)]
    return [entry]


def plain(text: str) -> Any:
    return parse_yaml(text.encode()).plain()


def at(text: str, path: str) -> Any:
    return next(leaf for leaf in leaves(parse_yaml(text.encode())) if leaf.path == path)


@given(st.sampled_from(FILES), st.integers(0, 10_000), st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_reads_back_and_nothing_else_changes(file: Path, chosen: int, typed: str):
    text = file.read_text("utf-8")
    before = leaves(parse_yaml(text.encode()))
    place = before[chosen % len(before)]
    after = leaves(parse_yaml(put(text, place.path, typed).encode()))
    assert [leaf.path for leaf in after] == [leaf.path for leaf in before]
    for was, now in zip(before, after, strict=True):
        assert now.value == (typed if was is place else was.value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_writing_what_is_there_changes_no_value(file: Path):
    text = file.read_text("utf-8")
    before = plain(text)
    for leaf in leaves(parse_yaml(text.encode())):
        if isinstance(leaf.value, str):
            written = put(text, leaf.path, leaf.value)
            assert written == text or plain(written) == before, leaf.path


def test_comments_and_layout_stay():
    changed = put(SMALL, "zh", "新名称")
    assert changed == SMALL.replace("名称  #", "新名称  #")
    assert put(SMALL, "summary.en", "plain") == SMALL.replace('"a: summary"', "plain")
    assert "# 之后的说明" in put(SMALL, "note", "short")
    assert at(put(SMALL, "note", "short"), "note").value == "short"


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        ("number", "30", 30),
        ("number", "三十", "三十"),
        ("number", "", None),
        ("value", "60 yuan", "60 yuan"),
        ("text", "30", "30"),
        ("text", "null", "null"),
    ],
)
def test_a_value_is_what_its_field_asks_for_or_the_text_that_was_typed(kind: str, typed: str, read: object):
    for path in ("last", "code", "list[0].value"):
        assert at(put(SMALL, path, typed, kind), path).value == read


def test_days_stay_days_and_what_is_none_stays_for_the_check_to_find():
    assert str(at(put(SMALL, "last", "2027-01-01", "day"), "last").value) == "2027-01-01"
    assert at(put(SMALL, "last", "2027-13-40", "day"), "last").value == "2027-13-40"


def test_a_new_key_and_a_new_item_stand_behind_their_siblings():
    assert at(put(SMALL, "summary.more", "x, y"), "summary.more").value == "x, y"
    assert put(SMALL, "extra", "1").endswith('last: null\nextra: "1"\n')
    grown = append(SMALL, "list", {"id": "b", "value": ("60 yuan", "value"), "source": {"zh": "某文", "en": "some, document"}})
    assert '- {id: b, value: 60 yuan, source: {zh: 某文, en: "some, document"}}\n  # 末尾的说明' in grown
    assert plain(insert(SMALL, "why", {"zh": "因为: 甲", "en": "because"}))["why"] == {"zh": "因为: 甲", "en": "because"}
    assert plain(append(SMALL, "empty", {"id": "a"}))["empty"] == [{"id": "a"}]


def test_a_long_formula_is_folded_and_reads_back():
    formula = " OR ".join(f"fact_{number} = {number}" for number in range(20))
    text = put("rule:\n  conditions:\n    - id: one\n      when: a\n      zh: 一\n", "rule.conditions[0].when", formula, "expression")
    assert at(text, "rule.conditions[0].when").value == formula
    assert max(map(len, text.splitlines())) < 120


def test_a_path_that_leads_nowhere_is_refused():
    for path in ("nothing.zh", "list[3].value", "summary"):
        with pytest.raises(LinliError, match="no such place"):
            put(SMALL, path, "x")


BLOCK = "a:\n  - x: 1  # one\n    y: {k: 1, l: 2}  # both\n    # between\n    z:\n      m: 1\n  # last\n  - {x: 2}\nb: 3\n"


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("a[0].y.k", BLOCK.replace("{k: 1, l: 2}", "{l: 2}")),
        ("a[0].y.l", BLOCK.replace("{k: 1, l: 2}", "{k: 1}")),
        ("a[1].x", BLOCK.replace("{x: 2}", "{}")),
        ("a[0].z.m", BLOCK.replace("      m: 1", "      {}")),
        ("a[0].y", BLOCK.replace("    y: {k: 1, l: 2}  # both\n", "")),
        ("a[1]", BLOCK.replace("  - {x: 2}\n", "")),
        ("b", BLOCK.replace("b: 3\n", "")),
    ],
)
def test_what_is_taken_out_takes_its_own_lines_only(path: str, left: str):
    assert remove(BLOCK, path) == left
    parse_yaml(left.encode())


def test_an_item_is_repeated_letter_by_letter_and_taking_it_out_gives_the_text_back():
    for path, behind in (("a[0]", "a[1]"), ("a[1]", "a[2]")):
        twice = repeat(BLOCK, path)
        items = parse_yaml(twice.encode()).plain()["a"]
        assert items[int(path[2])] == items[int(behind[2])]
        assert remove(twice, behind) == BLOCK
    assert put(remove(BLOCK, "a[1].x"), "a[1].x", "2", "value") == BLOCK
