"""Statements that PostgreSQL parses and plans once per connection and afterwards only runs.

A screening's statements are wide: planning one takes several times as long as running it for one person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

Row = dict[str, Any]
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


def rows(connection: psycopg.Connection[Any], statement: str, parameters: Mapping[str, Any]) -> list[Row]:
    """Run one statement with named placeholders, prepared on the server; its rows by column name.

    A list that is as long as what it asks for belongs into `ANY((SELECT %(name)s::uuid[])::uuid[])`: PostgreSQL can't look into
    a sub-select while planning. Otherwise it reckons every plan for the list at hand cheaper than the plan for any list, and
    plans anew each time.
    """
    from psycopg import RawCursor  # late: rules are evaluated over files without it
    from psycopg.rows import dict_row

    text, names = _numbered(statement)
    if connection.prepare_threshold is None:
        # Django switches prepared statements off for a connection; its own cursors bind on the client and are not touched by this.
        connection.prepare_threshold = 0
    with RawCursor(connection, row_factory=dict_row) as cursor:
        return cursor.execute(text, [parameters[name] for name in names], prepare=True).fetchall()


@lru_cache(maxsize=512)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with $1, $2, … and the names in that order. psycopg would do it anew for every run of a long one."""
    places: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"${places.setdefault(found[1], len(places) + 1)}" if found[1] else "%"

    return _PLACEHOLDER.sub(numbered, statement).encode(), tuple(places)
