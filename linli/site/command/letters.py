"""`linli letters`: which letters there are, what each asks for, and a look at one; needs neither Django nor a database."""

from __future__ import annotations

from pathlib import Path

import click

from linli.kernel.errors import LinliError, Problems
from linli.papers.letters import Field, Kind, Sealing, kind_of, kinds, render
from linli.papers.letters.rendering import LANGUAGES
from linli.site.command import language

CITY = click.option(
    "--city", type=click.Path(path_type=Path), envvar="LINLI_CITY", help="the city's folder; without one, the built-in letters"
)


@click.group()
def command() -> None:
    """Official letters (docs/letters.md): list them, try a template, check a city's own."""


@command.command("list")
@CITY
def list_kinds(city: Path | None) -> None:
    """Every kind of letter, one a line."""
    for kind in kinds(city):
        click.echo(f"{kind.slug:12} {_words(kind)}")


@command.command("fields")
@click.argument("kind")
@CITY
def show_fields(kind: str, city: Path | None) -> None:
    """What a KIND of letter asks for: * where it must be given, + where at least one of its group must."""
    declared = kind_of(kind, city)
    grouped = {name for group in declared.needs_one for name in group}
    for field in declared.fields:
        mark = "*" if field.required else "+" if field.name in grouped else " "
        click.echo(f"{mark} {field.name:16} {field.type:8} {_words(field)}")
        for column in field.columns:
            click.echo(f"    {'*' if column.required else ' '} {column.name:12} {column.type:8} {_words(column)}")


@command.command("try")
@click.argument("kind")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="the PDF to write")
@click.option("--language", "edition", type=click.Choice(LANGUAGES), default="zh", show_default=True)
@click.option("--sealing", type=click.Choice([str(one) for one in Sealing]), default=str(Sealing.UNSEALED), show_default=True)
@CITY
def try_out(kind: str, out: Path, edition: str, sealing: str, city: Path | None) -> None:
    """Set a KIND of letter from its samples, to see what its template looks like."""
    out.write_bytes(render(kind, kind_of(kind, city).sample(), language=edition, city=city, sealing=Sealing(sealing)))
    click.echo(f"{out}")


@command.command("check")
@click.argument("kind", required=False)
@CITY
def check(kind: str | None, city: Path | None) -> None:
    """Set every KIND of letter from its samples: whole and bare, in both languages, as every edition. Exit code 2 when one can't be set."""
    problems: list[LinliError] = []
    chosen = (kind_of(kind, city),) if kind else kinds(city)
    for one in chosen:
        for edition in LANGUAGES:
            problems += _tried(one, edition, city)
    if problems:
        raise Problems(problems)
    click.echo(f"{len(chosen)} ✓")


def _tried(kind: Kind, edition: str, city: Path | None) -> list[LinliError]:
    try:
        render(kind.slug, kind.sample(bare=True), language=edition, city=city)
        for sealing in Sealing:
            render(kind.slug, kind.sample(), language=edition, city=city, sealing=sealing)
    except LinliError as error:
        return [error]
    except Problems as problems:
        return problems.problems
    return []


def _words(told: Kind | Field) -> str:
    return told.zh if language() == "zh" else told.en
