"""Many rows changed by one statement of a handful of arrays, however many rows there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import connections, models, router
from psycopg import sql

_UPDATE = sql.SQL("UPDATE {table} t SET {changes} FROM unnest({arrays}) AS n ({names}) WHERE t.{key} = n.{key}")


def update_all(rows: Sequence[models.Model], *fields: str) -> int:
    """Write the named fields of rows as they stand in memory; how many rows there were to write.

    As bulk_update(), which takes most of a millisecond a row to build an expression of every single value. Not for columns that hold
    arrays, which unnest() would flatten (ValueError). One statement, none without rows.
    """
    if not rows:
        return 0
    meta = type(rows[0])._meta
    key = meta.pk
    assert key is not None
    columns: list[models.Field[Any, Any]] = [key, *(meta.get_field(name) for name in fields)]  # type: ignore[list-item]
    connection = connections[router.db_for_write(type(rows[0]))]
    types = [_plain(column, connection) for column in columns]
    if flattened := [column.name for column, kind in zip(columns, types, strict=True) if kind.endswith("[]")]:
        raise ValueError(f"{meta.label}: {', '.join(flattened)} can't be written by unnest()")
    values = [[column.get_db_prep_save(getattr(row, column.attname), connection) for row in rows] for column in columns]
    statement = _UPDATE.format(
        table=sql.Identifier(meta.db_table),
        changes=sql.SQL(", ").join(sql.SQL("{0} = n.{0}").format(sql.Identifier(str(column.column))) for column in columns[1:]),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in types),
        names=sql.SQL(", ").join(sql.Identifier(str(column.column)) for column in columns),
        key=sql.Identifier(str(key.column)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _plain(column: models.Field[Any, Any], connection: Any) -> str:
    """Its type without a length: a cast to varchar(4) would cut what is too long, where the column itself refuses it."""
    kind = column.rel_db_type(connection) if column.primary_key else column.db_type(connection)
    return re.sub(r"\(.*\)", "", kind or "[]")
