"""What the trace tests share: two fact types, a digested model of Django's own, and a way behind the guards."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import connection

from linli.kernel.viewer import system
from linli.trace import FactType, act
from linli.trace.findings import Finding
from linli.trace.rows import digested
from linli.trace.verify import verify_chains

CLERK = system("example-clerk")
OPEN = {"type": "object", "properties": {"note": {"type": "string"}, "n": {"type": "integer"}}, "additionalProperties": False}
NOTED = FactType("example.noted", version=1, schema=OPEN, zh="记录", en="noted")
LOADED = FactType("example.loaded", version=1, schema=OPEN, zh="批量导入", en="loaded")
digested(Group)


def note(subject: str, text: str = "", *, also: tuple[str, ...] = (), rows: tuple[Any, ...] = ()) -> None:
    """Record a fact about a subject in an act of its own."""
    with act(CLERK) as a:
        a.record(NOTED, subject=subject, payload={"note": text}, also=also, rows=rows)


def behind_the_trace(statement: str, *parameters: Any) -> None:
    """Run a statement as the tables' owner, who can switch the guards off and take the rights that were revoked."""
    with connection.cursor() as cursor:
        for table in ("trace_fact", "trace_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER; GRANT ALL ON {table} TO CURRENT_USER")
        cursor.execute(statement, parameters)
        for table in ("trace_fact", "trace_head"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER; REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM CURRENT_USER")
        cursor.execute("GRANT UPDATE ON trace_head TO CURRENT_USER")


def switch_guards(*, on: bool) -> None:
    """Switch every table's own triggers, as the owner of the tables; off, the owner also takes back the rights that were revoked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} TRIGGER USER")
        if not on:
            cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO CURRENT_USER")


def forget_everything() -> None:
    """No facts at all: tests that commit leave theirs in the database."""
    behind_the_trace("DELETE FROM trace_fact")
    behind_the_trace("UPDATE trace_head SET seq = 0, hash = ''")


def findings() -> list[Finding]:
    """What a walk over all chains finds."""
    return list(verify_chains())


def codes() -> set[str]:
    return {finding.code for finding in findings()}
