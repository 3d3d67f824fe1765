"""The random sample (随机抽查): how many of each stratum, and which."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from linli.kernel.errors import LinliError
from linli.sampling.hashing import ORDER, order_key
from linli.sampling.refusals import refused


def size(of: int, *, rate: Fraction | None = None, count: int | None = None) -> int:
    """How many of `of` items are drawn: by rate, rounded up (so never 0 of some if it is above 0), or by count, at most all."""
    if (rate is None) == (count is None) or of < 0:
        raise _wrong("一层按比例或按件数之一抽取", "A stratum is drawn by rate or by count, one of them.", f"{rate} / {count}")
    if count is not None:
        if count < 0:
            raise _wrong("件数不能为负", "A count is not negative.", str(count))
        return min(count, of)
    assert rate is not None
    if not 0 <= rate <= 1:
        raise _wrong("比例应在 0 与 1 之间", "A rate lies between 0 and 1.", str(rate))
    return -(-of * rate.numerator // rate.denominator)


def ranked(seed: str, stratum: str, ids: Iterable[str]) -> list[str]:
    """The ids of one stratum in the order of the draw, the first drawn first: by HMAC(seed, stratum, id), then by id.

    The order depends on the set of ids alone. O(n log n) and one HMAC an item.
    """
    return sorted(ids, key=lambda one: (order_key(seed, ORDER, stratum, one), one))


def _wrong(zh: str, en: str, found: str) -> LinliError:
    return refused("size", "strata", (zh, en), found=found, remedy=("改正这一层的抽取办法", "mend how this stratum is drawn"))
