"""`linli people`: a generated population, as Parquet for trying rules out, as departments' files, or loaded into the registers."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from django.conf import settings

from linli.kernel import clock
from linli.kernel.viewer import system
from linli.registers.generated import load_population
from linli.registers.generated.files import write_files
from linli.registers.generated.generate import generate_parquet
from linli.registers.generated.load import load_people
from linli.registers.lists import load_lists
from linli.site.command import language


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@click.group()
def command() -> None:
    """Generated residents: calibrated to the city's totals, marked as generated, with labelled cases planted among them."""


@command.command()
@click.option("--residents", type=click.IntRange(min=1), required=True, help="how many people")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="the same seed gives the same people")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="the day ages are counted on and planted answers hold [today]")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("generated"), show_default=True, help="folder")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["parquet", "lists"]),
    default="parquet",
    show_default=True,
    help="frames for rules, or files as departments send them",
)
@click.option("--load", is_flag=True, help="also register the people, their households and family links in the database")
def generate(residents: int, seed: int, as_of: datetime | None, out: Path, shape: str, load: bool) -> None:
    """Generate a population. Writes people, households, relations, organisations and truth .parquet, or each list's xlsx or csv."""
    day = as_of.date() if as_of else clock.today()
    population, lists = load_population(settings.LINLI_CITY), load_lists(settings.LINLI_CITY)
    with click.progressbar(length=residents, label="居民" if language() == "zh" else "residents") as bar:

        def progress(done: int) -> None:
            bar.update(done - bar.pos)

        if shape == "parquet":
            generate_parquet(population, lists, out, residents=residents, seed=seed, as_of=day, progress=progress)
        else:
            write_files(
                population,
                lists,
                out,
                residents=residents,
                seed=seed,
                as_of=day,
                progress=lambda file, done: progress(done) if not file else None,
            )
    _say(f"已生成 {residents} 位居民（种子 {seed}，{day}）：{out}", f"generated {residents} residents (seed {seed}, {day}): {out}")
    if load:
        _load(population_seed=seed, residents=residents, day=day)


def _load(*, population_seed: int, residents: int, day: date) -> None:
    population = load_population(settings.LINLI_CITY)
    with click.progressbar(length=residents, label="登记" if language() == "zh" else "registering") as bar:
        loaded = load_people(
            system("people-generate"),
            population,
            residents=residents,
            seed=population_seed,
            as_of=day,
            progress=lambda done: bar.update(done - bar.pos),
        )
    _say(
        f"已登记 {loaded.residents} 人、{loaded.households} 户、{loaded.organisations} 个单位",
        f"registered {loaded.residents} people, {loaded.households} households, {loaded.organisations} organisations",
    )
