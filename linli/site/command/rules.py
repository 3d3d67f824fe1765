"""`linli rules`: check, show, evaluate and explain rules; needs neither Django nor, unless asked to use it, a database."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.registers.lists import vocabulary as city_vocabulary
from linli.rules import Rule, load_rule, load_vocabulary
from linli.rules.bulk import evaluate_file, metadata
from linli.rules.evaluate import Tables
from linli.rules.explain import explain
from linli.rules.frames import MissingColumnWarning
from linli.rules.postgres_frame import evaluate_frame_postgres
from linli.rules.schema import rule_schema
from linli.rules.subject import facts_of_subject
from linli.site.command import language

FILE = click.Path(path_type=Path)
RULE = click.argument("rule_file", type=FILE, metavar="RULE.yaml")
VOCABULARY = click.option(
    "--vocabulary",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    metavar="FACTS.yaml|CITY",
    help="facts declared for all rules: a file, or a city's folder for those of its registers; may be repeated",
)
FACTS = click.option(
    "--facts", required=True, type=FILE, metavar="PEOPLE.parquet", help="one row per person: person_id, household_id, facts"
)
HOUSEHOLDS = click.option("--households", type=FILE, metavar="HOUSEHOLDS.parquet", help="one row per household: household_id, facts")
RELATIONS = click.option("--relations", type=FILE, metavar="RELATIONS.parquet", help="person_id, relative_id, relation")
AS_OF = click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="the screening's day; today if left out")
ENGINE = click.option("--engine", type=click.Choice(["polars", "postgres"]), default="polars", show_default=True)
ASSUME = click.option("--assume-missing", is_flag=True, help="simulation only: unknown facts get their declared `assume` value")


@click.group()
def command() -> None:
    """Check, show, evaluate and explain rules. A programme file may stand for its rule."""


def _load(rule_file: Path, vocabulary: tuple[Path, ...]) -> Rule:
    facts: dict[str, Any] = {}
    for file in vocabulary:
        facts.update(load_vocabulary(city_vocabulary(file) if file.is_dir() else file))
    return load_rule(rule_file, facts)


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of is not None else clock.today()


@contextmanager
def _spoken_warnings() -> Iterator[None]:
    """Warnings about absent columns as plain lines, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MissingColumnWarning)
        yield
    for text in dict.fromkeys(str(item.message) for item in caught):
        click.echo(text, err=True)


@contextmanager
def _connection(engine: str) -> Iterator[Any]:
    if engine == "polars":
        yield None
        return
    import psycopg

    from linli.site.environment import ensure_database

    ensure_database()
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        yield connection


@command.command()
@RULE
@VOCABULARY
def check(rule_file: Path, vocabulary: tuple[Path, ...]) -> None:
    """Load RULE.yaml and name everything that is wrong with it, with line and column."""
    rule = _load(rule_file, vocabulary)
    count = len(rule.conditions)
    click.echo(f"{rule.name}: 规则有效，{count} 个条件" if language() == "zh" else f"{rule.name}: the rule is valid, {count} condition(s)")


@command.command()
@RULE
@VOCABULARY
@click.option("--lang", type=click.Choice(["zh", "en"]), help="one language only")
def words(rule_file: Path, vocabulary: tuple[Path, ...], lang: str | None) -> None:
    """Say the rule back in words, from what was understood."""
    rule = _load(rule_file, vocabulary)
    click.echo("\n\n".join(rule.words(one) for one in ([lang] if lang else ["zh", "en"])))


@command.command()
def schema() -> None:
    """Print the JSON Schema of a rule file."""
    click.echo(json.dumps(rule_schema(), ensure_ascii=False, indent=2))


@command.command("eval")
@RULE
@FACTS
@HOUSEHOLDS
@RELATIONS
@AS_OF
@ENGINE
@VOCABULARY
@ASSUME
@click.option("--out", required=True, type=FILE, metavar="VERDICTS.parquet")
def evaluate(
    rule_file: Path,
    facts: Path,
    households: Path | None,
    relations: Path | None,
    as_of: datetime | None,
    engine: str,
    vocabulary: tuple[Path, ...],
    assume_missing: bool,
    out: Path,
) -> None:
    """Evaluate RULE.yaml for everybody in a Parquet file.

    OUT: subject_id, verdict, one boolean column condition.<id> per condition (empty: unknown), missing (list of facts), amount_fen.
    Its folder must be there already.
    """
    _require_folder(out)
    rule = _load(rule_file, vocabulary)
    tables, day = Tables(facts, households, relations), _day(as_of)
    with _spoken_warnings(), _connection(engine) as connection:
        if connection is None:
            evaluate_file(rule, tables, out, as_of=day, assume=assume_missing)
        else:
            table = evaluate_frame_postgres(rule, tables, as_of=day, connection=connection, assume=assume_missing)
            table.write_parquet(out, metadata=metadata([rule], day, assume_missing))
    _say_counts(out, assume_missing)


def _require_folder(out: Path) -> None:
    """A misspelt folder is told of before an hour's work is written into it."""
    if not out.parent.is_dir():
        raise LinliError(
            "rules.no_such_folder",
            zh="没有这个文件夹",
            en="There is no such folder.",
            place=Place(field="--out"),
            expected=("已有文件夹中的文件", "a file in a folder that exists"),
            found=str(out.parent),
            remedy_zh=f"检查路径，或先建立：mkdir -p {out.parent}",
            remedy_en=f"check the path, or make it first: mkdir -p {out.parent}",
        )


def _say_counts(out: Path, assumed: bool) -> None:
    counts = dict(pl.scan_parquet(out).group_by("verdict").len().collect().iter_rows())
    parts = [f"{verdict} {counts.get(verdict, 0):,}" for verdict in ("eligible", "not_eligible", "unknown")]
    note = ("（模拟：未知按默认值）" if language() == "zh" else " (simulation: unknown facts were assumed)") if assumed else ""
    click.echo(f"{out}: {', '.join(parts)}{note}")


@command.command("explain")
@RULE
@FACTS
@HOUSEHOLDS
@RELATIONS
@AS_OF
@ENGINE
@VOCABULARY
@ASSUME
@click.option("--subject", required=True, metavar="ID", help="person_id, household_id or organisation id")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="language; else from the locale")
def explain_subject(
    rule_file: Path,
    facts: Path,
    households: Path | None,
    relations: Path | None,
    as_of: datetime | None,
    engine: str,
    vocabulary: tuple[Path, ...],
    assume_missing: bool,
    subject: str,
    lang: str | None,
) -> None:
    """Explain one subject's verdict condition by condition."""
    rule = _load(rule_file, vocabulary)
    with _spoken_warnings(), _connection(engine) as connection:
        found = facts_of_subject(rule, Tables(facts, households, relations), subject)
        if found is None:
            raise LinliError(
                "rules.no_such_subject",
                zh="文件中没有这个对象",
                en="The file has no such subject.",
                place=Place(str(facts)),
                found=subject,
                remedy_zh="检查标识",
                remedy_en="check the id",
            )
        explanation = explain(rule, *found, as_of=_day(as_of), connection=connection, assume=assume_missing)
    click.echo(explanation.text(lang or language()))
