"""Whole files through PostgreSQL, one subject a statement: the second opinion of `linli rules eval --engine postgres`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from linli.rules.evaluate import Run, Tables, runs
from linli.rules.inputs import Inputs
from linli.rules.live import Carried, LiveRules, Verdict
from linli.rules.rule import Rule

Rows = list[dict[str, Any]]


def evaluate_frame_postgres(rule: Rule, tables: Tables, *, as_of: date, connection: Any, assume: bool = False) -> pl.DataFrame:
    """The same table as evaluate_frame, computed by PostgreSQL. Cost: one statement per subject; keep the files moderate."""
    (session,) = runs([rule], tables, as_of, assume=assume)
    live = LiveRules([rule], as_of)
    ids, verdicts = [], []
    for identity, rows in _subjects(session):
        ids.append(identity)
        verdicts.append(live.evaluate_carried(connection, rows)[0])
    return _table(rule, ids, verdicts)


def _table(rule: Rule, ids: list[Any], verdicts: list[Verdict]) -> pl.DataFrame:
    conditions = {
        f"condition.{item.id}": pl.Series([verdict.conditions[index][1] for verdict in verdicts], dtype=pl.Boolean)
        for index, item in enumerate(rule.conditions)
    }
    return pl.DataFrame(
        {
            "subject_id": pl.Series(ids),
            "verdict": pl.Series([verdict.verdict for verdict in verdicts], dtype=pl.String),
            **conditions,
            "missing": pl.Series([list(verdict.missing) for verdict in verdicts], dtype=pl.List(pl.String)),
            "amount_fen": pl.Series([verdict.amount_fen for verdict in verdicts], dtype=pl.Int64),
        }
    )


def _subjects(session: Run) -> Iterator[tuple[Any, Carried]]:
    """Each subject's id and its rows as the engines carry them."""
    inputs, groups = session.inputs, session.program.groups()
    homes = _households(inputs) if "household" in groups else {}
    relatives = _relatives(inputs) if "family" in groups else {}
    home_of = _home_of(inputs) if "household" in groups and inputs.key != "household_id" else {}
    for piece in inputs.subjects():
        for row in piece.iter_rows(named=True):
            identity = row.pop(inputs.key)
            row.pop("household_id", None)
            home = identity if inputs.key == "household_id" else home_of.get(identity)
            yield identity, {"subject": [_known(row)], "household": homes.get(home), "family": relatives.get(identity)}


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _home_of(inputs: Inputs) -> dict[Any, Any]:
    return dict(inputs.people.lazy.select("person_id", "household_id").collect().iter_rows())


def _households(inputs: Inputs) -> dict[Any, Rows]:
    homes: dict[Any, Rows] = {}
    for piece in inputs.members():
        for row in piece.iter_rows(named=True):
            home = row.pop("household_id")
            if home is not None:
                homes.setdefault(home, []).append(_known(row))
    return homes


def _relatives(inputs: Inputs) -> dict[Any, Rows | None]:
    people = inputs.places()
    pairs = zip(people["person_id"], people["relations_known"], strict=True)
    found: dict[Any, Rows | None] = {person: [] if known else None for person, known in pairs}
    columns = list(inputs.program.columns("family"))
    for row in inputs.edges(people).iter_rows(named=True):
        rows = found.get(row["person_id"])
        if rows is not None:
            rows.append(_known({name: row[name] for name in columns}))
    return found
