"""What a run itself found, read from its own files: for runs of another day, or that a later run has replaced."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import polars as pl

from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import programme_of
from linli.screening import evaluation, replaying, verdicts
from linli.screening.models import Determination, Run


def _verdicts(run: Run, prefixes: Sequence[str]) -> pl.LazyFrame:
    """The run's verdicts inside the areas, with place (1-based row), missing as a list, and area_code."""
    path = replaying.folder_of(run) / "verdicts.parquet"
    programme = programme_of(ProgrammeVersion.objects.get(slug=run.programme, version=run.programme_version))
    areas = evaluation.areas_of(replaying.input_of(run), programme).lazy()
    columns = pl.read_parquet_schema(path)
    table = pl.scan_parquet(path).with_row_index("place", offset=1)
    told = table.select(
        "place",
        "subject_id",
        "verdict",
        amount_fen=pl.col("amount_fen") if "amount_fen" in columns else pl.lit(None, dtype=pl.Int64),
        missing=verdicts.missing_list(list(columns)),
    )
    joined = told.join(areas, on="subject_id", how="left").with_columns(pl.col("area_code").fill_null(""))
    if "" in prefixes:
        return joined
    return joined.filter(pl.any_horizontal(pl.col("area_code").str.starts_with(prefix) for prefix in prefixes))


def rows(
    run: Run, verdict: str, prefixes: Sequence[str], *, missing: str = "", county: str = "", after: int = 0, limit: int | None = None
) -> list[Determination]:
    """A page of what the run found, as determinations that are not stored; id is the row of the file. Reads two files."""
    found = _verdicts(run, prefixes).filter(pl.col("verdict") == verdict, pl.col("place") > after)
    if missing:
        found = found.filter(pl.col("missing").list.contains(missing))
    if county:
        found = found.filter(pl.col("area_code").str.starts_with(county))
    page = found.sort("place").collect() if limit is None else found.sort("place").head(limit).collect()
    kind = programme_of(ProgrammeVersion.objects.get(slug=run.programme, version=run.programme_version)).subject
    return [
        Determination(
            id=row["place"],
            programme=run.programme,
            subject=UUID(row["subject_id"]),
            subject_kind=kind,
            area_code=row["area_code"],
            verdict=verdict,
            amount_fen=row["amount_fen"] if verdict == "eligible" else None,
            missing=row["missing"],
            as_of=run.as_of,
            run=run,
            since=run.started_at,
        )
        for row in page.iter_rows(named=True)
    ]


def by_county(run: Run, prefixes: Sequence[str]) -> list[tuple[str, int, int, int]]:
    """(county, eligible, undecided, amount in fen of the eligible) of the run, in order of county."""
    eligible = pl.col("verdict") == "eligible"
    counted = (
        _verdicts(run, prefixes)
        .filter(pl.col("verdict") != "not_eligible")
        .group_by(county=pl.col("area_code").str.slice(0, 6))
        .agg(
            eligible=eligible.sum(),
            undecided=(~eligible).sum(),
            fen=pl.col("amount_fen").filter(eligible).sum(),
        )
        .sort("county")
    )
    return [(row[0], int(row[1]), int(row[2]), int(row[3] or 0)) for row in counted.collect().iter_rows()]


def missing_facts(run: Run, prefixes: Sequence[str]) -> list[tuple[str, int]]:
    """Which facts the run lacked for how many undecided subjects, most frequent first."""
    undecided = _verdicts(run, prefixes).filter(pl.col("verdict") == "unknown")
    counted = undecided.select(pl.col("missing").explode()).drop_nulls().group_by("missing").agg(n=pl.len()).collect()
    return sorted(((fact, int(n)) for fact, n in counted.iter_rows()), key=lambda pair: (-pair[1], pair[0]))
