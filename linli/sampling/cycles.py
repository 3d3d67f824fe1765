"""Cross review (交叉审核): one seeded cycle over the counties, each reviewing the files of the one before it.

In a cycle of three or more nobody reviews itself and no two review each other; a random derangement of 13 has a mutual pair in about
39% of draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from linli.sampling.hashing import CYCLE, order_key
from linli.sampling.refusals import refused

FEWEST = 3


def cycle(seed: str, counties: Iterable[str], field: str = "frozen.cross_review.counties") -> tuple[str, ...]:
    """The counties in the order of the seed; whatever order they are given in. O(n log n), one HMAC each."""
    given = list(counties)
    check_counties(given, field)
    return tuple(sorted(given, key=lambda county: order_key(seed, CYCLE, county)))


def check_counties(counties: list[str], field: str = "frozen.cross_review.counties") -> None:
    """Refuses fewer than three counties, and one that stands twice."""
    if len(counties) < FEWEST or len(set(counties)) < len(counties):
        raise refused(
            "cycle",
            field,
            (
                "交叉审核至少要三个不同的单位：两个只能互审，一个只能自审",
                "A cross review needs three different reviewers: two could only review each other, one only itself.",
            ),
            expected=(f"至少 {FEWEST} 个，各不相同", f"at least {FEWEST}, all different"),
            found=", ".join(counties[:20]) or "0",
            remedy=("加入其他县（市、区），或由市级集中审核", "let another county join, or have the city review the files"),
        )


def reviewers(order: tuple[str, ...]) -> dict[str, str]:
    """Whose files each county's are reviewed by: county -> the next one of the cycle."""
    return dict(zip(order, (*order[1:], order[0]), strict=True))


def assignments(order: tuple[str, ...], files: Mapping[str, str]) -> dict[str, str]:
    """Who reviews each file: id -> reviewing county, of id -> its own county."""
    reviewer = reviewers(order)
    return {one: reviewer[county] for one, county in files.items()}
