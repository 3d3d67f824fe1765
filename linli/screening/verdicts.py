"""The verdict files of a run: canonical lines, leaves, digest, and tombstones of people erased since.

A line is subject|verdict|conditions|missing|amount; a leaf is the line's SHA-256; the digest is the SHA-256 over all leaves in
the order of subjects. Library versions change a Parquet file's bytes, never its lines. An erased person's line is
gone from the file, its leaf stays in tombstones.parquet, so the digest of an old run can still be checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

VERDICTS = ("eligible", "unknown", "not_eligible")
TOMBSTONES = "tombstones.parquet"
BATCH_ROWS = 250_000


def condition_columns(columns: list[str]) -> list[str]:
    """The columns `condition.<id>` in the rule's order."""
    return [name for name in columns if name.startswith("condition.")]


def missing_columns(columns: list[str]) -> list[str]:
    """The columns `missing.<fact>`, sorted."""
    return sorted(name for name in columns if name.startswith("missing."))


def missing_list(columns: list[str]) -> pl.Expr:
    """One sorted list of the facts that are missing, from the bitmap columns or from the list of a small frame."""
    if "missing" in columns:
        return pl.col("missing").list.sort()
    flags = [pl.when(pl.col(name)).then(pl.lit(name.removeprefix("missing."))) for name in missing_columns(columns)]
    if not flags:
        return pl.lit([], dtype=pl.List(pl.String)).alias("missing")
    return pl.concat_list(flags).list.drop_nulls().alias("missing")


def lines(columns: list[str]) -> pl.Expr:
    """The canonical line of each row."""
    conditions = [
        pl.when(pl.col(name)).then(pl.lit("T")).when(~pl.col(name)).then(pl.lit("F")).otherwise(pl.lit("U"))
        for name in condition_columns(columns)
    ]
    amount = pl.col("amount_fen").cast(pl.String).fill_null("-") if "amount_fen" in columns else pl.lit("-")
    parts = [
        pl.col("subject_id").cast(pl.String),
        pl.col("verdict").cast(pl.String),
        pl.concat_str(conditions) if conditions else pl.lit(""),
        missing_list(columns).list.join(","),
        amount,
    ]
    return pl.concat_str(parts, separator="|").alias("line")


def batches(path: Path) -> Iterator[pl.DataFrame]:
    """The file in pieces of BATCH_ROWS, in its own order."""
    rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    for offset in range(0, rows, BATCH_ROWS):
        yield pl.scan_parquet(path).slice(offset, BATCH_ROWS).collect()


def leaves(frame: pl.DataFrame) -> pl.DataFrame:
    """(subject_id, leaf) of each row; one SHA-256 a row."""
    table = frame.select(pl.col("subject_id").cast(pl.String), lines(frame.columns))
    hashed = [hashlib.sha256(line.encode()).hexdigest() for line in table["line"].to_list()]
    return pl.DataFrame({"subject_id": table["subject_id"], "leaf": hashed})


def tombstones(folder: Path) -> pl.DataFrame:
    """(subject_id, leaf) kept for people erased since the run, and for those whose answer used an erased person's facts."""
    path = folder / TOMBSTONES
    if path.exists():
        return pl.read_parquet(path)
    return pl.DataFrame(schema={"subject_id": pl.String, "leaf": pl.String})


def digest(path: Path, kept: pl.DataFrame | None = None) -> str:
    """The canonical digest of a verdict file; the leaves in `kept` take the place of the file's own for their subjects."""
    parts = [leaves(batch) for batch in batches(path)]
    empty = pl.DataFrame(schema={"subject_id": pl.String, "leaf": pl.String})
    every = pl.concat([empty, *parts])
    if kept is not None and kept.height:
        every = pl.concat([every.join(kept, on="subject_id", how="anti"), kept.select("subject_id", "leaf")])
    state = hashlib.sha256()
    for leaf in every.sort("subject_id")["leaf"]:
        state.update(bytes.fromhex(leaf))
    return f"sha256:{state.hexdigest()}"


def counts(path: Path) -> dict[str, int]:
    """How many subjects got each verdict; all three keys are always there."""
    found = pl.scan_parquet(path).group_by(pl.col("verdict").cast(pl.String)).agg(pl.len()).collect()
    have = dict(found.iter_rows())
    return {verdict: int(have.get(verdict, 0)) for verdict in VERDICTS}
