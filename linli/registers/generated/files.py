"""A generated population's register lists as departments would send them: xlsx (csv when large), with their words, gaps and slips.

deliveries.yaml in the folder says which file is which list's, as of when and for which area. The list that one county has not
sent lately comes county by county. Slips that an import refuses are only in the files named as-first-sent; slips.parquet lists
every slip of every file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from linli.papers import write_table
from linli.papers.writing import Value
from linli.registers.generated.block import Block, blocks
from linli.registers.generated.frames import series
from linli.registers.generated.identity import Numbers, draw_names, uids
from linli.registers.generated.population import Bools, Population
from linli.registers.generated.slips import Slip, first_sent, soften
from linli.registers.lists import Column, ListDeclaration

XLSX_ROWS = 200_000
_ROSTER, _HIRES, _MERCHANTS = "employer-roster", "employer-hires", "merchants"
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file a department sends. refused: the import is meant to refuse it."""

    list_slug: str
    file: str
    as_of: date
    area: str
    rows: int
    refused: bool = False


def write_files(
    population: Population,
    declarations: Mapping[str, ListDeclaration],
    folder: Path,
    *,
    residents: int,
    seed: int,
    as_of: date,
    progress: Progress = lambda what, rows: None,
) -> list[Delivery]:
    """Write every list's files and deliveries.yaml into `folder`. One pass over the population; memory is that of one block."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".parts-") as temporary:
        parts = Path(temporary)
        numbers = Numbers()
        for number, block in enumerate(blocks(population, residents, seed, as_of)):
            for slug, frame in _block_rows(block, declarations, numbers).items():
                frame.write_parquet(parts / f"{slug}-{number:05d}.parquet", compression="lz4")
            progress("", block.slice.first + block.slice.size - 1)
        writer = _Writer(population, folder, parts, seed, as_of, progress)
        written = [delivery for slug in sorted(declarations) for delivery in writer.deliver(declarations[slug])]
    deliveries = [delivery for delivery in written if delivery.rows]  # nobody sends a file without rows
    for nothing in set(written) - set(deliveries):
        (folder / nothing.file).unlink()
    slips = pl.DataFrame([vars_of(slip) for slip in writer.slips], schema=dict.fromkeys(Slip.__dataclass_fields__, pl.String))
    slips.write_parquet(folder / "slips.parquet")
    content = {"generated": True, "residents": residents, "seed": seed, "as_of": as_of, "deliveries": [vars_of(one) for one in deliveries]}
    (folder / "deliveries.yaml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return deliveries


def read_deliveries(folder: Path) -> list[Delivery]:
    """What write_files wrote into the folder."""
    content = yaml.safe_load((folder / "deliveries.yaml").read_text("utf-8"))
    return [Delivery(**one) for one in content["deliveries"]]


def vars_of(one: Any) -> dict[str, Any]:
    """The fields of a slotted dataclass, in order."""
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _block_rows(block: Block, declarations: Mapping[str, ListDeclaration], numbers: Numbers) -> dict[str, pl.DataFrame]:
    """Rows of each list in the declaration's column names, with the registered area to sort them by."""
    kin, where = block.scene.kin, block.scene.where
    people = pl.DataFrame(
        {
            "person_id": uids("person", block.seed, block.numbers),
            "identity_number": numbers.identity_numbers(kin.born, kin.male),
            "person_name": pl.Series(draw_names(block.slice, block.seed, kin).tolist(), dtype=pl.String),
            "birth_date": pl.Series(kin.born).cast(pl.Date),
            "area_code": pl.Series(where.registered.tolist(), dtype=pl.String),
            "spared": pl.Series(_spared(block)),
        }
    )
    found = {}
    for slug, rows in block.lists.items():
        columns = {}
        for column in declarations[slug].columns:
            if column.name in rows.values:
                values = series(rows.values[column.name], column.type)
                columns[column.name] = values.set(pl.Series(~rows.known(column.name)), None) if column.name in rows.blank else values
        found[slug] = people.with_columns(**columns).filter(pl.Series(rows.present))
    found[_ROSTER] = _roster(block)
    found[_HIRES] = _hires(block)
    found[_MERCHANTS] = _merchants(block)
    return found


def _spared(block: Block) -> Bools:
    """Whose rows carry no slip: everyone of a planted household."""
    homes = block.scene.homes
    planted = np.zeros(len(homes.head), dtype=bool)
    planted[homes.household[[one.person for one in block.planted]]] = True
    return np.asarray(planted[homes.household])


