"""pg_dump and pg_restore: found in a version that fits the server, run without the password on their command line."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

from linli.kernel.errors import LinliError
from linli.site.children import end_with_parent
from linli.site.cluster import candidate_bindirs

_NAMES = {"NAME": "dbname", "USER": "user", "HOST": "host", "PORT": "port"}


def server_major() -> int:
    """The major version of the server that the process is connected to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        return int(cursor.fetchone()[0]) // 10_000


def run(program: str, *arguments: str, at_least: int, address: bool = True) -> None:
    """Run a client program of at least that major version on the current database; what it complains of is the error's text."""
    found = _found(program, at_least)
    given = ["--dbname", _address()] if address else []
    done = subprocess.run(
        [str(found), *given, *arguments],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=end_with_parent,  # a restore that is killed must not be finished behind the back of the next
    )
    if done.returncode:
        raise LinliError(
            "backup.tool",
            zh=f"{program} 失败",
            en=f"{program} failed.",
            found=done.stderr.strip()[-600:] or (f"退出码 {done.returncode}", f"exit code {done.returncode}"),
            remedy_zh="按上面的提示处理后再次运行",
            remedy_en="mend what it says and run again",
        )


def _address() -> str:
    """The connection string of the current database, without its password."""
    settings: dict[str, Any] = connection.settings_dict
    named = {name: settings[key] for key, name in _NAMES.items() if settings[key]}
    return make_conninfo("", **named, **settings["OPTIONS"])


def _environment() -> dict[str, str]:
    password = str(connection.settings_dict["PASSWORD"])
    return {**os.environ, "LC_ALL": "C.UTF-8"} | ({"PGPASSWORD": password} if password else {})


def _found(program: str, at_least: int) -> Path:
    versions = [(path, _major(path)) for path in _candidates(program)]
    for path, major in versions:
        if major is not None and major >= at_least:
            return path
    raise LinliError(
        "backup.no_tool",
        zh=f"找不到合适版本的 {program}",
        en=f"No fitting {program} was found.",
        expected=(f"{at_least} 版或更新", f"version {at_least} or newer"),
        found=", ".join(f"{path} ({major})" for path, major in versions) or ("没有", "none"),
        remedy_zh=f"安装系统的 postgresql-client-{at_least} 软件包",
        remedy_en=f"install the system's package postgresql-client-{at_least}",
    )


def _candidates(program: str) -> Iterator[Path]:
    """The one in PATH first, then those of client packages, then those beside a server."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in dict.fromkeys([*folders, *candidate_bindirs()]):
        if os.access(folder / program, os.X_OK):
            yield folder / program


def _major(path: Path) -> int | None:
    try:
        printed = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\) (\d+)", printed)
    return int(found[1]) if found else None
