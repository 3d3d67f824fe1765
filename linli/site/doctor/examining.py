"""The whole examination, in an order in which nothing is asked that cannot be answered any more."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, connection

from linli.site.doctor import database, machine
from linli.site.doctor.findings import FAIL, OK, Finding, run


def examine() -> Iterator[Finding]:
    """Every finding. Without a database, or with an older schema, what rests on it is left out. About 20 small queries."""
    yield from run(machine.CHECKS)
    reachable = _reachable()
    yield reachable
    if reachable.state != OK:
        return
    schema = ""
    for finding in run(database.OF_SERVER):
        yield finding
        schema = finding.state if finding.check == "migrations" else schema
    if schema != FAIL:
        yield from run(database.OF_SCHEMA)


def _reachable() -> Finding:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        zh, en = f"连接不上数据库：{lines[0]}", f"the database can't be reached: {lines[0]}"
        return Finding("database", FAIL, zh, en, "检查 DATABASE_URL 和数据库服务", "look at DATABASE_URL and at the server")
    name = connection.settings_dict["NAME"]
    return Finding("database", OK, f"已连接 {name}", f"connected to {name}")
