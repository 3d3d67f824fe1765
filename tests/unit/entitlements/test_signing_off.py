"""Which changes of a list of works stay signed off by other offices, and which go to them again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from linli.entitlements.works import signing_off
from linli.entitlements.works.lines import Line, total_fen

LINES = [Line("floor", "卫生间防滑地砖", 6, "平方米", 12_000), Line("toilet", "坐便器安全扶手", 2, "套", 26_000)]


@given(
    quantity=st.integers(1, 8),
    price=st.integers(11_000, 13_000),
    other=st.sampled_from(["", "area", "description", "unit"]),
    more=st.integers(-1, 1),
)
@example(quantity=5, price=12_000, other="", more=0)
@example(quantity=6, price=12_000, other="", more=-1)
def test_only_less_of_the_same_at_no_higher_price_stays_signed_off(quantity: int, price: int, other: str, more: int) -> None:
    changed = replace(LINES[0], quantity=quantity, unit_price_fen=price, **({other: "aids"} if other else {}))
    new = [changed, LINES[1], LINES[0]][: 2 + more]
    stays = not signing_off.exceeds(LINES, new)
    assert stays == (not other and not more and quantity <= 6 and price <= 12_000)
    if stays:
        assert total_fen(new) <= total_fen(LINES)
