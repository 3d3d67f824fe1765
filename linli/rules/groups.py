"""Sums and somes over groups of rows (households, relatives), each group's rows read once.

Rows are put in group order once (not at all if the file stands in it already) and every reduction runs over whole runs of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from linli.kernel.errors import LinliError
from linli.rules.calls import MOST_MEMBERS

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


class Grouping:
    """Which group each row belongs to. codes: group number per row, negative for none; count: how many groups there are."""

    def __init__(self, codes: Integers, count: int, what: str) -> None:
        self.count = count
        rising = bool(np.all(codes[1:] >= codes[:-1])) if len(codes) else True
        self.order: npt.NDArray[np.intp] | None = None if rising else np.argsort(codes, kind="stable")
        ordered = codes if self.order is None else codes[self.order]
        self.skip = int(np.searchsorted(ordered, 0))
        ordered = ordered[self.skip :]
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, dtype=np.intp)
        self.targets = ordered[self.starts]
        self._refuse_crowds(len(ordered), what)

    def _refuse_crowds(self, rows: int, what: str) -> None:
        sizes = np.diff(np.r_[self.starts, rows])
        if len(sizes) and int(sizes.max()) > MOST_MEMBERS:
            raise LinliError(
                "rules.crowded_group",
                zh="有一组成员过多，分组标识可能有误",
                en="One group has too many members: its id is probably a placeholder.",
                expected=f"at most {MOST_MEMBERS:,} rows per {what}",
                found=f"{int(sizes.max()):,}",
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
        return self._reduce(values.to_numpy(), np.add, np.int64)

    def somes(self, values: pl.Series) -> Booleans:
        """Per group whether any row is true; false for a group without rows."""
        return self._reduce(values.to_numpy(), np.logical_or, np.bool_)

    def _reduce(self, values: npt.NDArray, how: np.ufunc, dtype: type) -> npt.NDArray:
        found = np.zeros(self.count, dtype=dtype)
        if len(self.starts):
            ordered = values if self.order is None else values[self.order]
            found[self.targets] = how.reduceat(ordered[self.skip :], self.starts)
        return found


def number_groups(*ids: pl.Series) -> tuple[list[Integers], int]:
    """Group numbers for id columns that share one numbering, null → -1, and how many groups there are.

    A single column whose equal ids stand together is numbered by its runs, without hashing.
    """
    if len(ids) == 1 and ids[0].null_count() == 0 and ids[0].is_sorted():
        runs = ids[0].rle_id().cast(pl.Int64).to_numpy()
        return [runs], int(runs[-1]) + 1 if len(runs) else 0
    together = pl.concat([series.rename("id") for series in ids])
    coded = together.to_frame().with_columns(code=pl.col("id").rank("dense").cast(pl.Int64) - 1)["code"]
    numbers = coded.fill_null(-1).to_numpy()
    ends = np.cumsum([len(series) for series in ids])[:-1]
    return list(np.split(numbers, ends)), int(numbers.max()) + 1 if len(numbers) else 0
