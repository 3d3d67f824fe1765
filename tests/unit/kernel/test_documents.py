"""One document counts once, however its number was typed."""

from __future__ import annotations

import pytest

from linli.kernel.documents import tidy_line, tidy_number
from linli.kernel.errors import LinliError


@pytest.mark.parametrize(
    "typed",
    [
        "运民发〔2026〕1号",
        "运民发[2026]1号",
        "运民发〔２０２６〕1号",
        " 运民发（2026） 1 号",
        "运民发【2026】1号\u200b",
        "\u202e运民发〔2026〕1号",
        "运民发〖2026〗1号",
        "运民发『2026』1号",
        "运民发<2026>1号",
        "运民发\u27722026\u27731号",
        "运民发\ufe0f〔2026\u034f〕1\u3164号\u115f\u17b4",
        "运民发〔٢٠٢٦〕١号",
        "运民发〔2026〕01号",
        "运民发〔2026〕第1号",
    ],
)
def test_a_number_is_the_same_however_it_was_typed(typed: str) -> None:
    assert tidy_number(typed) == "运民发〔2026〕1号"


def test_other_numbers_stay_other_numbers() -> None:
    assert len({tidy_number(one) for one in ("运民发〔2026〕1号", "运民发〔2026〕11号", "运民〔2026〕1号", "HD-2026/1", "HD-20261")}) == 5


@pytest.mark.parametrize("typed", ["HD\u20101", "HD\u22121", "HD\uff0d1", "HD-\u0661", "HD\u2013\uffa01", "HD-1\ufe0e"])
def test_a_receipt_of_the_bank_too(typed: str) -> None:
    assert tidy_number(typed) == "HD-1"


@pytest.mark.parametrize("typed", ["\u041dD-1", "HD-1\u2713", "運\u0e011号"])
def test_what_looks_like_another_is_refused(typed: str) -> None:
    with pytest.raises(LinliError, match=r"documents\.strange|U\+"):
        tidy_number(typed)


def test_the_refusal_names_the_field_that_was_typed_in() -> None:
    with pytest.raises(LinliError) as caught:
        tidy_number("\u041dD-1", field="reference")
    assert caught.value.place is not None
    assert caught.value.place.field == "reference"


def test_a_name_has_nothing_in_it_that_cannot_be_seen() -> None:
    assert tidy_line("  省财政厅\u202e 追加\n预算\x00 ") == "省财政厅 追加 预算"
