"""Sums and somes over groups of rows (households, relatives): the groups numbered once, their rows added up a piece at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from linli.kernel.errors import LinliError
from linli.rules.calls import MOST_MEMBERS
from linli.rules.polars_engine import Pass

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
LANE = 8


@dataclass(frozen=True, slots=True)
class Numbering:
    """Groups numbered from 0. codes: each row's group. ids: each group's id, null for rows that name no group."""

    codes: Integers
    ids: pl.Series

    def of(self, ids: pl.Series) -> Integers:
        """The groups of these ids; one past the last group where there is none of that id."""
        if ids.equals(self.ids):
            return np.arange(len(ids), dtype=np.int64)
        groups = pl.DataFrame({"id": self.ids, "group": pl.int_range(len(self.ids), dtype=pl.Int64, eager=True)}).drop_nulls("id")
        found = pl.DataFrame({"id": ids}).join(groups, on="id", how="left", maintain_order="left")["group"]
        known: Integers = found.fill_null(len(self.ids)).to_numpy()
        return known


def number(ids: pl.Series, what: str) -> Numbering:
    """Numbers the groups of an id column: by its runs where equal ids stand together, else in the order of the ids.

    Raises LinliError rules.crowded_group where one id has more than MOST_MEMBERS rows.
    """
    found, sizes = _by_runs(ids) or _by_rank(ids)
    refuse_crowds(sizes[found.ids.is_not_null().to_numpy()], what)
    if found.ids.dtype == pl.String and (found.ids == "").any():
        raise LinliError(
            "rules.empty_id",
            zh="分组标识是空文字：是否为同一组无法判断",
            en="A group's id is an empty text: whether these rows belong together is not said.",
            expected=f"an id for each {what}, or nothing (null)",
            expected_zh="每组一个标识，或留空",
            found='""',
            remedy_zh="未知时留空（null）",
            remedy_en="leave it out (null) where it is not known",
        )
    return found


def refuse_crowds(sizes: Integers, what: str) -> None:
    """Refuse a group of more than MOST_MEMBERS rows: the limits of sums are reckoned for less."""
    if len(sizes) and sizes.max() > MOST_MEMBERS:
        raise LinliError(
            "rules.crowded_group",
            zh="有一组成员过多，分组标识可能有误",
            en="One group has too many members: its id is probably a placeholder.",
            expected=f"at most {MOST_MEMBERS:,} rows per {what}",
            expected_zh=f"每组最多 {MOST_MEMBERS:,} 行",
            found=f"{sizes.max():,}",
            remedy_zh="把占位的标识改为空",
            remedy_en="leave the id empty where it is not known",
        )


def rising(ids: pl.Series) -> bool:
    """Whether each id comes after the one before it, so that none is there twice."""
    return not ids.null_count() and bool((ids.slice(1) > ids.slice(0, max(len(ids) - 1, 0))).all())


def _by_runs(ids: pl.Series) -> tuple[Numbering, Integers] | None:
    """The numbering and the size of each group."""
    runs = ids.rle_id().to_numpy()
    changes = np.ones(len(runs), dtype=np.bool_)
    np.not_equal(runs[1:], runs[:-1], out=changes[1:])
    starts = np.flatnonzero(changes)
    heads = ids.gather(pl.Series(starts))
    named = heads.drop_nulls()
    if not rising(named) and named.n_unique() != len(named):
        return None
    return Numbering(runs.astype(np.int64), heads), np.diff(starts, append=len(runs))


def _by_rank(ids: pl.Series) -> tuple[Numbering, Integers]:
    ranks = ids.to_frame("id").select(pl.col("id").rank("dense").cast(pl.Int64) - 1).to_series()
    names = ids.drop_nulls().unique().sort()
    if ids.null_count():
        names = pl.concat([names, pl.Series([None], dtype=ids.dtype)])
    codes = ranks.fill_null(len(names) - 1).to_numpy()
    return Numbering(codes, names), np.bincount(codes, minlength=len(names))


class Reduction:
    """What is added up over the members of each group.

    parts: the position of every sum and some in the subject's scope, to tell apart by `sums`. hidden: for each group, whether
    it is unknown. Memory: 8 bytes a group for each sum, one bit for each some.
    """

    def __init__(self, unknown: int, sums: Sequence[int], somes: Sequence[int], hidden: Booleans) -> None:
        self.flags = (unknown, *somes)
        self.totals = {place: np.zeros(len(hidden), dtype=np.int64) for place in sums}
        self.lanes: list[Bytes] = [np.zeros(len(hidden), dtype=np.uint8) for _ in range(0, len(self.flags), LANE)]
        self.hidden = hidden

    def add(self, codes: Integers, work: Pass, parts: Mapping[int, int]) -> None:
        """A piece of the members: each one's group, and where the part of every place stands. Sums may wrap around beyond 64 bits."""
        groups = pl.Series(codes)
        for place, totals in self.totals.items():
            where, numbers = work.chosen(parts[place])
            if where.any():
                np.add.at(totals, codes if where.all() else groups.filter(where).to_numpy(), numbers.to_numpy())
        for index, place in enumerate(self.flags[1:], 1):
            where = work.holds(parts[place])
            if where.any():
                lane, hit = self.lanes[index // LANE], groups.filter(where).to_numpy()
                lane[hit] |= np.uint8(1 << index % LANE)

    def close(self) -> None:
        """0 or false for an unknown group."""
        for totals in self.totals.values():
            totals[self.hidden] = 0
        for lane in self.lanes:
            lane[self.hidden] = 0
        self.lanes[0][self.hidden] = 1

    def columns(self, groups: Integers) -> dict[int, pl.Series]:
        """For subjects of these groups: each place's value."""
        found = {place: pl.Series(totals[groups]) for place, totals in self.totals.items()}
        for start, lane in zip(range(0, len(self.flags), LANE), self.lanes, strict=True):
            shared = pl.Series(lane[groups])
            found |= {place: (shared & (1 << bit)) != 0 for bit, place in enumerate(self.flags[start : start + LANE])}
        return found