def _roster(block: Block) -> pl.DataFrame:
    employers = block.employers
    blank = pl.Series(employers.blank)
    return pl.DataFrame(
        {
            "credit_code": pl.Series(employers.code.tolist(), dtype=pl.String),
            "organisation_name": [organisation_name(number) for number in employers.number.tolist()],
            "insured_headcount": employers.insured_headcount,
            "new_hires_12m": pl.Series(employers.new_hires_12m).set(blank, None),
            "micro_enterprise": pl.Series(employers.micro_enterprise).set(blank, None),
        }
    )


def _hires(block: Block) -> pl.DataFrame:
    employers = block.employers
    return pl.DataFrame(
        {
            "credit_code": pl.Series(employers.code.tolist(), dtype=pl.String),
            "insured": employers.by_roster,
            "joined": employers.joined,
            "gone": np.zeros(len(employers.joined), dtype=np.int64),
            "net": employers.joined,
        }
    )


def _merchants(block: Block) -> pl.DataFrame:
    employers = block.employers
    return pl.DataFrame(
        {
            "credit_code": pl.Series(employers.code.tolist(), dtype=pl.String),
            "organisation_name": [organisation_name(number) for number in employers.number.tolist()],
            "time_honoured": employers.time_honoured,
        },
        schema_overrides={"organisation_name": pl.String},
    ).filter(pl.Series(employers.merchant))


def organisation_name(number: int) -> str:
    """A name that nobody would take for a real company's."""
    return f"演示单位{number}号"


@dataclass(slots=True)
class _Writer:
    population: Population
    folder: Path
    parts: Path
    seed: int
    as_of: date
    progress: Progress
    slips: list[Slip] = field(default_factory=list)

    def deliver(self, declaration: ListDeclaration) -> Iterator[Delivery]:
        """Write one list's files: one for the city, or one for each county of the list that a county sends late."""
        stale = self.population.rates["stale"]
        if declaration.slug != stale["list"]:
            yield self._write(declaration, self.population.area, self.as_of)
            return
        for county in self.population.counties:
            late = timedelta(days=stale["days"] if county.code == stale["county"] else 0)
            yield self._write(declaration, county.code, self.as_of - late)
        yield self._write(declaration, self.population.counties[0].code, self.as_of, refused=True)

    def _write(self, declaration: ListDeclaration, area: str, as_of: date, refused: bool = False) -> Delivery:
        pieces = sorted(self.parts.glob(f"{declaration.slug}-*.parquet"))
        frame = pl.scan_parquet(pieces)
        columns = [column for column in declaration.columns if column.name in frame.collect_schema().names()]
        person = declaration.subject == "person"
        if person:
            frame = frame.filter(pl.col("area_code").str.starts_with(area))
        count = int(frame.select(pl.len()).collect().item())
        stem = declaration.slug if area == self.population.area else f"{declaration.slug}.{area}"
        name = f"{stem}{'.as-first-sent' if refused else ''}.{'csv' if count > XLSX_ROWS else 'xlsx'}"
        rng = np.random.default_rng([self.seed, *name.encode()])
        rows = self._rows(declaration, columns, pieces, area if person else "", rng, name, refused)
        headers = [column.zh for column in columns]
        written = write_table(self.folder / name, headers, rows, sheet=declaration.zh[:31], progress=lambda done: self.progress(name, done))
        return Delivery(declaration.slug, name, as_of, area, written, refused)

    def _rows(
        self,
        declaration: ListDeclaration,
        columns: list[Column],
        pieces: list[Path],
        area: str,
        rng: np.random.Generator,
        name: str,
        refused: bool,
    ) -> Iterator[list[Value]]:
        number = 1
        for piece in pieces:
            frame = pl.read_parquet(piece)
            if area:
                frame = frame.filter(pl.col("area_code").str.starts_with(area))
                frame, slips = soften(frame, self.population.rates, rng, name, number)
                if refused:
                    frame, more = first_sent(frame, rng, name, number)
                    slips += more
                self.slips += slips
            for row in frame.select([column.name for column in columns]).iter_rows():
                number += 1
                yield [_as_sent(column, value) for column, value in zip(columns, row, strict=True)]


def _as_sent(column: Column, value: Any) -> Value:
    """A value in the department's words: codes back to their labels, fen to yuan."""
    if value is None:
        return None
    if column.type == "money":
        return Decimal(value) / 100
    if column.type == "boolean" and not column.codes:
        return "是" if value else "否"
    if column.type == "identity" and "E+" in value:
        return Decimal(value)  # a number cell, as the spreadsheet left it
    if column.codes:
        return next((word for word, code in column.codes.items() if code == value), value)
    return value  # type: ignore[no-any-return]
