"""What the commands of `linli reach` share: a limit, points put on a network, the list of those that couldn't be, results written whole."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from math import floor, isnan
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars as pl

from linli.kernel.errors import LinliError, Place
from linli.reach.profiles import Profile
from linli.reach.snapping import Ground, Problem, Snapped, Why
from linli.reach.sources.listing import Listing
from linli.reach.sources.placing import reasons
from linli.reach.sources.points import Points
from linli.site.command import language

_MEASURED, _MOST_AWAY = 2000, 5000.0
_ROUNDING = 1e-6  # 82.1 × 10 is a little less than 821


class Amount(click.FloatRange):
    """A number within bounds; nan, which is in none, is refused like a word."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. click.BadParameter for what is none."""
        number: float = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def require_format(out: Path, *endings: str) -> None:
    """LinliError for a result of another ending."""
    if out.suffix not in endings:
        raise LinliError(
            "reach.out_format",
            zh="结果文件的后缀不对",
            en="The result's file has another ending.",
            place=Place(field="--out"),
            expected=", ".join(endings),
            found=out.suffix or out.name,
            remedy_zh="改用所列的后缀之一",
            remedy_en="give it one of these endings",
        )


def limit_of(way: Profile, metres: float | None, minutes: int | None) -> int:
    """Decimetres from --limit or --minutes, 15 minutes if neither is given. LinliError for both."""
    if metres is not None and minutes is not None:
        raise LinliError(
            "reach.two_limits",
            zh="--limit 和 --minutes 只能给一个",
            en="Give either --limit or --minutes.",
            place=Place(field="--limit"),
            found=f"{metres:g} m, {minutes} min",
            remedy_zh="去掉其中一个",
            remedy_en="leave one of them out",
        )
    return floor(metres * 10 + _ROUNDING) if metres is not None else way.limit(15 if minutes is None else minutes)


def subset(points: Snapped, which: np.ndarray) -> Snapped:
    """Some of the points, by number."""
    ids = points.ids or ()
    return Snapped(
        points.link[which], points.from_u[which], points.from_v[which], points.leg[which], points.why[which], [ids[at] for at in which]
    )


def write_whole(table: pl.DataFrame, out: Path) -> None:
    """The table as csv or parquet, complete or not at all."""
    aside = out.with_name(out.name + ".part")
    try:
        if out.suffix == ".csv":
            table.write_csv(aside)
        else:
            table.write_parquet(aside)
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)


def list_points(path: Path, kinds: Mapping[str, tuple[Points, Snapped]], listing: Listing, ground: Ground) -> None:
    """Every point that isn't on the network, with the reason and how far the nearest link is, and whatever else was listed."""
    zh = language() == "zh"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", "id", "line", "lon", "lat", "code", "metres", "meaning"])
        for kind, (points, snapped) in kinds.items():
            problems = snapped.problems()
            away = _away(ground, problems)
            for one in problems:
                metres = one.metres if one.metres is not None else away.get(one.index)
                where = ["" if part is None or isnan(part) else part for part in (one.lon, one.lat)]
                writer.writerow([kind, one.id, points.rows[one.index] or "", *where, one.why.name.lower(), metres, one.words(zh)])
        for doubt in listing.doubts:
            writer.writerow(["note", doubt.where, "", "", "", doubt.code, "", f"{doubt.words(zh)} {doubt.found}"])


def _away(ground: Ground, problems: list[Problem]) -> dict[int, float]:
    """Metres to the nearest link, whatever lies between, of the first points that are on none."""
    some = [one for one in problems if one.why in (Why.TOO_FAR, Why.ACROSS_BARRIER)][:_MEASURED]
    lon, lat = (np.array([getattr(one, name) for one in some], float) for name in ("lon", "lat"))
    found = ground.snap(lon, lat, most_metres=_MOST_AWAY, through=True)
    return {one.index: found.leg[at] / 10 for at, one in enumerate(some) if found.link[at] >= 0}


def say_points(words: tuple[str, str], points: Points, snapped: Snapped) -> str:
    """How many points there are, how many are on the network, why others are not, and how many of those that are are doubtful. words: what
    they are, (zh, en plural)."""
    why, doubtful = reasons(snapped), reasons(snapped, joined=True)
    on = int((snapped.link >= 0).sum())
    if language() == "zh":
        off = f"（不在路网上：{why}）" if why else ""
        return f"{words[0]}：{len(points):,}，在路网上 {on:,}{off}" + (f"；在路网上但要核对：{doubtful}" if doubtful else "")
    off = f" (others: {why})" if why else ""
    return f"{words[1]}: {len(points):,}, on the network {on:,}{off}" + (f"; on it, but to be checked: {doubtful}" if doubtful else "")
