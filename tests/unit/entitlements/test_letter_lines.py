"""What stands on one line of a letter's reasons, however much there is to say."""

from __future__ import annotations

import pytest

from linli.entitlements.letters import together
from linli.papers.letters.values import LINE

SAID = "运城市残疾人联合会“残疾人证持证人”，2024年3月1日起"


@pytest.mark.parametrize("number", [0, 1, 5, 13, 40, 400])
def test_a_line_holds_what_it_can_and_says_how_many_there_are(number: int) -> None:
    parts = [f"{one}{SAID}" for one in range(number)]
    line = together(parts, "；", "等 {} 处登记")
    assert len(line) <= LINE
    assert line == "；".join(parts) or line.endswith(f"；等 {number} 处登记")


def test_one_part_that_is_longer_than_a_line_leaves_the_number() -> None:
    assert together(["长" * (LINE + 1)], "；", "等 {} 处登记") == "等 1 处登记"
