"""Prepared statements over Django's connection, as sound as its own queries: a dead connection is replaced, errors are Django's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from linli.kernel import prepared


def rows(statement: str, parameters: Mapping[str, Any]) -> list[prepared.Row]:
    """Run one statement as kernel.prepared does, in the current transaction."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return prepared.rows(connection.connection, statement, parameters)
