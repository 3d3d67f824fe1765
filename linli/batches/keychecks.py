"""Key checks (重点抽查): which items a condition of the programme draws in any case, by what the registers say of them today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from uuid import UUID

import polars as pl

from linli.batches import carried
from linli.batches.models import Batch, Item
from linli.programmes.declaration import Programme
from linli.registers.snapshot import facts_for
from linli.rules import Rule
from linli.screening.evaluation import evaluate_few, evaluate_firms

AT_ONCE = 1000
_CONDITION = "condition."


def reasons_of(batch: Batch, programme: Programme, items: Iterable[Item], day: date) -> Iterator[tuple[Item, tuple[str, ...]]]:
    """As conditions_of(), and of whoever got away from an earlier draw carried.CODE beside."""
    again = carried.carried(batch)
    for item, codes in conditions_of(programme, items, day):
        yield item, (*codes, carried.CODE) if item.award_id in again else codes


def conditions_of(programme: Programme, items: Iterable[Item], day: date) -> Iterator[tuple[Item, tuple[str, ...]]]:
    """Each item with the codes of the key conditions that hold for its beneficiary; () where none does, or none is declared.

    A condition that isn't known to hold draws nobody. Two statements and one evaluation for a thousand items, in their order.
    """
    key = programme.verification.key if programme.verification is not None else None
    if key is None:
        yield from ((item, ()) for item in items)
        return
    source = iter(items)
    while some := tuple(islice(source, AT_ONCE)):
        found = _holding(replace(programme, rule=key), key, some, day)
        yield from ((item, found.get(str(item.beneficiary), ())) for item in some)


def _holding(programme: Programme, key: Rule, items: tuple[Item, ...], day: date) -> dict[str, tuple[str, ...]]:
    wanted = [item.beneficiary for item in items]
    frame: pl.DataFrame = (
        evaluate_firms(programme, wanted, day) if programme.subject == "organisation" else _of_people(programme, wanted, day)
    )
    names = [condition.id for condition in key.conditions]
    columns = [f"{_CONDITION}{name}" for name in names]
    rows = frame.select(pl.col("subject_id").cast(pl.String), *columns).iter_rows()
    return {subject: tuple(name for name, holds in zip(names, flags, strict=True) if holds is True) for subject, *flags in rows}


def _of_people(programme: Programme, wanted: list[UUID], day: date) -> pl.DataFrame:
    households = programme.subject == "household"
    family = facts_for(() if households else wanted, as_of=day, households=wanted if households else ())
    return evaluate_few(programme, family, day)
