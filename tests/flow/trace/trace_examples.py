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
    """Run a statement as someone who can switch the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute(statement, parameters)
        finally:
            cursor.execute("SET session_replication_role = origin")


def forget_everything() -> None:
    """No facts at all: tests that commit leave theirs in the database."""
    behind_the_trace("DELETE FROM trace_fact")
    behind_the_trace("UPDATE trace_head SET seq = 0, hash = ''")


def findings() -> list[Finding]:
    """What a walk over all chains finds."""
    return list(verify_chains())


def codes() -> set[str]:
    return {finding.code for finding in findings()}
