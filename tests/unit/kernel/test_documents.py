"""One document counts once, however its number was typed."""

from __future__ import annotations

import pytest

from linli.kernel.documents import tidy_line, tidy_number


@pytest.mark.parametrize(
    "typed",
    [
        "运民发〔2026〕1号",
        "运民发[2026]1号",
        "运民发〔２０２６〕1号",
        " 运民发（2026） 1 号",
        "运民发【2026】1号\u200b",
        "\u202e运民发〔2026〕1号",
    ],
)
def test_a_number_is_the_same_however_it_was_typed(typed: str) -> None:
    assert tidy_number(typed) == "运民发〔2026〕1号"


def test_other_numbers_stay_other_numbers() -> None:
    assert len({tidy_number(one) for one in ("运民发〔2026〕1号", "运民发〔2026〕11号", "运民〔2026〕1号", "HD-2026/1", "HD-20261")}) == 5


def test_a_name_has_nothing_in_it_that_cannot_be_seen() -> None:
    assert tidy_line("  省财政厅\u202e 追加\n预算\x00 ") == "省财政厅 追加 预算"
