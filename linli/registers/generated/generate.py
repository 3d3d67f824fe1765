"""Generate a population into Parquet files: block by block, so that memory stays that of one block."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from linli.registers.generated.block import blocks
from linli.registers.generated.frames import Frames, frames, marks, write_parquet
from linli.registers.generated.population import Population
from linli.registers.lists import ListDeclaration

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written. files by frame name; truth lists the planted cases."""

    residents: int
    folder: Path
    files: Mapping[str, Path]


def generate_parquet(
    population: Population,
    declarations: Mapping[str, ListDeclaration],
    folder: Path,
    *,
    residents: int,
    seed: int,
    as_of: date,
    progress: Progress = lambda done: None,
) -> Generated:
    """Write people, households, relations, organisations and truth .parquet into `folder`. progress: residents done so far."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [field.name for field in fields(Frames)]
    with tempfile.TemporaryDirectory(dir=folder, prefix=".parts-") as temporary:
        parts = Path(temporary)
        for number, block in enumerate(blocks(population, residents, seed, as_of)):
            made = frames(block, population, declarations)
            for name in names:
                getattr(made, name).write_parquet(parts / f"{name}-{number:05d}.parquet", compression="lz4")
            progress(block.slice.first + block.slice.size - 1)
        label = marks(residents, seed, as_of)
        files = {name: write_parquet(folder, name, parts, label) for name in names}
    return Generated(residents, folder, files)
