"""What a draft would change: what applies without it and with it over the same snapshot, on the same day, and nothing that stands touched.

A subject changes in one of six ways (CHANGES). The rows of those who change are kept in a file beside the runs; the counts by county and
the sums are figures of the preview's row. Cost: two evaluations of one programme, one join, whatever changes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.conf import settings
from django.db import connection, transaction

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.programmes.declaration import Programme, applying, last_day_of
from linli.programmes.queries import live_version
from linli.programmes.telling import payment_months
from linli.registers import snapshot
from linli.registers.models import Resident
from linli.registers.snapshot import SnapshotInfo
from linli.screening import evaluation
from linli.screening.models import Preview, Run

CHANGES = ("gains", "loses", "more", "less", "undecided", "settled")
STEPS = ("snapshot", "before", "after", "compare")
FILE = "changes.parquet"
PORTION = 10_000
Tell = Callable[[str], None]


def folder_of(preview: Preview) -> Path:
    """Where the rows of those who change are."""
    folder: Path = settings.LINLI_STATE / "screening" / "previews" / str(preview.uid)
    return folder


def newest_snapshot(programmes: Iterable[Programme], state: Path) -> SnapshotInfo:
    """The snapshot of the last screening that changed what stands, if it has every fact that the rules read; otherwise one of today,
    which is held."""
    wanted = set[str]()
    for programme in programmes:
        rule = programme.rule
        wanted |= rule.facts_used | rule.household_facts_used | rule.family_facts_used | {f"holds.{slug}" for slug in rule.holdings_used}
        snapshot.may_be_asked(rule.holdings_used)
    run = newest_run()
    if run is not None:
        folder = state / "snapshots" / evaluation.shelf_name(run.as_of, run.snapshot_digest)
        if folder.exists():
            source = snapshot.read(folder)
            if wanted - {"role", "relation"} <= _columns(source):
                return source
    return evaluation.take_snapshot(state, as_of=clock.today(), known_at=None)


def newest_run() -> Run | None:
    """The last screening that was brought in line with what stands: never one of another day's or past knowledge, and none of before
    yesterday, which the nightly one has failed to follow. One query.
    """
    return Run.objects.filter(state="done", merged=True, as_of__gte=_oldest()).order_by("-id").first()


def _oldest() -> date:
    return clock.today() - timedelta(days=1)


def outdated(preview: Preview) -> str:
    """Why a finished preview no longer speaks for what stands: "base" (another version applies on its day by now), "data" (screened
    again over newer data, or older than yesterday), or "". At most two queries.
    """
    if preview.state != "finished":
        return ""
    today = clock.today()
    live = live_version(preview.programme, max(preview.day or today, today))
    if preview.base != (live.version if live else ""):
        return "base"
    stale = preview.snapshot_day is None or newer_data(preview.snapshot_day, preview.snapshot_digest, preview.asked_at)
    return "data" if stale else ""


def newer_data(snapshot_day: date, snapshot_digest: str, asked_at: datetime) -> bool:
    """Whether what was worked out over a snapshot no longer speaks for the data that stand: screened again since, or older than yesterday.
    At most one query.
    """
    if snapshot_day < _oldest():
        return True
    newest = newest_run()
    if newest is None or (newest.as_of, newest.snapshot_digest) == (snapshot_day, snapshot_digest):
        return False
    # Otherwise a snapshot of its own was taken, because the run's lacks a fact: good until the next run.
    later = newest.finished_at is not None and newest.finished_at > asked_at
    return later or snapshot_day < newest.as_of


def _columns(source: SnapshotInfo) -> set[str]:
    files = (evaluation.PEOPLE, evaluation.HOUSEHOLDS, evaluation.ORGANISATIONS)
    return {name for file in files for name in pl.read_parquet_schema(evaluation.file_of(source, file))}


@dataclass(frozen=True, slots=True)
class Sides:
    """The programme without a draft and with it, on the first day from today on which the draft could apply.

    after is another version than the draft, or None, where its days are over before they came: it changes nobody's result but by ending
    what went before.
    """

    day: date
    draft: Programme
    before: Programme | None
    after: Programme | None
    last: date | None

    @property
    def over(self) -> dict[str, str] | None:
        """The draft's last day and the version that applies after it ("": none), where that day is past."""
        if self.after is self.draft or self.last is None:
            return None
        return {"last": self.last.isoformat(), "by": self.after.version if self.after else ""}


