"""What if: a published version with other figures beside itself, over the same snapshot on the same day. Nothing that stands is touched.

Nobody is listed: what is kept are counts and sums, by county and by way of change, and how often a condition made the difference. Whom a
change would touch by name is asked of a draft (previewing.py). Cost: an evaluation of one programme, or two where the version as it stands
was not screened over this snapshot on this day, and one join.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.programmes.declaration import Programme, last_day_of
from linli.programmes.drafting import FILE
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import programme_of, published_programmes
from linli.registers.snapshot import SnapshotInfo
from linli.rules.source import parse_yaml
from linli.screening import evaluation, previewing, verdicts
from linli.screening.models import Run, Scenario
from linli.screening.previewing import CHANGES

STEPS = previewing.STEPS
DATED = ("parameters", "tables", "scales")
SIDES = ("before", "after")
GAINED, LOST = ("gains",), ("loses", "undecided")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """The version as published and with other figures."""

    base: Programme
    changed: Programme


def read(version: ProgrammeVersion, text: str) -> Pair:
    """A version and a scenario of it, by the facts as they were declared when it was published. Raises Problems with the faults of the
    text, LinliError where anything but a dated figure differs.
    """
    changed = parse_programme(text.encode(), version.facts, file=FILE)
    if _without_figures(version.source) != _without_figures(text):
        raise LinliError(
            "screening.not_figures", zh="试算只改数值和它们的起止日期", en="A what-if changes figures and their days only.",
            remedy_zh="条件、对象和流程在草案里改", remedy_en="change conditions, subjects and steps in a draft",
        )  # fmt: skip
    return Pair(programme_of(version), changed)


def _without_figures(text: str) -> Any:
    """The file's content but the dated values of its rule."""
    plain = parse_yaml(text.encode(), file=FILE).plain()
    for section in DATED:
        for declared in (plain["rule"].get(section) or {}).values():
            declared.pop("values", None)
    return plain


def day_for(base: Programme, wanted: date | None) -> date:
    """The day of a calculation: the one wanted, or today, if that is before its first the first day of the version. Raises LinliError
    where it is past, or where the version doesn't apply then. One query.
    """
    today = clock.today()
    first, last = max(base.effective_from, today), last_day_of(base, published_programmes(base.slug))
    day = wanted or first
    if first <= day and (last is None or day <= last):
        return day
    until = (f"{first} 至 {last}", f"{first} to {last}") if last else (f"{first} 起", f"from {first} on")
    over = last is not None and last < today
    raise LinliError(
        "screening.not_its_day", zh="这一天不适用这个版本", en="This version doesn't apply on that day.", found=str(day),
        expected="a version that still applies" if over else until[1], expected_zh="仍然适用的版本" if over else until[0],
        remedy_zh="改日期，或另选版本试算", remedy_en="choose another day, or begin from another version",
    )  # fmt: skip


def outdated(scenario: Scenario) -> bool:
    """Whether newer data stand than the figures of a finished scenario come from. One query."""
    if scenario.state != "finished" or scenario.snapshot_day is None or scenario.asked_at is None:
        return False
    return previewing.newer_data(scenario.snapshot_day, scenario.snapshot_digest, scenario.asked_at)


def compute(scenario: Scenario, pair: Pair, state: Path, tell: Tell) -> dict[str, Any]:
    """The figures of a scenario; sets its day, its snapshot and its digest. Raises LinliError where one side can't be evaluated."""
    tell("snapshot")
    source = previewing.newest_snapshot([pair.base, pair.changed], state)
    day = day_for(pair.base, scenario.day)
    scenario.asked_day, scenario.snapshot_digest, scenario.snapshot_day = day, source.digest, source.as_of
    scenario.digest = pair.changed.digest
    for one in (pair.base, pair.changed):
        one.rule.check_in_force(day)
    with evaluation.files_in_use(), evaluation.outcome_folder(state) as scratch:
        tell("before")
        files = {"before": _kept(pair.base, source, day) or _evaluated(pair.base, source, day, scratch / "before")}
        tell("after")
        files["after"] = _evaluated(pair.changed, source, day, scratch / "after")
        tell("compare")
        return _figures(pair.changed, source, files)


def _evaluated(programme: Programme, source: SnapshotInfo, day: date, folder: Path) -> Path:
    folder.mkdir()
    return evaluation.evaluate([programme], source, day, folder)[programme.slug]


def _kept(base: Programme, source: SnapshotInfo, day: date) -> Path | None:
    """What a screening found of this version over this snapshot on this day, or None. Not where somebody was erased since: whoever shares
    a household with them was judged by facts that the snapshot no longer has.
    """
    runs = Run.objects.filter(programme=base.slug, programme_digest=base.digest, state="done", as_of=day, snapshot_digest=source.digest)
    for run in runs.exclude(files="").order_by("-id"):
        folder: Path = settings.LINLI_STATE / "screening" / run.files
        path = folder / "verdicts.parquet"
        if run.engine == evaluation.engine_versions() and path.exists() and not (folder / verdicts.TOMBSTONES).exists():
            return path
    return None


