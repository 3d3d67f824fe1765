"""Digests of domain rows, stored with the facts that changed them, so that a row altered behind the trace is named.

A row's text is made by PostgreSQL from what the table holds, one "column=JSON" line for every column that is not null, in
column order; the hash of label, key and text is taken here, in SHA-256 or SM3. Columns added later as null change no digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from linli.kernel.digests import digest

GONE = "gone"
_registry: dict[str, Digested] = {}
_AS_TEXT = {"smallint", "integer", "bigint", "boolean", "uuid", "numeric"}


@dataclass(frozen=True, slots=True)
class RowRef:
    """A row of a digested model: its label ("registers.resident") and primary key as text."""

    label: str
    key: str

    def __str__(self) -> str:
        return f"{self.label}:{self.key}"


@dataclass(frozen=True, slots=True)
class Digested:
    """A model whose rows carry digests. text: the SQL expression of a row's text; table, key: quoted names."""

    label: str
    table: str
    key: str
    key_type: str
    text: str


def digested(model: type[models.Model], *, exclude: Iterable[str] = ()) -> type[models.Model]:
    """Declare that acts digest this model's rows, leaving out the named fields (derived search keys, counters).

    Call it in the stage's facts.py. Every act that changes such a row names it in `rows=`.
    """
    left_out = set(exclude)
    unknown = left_out - {field.name for field in model._meta.concrete_fields}
    if unknown:
        raise ValueError(f"{model._meta.label}: no such fields: {', '.join(sorted(unknown))}")
    quote = connection.ops.quote_name
    parts = [
        f"'{field.column}=' || {_column_text(quote(field.column), field.db_type(connection) or '')}"
        for field in sorted(model._meta.concrete_fields, key=lambda field: field.column)
        if field.name not in left_out and not field.primary_key
    ]
    key = model._meta.pk
    _registry[model._meta.label_lower] = Digested(
        label=model._meta.label_lower,
        table=quote(model._meta.db_table),
        key=quote(key.column),
        key_type=(key.rel_db_type(connection) or "text"),
        text=f"concat_ws(E'\\n', {', '.join(parts)})",
    )
    return model


def _column_text(column: str, db_type: str) -> str:
    base = db_type.split("(")[0].split(" ")[0]
    if db_type.startswith("timestamp with"):
        return f"to_json({column} AT TIME ZONE 'UTC')::text"
    return f"{column}::text" if base in _AS_TEXT else f"to_json({column})::text"


def registered() -> list[Digested]:
    """Every digested model, by label."""
    return [_registry[label] for label in sorted(_registry)]


def ref(row: Any) -> RowRef:
    """The reference of an instance or of a (model, key) pair; raises ValueError if the model is not digested or has no key."""
    model, key = row if isinstance(row, tuple) else (type(row), row.pk)
    label = model._meta.label_lower
    if label not in _registry:
        raise ValueError(f"{label} is not a digested model: call linli.trace.rows.digested in its stage's facts.py")
    if key is None:
        raise ValueError(f"a {label} without a key: save it before its fact is recorded")
    return RowRef(label, str(key))


def digest_of(label: str, key: str, text: str, algorithm: str | None = None) -> str:
    """The digest of one row, from its text."""
    return digest(f"{label}:{key}\n{text}".encode(), algorithm)


def digests_now(refs: Iterable[RowRef]) -> dict[RowRef, str]:
    """Digests of rows as they are in the database now, GONE for those that are not there. One query."""
    wanted: dict[str, list[str]] = {}
    for one in refs:
        wanted.setdefault(one.label, []).append(one.key)
    if not wanted:
        return {}
    found = {RowRef(label, key): GONE for label, keys in wanted.items() for key in keys}
    selects, parameters = [], []
    for label, keys in wanted.items():
        model = _registry[label]
        selects.append(f"SELECT %s, {model.key}::text, {model.text} FROM {model.table} WHERE {model.key} = ANY(%s::{model.key_type}[])")
        parameters += [label, keys]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), parameters)
        for label, key, text in cursor.fetchall():
            found[RowRef(label, key)] = digest_of(label, key, text)
    return found


def row_digest(row: Any) -> str:
    """The digest of one row as it is in the database now. One query."""
    return digests_now([ref(row)])[ref(row)]
