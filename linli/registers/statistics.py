"""What the planner knows of a table, brought up to date after a load that changed its size."""

from __future__ import annotations

from functools import partial

from django.db import connection, models, transaction

# relpages is the table's size when its statistics were last gathered: 0 for a table never looked at.
_GROWN = """
SELECT pg_relation_size(oid) >= 2 * greatest(relpages, 1) * current_setting('block_size')::bigint FROM pg_class WHERE oid = %s::regclass"""


def gather_where_grown(*tables: type[models.Model]) -> None:
    """When this transaction has committed, ANALYZE those of the tables that are twice as large as when that was last done.

    Autovacuum would do it up to a minute later, and meanwhile a plan made for an empty table can take minutes on a full one.
    After the commit, because ANALYZE keeps others off the table's statistics until its own transaction ends; a table that another
    process is looking at is left to that process. If gathering fails the load stands all the same. Cost: one small query a
    table; an ANALYZE reads a sample of 30,000 rows. A table loaded in many parts is looked at once for each doubling.
    """
    transaction.on_commit(partial(_gather, [table._meta.db_table for table in tables]), robust=True)


def _gather(names: list[str]) -> None:
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(_GROWN, [name])
            if cursor.fetchone() == (True,):
                cursor.execute("SELECT registers_gather(%s::regclass)", [name])
