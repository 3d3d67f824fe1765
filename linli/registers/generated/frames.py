"""A generated block as frames in the shape that rules and screening read (docs/rules.md), without names and numbers; and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from linli.registers.generated.block import Block
from linli.registers.generated.cases import CASES
from linli.registers.generated.dwellings import Dwellings
from linli.registers.generated.households import ROLES
from linli.registers.generated.identity import uids
from linli.registers.generated.kinship import ADULT
from linli.registers.generated.lists import Rows
from linli.registers.generated.population import Bools, Ints, Population
from linli.registers.lists import ListDeclaration
from linli.rules.frames import GROUP_ROWS, encoded

_TYPES = {"money": pl.Int64, "integer": pl.Int64, "boolean": pl.Boolean, "date": pl.Date}
_PLACES = {"registered": "registered", "living": "lives", "insured": "insured", "study": "studies"}
ADAPTATION = "home-adaptation"
# Texts with too many different values to be held as codes.
MANY = frozenset({"registered_area", "living_area", "insured_area", "study_area", "employer_code"})


@dataclass(frozen=True, slots=True)
class Frames:
    """One block. people and households are sorted by household."""

    people: pl.DataFrame
    households: pl.DataFrame
    relations: pl.DataFrame
    organisations: pl.DataFrame
    truth: pl.DataFrame


def frames(block: Block, population: Population, declarations: Mapping[str, ListDeclaration]) -> Frames:
    """What a snapshot of the registers would show of the block on its as-of date."""
    return Frames(
        people_frame(block, population, declarations),
        _households(block),
        relations_frame(block),
        _organisations(block),
        _truth(block),
    )


def people_frame(block: Block, population: Population, declarations: Mapping[str, ListDeclaration]) -> pl.DataFrame:
    """One row per person: ids, built-in facts, the facts of every list, holdings. NULL is unknown."""
    kin, homes = block.scene.kin, block.scene.homes
    first = block.slice.first
    columns: dict[str, Any] = {
        "person_id": uids("person", block.seed, block.numbers),
        "household_id": _where(uids("household", block.seed, homes.household + first), block.home_known),
        "role": _where(_labels(ROLES, homes.role), block.home_known),
        "household_id.hukou_book": uids("book", block.seed, homes.book + first),
        "role.hukou_book": _labels(ROLES, homes.book_role),
        "relations_known": pl.Series(np.ones(len(kin.age), dtype=bool)),
        "birth_date": pl.Series(kin.born).cast(pl.Date),
        "sex": _labels(("female", "male"), kin.male.astype(np.int64)),
        "hukou_type": hukou_types(block),
        "is_deceased": pl.Series(np.zeros(len(kin.age), dtype=bool)),
    }
    for name, kind in _PLACES.items():
        columns |= place_columns(name, getattr(block.scene.where, kind))
    for slug, rows in block.lists.items():
        columns |= _facts(block, declarations[slug], rows, covered(block, population, declarations[slug]))
    columns[f"holds.{ADAPTATION}"] = pl.Series(block.adapted)
    return pl.DataFrame(columns)


def place_columns(name: str, areas: npt.NDArray[np.str_]) -> dict[str, pl.Series]:
    """Area, county and city of one situation; "" is unknown."""
    area = pl.Series(areas.tolist(), dtype=pl.String).replace("", None)
    return {f"{name}_area": area, f"{name}_county": area.str.head(6), f"{name}_prefecture": area.str.head(4)}


def hukou_types(block: Block) -> pl.Series:
    """By the place of registration's kind and chance (assumption): it decides nothing in employment."""
    draw = np.random.default_rng([block.seed, block.slice.first]).random(block.slice.size)
    kinds = np.where(draw < 0.05, 2, np.where(block.scene.where.urban, draw < 0.35, draw < 0.93))
    return _labels(("non_agricultural", "agricultural", "unified"), kinds.astype(np.int64))


def covered(block: Block, population: Population, declaration: ListDeclaration) -> Bools:
    """Who lies inside a fresh import of the list: by place, and outside the county that has not sent it lately."""
    where: Dwellings = block.scene.where
    place = getattr(where, declaration.place)
    inside = np.char.startswith(place, declaration.area)
    stale = population.rates["stale"]
    if declaration.slug == stale["list"]:
        inside &= ~np.char.startswith(place, stale["county"])
    return np.asarray(inside)


def _facts(block: Block, declaration: ListDeclaration, rows: Rows, inside: Bools) -> dict[str, pl.Series]:
    found: dict[str, pl.Series] = {}
    if declaration.presence:
        known = rows.present | (inside if declaration.absence == "no" else False)
        found[declaration.presence.fact] = _where(pl.Series(rows.present), known)
    for column in declaration.fact_columns:
        if column.name in rows.values and column.fact:
            values = series(rows.values[column.name], column.type)
            found[column.fact] = _where(values, rows.known(column.name))
            if column.absent is not None and declaration.absence == "no":
                absent = pl.select(pl.lit(column.absent, dtype=values.dtype)).to_series()
                found[column.fact] = found[column.fact].zip_with(pl.Series(rows.present | ~inside), absent.new_from_index(0, len(values)))
    return found


def series(values: npt.NDArray[Any], type_: str) -> pl.Series:
    """A column of a list in the type that facts of its type have in frames."""
    if values.dtype.kind == "U":
        return pl.Series(values.tolist(), dtype=pl.String)
    return pl.Series(values).cast(_TYPES.get(type_, pl.String))


