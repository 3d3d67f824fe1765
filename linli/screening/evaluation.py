"""From live programmes and a snapshot of the registers to verdict files: what a run uses is held, so that it can be replayed."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

import polars as pl
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from linli import __version__
from linli.programmes import load_city
from linli.programmes.declaration import Programme
from linli.registers import snapshot
from linli.registers.snapshot import Family, SnapshotInfo
from linli.rules import Rule, evaluate_frame
from linli.rules.bulk import Written, evaluate_to_parquet
from linli.rules.columns import DTYPES
from linli.screening import verdicts

PEOPLE, HOUSEHOLDS, RELATIONS, ORGANISATIONS = "people", "households", "relations", "organisations"
AREA_COLUMN = {"registered": "registered_area", "lives": "living_area", "insured": "insured_area", "studies": "study_area"}
FALLBACK = ("lives", "registered", "insured", "studies")
"""Which of the situations counts where a programme's own is unknown or outside the city: the first of these that is inside."""
DEFAULT_KIND = "shared_living"
SALTS = "salts.parquet"
UNFINISHED = "unfinished-"
Given = Mapping[str, Mapping[str, Any]]
"""Facts by name, by the subject that they are of."""


def take_snapshot(root: Path, *, as_of: date, known_at: datetime | None) -> SnapshotInfo:
    """Hold the registers as of a day in a folder named by the content's digest; an unchanged register is held once.

    known_at is that of this look: the same content may have been held before something changed and changed back.
    Whoever is erased while it is written is taken out once it is held.
    """
    shelf = root / "snapshots"
    shelf.mkdir(parents=True, exist_ok=True)
    with files_in_use(), outcome_folder(shelf) as scratch:
        info = snapshot.write(scratch / "written", as_of=as_of, known_at=known_at)
        target = shelf / shelf_name(as_of, info.digest)
        if not target.exists():
            _write_salts(info)
            info.folder.rename(target)
    return replace(snapshot.read(target), known_at=info.known_at)


def _write_salts(info: SnapshotInfo) -> None:
    """A salt for every subject of the snapshot, beside its files: what an old run's tombstones rest on."""
    people, households = pl.scan_parquet(info.people), pl.scan_parquet(info.households)
    organisations = pl.scan_parquet(info.organisations)
    ids = [people.select("person_id"), households.select(person_id="household_id"), organisations.select("person_id")]
    subjects = pl.concat([part.select(pl.col("person_id").cast(pl.String)) for part in ids]).collect()["person_id"]
    verdicts.new_salts(subjects).write_parquet(info.folder / SALTS)


def salts_of(info: SnapshotInfo) -> pl.DataFrame:
    """(subject_id, salt) of a held snapshot."""
    return pl.read_parquet(info.folder / SALTS)


def shelf_name(as_of: date, digest: str) -> str:
    """The folder name of a held snapshot. The day is part of it: the same register on two days is two inputs."""
    return f"{as_of.isoformat()}-{digest.replace(':', '-')}"


def file_of(source: SnapshotInfo, name: str) -> Path:
    """One of a snapshot's files."""
    return source.folder / f"{name}.parquet"


@contextmanager
def files_in_use() -> Iterator[None]:
    """Until the end no erased person is taken out of the held files: a burial waits, and then finds all that was laid down meanwhile.

    One that is under way is waited for, so that its person is in no snapshot taken inside. Any number may be inside at once, and the same
    one again. Inside a transaction the lock is held to the transaction's end.
    """
    if connection.in_atomic_block:
        _lock_files("pg_advisory_xact_lock_shared")
        yield
        return
    _lock_files("pg_advisory_lock_shared")
    try:
        yield
    finally:
        with suppress(OperationalError, InterfaceError):  # a connection that broke has let go by itself
            _lock_files("pg_advisory_unlock_shared")


def lock_files() -> None:
    """Alone with the held files until the transaction ends; waits for everyone who uses them."""
    _lock_files("pg_advisory_xact_lock")


def _lock_files(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext('screening.files'), 0)")


@contextmanager
def outcome_folder(root: Path) -> Iterator[Path]:
    """A scratch folder beside its destination, so that a finished file moves in one step; gone afterwards."""
    scratch = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def unfinished(root: Path) -> list[Path]:
    """The scratch folders of screenings and snapshots under way, or left behind by a killed process; a preview's are in previews/."""
    return [*root.glob(f"{UNFINISHED}*"), *root.glob(f"snapshots/{UNFINISHED}*")]


