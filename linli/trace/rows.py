"""Digests of domain rows, stored with the facts that changed them, so that a row altered behind the trace is named.

A row's text is made by PostgreSQL from what the table holds: one "column=value" line for every column that is not null, in
column order. The hash of label, key and text is taken here, in SHA-256 or SM3. A column added later as null changes no digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Combinable
from psycopg import sql

from linli.kernel.digests import default_algorithm, digest

GONE = "gone"
_registry: dict[str, Digested] = {}
_PLAIN = ("smallint", "integer", "bigint", "boolean", "uuid", "numeric")


@dataclass(frozen=True, slots=True)
class RowRef:
    """A row of a digested model: its label ("registers.resident") and primary key as text."""

    label: str
    key: str

    def __str__(self) -> str:
        return f"{self.label}:{self.key}"


@dataclass(frozen=True, slots=True)
class Digested:
    """A model whose rows carry digests, and which of its columns they cover, as (column, SQL template of its text)."""

    model: type[models.Model]
    columns: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier(self.model._meta.db_table)

    @property
    def key(self) -> sql.Identifier:
        return sql.Identifier(str(self.model._meta.pk.column))

    def text(self) -> sql.Composable:
        """The SQL expression of a row's text."""
        return sql.SQL("concat_ws(E'\\n', {})").format(
            sql.SQL(", ").join(
                sql.SQL("{} || ").format(f"{column}=") + sql.SQL(template).format(sql.Identifier(column))
                for column, template in self.columns
            )
        )

    def expression(self) -> Func:
        """The same text as an expression for a queryset of the model."""
        parts: list[Combinable] = [
            Func(
                Value(f"{column}="),
                Func(F(column), template=template.format("%(expressions)s")),
                template="(%(expressions)s)",
                arg_joiner=" || ",
            )
            for column, template in self.columns
        ]
        return Func(Value("\n"), *parts, function="concat_ws", output_field=TextField())


def digested(model: type[models.Model], *, exclude: Iterable[str] = ()) -> type[models.Model]:
    """Declare that acts digest this model's rows, leaving out the named fields (derived search keys, counters).

    Call it in the stage's facts.py. Every act that changes such a row names it in `rows=`.
    """
    _registry[model._meta.label_lower] = covering(model, exclude=exclude)
    return model


def covering(model: type[models.Model], *, exclude: Iterable[str] = ()) -> Digested:
    """The canonical text of a model's rows, without declaring that acts digest them."""
    left_out = set(exclude)
    unknown = left_out - {field.name for field in model._meta.concrete_fields}
    if unknown:
        raise ValueError(f"{model._meta.label}: no such fields: {', '.join(sorted(unknown))}")
    columns = sorted(
        (str(field.column), _template(field.db_type(connection) or "text"))
        for field in model._meta.concrete_fields
        if field.name not in left_out and not field.primary_key
    )
    return Digested(model, tuple(columns))


def _template(db_type: str) -> str:
    """How a column becomes text, whatever the session's settings. Text and dates go through JSON, which also escapes newlines."""
    if db_type.startswith("timestamp with time zone"):
        return "to_json({} AT TIME ZONE 'UTC')::text"
    plain = db_type.split("(")[0] in _PLAIN
    return "{}::text" if plain else "to_json({})::text"


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


def digest_of(label: str, key: object, text: str, algorithm: str | None = None) -> str:
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
    algorithm = default_algorithm()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(_select(_registry[label]) for label in wanted), list(wanted.values()))
        for label, key, text in cursor.fetchall():
            found[RowRef(label, key)] = digest_of(label, key, text, algorithm)
    return found


@cache
def _select(declared: Digested) -> str:
    """The rows of a model by key, its one parameter; written once a process, since every act asks for some."""
    key_type = declared.model._meta.pk.rel_db_type(connection) or "text"
    parts = declared.label, declared.key, declared.text(), declared.table, declared.key
    text = sql.SQL("SELECT {}, {}::text, {} FROM {} WHERE {} = ANY").format(*parts).as_string()
    return f"{text.replace('%', '%%')}(%s::{key_type}[])"


def text_of(model: type[models.Model]) -> Func:
    """The text of a digested model's rows, for a queryset of it."""
    return _registry[model._meta.label_lower].expression()


def row_digest(row: Any) -> str:
    """The digest of one row as it is in the database now. One query."""
    return digests_now([ref(row)])[ref(row)]


def with_digests(queryset: models.QuerySet[Any], *columns: str) -> Iterator[tuple[dict[str, str], tuple[Any, ...]]]:
    """Stream ({row reference: digest}, (the named columns)) of a digested model's rows, for Bulk.extend.

    One server-side cursor, bounded memory; about 10 µs a row beside the scan.
    """
    label, algorithm = queryset.model._meta.label_lower, default_algorithm()
    rows = queryset.values_list("pk", _registry[label].expression(), *columns)
    for key, text, *values in rows.iterator(chunk_size=5000):
        yield {f"{label}:{key}": digest_of(label, key, text, algorithm)}, tuple(values)
