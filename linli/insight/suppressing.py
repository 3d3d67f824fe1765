"""Small counts are left out before anything is published, with as many others as it takes that nobody can work them out from the total."""

from __future__ import annotations

from collections.abc import Mapping, Set


def withheld(cells: Mapping[str, int], smallest: int) -> frozenset[str]:
    """Which cells of a line are left out where the line's total stands beside it.

    Every count from 1 to smallest - 1 is. Whoever knows the total could then work out a single one that is missing, or a few that are small
    together: so the next smallest go too, until at least two are missing and their sum is `smallest` or more. Zeros stay: they are of
    nobody. A total below `smallest`, or one of nothing but ones, is left out itself (total_withheld): then nothing can be worked out.
    """
    small = {key for key, count in cells.items() if 0 < count < smallest}
    if not small or total_withheld(cells, smallest):
        return frozenset(small)
    others = sorted((count, key) for key, count in cells.items() if count >= smallest)
    while others and not _safe(cells, small, smallest):
        small.add(others.pop(0)[1])
    return frozenset(small)


def total_withheld(cells: Mapping[str, int], smallest: int) -> bool:
    """Whether the line's total is a small count itself, or says that each of so many is one."""
    total, most = sum(cells.values()), max(cells.values(), default=0)
    return 0 < total < smallest or most == 1


def _safe(cells: Mapping[str, int], missing: Set[str], smallest: int) -> bool:
    return len(missing) > 1 and sum(cells[key] for key in missing) >= smallest