def _figures(programme: Programme, source: SnapshotInfo, files: Mapping[str, Path]) -> dict[str, Any]:
    """Everything a page shows of a scenario: totals, ways of change with their sums, counties, conditions."""
    # Whoever is eligible on neither side, most of the city, is left out before anything is joined.
    old, new = (previewing.told(files[side], side).filter(pl.col(side) != "not_eligible") for side in SIDES)
    both = previewing.joined(old, new, evaluation.areas_of(source, programme, programme.place.payer))
    table = both.join(_homes(source, programme), on="subject_id", how="left").collect()
    per_county = table.group_by(county=pl.col("area_code").str.slice(0, 6)).agg(*_counts(programme)).sort("county")
    sums = [pl.len().alias("number"), *(pl.col(f"{side}_fen").sum() for side in SIDES)]
    changes = {row["change"]: row for row in table.group_by("change").agg(sums).to_dicts() if row["change"]}
    none = {"number": 0, "before_fen": 0, "after_fen": 0}
    return {
        "subject_kind": programme.subject,
        "totals": _plain(table.select(_counts(programme)).to_dicts()[0]),
        "changes": {change: {name: int(changes.get(change, none)[name] or 0) for name in none} for change in CHANGES},
        "counties": [{"county": row.pop("county"), **_plain(row)} for row in per_county.to_dicts()],
        "conditions": _conditions(table, files),
    }


def _plain(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(value or 0) for name, value in row.items()}


def _homes(source: SnapshotInfo, programme: Programme) -> pl.LazyFrame:
    """(subject_id, home, members): the person's household, numbered; a household's own number of members; nothing for organisations."""
    if programme.subject == "organisation":
        return pl.LazyFrame(schema={"subject_id": pl.String, "home": pl.UInt32, "members": pl.Int64})
    kind = programme.household_kind or evaluation.DEFAULT_KIND
    column = "household_id" if kind == evaluation.DEFAULT_KIND else f"household_id.{kind}"
    people = pl.scan_parquet(source.people).select(subject_id=pl.col("person_id").cast(pl.String), home=pl.col(column).cast(pl.String))
    if programme.subject == "person":
        return people.with_columns(pl.col("home").cast(pl.Categorical).to_physical(), members=pl.lit(1, dtype=pl.Int64))
    counted = people.drop_nulls("home").group_by(subject_id="home").agg(members=pl.len().cast(pl.Int64))
    return counted.with_row_index("home")


def _counts(programme: Programme) -> list[pl.Expr]:
    """Of a group of rows: subjects, people and households found and undecided on both sides, sums in fen, how many change in which way.

    Among people a household counts once, however many of it are found; nobody is in a household twice. unpriced: found, but what is due
    is not known, so that no sum has it.
    """
    counts: list[pl.Expr] = [(pl.col("change") == change).sum().alias(change) for change in CHANGES]
    priced = programme.rule.amount is not None
    for side in SIDES:
        eligible = pl.col(side) == "eligible"
        counts.append(pl.col(f"{side}_fen").sum().alias(f"fen_{side}"))
        counts.append((eligible & pl.col(f"{side}_fen").is_null() & pl.lit(priced)).sum().alias(f"unpriced_{side}"))
        for name, group in (("found", eligible), ("undecided", pl.col(side) == "unknown")):
            counts.append(group.sum().alias(f"{name}_{side}"))
            counts.append(pl.col("members").filter(group).sum().alias(f"{name}_people_{side}"))
            counts.append(pl.col("home").filter(group).drop_nulls().n_unique().alias(f"{name}_households_{side}"))
    same = (pl.col("before") == "eligible") & (pl.col("after") == "eligible") & pl.col("change").is_null()
    return [*counts, same.sum().alias("same")]


def _conditions(table: pl.DataFrame, files: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Of each condition how many of those who gain meet it only now, and how many of those who lose or become undecided no longer do.

    One may count under several conditions.
    """
    changed = table.filter(pl.col("change").is_in([*GAINED, *LOST])).select("subject_id", "change")
    names = verdicts.condition_columns(list(pl.read_parquet_schema(files["after"])))
    for side in SIDES:
        met = [pl.col(name).fill_null(False).alias(f"{name}.{side}") for name in names]
        told = pl.scan_parquet(files[side]).select(pl.col("subject_id").cast(pl.String), *met)
        changed = changed.lazy().join(told, on="subject_id", how="left").collect()
    gained, lost = (pl.col("change").is_in(ways) for ways in (GAINED, LOST))
    rows = []
    for name in names:
        was, now = (pl.col(f"{name}.{side}").fill_null(False) for side in SIDES)
        one = changed.select(gains=(gained & ~was & now).sum(), loses=(lost & was & ~now).sum()).to_dicts()[0]
        rows.append({"id": name.removeprefix("condition."), **_plain(one)})
    return rows
