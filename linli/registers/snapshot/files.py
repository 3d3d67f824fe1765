"""The whole register on a day as Parquet files: people, households, relations, organisations, and what they were made from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from linli.kernel import areas, clock
from linli.kernel.digests import default_algorithm, hasher
from linli.registers.lists import load_lists
from linli.registers.snapshot import columns, statements
from linli.registers.snapshot.coverage import fresh_areas, programme_slugs
from linli.registers.snapshot.digesting import FrameDigest
from linli.rules.frames import GROUP_ROWS

CHUNK = 50_000
MANIFEST = "snapshot.json"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What a snapshot holds. digest: over the digests of its files, the same whatever library version wrote them.

    rows, digests: by file ("people", …); coverage: fresh areas by list; lists: declaration digests by list.
    """

    folder: Path
    as_of: date
    known_at: datetime
    area: str
    digest: str
    rows: dict[str, int]
    digests: dict[str, str]
    coverage: dict[str, list[str]]
    lists: dict[str, str]
    programmes: list[str] = field(default_factory=list)

    @property
    def people(self) -> Path:
        """One row per person."""
        return self.folder / "people.parquet"

    @property
    def households(self) -> Path:
        """One row per household, of both kinds."""
        return self.folder / "households.parquet"

    @property
    def relations(self) -> Path:
        """person_id, relative_id, relation."""
        return self.folder / "relations.parquet"

    @property
    def organisations(self) -> Path:
        """One row per organisation."""
        return self.folder / "organisations.parquet"


def write(
    folder: Path, *, as_of: date, known_at: datetime | None = None, area: str = "", progress: Progress | None = None, chunk: int = CHUNK
) -> SnapshotInfo:
    """Write the register as it was on `as_of`, as believed at `known_at` (now), for people registered or living in `area`.

    Reads one consistent state of the database (REPEATABLE READ) and takes no locks. Memory is bounded by `chunk` people.
    Rows are sorted by household, then person. People erased, or dead by `as_of`, are left out. progress(done, total) counts people.
    """
    if area:
        areas.level(area)
    instant = known_at or clock.now()
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    with _one_state():
        lists = load_lists(Path(settings.LINLI_CITY))
        programmes = programme_slugs()
        coverage = fresh_areas(as_of, instant)
        scope = {"as_of": as_of, "known_at": instant, "area": area, "next_area": areas.next_prefix(area) if area else ""}
        _choose(scope)
        parts = {
            "people": (columns.people(lists.values(), programmes), "snapshot_people"),
            "households": (columns.households(lists.values(), programmes), "snapshot_households"),
            "organisations": (columns.organisations(lists.values(), programmes), "snapshot_organisations"),
            "relations": (statements.RELATIONS, "snapshot_people"),
        }
        rows, digests = {}, {}
        for name, (selection, table) in parts.items():
            told = progress if name == "people" else None
            rows[name], digests[name] = _write_file(folder / f"{name}.parquet", selection, table, scope, chunk, told)
    info = SnapshotInfo(
        folder=folder,
        as_of=as_of,
        known_at=instant,
        area=area,
        digest=_joined(digests),
        rows=rows,
        digests=digests,
        coverage=coverage,
        lists={slug: declaration.digest for slug, declaration in lists.items()},
        programmes=programmes,
    )
    _write_manifest(info)
    return info


def read(folder: Path) -> SnapshotInfo:
    """The manifest of a snapshot written earlier; its files are not touched."""
    told = json.loads((folder / MANIFEST).read_text("utf-8"))
    dates = {"as_of": date.fromisoformat(told["as_of"]), "known_at": datetime.fromisoformat(told["known_at"])}
    return SnapshotInfo(**(told | dates | {"folder": folder}))


def digest_of_files(folder: Path) -> str:
    """The digest of a snapshot's content as it is on disk now; differs from the manifest's if a value was altered."""
    digests = {}
    for name in read(folder).digests:
        frame = pl.scan_parquet(folder / f"{name}.parquet")
        state = FrameDigest(frame.collect_schema())
        total = frame.select(pl.len()).collect().item()
        for start in range(0, total, CHUNK):
            state.update(frame.slice(start, CHUNK).collect())
        digests[name] = state.named()
    return _joined(digests)


@contextmanager
def _one_state() -> Iterator[None]:
    """One state of the database for every statement. Inside somebody's transaction it is that transaction's state."""
    outer = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if not outer:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # The statements run once per chunk over tens of thousands of rows: compiling them costs more than it saves.
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        yield
        cursor.execute("DROP TABLE IF EXISTS snapshot_dead, snapshot_people, snapshot_households, snapshot_organisations")
        if outer:
            cursor.execute("RESET jit; RESET work_mem; RESET enable_hashjoin; RESET enable_mergejoin; RESET random_page_cost")


def _choose(scope: dict[str, Any]) -> None:
    """Number the subjects in the order of the output."""
    with connection.cursor() as cursor:
        cursor.execute(statements.CHOOSE, scope)
        for table in ("people", "households", "organisations"):
            cursor.execute(f"CREATE UNIQUE INDEX ON snapshot_{table} (n); ANALYZE snapshot_{table}")
        # From here on each chunk looks its people up by index; a hash over the whole register would be built anew for every chunk.
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL random_page_cost = 1.1")


def _write_file(
    path: Path, selection: columns.Selection, table: str, scope: dict[str, Any], chunk: int, progress: Progress | None
) -> tuple[int, str]:
    """Write one file chunk by chunk; returns (rows, digest)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - one of three names of this module
        total = cursor.fetchone()[0]
    schema = selection.schema
    state = FrameDigest(schema)
    pieces = path.with_suffix(".parts")
    pieces.mkdir()
    statement = selection.sql(f"SELECT * FROM {table} WHERE n > %(after)s AND n <= %(until)s", as_text=True)  # noqa: S608 - as above
    written = 0
    for start in range(0, max(total, 1), chunk):
        frame = _frame(statement, {**scope, "after": start, "until": start + chunk}, schema)
        state.update(frame)
        frame.write_parquet(pieces / f"{start:012d}.parquet", compression="zstd", compression_level=1)
        written += frame.height
        if progress:
            progress(min(start + chunk, total), total)
    whole = pl.scan_parquet(sorted(pieces.glob("*.parquet")))
    whole.sink_parquet(path, compression="zstd", compression_level=1, maintain_order=True, row_group_size=GROUP_ROWS)
    shutil.rmtree(pieces)
    return written, state.named()


def _frame(statement: str, parameters: dict[str, Any], schema: dict[str, Any]) -> pl.DataFrame:
    buffer = BytesIO()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", parameters) as copy:
        for block in copy:
            buffer.write(block)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    return pl.read_csv(buffer, has_header=False, schema=schema)


def _joined(digests: dict[str, str]) -> str:
    state = hasher()
    for name in sorted(digests):
        state.update(f"{name} {digests[name]}\n".encode())
    return f"{default_algorithm()}:{state.hexdigest()}"


def _write_manifest(info: SnapshotInfo) -> None:
    told = {name: value for name, value in asdict(info).items() if name != "folder"}
    (info.folder / MANIFEST).write_text(json.dumps(told, default=str, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
