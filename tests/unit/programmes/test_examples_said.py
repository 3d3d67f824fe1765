"""What is said of examples that are wrong: which one, what in it, what it says and what the rule says, what to do; in everybody's words."""

from __future__ import annotations

import re

import pytest
from programme_texts import programme

from linli.programmes.examples import failures_of_text, try_text

HEAD = "programme: job-help\nfacts: {is_registered_unemployed: true}\nexamples:\n  - "
TEXT = HEAD + "{zh: 漏写地区, en: no place, as_of: 2026-02-01, facts: {}, expect: {verdict: eligible}}\n"
CODE = re.compile(r"[a-z]+_[a-z_]+|minItems|enum|schema|yaml")


def test_an_undecided_example_names_the_facts_that_it_leaves_out():
    (found,) = try_text(programme(), TEXT)
    (told,) = found.differences
    assert (told.found, told.found_zh) == (
        "undecided, for it doesn't say: city where the person lives",
        "还不能确定，因为没有写明常住地所在市",
    )
    assert told.zh == "示例“漏写地区”：结论和按规则算出的不一样"
    assert "在示例里补上" in told.remedy_zh


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ("{zh: 甲, en: A, as_of: 2026-02-01, facts: {living_prefecture: 1408}, expect: {verdict: maybe}}", "示例“甲”：“结论”写得不对"),
        ("{zh: 甲, en: A, facts: {}, expect: {verdict: unknown}}", "示例“甲”：没有写“哪一天”"),
        ("{zh: 甲, en: A, as_of: 2026-02-01, facts: {lives: 1408}, expect: {verdict: unknown}}", "示例“甲”：没有叫“lives”的信息"),
        (
            "{zh: 甲, en: A, as_of: 2026-02-01, facts: {is_registered_unemployed: 也许}, expect: {verdict: unknown}}",
            "示例“甲”：“已登记失业”的值写得不对",
        ),
    ],
)
def test_what_is_wrong_with_an_example_names_it_and_the_place_in_it(example: str, told: str):
    found = failures_of_text(programme(), f"{HEAD}{example}\n")
    said = [error.zh for error in found]
    assert told in said, said
    for error in found:
        assert error.remedy_zh
        assert error.remedy_en
        words = " ".join([error.zh, error.remedy_zh]).replace("as_of", "")
        assert not CODE.search(words), words


def test_too_few_examples_are_told_by_kinds_and_where_to_add_some():
    (told,) = failures_of_text(programme(), TEXT.replace("verdict: eligible", "verdict: unknown"))
    assert told.code == "programmes.too_few_examples"
    assert told.expected_zh is not None
    assert "既有“符合条件”的，也有“不符合条件”的" in told.expected_zh
    assert told.found_zh == "1 个，只有：还不能确定"
    (empty,) = failures_of_text(programme(), "programme: job-help\nexamples: []\n")
    assert (empty.zh, empty.expected_zh) == ("“示例”里还没有内容", "至少 1 项")
