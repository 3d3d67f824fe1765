"""A csv file as columns of text: what its first lines declare, which columns it has, and numbers out of them with the row of each fault."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from linli.kernel import digests
from linli.kernel.errors import LinliError, Problems
from linli.reach.graph import Floats, Longs
from linli.reach.metric import Bools
from linli.reach.sources.listing import Listing, refused
from linli.reach.sources.systems import system_named, to_wgs84, undeclared
from linli.reach.sources.texts import decoded, empty, first_fault, header_of, torn, unpacked

YES: Final = ("yes", "true", "1", "是", "y")
NO: Final = ("", "no", "false", "0", "否", "n", "nan", "none")
MOST_SAID: Final = 50
"""Faulty rows that are told of one by one; the rest only by number."""
_CLOSE: Final = 0.8  # how much of a name must agree: Shut, shutt, 居民数
_DECLARED = re.compile(r"#\s*([^:：=]+?)\s*[:：=]\s*(.*?)\s*,*$")
# How a column may be called, by what the engine calls it.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "编号", "code", "osm", "osm_id", "home", "home_id", "place", "place_id", "cell", "cell_id", "grid_id"),
    "node": ("node", "节点", "id"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "system": ("system", "坐标系", "crs", "coordinate_system", "coordinate system"),
    "length_m": ("length_m", "length", "长度"),
    "category": ("category", "类别", "类型"),
    "name": ("name", "名称"),
    "hours": ("hours", "开放时间", "办公时间", "营业时间"),
    "dates": ("dates", "单独日期"),
    "opened": ("opened", "开业日期"),
    "closed": ("closed", "停业日期"),
    "residents": ("residents", "population", "pop", "weight", "居民", "人口"),
    "elders": ("elders", "elders75", "老人"),
    "children": ("children", "儿童"),
    "wheelchair": ("wheelchair", "轮椅"),
    "seat": ("seat", "县城"),
    "cost": ("cost", "费用", "造价"),
    "decided": ("decided", "已定"),
}


@dataclass(frozen=True)
class Sheet:
    """A file's rows as text, "" where empty; rows without any text are none. declared: what lines “# word: value” above the header say.
    header: the line of the header; lines: of each row.
    """

    path: Path
    frame: pl.DataFrame
    declared: Mapping[str, str]
    header: int
    lines: Longs
    source_digest: str

    def __len__(self) -> int:
        return int(self.frame.height)

    @property
    def name(self) -> str:
        """The file's name, as errors say it."""
        return self.path.name

    def line(self, row: Any) -> int:
        """The line of the file that a row (from 0) stands on."""
        return int(self.lines[row])

    def once(self) -> tuple[Sheet, list[str]]:
        """The sheet without rows that say just what an earlier one says; file and line of each of those."""
        first = self.frame.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
        again = [self.where(row) for row in np.flatnonzero(~first)]
        return (replace(self, frame=self.frame.filter(first), lines=self.lines[first]) if again else self), again

    def where(self, row: Any) -> str:
        """File and line, for a list."""
        return f"{self.name}:{self.line(row)}"

    def column(self, field: str) -> str | None:
        """What the file calls a field, None where it has none."""
        return next((one for one in ALIASES.get(field, (field,)) if one in self.frame.columns), None)

    def require(self, *fields: str) -> None:
        """LinliError where a column is missing."""
        missing = [field for field in fields if self.column(field) is None]
        if missing:
            raise refused(
                "columns",
                ("文件缺少必需的列", "The file lacks columns that it needs."),
                ("补上这些列，第一行写列名", "add them; the first line has the names of the columns"),
                file=self.name,
                line=self.header,
                expected=", ".join(fields),
                found=", ".join(self.frame.columns)[:200] or "—",
            )

    def list_misspelt(self, listing: Listing, *optional: str) -> None:
        """Lists columns that nobody reads but that are called nearly like one of these that the file lacks."""
        lacking = {name: field for field in optional if self.column(field) is None for name in ALIASES.get(field, (field,))}
        read = {name for names in ALIASES.values() for name in names}
        for column in self.frame.columns:
            close = get_close_matches(column.lower(), lacking, 1, _CLOSE) if column not in read and column not in optional else ()
            if close:
                listing.add("column_unread", f"{self.name}:{self.header}", f"{column} ≈ {close[0]}")

    def texts(self, field: str) -> list[str] | None:
        """A column's texts, trimmed."""
        column = self.column(field)
        return None if column is None else self.frame[column].to_list()

    def floats(self, field: str) -> Floats:
        """A column's numbers; NaN for what is no number."""
        found: Floats = self.frame[self.column(field)].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
        return found

    def numbers(self, field: str, *, least: float | None = None, most: float | None = None) -> Floats:
        """A column's numbers. Raises Problems with the row of each that is none, not finite or out of bounds."""
        found = self.floats(field)
        with np.errstate(invalid="ignore"):
            wrong = ~np.isfinite(found)
            wrong |= (found < least) if least is not None else False
            wrong |= (found > most) if most is not None else False
        bounds = "" if least is None else f" {least:g} …" + ("" if most is None else f" {most:,.10g}")
        self.refuse_rows(np.flatnonzero(wrong), field, (f"数字{bounds}", f"a number{bounds}"))
        return found

    def whole(self, field: str) -> Longs:
        """A column's whole numbers. Raises Problems with the row of each that is none."""
        found = self.frame[self.column(field)].cast(pl.Int64, strict=False)
        self.refuse_rows(np.flatnonzero(found.is_null().to_numpy()), field, ("整数", "a whole number"))
        numbers: Longs = found.to_numpy()
        return numbers

    def yes(self, field: str, *, yes: Iterable[str] = (), no: Iterable[str] = ()) -> Bools:
        """Where a column says yes; nothing there is no. All False where there is no such column. yes, no: words that this column also has.

        Raises Problems with the row of each other word.
        """
        column = self.column(field)
        if column is None:
            return np.zeros(len(self), bool)
        words = self.frame[column].str.to_lowercase()
        said: Bools = words.is_in([*YES, *yes]).to_numpy()
        other = ~said & ~words.is_in([*NO, *no]).to_numpy()
        self.refuse_rows(np.flatnonzero(other), field, ("是或否", "yes or no"))
        return said

    def refuse_rows(self, rows: npt.NDArray[Any], field: str, expected: tuple[str, str]) -> None:
        """Raises Problems naming rows whose field is wrong; nothing for none."""
        if not len(rows):
            return
        column = self.column(field) or field
        texts = self.frame[column].to_list() if column in self.frame.columns else None
        problems = [self.wrong(int(row), column, expected, texts[row] if texts else "—") for row in rows[:MOST_SAID]]
        if len(rows) > MOST_SAID:
            problems.append(
                refused(
                    "more_rows",
                    (f"还有 {len(rows) - MOST_SAID} 行同样的问题", f"{len(rows) - MOST_SAID} more rows are wrong in the same way."),
                    ("一并改正", "mend them too"),
                    file=self.name,
                    field=column,
                )
            )
        raise Problems(problems)

    def wrong(self, row: int, column: str, expected: tuple[str, str], found: object) -> LinliError:
        """The refusal of one cell."""
        return refused(
            "cell",
            ("单元格的内容不对", "A cell doesn't hold what it should."),
            ("改正该行", "mend that row"),
            file=self.name,
            line=self.line(row),
            field=column,
            expected=expected,
            found=found or "—",
        )

    def positions(self, option: str | None) -> tuple[Floats, Floats, str]:
        """lon, lat in WGS-84 as far as they are numbers (else NaN), and the system that is declared: by a column, by “# system: …”, or
        by the option for files that don't say it themselves. LinliError where none of these does.
        """
        lon, lat = self.floats("lon"), self.floats("lat")
        system = self.system(option)
        if isinstance(system, str):
            return *to_wgs84(lon, lat, system), system
        out_lon, out_lat = np.full(len(lon), np.nan), np.full(len(lat), np.nan)
        names = sorted(set(system))
        for name in names:
            mine = np.array([one == name for one in system])
            out_lon[mine], out_lat[mine] = to_wgs84(lon[mine], lat[mine], name)
        return out_lon, out_lat, "+".join(names)

    def system(self, option: str | None) -> str | list[str]:
        """The declared system of all rows, or of each."""
        words = self.texts("system")
        if words is not None:
            known = {word: system_named(word, file=self.name, line=self.line(words.index(word))) for word in dict.fromkeys(words)}
            each = [known[word] for word in words]
            return each[0] if len(set(each)) == 1 else each
        said = next((value for word, value in self.declared.items() if word.lower() in ALIASES["system"]), None)
        if said is not None:
            return system_named(said, file=self.name, line=1)
        if option is None:
            raise undeclared(self.name)
        return system_named(option, file=self.name, field="--system")

    @cached_property
    def columns(self) -> frozenset[str]:
        """The names of its columns."""
        return frozenset(self.frame.columns)