def _where(values: pl.Series, known: Bools) -> pl.Series:
    return values.zip_with(pl.Series(known), pl.Series([None], dtype=values.dtype).new_from_index(0, len(values)))


def _labels(words: tuple[str, ...], positions: Ints) -> pl.Series:
    return pl.Series(list(words), dtype=pl.String).gather(pl.Series(positions))


def _households(block: Block) -> pl.DataFrame:
    homes = block.scene.homes
    number = np.arange(len(homes.head))
    frame = pl.DataFrame(
        {
            "household_id": uids("household", block.seed, number + block.slice.first),
            "household_kind": pl.Series(["shared_living"]).new_from_index(0, len(number)),
        }
        | place_columns("household", block.scene.where.registered[homes.head])
    )
    return frame.filter(pl.Series(block.home_known[homes.head]))


def relations_frame(block: Block) -> pl.DataFrame:
    """person, relative, and what the relative is to the person; every link in both directions.

    Minors who live without their parents have the head of their household as guardian.
    """
    kin, homes = block.scene.kin, block.scene.homes
    people = np.arange(block.slice.size)
    head = homes.head[homes.household]
    with_parent = np.zeros(len(people), dtype=bool)
    pairs: list[tuple[Ints, Ints, str, str]] = []
    for relation in ("father", "mother"):
        parent = getattr(kin, relation)
        child = np.flatnonzero(parent >= 0)
        with_parent[child] |= homes.household[child] == homes.household[parent[child]]
        pairs.append((child, parent[child], relation, "child"))
    wards = np.flatnonzero((kin.age < ADULT) & ~with_parent & (head != people) & (kin.age[head] >= ADULT))
    pairs.append((wards, head[wards], "guardian", "ward"))
    married = np.flatnonzero(kin.spouse >= 0)
    parts = [_links(block, married, kin.spouse[married], "spouse")]
    for one, other, there, back in pairs:
        parts += [_links(block, one, other, there), _links(block, other, one, back)]
    return pl.concat(parts)


def _links(block: Block, people: Ints, relatives: Ints, relation: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "person_id": uids("person", block.seed, people + block.slice.first),
            "relative_id": uids("person", block.seed, relatives + block.slice.first),
            "relation": pl.Series([relation]).new_from_index(0, len(people)),
        }
    )


def _organisations(block: Block) -> pl.DataFrame:
    employers = block.employers
    known = ~employers.blank
    return pl.DataFrame(
        {
            "person_id": uids("organisation", block.seed, employers.number),
            **place_columns("registered", np.full(len(employers.number), block.slice.county.code)),
            "insured_headcount": pl.Series(employers.insured_headcount),
            "new_hires_12m": _where(pl.Series(employers.new_hires_12m), known),
            "micro_enterprise": _where(pl.Series(employers.micro_enterprise), known),
            "insured_by_roster": pl.Series(employers.by_roster),
            "net_hires_12m": pl.Series(employers.joined),
            "is_small_merchant": pl.Series(employers.merchant),
            "time_honoured": _where(pl.Series(employers.time_honoured), employers.merchant),
        }
    )


def _truth(block: Block) -> pl.DataFrame:
    """programme, subject_id, label (eligible, ineligible, undecided), why, missing facts, amount in fen where the case fixes it."""
    homes, first = block.scene.homes, block.slice.first
    people = np.array([one.person for one in block.planted], dtype=np.int64)
    households = pl.Series([one.case.subject == "household" for one in block.planted], dtype=pl.Boolean)
    subject = uids("household", block.seed, homes.household[people] + first).zip_with(
        households, uids("person", block.seed, people + first)
    )
    return pl.DataFrame(
        {
            "programme": [one.case.programme for one in block.planted],
            "subject_id": subject,
            "label": [one.case.label for one in block.planted],
            "why": [one.case.why for one in block.planted],
            "missing": [list(one.case.missing) for one in block.planted],
            "amount_fen": [one.case.amount_fen for one in block.planted],
        },
        schema_overrides={
            "programme": pl.String,
            "label": pl.String,
            "why": pl.String,
            "missing": pl.List(pl.String),
            "amount_fen": pl.Int64,
        },
    )


def write_parquet(folder: Path, name: str, parts: Path, marks: Mapping[str, str]) -> Path:
    """Join the parts of one frame, in order, into folder/name.parquet marked as generated, in bounded memory, and remove them."""
    out = folder / f"{name}.parquet"
    pieces = sorted(parts.glob(f"{name}-*.parquet"))
    whole = pl.scan_parquet(pieces)
    if name == "people":
        texts = [column for column, kind in whole.collect_schema().items() if kind == pl.String]
        whole = encoded(whole, [column for column in texts if not column.startswith(("person_id", "household_id")) and column not in MANY])
    whole.sink_parquet(out, compression="zstd", metadata=dict(marks), maintain_order=True, row_group_size=GROUP_ROWS)
    for piece in pieces:
        piece.unlink()
    return out


def marks(residents: int, seed: int, as_of: date) -> dict[str, str]:
    """What every generated file says of itself."""
    return {
        "generated": "true",
        "residents": str(residents),
        "seed": str(seed),
        "as_of": as_of.isoformat(),
        "kinds_of_case": str(len(CASES)),
    }
