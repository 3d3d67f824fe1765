"""Acts that would each find that nobody has done it yet take turns: the second finds what the first left."""

from __future__ import annotations

from django.db import connection


def one_at_a_time(what: str) -> None:
    """For the act that is open: whoever else is at the same thing waits until it ends. what: begins with the package's name. One
    statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])
