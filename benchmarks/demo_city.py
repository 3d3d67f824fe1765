"""The demo city in a database and a state folder of the benchmarks' own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.apart import DATA, ROOT

DATABASE = "linli_bench_demo"
STATE = DATA / "demo-state"
RESIDENTS = 50_000


def environment() -> dict[str, str]:
    """What a process needs to work on the benchmarks' demo city."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{DATABASE}")
    return {**os.environ, "DATABASE_URL": urlunsplit(url), "LINLI_STATE": str(STATE), "DJANGO_SETTINGS_MODULE": "linli.site.settings"}


def empty() -> None:
    """Drops the city of an earlier run and makes an empty database."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    if STATE.exists():
        STATE.rename(STATE.with_name(f"{STATE.name}-{int(time.time())}"))


def exists() -> bool:
    """Whether a city was set up before."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    return found is not None and STATE.exists()


def up() -> float:
    """Sets the city up, or what is missing of it; the seconds it took."""
    began = time.monotonic()
    linli = Path(sys.executable).with_name("linli")
    subprocess.run([str(linli), "demo", "up", "--residents", str(RESIDENTS)], check=True, cwd=ROOT, env=environment())
    return time.monotonic() - began