def read_sheet(path: Path | str) -> Sheet:
    """A csv or csv.gz in UTF-8 (or GB18030), with commas, or with tabs or semicolons throughout. LinliError for one that is empty, cut
    short, torn, in another encoding, or larger than MOST_BYTES once it is unpacked.
    """
    return sheet_of(Path(path), unpacked(Path(path)))


def sheet_of(path: Path, data: bytes) -> Sheet:
    """The same from bytes; path: what errors call the file."""
    if not data.strip():
        raise empty(path)
    source = digests.digest(data)
    text = decoded(path, data)
    del data
    declared: dict[str, str] = {}
    start, above = 0, 0
    while text.startswith(("#", "\n"), start):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        match = _DECLARED.match(text[start:end].strip().strip('"'))
        if match:
            declared[match[1].lower()] = match[2]
        start, above = end + 1, above + 1
    names, separator = header_of(path, text[start:], above + 1)
    try:
        frame = pl.read_csv(
            io.BytesIO(text[start:].encode()),
            separator=separator,
            infer_schema=False,
            new_columns=names,
            empty_string_is_null=False,
            raise_if_empty=False,
        )
    except pl.exceptions.PolarsError as error:
        raise first_fault(path, text[start:], above, len(names), separator) or torn(path, str(error).splitlines()[0]) from None
    frame = frame.with_columns(pl.all().fill_null("").str.strip_chars()).with_row_index("")
    frame = frame.filter(pl.any_horizontal(pl.col(name) != "" for name in names))
    if frame.height == 0:
        raise empty(path)
    lines = frame[""].cast(pl.Int64).to_numpy() + above + 2
    return Sheet(path, frame.drop(""), declared, above + 1, lines, source)
