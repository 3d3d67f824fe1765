"""One subject's facts, members and relatives out of whole files, as explain() wants them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from linli.rules.evaluate import Tables
from linli.rules.frames import scan, typed
from linli.rules.rule import Rule
from linli.rules.tree import BOOLEAN, TEXT, FactOf, Holds, Type

Row = dict[str, Any]


def facts_of_subject(rule: Rule, tables: Tables, subject: str) -> tuple[Row, list[Row] | None, list[Row] | None] | None:
    """(facts, members, relatives) of the subject with this id, or None if there is none. Reads only the rows needed."""
    people, name = scan(tables.people, "people")
    if rule.subject == "household":
        inside = _people(rule, people, name, "household", pl.col("household_id").cast(pl.String) == subject)
        homes = _households(rule, tables, pl.col("household_id").cast(pl.String) == subject)
        return (homes[0] if homes else {}, inside, None) if homes or inside else None
    found = _people(rule, people, name, "subject", pl.col("person_id").cast(pl.String) == subject)
    if not found:
        return None
    facts, home = found[0], found[0].get("household_id")
    if home is None:
        return facts, None, _relatives(rule, tables, people, name, subject, facts)
    at_home = pl.col("household_id") == pl.lit(home)
    for row in _households(rule, tables, at_home):
        facts = {**facts, **{key: value for key, value in row.items() if value is not None}}
    members = _people(rule, people, name, "household", at_home) if "household" in rule.groups_used else None
    return facts, members, _relatives(rule, tables, people, name, subject, facts)


def _columns(rule: Rule, scope: str, home: bool) -> dict[str, Type]:
    """The facts read in a scope, of the household itself (home) or of people."""
    found = {node.name: node.type for node in rule.nodes if isinstance(node, FactOf) and node.scope == scope and node.name != "relation"}
    held = {f"holds.{node.slug}": BOOLEAN for node in rule.nodes if isinstance(node, Holds) and node.scope == scope}
    facts = rule.declarations.facts

    def at_home(name: str) -> bool:
        return scope == "subject" and (rule.subject == "household" or (name in facts and facts[name].of == "household"))

    return {name: kind for name, kind in {**found, **held}.items() if at_home(name) == home}


def _people(rule: Rule, people: pl.LazyFrame, name: str, scope: str, which: pl.Expr) -> list[Row]:
    schema = people.collect_schema()
    keys = tuple(key for key in ("person_id", "household_id", "relations_known") if key in schema)
    return _rows(typed(people.filter(which), _columns(rule, scope, home=False), name, keys), _columns(rule, scope, home=False))


def _households(rule: Rule, tables: Tables, which: pl.Expr) -> list[Row]:
    columns = _columns(rule, "subject", home=True)
    if tables.households is None:
        return []
    homes, name = scan(tables.households, "households")
    return _rows(typed(homes.filter(which), columns, name, ("household_id",)), columns)


def _relatives(rule: Rule, tables: Tables, people: pl.LazyFrame, name: str, subject: str, facts: Row) -> list[Row] | None:
    if "family" not in rule.groups_used or tables.relations is None or facts.get("relations_known", True) is not True:
        return None
    lazy, file = scan(tables.relations, "relations")
    keys = ("person_id", "relative_id")
    edges = typed(lazy.filter(pl.col("person_id").cast(pl.String) == subject), {"relation": TEXT}, file, keys).collect()
    ids = edges["relative_id"].implode()
    known = {row["person_id"]: row for row in _people(rule, people, name, "family", pl.col("person_id").is_in(ids))}
    return [
        {**known.get(edge["relative_id"], {}), "person_id": edge["relative_id"], "relation": edge["relation"]}
        for edge in edges.iter_rows(named=True)
    ]


def _rows(lazy: pl.LazyFrame, columns: dict[str, Type]) -> list[Row]:
    """Rows with decimals as Decimal again, as people give them."""
    scales = {name: kind.scale for name, kind in columns.items() if kind.scale}
    rows: list[Row] = lazy.collect().to_dicts()
    for row in rows:
        row.update({name: Decimal(row[name]).scaleb(-scale) for name, scale in scales.items() if row[name] is not None})
    return rows
