"""The same people for both arms: generated households with drawn salaries and homes, as Parquet for Linli and .npy for OpenFisca."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.apart import DATA, generated_people
from linli.rules.frames import GROUP_ROWS

SEED = 17
STATUSES = ("owner", "tenant", "free_lodger", "homeless")
CHILDREN = ("child", "grandchild", "sibling")


def prepared(residents: int) -> Path:
    """The folder with both forms, made on first use. People without a household are left out: OpenFisca has none such."""
    folder = DATA / f"openfisca-{residents}"
    if not (folder / "households.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(generated_people(residents) / "people.parquet", folder)
    return folder


def _write(source: Path, folder: Path) -> None:
    people = pl.read_parquet(source, columns=["household_id", "role", "birth_date"]).drop_nulls()
    people = people.with_columns(pl.col("household_id").rank("dense").cast(pl.Int64) - 1).sort("household_id")
    draw, homes = np.random.default_rng(SEED), people["household_id"].n_unique()
    people = people.with_columns(
        salary=pl.Series(draw.integers(0, 2_000_001, people.height) * (draw.random(people.height) < 0.6)),
        capital_returns=pl.Series(draw.integers(0, 500_001, people.height) * (draw.random(people.height) < 0.2)),
    )
    people = people.with_columns(
        pl.when(pl.col("role").is_in(CHILDREN)).then(0).otherwise(pl.col(name)).alias(name) for name in ("salary", "capital_returns")
    )
    size, status = draw.integers(15, 301, homes), draw.choice(4, homes, p=[0.6, 0.3, 0.08, 0.02])
    for name, array in {
        "household": people["household_id"].to_numpy(),
        "role": people["role"].is_in(CHILDREN).cast(pl.Int64).to_numpy(),
        "birth": people["birth_date"].to_numpy(),
        "salary": (people["salary"].to_numpy() / 100).astype(np.float32),
        "capital_returns": (people["capital_returns"].to_numpy() / 100).astype(np.float32),
        "accommodation_size": size.astype(np.float32),
        "housing_occupancy_status": status,
    }.items():
        np.save(folder / f"{name}.npy", array)
    people.insert_column(0, pl.Series("person_id", np.arange(people.height)))
    people.write_parquet(folder / "people.parquet", compression="uncompressed", row_group_size=GROUP_ROWS)
    pl.DataFrame(
        {
            "household_id": np.arange(homes),
            "accommodation_size": size,
            "housing_occupancy_status": pl.Series([STATUSES[one] for one in status]),
        }
    ).write_parquet(folder / "households.parquet", compression="uncompressed", row_group_size=GROUP_ROWS)
