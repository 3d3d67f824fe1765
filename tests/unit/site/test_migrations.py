"""A migration must not hold people up: what rewrites a table, scans it under a lock, or breaks the processes that still run, is refused.

Rules and ways round each: docs/operate/upgrade.md. A migration that has a reason is listed here with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import pytest
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.functions import Now

FIRST = {"registers": 5, "programmes": 2, "screening": 1, "trace": 2, "vault": 2, "web": 1, "casework": 1, "notices": 1, "api": 1}
"""The number of each app's last migration in the state that the oldest upgrade starts from (tests/flow/site/test_upgrade.py)."""

NO_ROWS_YET = "0.1.0 is not released: no installation has rows"
LISTED = {
    ("registers", "0007_doubtful_subject"): NO_ROWS_YET,
    ("registers", "0009_search"): NO_ROWS_YET,
    ("registers", "0020_prices"): "the exclusion is of a table made by the migration itself, which has no rows",
    ("registers", "0025_placestamp"): "its words UPDATE, DELETE and TRUNCATE name what triggers notice; a trigger waits for no row",
    ("ledger", "0001_initial"): "tables made by the migration itself have no rows; its UPDATEs stand in the bodies of functions",
    ("ledger", "0002_sets"): f"functions only, no rows; {NO_ROWS_YET}",
    ("ledger", "0003_pay"): "its UPDATE stands in the body of a function",
    ("circles", "0002_guards"): "its word TRUNCATE names what a trigger refuses",
    ("api", "0003_token_made_by"): "a city has hundreds of tokens, each made by hand: its index is built in milliseconds",
}

VOLATILE = (RandomUUID,)
RISKY_SQL = {
    r"\bALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE\b": "rewrites the table",
    r"\bSET\s+NOT\s+NULL\b": "reads the whole table under an exclusive lock",
    r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)": "keeps writers out while the index is built",
    r"\bADD\s+(CONSTRAINT\s+\S+\s+)?(CHECK|FOREIGN\s+KEY|UNIQUE|EXCLUDE|PRIMARY\s+KEY)\b(?!.*\bNOT\s+VALID\b)": (
        "checks the whole table under a lock"
    ),
    r"\b(DROP|RENAME)\s+(COLUMN|TABLE)\b|\bRENAME\s+TO\b": "breaks the processes that still run",
    r"^\s*(UPDATE|DELETE\s+FROM)\b": "changes rows inside the migration",
    r"\b(VACUUM\s+FULL|CLUSTER|REINDEX\s+(?!.*CONCURRENTLY)|LOCK\s+TABLE|TRUNCATE)\b": "locks the table for as long as it takes",
}


Column: TypeAlias = "models.Field[Any, Any]"


def faults(operation: Operation, made: set[str], before: Column | None = None) -> Iterator[str]:
    """What is wrong with one operation. made: models (lower case) that the same migration created: those hold no rows yet.

    before: of a field that is altered, as it was.
    """
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from faults(inner, made)
        return
    model = str(getattr(operation, "model_name", "")).lower()
    if isinstance(operation, migrations.RunSQL):
        yield from _faults_of_sql(operation.sql)
    elif isinstance(operation, migrations.RunPython):
        yield "changes rows inside the migration"
    elif model in made or isinstance(operation, _HARMLESS):
        return
    elif isinstance(operation, migrations.AddField):
        yield from _faults_of_field(operation.field)
    elif isinstance(operation, migrations.AlterField) and before is not None and _same_column(before, operation.field):
        return
    else:
        yield _OTHERS.get(type(operation), "is not known to be harmless")


_HARMLESS = (
    *(migrations.CreateModel, migrations.AlterModelOptions, migrations.AlterModelManagers, migrations.RemoveConstraint),
    *(migrations.RenameIndex, AddIndexConcurrently, RemoveIndexConcurrently, AddConstraintNotValid, ValidateConstraint),
)
_OTHERS = {
    migrations.AddIndex: "keeps writers out while the index is built: AddIndexConcurrently",
    migrations.AddConstraint: "checks the whole table under a lock: AddConstraintNotValid, then ValidateConstraint",
    migrations.AlterField: "may rewrite the table or read all of it under a lock: a new column, filled by a job",
    migrations.RemoveField: "breaks the processes that still run: a release later",
    migrations.RenameField: "breaks the processes that still run",
    migrations.RenameModel: "breaks the processes that still run",
    migrations.DeleteModel: "breaks the processes that still run: a release later",
}


def _same_column(before: Column, after: Column) -> bool:
    """Whether the database sees no difference, or only one of the catalogue: a longer text, a value that may now be missing."""
    column = []
    for field in (before, after):
        _, path, _, options = field.deconstruct()
        unseen = {*type(field).non_db_attrs, "default", "max_length"} | ({"null"} if after.null else set())
        column.append((path, {name: value for name, value in options.items() if name not in unseen}))
    limits = (before.max_length or 0, after.max_length or 0)
    return column[0] == column[1] and (limits[0] == limits[1] or (isinstance(after, models.CharField) and limits[0] < limits[1]))


def _faults_of_field(field: Column) -> Iterator[str]:
    if not field.null and not field.has_db_default():
        yield "adds a column that processes still running do not fill: null=True or db_default"
    if isinstance(field.db_default, VOLATILE):
        yield "rewrites the table: a default that is another for each row"
    if field.unique or field.db_index:
        yield "keeps writers out while the index is built: db_index=False, then AddIndexConcurrently"


