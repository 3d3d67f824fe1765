"""Database roles: what each process may do with each table, as rights.yaml says, and nothing else.

The owner migrates and grants; `public`, `office` and `worker` own nothing. Whatever the public site's process is made to run, the
database refuses it the officers' sessions, factors and tokens, and nobody but the owner could take a guard off the trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.db import connection, transaction

from linli.kernel.errors import LinliError, Place

FILE = Path(__file__).with_name("rights.yaml")
ROLES = ("public", "office", "worker")
VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE", "X": "EXECUTE"}
_OBJECTS = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
UNION ALL SELECT proname || '()' FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1"""
_RIGHT = re.compile(r"([SIUDX]+)(?:\(([a-z_0-9, ]+)\))?")


@dataclass(frozen=True, slots=True)
class Right:
    """Verbs (letters of VERBS) on a whole table, or on some columns of it."""

    verbs: str
    columns: tuple[str, ...] = ()

    def words(self) -> str:
        """As GRANT has it: `SELECT (uid, name)`."""
        columns = f" ({', '.join(self.columns)})" if self.columns else ""
        return ", ".join(VERBS[letter] + columns for letter in self.verbs)


@cache
def rights() -> Mapping[str, Mapping[str, tuple[Right, ...]]]:
    """Table → role → rights. Refuses a file that says something else."""
    found: dict[str, dict[str, tuple[Right, ...]]] = {}
    for table, of_roles in yaml.safe_load(FILE.read_text("utf-8")).items():
        if unknown := set(of_roles) - set(ROLES):
            raise _misread(table, f"one of {', '.join(ROLES)}", ", ".join(sorted(unknown)))
        found[table] = {role: tuple(_right(table, part) for part in str(text).split("; ")) for role, text in of_roles.items()}
    return found


def _right(table: str, text: str) -> Right:
    match = _RIGHT.fullmatch(text)
    if match is None:
        raise _misread(table, "letters of SIUD, with columns in brackets where not all are meant", text)
    return Right(match[1], tuple(name.strip() for name in match[2].split(",")) if match[2] else ())


def _misread(table: str, expected: str, found: str) -> LinliError:
    return LinliError(
        "roles.misread",
        zh="数据库权限文件写错了",
        en="The file of database rights is wrong.",
        place=Place(file=str(FILE), field=table),
        expected=expected,
        found=found,
        remedy_zh="参照文件开头的说明修改",
        remedy_en="see the head of the file",
    )


def unplaced() -> list[str]:
    """Tables, and functions() with their owner's rights, that rights.yaml does not mention. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OBJECTS)
        return [name for (name,) in cursor.fetchall() if name not in rights()]


def statements(prefix: str) -> Iterator[str]:
    """What makes the three roles have these rights and no others, in order. prefix: "linli" for linli_public and so on."""
    quote = connection.ops.quote_name
    for role in ROLES:
        name = quote(f"{prefix}_{role}")
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}"
        yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {name}"
        yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {name}"
        yield f"GRANT USAGE ON SCHEMA public TO {name}"
        yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"
        for table, of_roles in rights().items():
            for right in of_roles.get(role, ()):
                yield f"GRANT {right.words()} ON {_object(table)} TO {name}"


def _object(name: str) -> str:
    """As GRANT names it: a table, or a function where rights.yaml has name()."""
    quote = connection.ops.quote_name
    return f"FUNCTION {quote(name[:-2])}" if name.endswith("()") else quote(name)


def grant(prefix: str) -> list[str]:
    """Give the roles their rights in one transaction; the statements that did it. Refuses missing roles and tables nobody placed.

    The connected role must own the tables. Locks the catalogue rows of each table for a moment; readers and writers go on.
    """
    _require_roles(prefix)
    if lost := unplaced():
        raise LinliError(
            "roles.unplaced",
            zh="有数据表没有写明权限",
            en="Some tables have no rights written down.",
            place=Place(file=str(FILE)),
            found=", ".join(lost),
            remedy_zh="在文件中写明哪些角色可以读写",
            remedy_en="say in the file which roles may read and write them",
        )
    told = list(statements(prefix))
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in told:
            cursor.execute(statement)
    return told


def _require_roles(prefix: str) -> None:
    wanted = {f"{prefix}_{role}" for role in ROLES}
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [sorted(wanted)])
        missing = wanted - {name for (name,) in cursor.fetchall()}
    if missing:
        raise LinliError(
            "roles.missing",
            zh="数据库里没有这些角色",
            en="The database has no such roles.",
            found=", ".join(sorted(missing)),
            remedy_zh="由数据库管理员执行 deploy/roles.sql",
            remedy_en="have the database's administrator run deploy/roles.sql",
        )
