"""Rows without digests of their own that digested rows name or count: one that is gone, or says otherwise, was deleted or altered behind
the trace.

What a bank's file says is staged by the million and told row by row in the facts of what it brought about; those name the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from django.db import models
from psycopg import sql

from linli.trace.findings import Finding
from linli.trace.verify import stream

_names: list[_Names] = []
_counts: list[_Counts] = []
_sums: list[Callable[[], Iterator[Finding]]] = []
_MISSING = """
SELECT one.{key}::text, concat_ws('/', {place}) FROM {table} AS one LEFT JOIN {named} AS other ON {same}
WHERE {given} AND other.{other_key} IS NULL ORDER BY one.{key}"""
_MISCOUNTED = """
SELECT one.{key}::text, one.{count}, found.number FROM {table} AS one
CROSS JOIN LATERAL (SELECT count(*) AS number FROM {counted} AS other WHERE other.{owner} = one.{key}) AS found
WHERE one.{state} <> {unfinished} AND found.number <> one.{count} ORDER BY one.{key}"""


@dataclass(frozen=True, slots=True)
class _Names:
    model: type[models.Model]
    named: type[models.Model]
    place: Mapping[str, str]
    alike: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Counts:
    model: type[models.Model]
    count: str
    counted: type[models.Model]
    owner: str
    unfinished: str


def names(model: type[models.Model], named: type[models.Model], *, place: Mapping[str, str], alike: Mapping[str, str]) -> None:
    """Declare that rows of a digested model name rows of another: place says by which of its fields which of theirs, null where they name
    none; alike, which fields say the same in both."""
    _names.append(_Names(model, named, _columns(model, named, place), _columns(model, named, alike)))


def counts(model: type[models.Model], count: str, counted: type[models.Model], *, owner: str, unfinished: str) -> None:
    """Declare that a digested model's field says how many rows of another hang on it by `owner`, once its state isn't `unfinished`."""
    _counts.append(_Counts(model, count, counted, str(counted._meta.get_field(owner).column), unfinished))  # type: ignore[union-attr]


def sums(check: Callable[[], Iterator[Finding]]) -> Callable[[], Iterator[Finding]]:
    """Declare how a stage finds rows whose digest, kept by another row, no longer fits: Finding("sum_differs") of the row that keeps it."""
    _sums.append(check)
    return check


def verify_named() -> Iterator[Finding]:
    """Every row that names one which is gone or says otherwise, that counts others than there are, or keeps a digest of others that no
    longer fits. One pass over each."""
    for check in _sums:
        yield from check()
    for one in _names:
        with closing(stream(_missing(one))) as rows:
            for key, place in rows:
                yield Finding("named_missing", row=f"{one.model._meta.label_lower}:{key}", ids=f"{one.named._meta.label_lower}:{place}")
    for each in _counts:
        with closing(stream(_miscounted(each))) as rows:
            for key, told, found in rows:
                yield Finding("count_differs", row=f"{each.model._meta.label_lower}:{key}", other=told, ids=str(found))


def _missing(one: _Names) -> sql.Composable:
    mine = [sql.SQL("one.") + sql.Identifier(column) for column in one.place]
    pairs = [(*pair,) for pair in (*one.place.items(), *one.alike.items())]
    same = [sql.SQL("one.{} = other.{}").format(sql.Identifier(own), sql.Identifier(theirs)) for own, theirs in pairs]
    return sql.SQL(_MISSING).format(
        key=_key(one.model),
        place=sql.SQL(", ").join(mine),
        table=_table(one.model),
        named=_table(one.named),
        same=sql.SQL(" AND ").join(same),
        given=sql.SQL(" AND ").join(column + sql.SQL(" IS NOT NULL") for column in mine),
        other_key=_key(one.named),
    )


def _miscounted(one: _Counts) -> sql.Composable:
    return sql.SQL(_MISCOUNTED).format(
        key=_key(one.model),
        count=sql.Identifier(one.count),
        table=_table(one.model),
        counted=_table(one.counted),
        owner=sql.Identifier(one.owner),
        state=sql.Identifier("state"),
        unfinished=sql.Literal(one.unfinished),
    )


def _columns(model: type[models.Model], named: type[models.Model], fields: Mapping[str, str]) -> dict[str, str]:
    mine, theirs = ({field.name: str(field.column) for field in each._meta.concrete_fields} for each in (model, named))
    return {mine[own]: theirs[other] for own, other in fields.items()}


def _key(model: type[models.Model]) -> sql.Identifier:
    return sql.Identifier(str(model._meta.pk.column))


def _table(model: type[models.Model]) -> sql.Identifier:
    return sql.Identifier(model._meta.db_table)