def _faults_of_sql(sql: object) -> Iterator[str]:
    parts = [sql] if isinstance(sql, str) else [part if isinstance(part, str) else part[0] for part in sql]  # type: ignore[attr-defined]
    for statement in ";".join(parts).split(";"):
        plain = re.sub(r"--[^\n]*", "", statement)
        yield from (what for pattern, what in RISKY_SQL.items() if re.search(pattern, plain, re.IGNORECASE | re.DOTALL | re.MULTILINE))


def faults_of(migration: migrations.Migration) -> list[str]:
    """ "operation: what is wrong" for each fault of a migration."""
    made: set[str] = set()
    found = []
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name.lower())
        before = _before(migration, operation) if isinstance(operation, migrations.AlterField) else None
        found += [f"{operation.describe()}: {fault}" for fault in faults(operation, made, before)]
    return found


def _before(migration: migrations.Migration, operation: migrations.AlterField) -> Column | None:
    """The field as it was before the migration; None for one that the migration itself added."""
    state = MigrationLoader(None).project_state((migration.app_label, migration.name), at_end=False)
    return state.models[migration.app_label, operation.model_name.lower()].fields.get(operation.name)


def newer() -> list[migrations.Migration]:
    """Our own migrations since the state that the oldest upgrade starts from."""
    loaded = MigrationLoader(None).disk_migrations
    ours = [migration for migration in loaded.values() if type(migration).__module__.startswith("linli.")]
    return sorted((one for one in ours if int(one.name[:4]) > FIRST.get(one.app_label, 0)), key=lambda one: (one.app_label, one.name))


def test_no_new_migration_holds_people_up() -> None:
    wrong = {f"{one.app_label}.{one.name}": faults_of(one) for one in newer() if (one.app_label, one.name) not in LISTED}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_what_is_listed_needs_to_be() -> None:
    by_name = {(one.app_label, one.name): one for one in newer()}
    assert [name for name in LISTED if not faults_of(by_name[name])] == []


def _field(**options: Any) -> migrations.AddField:
    return migrations.AddField("resident", "x", models.CharField(max_length=5, **options))


RISKY = {
    "AddField not null": _field(),
    "AddField with a default of the program only": _field(default=""),
    "AddField unique": _field(null=True, unique=True),
    "AddField with another default for each row": migrations.AddField("resident", "x", models.UUIDField(db_default=RandomUUID())),
    "AlterField": migrations.AlterField("resident", "name", models.TextField()),
    "AddIndex": migrations.AddIndex("resident", models.Index(fields=["name"], name="x")),
    "AddConstraint": migrations.AddConstraint("resident", models.UniqueConstraint(fields=["name"], name="x")),
    "RemoveField": migrations.RemoveField("resident", "name"),
    "RenameField": migrations.RenameField("resident", "name", "x"),
    "DeleteModel": migrations.DeleteModel("Resident"),
    "RunPython": migrations.RunPython(migrations.RunPython.noop),
    "type in SQL": migrations.RunSQL("ALTER TABLE a ALTER COLUMN b TYPE bigint"),
    "not null in SQL": migrations.RunSQL("ALTER TABLE a ALTER COLUMN b SET NOT NULL"),
    "index in SQL": migrations.RunSQL([("CREATE INDEX a ON b (c)", None)]),
    "constraint in SQL": migrations.RunSQL("ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0)"),
    "update in SQL": migrations.RunSQL("CREATE TABLE a (b int); UPDATE c SET d = 1"),
    "hidden in a state operation": migrations.SeparateDatabaseAndState([_field()], []),
}
HARMLESS = {
    "AddField null": _field(null=True),
    "AddField with a constant default": _field(db_default=""),
    "AddField with the moment": migrations.AddField("resident", "x", models.DateTimeField(db_default=Now())),
    "AddIndexConcurrently": AddIndexConcurrently("resident", models.Index(fields=["name"], name="x")),
    "AddConstraintNotValid": AddConstraintNotValid("resident", models.CheckConstraint(condition=models.Q(x=1), name="x")),
    "index in SQL": migrations.RunSQL("CREATE INDEX CONCURRENTLY a ON b (c)"),
    "constraint in SQL": migrations.RunSQL("ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0) NOT VALID"),
    "a trigger": migrations.RunSQL("CREATE TRIGGER a BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION c()"),
}


@pytest.mark.parametrize("name", RISKY)
def test_what_holds_people_up_is_seen(name: str) -> None:
    assert list(faults(RISKY[name], set()))


@pytest.mark.parametrize("name", HARMLESS)
def test_what_holds_nobody_up_passes(name: str) -> None:
    assert list(faults(HARMLESS[name], set())) == []


NAME = models.CharField(max_length=5, choices=[("a", "a")])


@pytest.mark.parametrize(
    ("after", "harmless"),
    [
        (models.CharField(max_length=5, choices=[("a", "a"), ("b", "b")], default="a", help_text="x"), True),
        (models.CharField(max_length=9), True),
        (models.CharField(max_length=4), False),
        (models.CharField(max_length=5, null=True), True),
        (models.CharField(max_length=5, unique=True), False),
        (models.CharField(max_length=5, db_collation="C"), False),
        (models.TextField(), False),
    ],
    ids=["words", "longer", "shorter", "null", "unique", "collation", "type"],
)
def test_an_altered_field_is_looked_at_as_the_database_sees_it(after: Column, harmless: bool) -> None:
    found = list(faults(migrations.AlterField("resident", "name", after), set(), NAME))
    assert (found == []) == harmless


def test_a_table_that_the_same_migration_makes_holds_no_rows() -> None:
    assert list(faults(RISKY["AddIndex"], {"resident"})) == []
