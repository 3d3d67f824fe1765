"""What a notice's line says of a place."""

from __future__ import annotations

import pytest

from linli.batches.shown import place_in_words

NAMES = {"140802101": "北相镇", "140802101201": "东王村", "140822102": "贾村乡", "140822102201": "东王村"}


@pytest.mark.parametrize(
    ("code", "township_told", "said"),
    [
        ("140802101201", False, "北相镇东王村"),
        ("140822102201", False, "贾村乡东王村"),
        ("140822102201", True, "东王村"),
        ("140802101", False, ""),
        ("140899101201", False, ""),
    ],
)
def test_a_village_is_told_from_another_of_its_name(code: str, township_told: bool, said: str) -> None:
    assert place_in_words(NAMES, code, township_told) == said
