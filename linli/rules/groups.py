"""Sums and somes over groups of rows (households, relatives), each group's rows read once.

Rows are put in group order once (not at all if the file stands in it already) and every reduction runs over whole runs of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from linli.kernel.errors import LinliError
from linli.rules.calls import MOST_MEMBERS

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
LANES = 8
MOST_FLAGS = LANES * LANES


class Grouping:
    """Which group each row belongs to. codes: group number per row; none: for each number, whether it stands for no group."""

    def __init__(self, codes: Integers, none: Booleans, what: str) -> None:
        self.count, self.none = len(none), none
        rising = bool(np.all(codes[1:] >= codes[:-1])) if len(codes) else True
        self.order: npt.NDArray[np.intp] | None = None if rising else np.argsort(codes, kind="stable")
        ordered = codes if self.order is None else codes[self.order]
        self.ends = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True]) if len(ordered) else np.empty(0, dtype=np.intp)
        self.targets = ordered[self.ends]
        self.rows = len(codes)
        self._refuse_crowds(what)

    def _refuse_crowds(self, what: str) -> None:
        sizes = np.diff(np.r_[-1, self.ends])[~self.none[self.targets]]
        largest = int(sizes.max()) if len(sizes) else 0
        if largest > MOST_MEMBERS:
            raise LinliError(
                "rules.crowded_group",
                zh="有一组成员过多，分组标识可能有误",
                en="One group has too many members: its id is probably a placeholder.",
                expected=f"at most {MOST_MEMBERS:,} rows per {what}",
                found=f"{largest:,}",
                remedy_zh="把占位的标识改为空",
                remedy_en="leave the id empty where it is not known",
            )

    def present(self) -> Booleans:
        """Which groups have at least one row."""
        found = np.zeros(self.count, dtype=np.bool_)
        found[self.targets] = True
        return found

    def sums(self, values: pl.Series) -> Integers:
        """Per group the sum of its rows; 0 for a group without rows."""
        ordered = self._ordered(values.to_numpy())
        # Differences of one running total. It may wrap around; the differences are exact all the same.
        totals = np.cumsum(ordered)[self.ends]
        totals[1:] -= totals[:-1].copy()
        return self._spread(totals)

    def somes(self, flags: Sequence[pl.Series]) -> Bytes:
        """Per group a row of eight bytes; bit i % 8 of byte i // 8 says whether flags[i] is true for any row. At most 64 share one pass."""
        lanes = np.zeros((self.rows, LANES), dtype=np.uint8)
        for lane in range(0, len(flags), LANES):
            packed = np.zeros(self.rows, dtype=np.uint8)
            for bit, flag in enumerate(flags[lane : lane + LANES]):
                if flag.any():
                    packed |= flag.to_numpy().view(np.uint8) << np.uint8(bit)
            lanes[:, lane // LANES] = packed
        if not self.rows:
            return np.zeros((self.count, LANES), dtype=np.uint8)
        starts = np.r_[0, self.ends[:-1] + 1]
        found = np.bitwise_or.reduceat(self._ordered(lanes.view(np.uint64).ravel()), starts)
        return self._spread(found).view(np.uint8).reshape(self.count, LANES)

    def _ordered(self, values: npt.NDArray) -> npt.NDArray:
        return values if self.order is None else values[self.order]

    def _spread(self, totals: npt.NDArray) -> npt.NDArray:
        """The totals by group number, groups without rows included."""
        if len(self.targets) == self.count:
            return totals
        found = np.zeros(self.count, dtype=totals.dtype)
        found[self.targets] = totals
        return found


def number_groups(*ids: pl.Series) -> tuple[list[Integers], Booleans]:
    """Group numbers for id columns that share one numbering, and for each number whether it stands for no id.

    A single column whose equal ids stand together is numbered by its runs, each run of empty ids for itself; else ids are sorted.
    """
    together = pl.concat([series.rename("id") for series in ids]) if len(ids) > 1 else ids[0].alias("id")
    numbers = _runs(together) if len(ids) == 1 else None
    if numbers is None:
        numbers = together.to_frame().select(pl.col("id").rank("dense").cast(pl.Int64) - 1).to_series().fill_null(-1).to_numpy().copy()
        count = int(numbers.max()) + 1 if len(numbers) else 0
        numbers[numbers < 0] = count
        none = np.arange(count + 1) == count
    else:
        none = np.zeros(int(numbers[-1]) + 1, dtype=np.bool_)
        if together.null_count():
            none[numbers[together.is_null().to_numpy()]] = True
    ends = np.cumsum([len(series) for series in ids])[:-1]
    return list(np.split(numbers, ends)), none


def _runs(ids: pl.Series) -> Integers | None:
    """The number of each row's run, if equal ids always stand together."""
    if not len(ids):
        return None
    numbers: Integers = ids.rle_id().cast(pl.Int64).to_numpy()
    first = np.r_[True, numbers[1:] != numbers[:-1]]
    heads = ids.filter(pl.Series(first)).drop_nulls()
    return numbers if heads.is_sorted() or heads.n_unique() == len(heads) else None