def sides(draft: Programme, published: Sequence[Programme]) -> Sides:
    """What publishing a draft would put in which one's place. published: the programme's versions."""
    others = [one for one in published if one.version != draft.version]
    day = max(draft.effective_from, clock.today())
    return Sides(day, draft, applying(others, day), applying([*others, draft], day), last_day_of(draft, others))


def compare(preview: Preview, two: Sides, state: Path, tell: Tell) -> dict[str, Any]:
    """Evaluate both, keep the rows that change, and return the figures; sets the preview's day and snapshot. Raises LinliError
    where one of them can't be evaluated on the day.
    """
    tell("snapshot")
    source = newest_snapshot([one for one in (two.before, two.after) if one], state)
    day = two.day
    preview.day, preview.snapshot_digest, preview.snapshot_day = day, source.digest, source.as_of
    target = folder_of(preview)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with evaluation.outcome_folder(target.parent) as scratch:
        tell("before")
        old = _verdicts(two.before, source, day, scratch / "before", "before")
        tell("after")
        new = _verdicts(two.after, source, day, scratch / "after", "after")
        tell("compare")
        table = joined(old, new, evaluation.areas_of(source, two.draft))
        changed = table.filter(pl.col("change").is_not_null()).sort("change", "area_code", "subject_id")
        changed.with_row_index("place", offset=1).sink_parquet(scratch / "rows.parquet")
        figures = _figures(table, two.draft)
        _keep(scratch / "rows.parquet", target)
        return {**figures, "subject_kind": two.draft.subject, "over": two.over}