def _tables(programme: Programme, people: pl.LazyFrame, households: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """People and households of the kind of household that the programme names."""
    kind = programme.household_kind or DEFAULT_KIND
    other = [name for name in people.collect_schema().names() if name.startswith(("household_id.", "role."))]
    if kind != DEFAULT_KIND:
        people = people.drop("household_id", "role").rename({f"household_id.{kind}": "household_id", f"role.{kind}": "role"})
        other = [name for name in other if not name.endswith(f".{kind}")]
    return people.drop(other), households.filter(pl.col("household_kind") == kind).drop("household_kind")


def evaluate(programmes: Sequence[Programme], source: SnapshotInfo, day: date, folder: Path) -> dict[str, Path]:
    """Verdict files by slug. One pass over the snapshot for each kind of subject and of household. Memory: see rules."""
    groups: dict[tuple[str, str], list[Programme]] = defaultdict(list)
    for programme in programmes:
        groups[programme.subject, programme.household_kind or DEFAULT_KIND].append(programme)
    written: dict[str, Path] = {}
    for (subject, _), members in groups.items():
        if subject == "organisation":
            people, households, relations = pl.scan_parquet(source.organisations), None, None
        else:
            every = pl.scan_parquet(source.people), pl.scan_parquet(source.households)
            people, households = _tables(members[0], *every)
            relations = pl.scan_parquet(source.relations)
        out = folder / f"{subject}-{members[0].household_kind}"
        rules = [programme.rule for programme in members]
        for result in evaluate_to_parquet(rules, people, out, households=households, relations=relations, as_of=day):
            for programme in members:
                written[programme.slug] = _of_one(result, programme.rule, folder / f"{programme.slug}.parquet")
    return written


def _of_one(result: Written, rule: Rule, target: Path) -> Path:
    """One rule's part of a result in the shape of linli.screening.verdicts; conditions are true, false or null for unknown."""
    name = rule.name
    unknown, eligible = pl.col(f"{name}.unknown"), pl.col(f"{name}.eligible")
    verdict = pl.when(unknown).then(pl.lit("unknown")).when(eligible).then(pl.lit("eligible")).otherwise(pl.lit("not_eligible"))
    start = f"{name}.condition."
    flags = [
        pl.when(~pl.col(f"{start}{one.id}.unknown")).then(pl.col(f"{start}{one.id}.true")).alias(f"condition.{one.id}")
        for one in rule.conditions
    ]
    keys = [key for key in pl.read_parquet_schema(result.path) if key.startswith(f"{name}.missing.")]
    missing = [pl.col(key).alias(key.removeprefix(f"{name}.")) for key in keys]
    table = pl.scan_parquet(result.path).with_row_index("row")
    if rule.amount is not None and result.amounts is not None:
        due = pl.scan_parquet(result.amounts).filter(pl.col("rule") == name).select("row", "amount_fen")
        table, missing = table.join(due, on="row", how="left", maintain_order="left"), [*missing, pl.col("amount_fen")]
    chosen = table.select(pl.col("subject_id").cast(pl.String), verdict.alias("verdict"), *flags, *missing)
    chosen.sink_parquet(target, maintain_order=True)
    return target


def evaluate_few(programme: Programme, family: Family, day: date, more: Mapping[str, Any] = MappingProxyType({})) -> pl.DataFrame:
    """Verdicts of one programme for the people asked for, or for the households they are in or that lost members to an erasure. more:
    columns that rows were given beside the registers', with their types."""
    every, homes, relations = family.frames(more)
    people, households = _tables(programme, every.lazy(), homes.lazy())
    own = people.filter(pl.col("person_id").is_in(list(family.asked)))
    lost = households.filter(~pl.col("members_known")).select("household_id")
    subjects = own.select("person_id") if programme.subject == "person" else pl.concat([own.select("household_id").drop_nulls(), lost])
    frame = evaluate_frame(programme.rule, people.collect(), households.collect(), relations, as_of=day)
    return frame.filter(pl.col("subject_id").is_in(subjects.collect().to_series().implode()))


def evaluate_firms(programme: Programme, organisations: Iterable[UUID], day: date) -> pl.DataFrame:
    """Verdicts of one programme for the organisations asked for. One statement."""
    return evaluate_frame(programme.rule, snapshot.organisation_frame(snapshot.organisation_facts(organisations, as_of=day)), as_of=day)


def flags_of(
    programme: Programme, subjects: Iterable[UUID], day: date, *, told: Given = MappingProxyType({}), instead: Given = MappingProxyType({})
) -> dict[str, tuple[str, dict[str, bool | None]]]:
    """Verdict and conditions of subjects by uid, by what the registers say as of a day; who has no facts (any more) is left out. Two
    statements and one evaluation, for a thousand of them.

    told: facts of a subject that count where no register says them, as reasons_under's; instead: in the place of what the registers say.
    """
    asked, homes = list(subjects), programme.subject == "household"
    declared = programme.rule.declarations.facts
    more = {name: DTYPES[declared[name].type.kind] for facts in told.values() for name in facts if name in declared}
    if programme.subject == "organisation":
        firms = snapshot.organisation_facts(asked, as_of=day)
        _give(firms, told, instead)
        frame = evaluate_frame(programme.rule, snapshot.organisation_frame(firms, more), as_of=day)
    else:
        family = snapshot.facts_for(() if homes else asked, as_of=day, households=asked if homes else ())
        _give(family.households if homes else family.people, told, instead)
        frame = evaluate_few(programme, family, day, more)
    names = [one.id for one in programme.rule.conditions]
    rows = frame.select(pl.col("subject_id", "verdict").cast(pl.String), *(f"condition.{name}" for name in names)).iter_rows()
    return {subject: (verdict, dict(zip(names, flags, strict=True))) for subject, verdict, *flags in rows}


def _give(rows: Mapping[str, dict[str, Any]], told: Given, instead: Given) -> None:
    """Put what was told, and what is taken instead, into rows that were just read."""
    for uid, facts in told.items():
        row = rows.get(uid, {})
        row.update({name: value for name, value in facts.items() if row.get(name) is None})
    for uid, facts in instead.items():
        rows.get(uid, {}).update(facts)


def areas(people: pl.LazyFrame, households: pl.LazyFrame, programme: Programme, situation: str = "") -> pl.DataFrame:
    """(subject_id, area_code) of the area that decides the office, where a case would go too (explaining.py): of the person, of the
    household's head, of the organisation. situation: another one of the four than the office's.

    Where it is unknown or outside the city, that of the first of the others inside it, then where the household was formed, else the city.
    """
    city = load_city(Path(settings.LINLI_CITY)).area
    known = people.collect_schema().names()
    columns = dict.fromkeys(AREA_COLUMN[one] for one in (situation or programme.place.office, *FALLBACK))
    placed = pl.coalesce(_inside(name, city) for name in columns if name in known)
    if programme.subject != "household":
        return people.select(subject_id="person_id", area_code=placed.fill_null(city)).collect()
    kind = programme.household_kind or DEFAULT_KIND
    suffix = "" if kind == DEFAULT_KIND else f".{kind}"
    rows = people.select("person_id", subject_id=f"household_id{suffix}", role=f"role{suffix}", area_code=placed).drop_nulls("subject_id")
    leads = pl.col("role").eq("head").fill_null(False)
    of_head = rows.group_by("subject_id").agg(pl.col("area_code").sort_by(~leads, "person_id").first())
    homes = households.filter(pl.col("household_kind") == kind).select(subject_id="household_id", formed=_inside("area_code", city))
    both = homes.join(of_head, on="subject_id", how="full", coalesce=True)
    return both.select("subject_id", area_code=pl.coalesce("area_code", "formed").fill_null(city)).collect()


def _inside(column: str, city: str) -> pl.Expr:
    return pl.when(pl.col(column).str.starts_with(city)).then(pl.col(column))


def areas_of(source: SnapshotInfo, programme: Programme, situation: str = "") -> pl.DataFrame:
    """The same from a held snapshot."""
    name = ORGANISATIONS if programme.subject == "organisation" else PEOPLE
    return areas(pl.scan_parquet(file_of(source, name)), pl.scan_parquet(source.households), programme, situation)


def parameters(programme: Programme, day: date) -> dict[str, Any]:
    """The dated parameters that the rule used on its day, as text, so that a reader sees them beside the run."""
    return {name: str(value) for (kind, name), value in programme.rule.values_on(day).items() if kind == "parameter"}


def engine_versions() -> dict[str, str]:
    """What computed a run."""
    return {"linli": __version__, "polars": version("polars"), "python": sys.version.split()[0]}
