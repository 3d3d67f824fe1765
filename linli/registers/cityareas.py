"""A city's areas/ folder: divisions.csv and kinds.yaml, successors.csv where codes were abolished, places.csv for grids and buildings,
positions.csv for where areas are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linli.kernel.digests import digest
from linli.kernel.errors import LinliError, Place
from linli.kernel.positions import Position, position
from linli.kernel.viewer import Viewer
from linli.papers import read_table
from linli.registers import acts
from linli.registers.acts.areas import Changes, NewPlace
from linli.registers.divisions import Division, Kinds, check, read_kinds, read_rows, undeclared


@dataclass(frozen=True, slots=True)
class CityAreas:
    """A city's division table, read and checked."""

    divisions: Mapping[str, Division]
    kinds: Kinds
    successors: Mapping[str, str]
    digest: str

    @property
    def guessed(self) -> list[str]:
        """Codes whose kind was guessed because kinds.yaml says nothing of them."""
        return undeclared(self.divisions, self.kinds.kinds)


def read_city(folder: Path) -> CityAreas:
    """Read and check a city's areas/ folder; raises Problems with one error per wrong line."""
    table, kinds = folder / "divisions.csv", read_kinds(folder / "kinds.yaml")
    divisions = check(read_rows(table), kinds.kinds)
    successors = folder / "successors.csv"
    return CityAreas(divisions, kinds, read_successors(successors) if successors.exists() else {}, digest(table.read_bytes()))


def read_successors(path: Path) -> dict[str, str]:
    """code -> successor ("" if nothing follows it), from a table with these two columns."""
    return {row["code"]: row["successor"] for row in _records(path, ("code", "successor"))}


def read_places(path: Path) -> Iterator[NewPlace]:
    """Grids, village groups and buildings from a table code,name,grid. Grids must stand before what they hold."""
    for row in _records(path, ("code", "name", "grid")):
        yield NewPlace(row["code"], row["name"], row["grid"])


def read_positions(path: Path) -> dict[str, Position]:
    """Where areas are, from a table code,lon,lat,system: a building by itself, a village, township or county by its centre."""
    found = {}
    for number, row in enumerate(_records(path, ("code", "lon", "lat", "system")), start=2):
        try:
            found[row["code"]] = position(float(row["lon"]), float(row["lat"]), row["system"])
        except LinliError as problem:
            raise problem.at(Place(path.name, number, field=row["code"])) from None
        except ValueError:
            raise _not_degrees(path, number, f"{row['lon']}, {row['lat']}") from None
    return found


def _not_degrees(path: Path, line: int, found: str) -> LinliError:
    return LinliError(
        "areas.not_degrees",
        zh="坐标不是数字",
        en="The coordinates are no numbers.",
        place=Place(path.name, line),
        expected="111.0, 35.0",
        found=found,
        remedy_zh="写成以度为单位的小数",
        remedy_en="write degrees as decimal numbers",
    )


def _records(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    table = read_table(path)
    missing = [column for column in columns if column not in table.headers]
    if missing:
        raise LinliError(
            "areas.no_column",
            zh="表格缺少必需的列",
            en="The table lacks a column.",
            place=Place(file=path.name, line=table.header_row),
            expected=", ".join(columns),
            found=", ".join(table.headers),
            remedy_zh="第一行写列名",
            remedy_en="name the columns in the first line",
        )
    for row in table.rows:
        cells = dict(zip(table.headers, row.cells, strict=True))
        yield {column: cells[column].text.strip() for column in columns}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import of a city's folder did."""

    city: CityAreas
    changes: Changes
    places: int
    moved: int = 0


def import_city(viewer: Viewer, folder: Path) -> Imported:
    """Import a city's areas/ folder; the same folder twice changes nothing. Needs administrator over the whole city."""
    city = read_city(folder)
    day: date = city.kinds.valid_from
    changes = acts.import_divisions(viewer, divisions=city.divisions, valid_from=day, file_digest=city.digest, successors=city.successors)
    places = folder / "places.csv"
    added = acts.add_places(viewer, places=read_places(places), valid_from=day, source=places.name) if places.exists() else 0
    positions = folder / "positions.csv"
    moved = acts.position_areas(viewer, positions=read_positions(positions), source=positions.name) if positions.exists() else 0
    return Imported(city, changes, added, moved)