def lock_rows() -> None:
    """One writer of the previews' files at a time, until the transaction ends: an erased person taken out stays out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('screening.previews'), 0)")


@transaction.atomic
def _keep(rows: Path, target: Path) -> None:
    """Lay the rows where pages read them, without whoever was erased while they were worked out; one erased later is buried there."""
    lock_rows()
    concerned = pl.scan_parquet(rows).select(pl.col("subject_id")).collect()["subject_id"]
    gone = [str(uid) for uid in erased([UUID(one) for one in concerned])]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(mode=0o700)
    fresh = target / f"{FILE}.fresh"
    pl.scan_parquet(rows).filter(~pl.col("subject_id").is_in(gone)).sink_parquet(fresh, maintain_order=True)
    fresh.replace(target / FILE)


def erased(people: Sequence[UUID]) -> set[UUID]:
    """Those of the people who have been erased. One query for each portion."""
    found = set[UUID]()
    for start in range(0, len(people), PORTION):
        asked = people[start : start + PORTION]
        found |= set(Resident.objects.filter(uid__in=asked, erased_at__isnull=False).values_list("uid", flat=True))
    return found


def _verdicts(programme: Programme | None, source: SnapshotInfo, day: date, folder: Path, name: str) -> pl.LazyFrame:
    """(subject_id, <name>, <name>_fen) of a programme; nobody where there is none."""
    if programme is None:
        return pl.LazyFrame(schema={"subject_id": pl.String, name: pl.String, f"{name}_fen": pl.Int64})
    programme.rule.check_in_force(day)
    folder.mkdir()
    path = evaluation.evaluate([programme], source, day, folder)[programme.slug]
    return told(path, name)


def told(path: Path, name: str) -> pl.LazyFrame:
    """(subject_id, <name>, <name>_fen) of a verdict file; an amount only of the eligible."""
    has_amount = "amount_fen" in pl.read_parquet_schema(path)
    amount = pl.col("amount_fen").cast(pl.Int64) if has_amount else pl.lit(None, dtype=pl.Int64)
    return pl.scan_parquet(path).select(
        pl.col("subject_id").cast(pl.String),
        pl.col("verdict").cast(pl.String).alias(name),
        pl.when(pl.col("verdict").cast(pl.String) == "eligible").then(amount).alias(f"{name}_fen"),
    )


def joined(old: pl.LazyFrame, new: pl.LazyFrame, areas: pl.DataFrame) -> pl.LazyFrame:
    """Everyone with both verdicts, the area of the office and what changes. Who is missing from one is not eligible there."""
    both = old.join(new, on="subject_id", how="full", coalesce=True)
    filled = both.with_columns(pl.col("before", "after").fill_null("not_eligible"))
    placed = filled.join(areas.lazy(), on="subject_id", how="left").with_columns(pl.col("area_code").fill_null(""))
    return placed.with_columns(change=_change())


def _change() -> pl.Expr:
    was, now = pl.col("before"), pl.col("after")
    fen, old = pl.col("after_fen").fill_null(0), pl.col("before_fen").fill_null(0)
    return (
        pl.when((now == "eligible") & (was != "eligible"))
        .then(pl.lit("gains"))
        .when((now == "unknown") & (was != "unknown"))
        .then(pl.lit("undecided"))
        .when((was == "eligible") & (now != "eligible"))
        .then(pl.lit("loses"))
        .when((was == "unknown") & (now == "not_eligible"))
        .then(pl.lit("settled"))
        .when((now == "eligible") & (fen > old))
        .then(pl.lit("more"))
        .when((now == "eligible") & (fen < old))
        .then(pl.lit("less"))
    )


def _figures(table: pl.LazyFrame, after: Programme) -> dict[str, Any]:
    """Totals of both sides, and of each county how many change in which way and what it costs before and after, in fen."""
    counts = [(pl.col("change") == change).sum().alias(change) for change in CHANGES]
    sums = [pl.col(name).sum().alias(name) for name in ("before_fen", "after_fen")]
    standing = [
        (pl.col(side) == verdict).sum().alias(f"{verdict}_{side}") for side in ("before", "after") for verdict in ("eligible", "unknown")
    ]
    by_county = table.group_by(county=pl.col("area_code").str.slice(0, 6)).agg(*counts, *sums, *standing).sort("county").collect()
    names = [*CHANGES, "before_fen", "after_fen", *(expression.meta.output_name() for expression in standing)]
    rows = [{name: row[name] if name == "county" else int(row[name] or 0) for name in ("county", *names)} for row in by_county.to_dicts()]
    totals = {name: sum(row[name] for row in rows) for name in names}
    touched = [row for row in rows if any(row[name] for name in names)]
    cycle = after.payment.cycle if after.payment is not None else ""
    return {"totals": totals, "counties": touched, "payments_a_year": payment_months(after), "cycle": cycle}


@dataclass(frozen=True, slots=True)
class Changed:
    """One subject whose answer changes. place: in the order of the file; amounts in fen, None where there is none."""

    place: int
    subject: UUID
    area_code: str
    before: str
    after: str
    before_fen: int | None
    after_fen: int | None


def changed_rows(preview: Preview, change: str, *, county: str = "", after: int = 0, limit: int) -> list[Changed]:
    """A page of those who change in one way, in the order of their areas. Raises LinliError where the file is no longer kept."""
    path = folder_of(preview) / FILE
    if not path.exists():
        raise LinliError(
            "screening.preview_gone", zh="预演的名单已清理", en="The rows of this preview are no longer kept.",
            remedy_zh="重新预演一次", remedy_en="preview it again",
        )  # fmt: skip
    rows = pl.scan_parquet(path).filter(pl.col("change") == change, pl.col("place") > after)
    if county:
        rows = rows.filter(pl.col("area_code").str.slice(0, 6) == county)
    columns = ("place", "subject_id", "area_code", "before", "after", "before_fen", "after_fen")
    page = rows.sort("place").head(limit).select(columns).collect()
    return [Changed(place, UUID(subject), *rest) for place, subject, *rest in page.iter_rows()]
