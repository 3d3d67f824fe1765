"""The verdict files of a run: canonical lines, leaves, digest, and tombstones of people erased since.

A line is subject|verdict|conditions|missing|amount|salt; a leaf is the line's SHA-256; the digest is the SHA-256 over all leaves
in the order of subjects. Library versions change a Parquet file's bytes, never its lines. An erased person's line and salt
are gone, the leaf stays in tombstones.parquet: the digest of an old run can still be checked, and nobody can guess what the line said.
"""

from __future__ import annotations

import hashlib
import os
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


def new_salts(subjects: pl.Series) -> pl.DataFrame:
    """(subject_id, salt): 128 random bits a subject, in hex."""
    random = os.urandom(16 * len(subjects)).hex()
    salts = [random[start : start + 32] for start in range(0, len(random), 32)]
    return pl.DataFrame({"subject_id": subjects.cast(pl.String), "salt": pl.Series(salts, dtype=pl.String)})


def leaves(frame: pl.DataFrame, salts: pl.DataFrame) -> pl.DataFrame:
    """(subject_id, leaf) of each row; one SHA-256 a row. A subject without a salt gets none: its leaf matches nothing."""
    table = frame.select(pl.col("subject_id").cast(pl.String), lines(frame.columns)).join(salts, on="subject_id", how="left")
    salted = table.select(pl.concat_str("line", pl.col("salt").fill_null(""), separator="|"))["line"]
    hashed = [hashlib.sha256(line.encode()).hexdigest() for line in salted.to_list()]
    return pl.DataFrame({"subject_id": table["subject_id"], "leaf": pl.Series(hashed, dtype=pl.String)})


def tombstones(folder: Path) -> pl.DataFrame:
    """(subject_id, leaf) kept for people erased since the run, and for those whose answer used an erased person's facts."""
    path = folder / TOMBSTONES
    if path.exists():
        return pl.read_parquet(path)
    return pl.DataFrame(schema={"subject_id": pl.String, "leaf": pl.String})


def digest(path: Path, salts: pl.DataFrame, kept: pl.DataFrame | None = None) -> str:
    """The canonical digest of a verdict file; the leaves in `kept` take the place of the file's own for their subjects."""
    parts = [leaves(batch, salts) for batch in batches(path)]
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
