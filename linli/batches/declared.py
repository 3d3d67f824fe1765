"""What a county hands in of a list on paper: how many at each level, the sums, the total; and whether it agrees with itself.

No split is ever invented: a total without its split can be compared with a list, but says nothing of itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.money import fen_from_yuan, yuan_text
from linli.papers.reading import read_table
from linli.papers.tables import Row, Table

MOST_LEVELS = 200
_HEADINGS = {
    "level": ("档次", "标准", "资助标准", "level"),
    "count": ("人数", "户数", "件数", "count"),
    "sum": ("金额", "合计金额", "sum"),
}
_TOTALS = ("合计", "总计", "total")


@dataclass(frozen=True, slots=True)
class Level:
    """So many at so much each. fen: of one; sum_fen: of all of them as handed in, None where only the number was."""

    fen: int
    count: int
    sum_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A list as it was handed in. count, total_fen: of all, None where it doesn't say. parts: numbers that should make up the count.

    over_fen: 0 where the total is exact; else it was given as “so much and more” (余), less than this more.
    """

    levels: tuple[Level, ...] = ()
    total_fen: int | None = None
    count: int | None = None
    parts: tuple[int, ...] = ()
    over_fen: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Two figures that should be one. code: level, levels_total, levels_count, parts or no_split; fen: whether they are money."""

    code: str
    expected: int
    found: int
    fen: bool = True
    level_fen: int | None = None

    @property
    def difference(self) -> int:
        """What the expected figure has more than the one found."""
        return self.expected - self.found


def gaps(given: Declared) -> tuple[Gap, ...]:
    """What doesn't add up within a list as handed in; empty where everything that it says does. It says nothing of what is true."""
    return tuple(_gaps(given))


def _gaps(given: Declared) -> Iterator[Gap]:
    for level in given.levels:
        if level.sum_fen is not None and level.sum_fen != level.fen * level.count:
            yield Gap("level", level.fen * level.count, level.sum_fen, level_fen=level.fen)
    if given.count is not None and given.parts and sum(given.parts) != given.count:
        yield Gap("parts", sum(given.parts), given.count, fen=False)
    if not given.levels:
        return
    counted, summed = sum(level.count for level in given.levels), sum(level.fen * level.count for level in given.levels)
    if given.count is not None and counted != given.count:
        yield Gap("levels_count", counted, given.count, fen=False)
    if given.total_fen is not None and not fits(given, summed):
        yield Gap("levels_total", summed, given.total_fen)


def fits(given: Declared, fen: int) -> bool:
    """Whether a sum is the total as it was handed in, or within what “and more” leaves open."""
    if given.total_fen is None:
        return True
    return given.total_fen <= fen < given.total_fen + given.over_fen if given.over_fen else fen == given.total_fen


def read(path: Path) -> Declared:
    """A county's list of levels out of an xlsx or csv file: columns 档次, 人数 and perhaps 金额, in yuan; a row 合计 holds the totals.

    Raises Problems with every cell that is wrong, at its place.
    """
    table = read_table(path)
    columns = _columns(table, path)
    levels: list[Level] = []
    totals: list[tuple[int | None, int | None]] = []
    problems: list[LinliError] = []
    for row in table.rows:
        try:
            _row(row, columns, path, levels, totals)
        except LinliError as problem:
            problems.append(problem)
    twice = [fen for fen, times in Counter(level.fen for level in levels).items() if times > 1]
    problems += [_wrong(Place(file=path.name), "每个档次一行", "one row for each level", yuan_text(fen)) for fen in twice]
    if len(totals) > 1 or len(levels) > MOST_LEVELS or not (levels or totals):
        found = f"{len(levels)} / {len(totals)}"
        problems.append(_wrong(Place(file=path.name), f"1 至 {MOST_LEVELS} 个档次，至多一行合计", "levels, and one row of totals", found))
    if problems:
        raise Problems(problems)
    count, total = totals[0] if totals else (None, None)
    return Declared(tuple(sorted(levels, key=lambda one: -one.fen)), total, count)


def _columns(table: Table, path: Path) -> dict[str, int]:
    named = {header.strip().removesuffix("（元）").lower(): index for index, header in enumerate(table.headers)}
    found = {name: named[word] for name, words in _HEADINGS.items() for word in words if word in named}
    missing = [name for name in ("level", "count") if name not in found]
    if missing:
        expected = "、".join(_HEADINGS[name][0] for name in missing)
        raise Problems(
            [_wrong(Place(file=path.name), f"有“{expected}”列", f"columns {', '.join(missing)}", ", ".join(table.headers)[:200])]
        )
    return found


def _row(row: Row, columns: dict[str, int], path: Path, levels: list[Level], totals: list[tuple[int | None, int | None]]) -> None:
    told = {name: row.cells[index].text.strip() for name, index in columns.items()}
    if not any(told.values()):
        return
    place = Place(file=path.name, line=row.number)
    count = _whole(told["count"], place)
    total = _yuan(told["sum"], place) if told.get("sum") else None
    if told["level"].lower() in _TOTALS:
        totals.append((count, total))
        return
    fen = _yuan(told["level"], place)
    if count is None or fen <= 0:
        raise _wrong(place, "档次与人数", "a level and its number", f"{told['level']} / {told['count']}")
    levels.append(Level(fen, count, total))


def _whole(text: str, place: Place) -> int | None:
    if not text:
        return None
    plain = text.replace(",", "")
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 9:
        raise _wrong(place, "整数", "a whole number", text)
    return int(plain)


def _yuan(text: str, place: Place) -> int:
    try:
        return fen_from_yuan(text)
    except LinliError as problem:
        raise problem.at(place) from None


def _wrong(place: Place, zh: str, en: str, found: str) -> LinliError:
    return LinliError(
        "batches.declared",
        zh="汇总表填写不正确",
        en="The list of levels isn't right.",
        place=place,
        expected=(zh, en),
        found=found,
        remedy_zh="改正后重新上传",
        remedy_en="mend it and send it again",
    )
