"""The Django database entry for a libpq URL."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def from_url(url: str, *, test_name: str | None = None) -> dict[str, Any]:
    """Settings for `postgresql://user:password@host:port/name`, or, on a socket, `…@/name?host=/socket/folder&port=5433`.

    An empty URL names no server, and the first query says so.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or unquote(parts.hostname or "")
    entry: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "linli",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": query.pop("port", None) or str(parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
    if test_name:
        entry["TEST"] = {"NAME": f"test_{test_name}"}
    return entry


def identity() -> str:
    """What tells the connected database from one made anew under the same name. One query."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.system_identifier::text || '/' || d.oid::text"
            " FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()"
        )
        return str(cursor.fetchone()[0])
