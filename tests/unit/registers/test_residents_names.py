"""Search keys of names: what a clerk types must find the person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.registers.names import bigrams, keys, tidy

HAN = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("王建国", "wang jian guo", "wjg"),
        ("单雄信", "shan xiong xin", "sxx"),
        ("解晓东", "xie xiao dong", "xxd"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti", "ayglmmt"),
    ],
)
def test_pinyin_and_initials(name: str, pinyin: str, initials: str) -> None:
    assert (keys(name).pinyin, keys(name).initials) == (pinyin, initials)


def test_a_rare_character_is_one_character() -> None:
    assert bigrams("𠮷野") == ("𠮷野",)
    assert tidy("𠮷 野") == "𠮷野"


def test_one_kind_of_middle_dot_and_no_spaces() -> None:
    assert tidy(" 阿依古丽 • 买买提 ") == "阿依古丽·买买提"
    assert tidy("Maria  da Silva") == "Maria da Silva"


@given(HAN)
def test_tidy_is_idempotent(name: str) -> None:
    assert tidy(tidy(name)) == tidy(name)


@given(HAN, st.data())
def test_every_part_of_two_or_more_characters_is_found_by_its_pairs(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    if len(part) > 1:
        assert set(bigrams(part)) <= set(bigrams(name))
