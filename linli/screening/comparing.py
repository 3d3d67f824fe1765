"""What changed between two runs of a programme: who is newly found, who is newly lost, and which fact made the difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from linli.programmes.declaration import Programme
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import programme_of
from linli.registers.snapshot import SnapshotInfo
from linli.screening import replaying
from linli.screening.evaluation import DEFAULT_KIND, HOUSEHOLDS, ORGANISATIONS, PEOPLE, RELATIONS, file_of
from linli.screening.models import Run

VERSION, AS_OF = "programme version", "as-of date"


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact that differs between the two inputs. who: 'subject', 'household' or 'family'; before and after as text, None is unknown."""

    who: str
    fact: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One subject that was found or lost. causes: changed facts; otherwise the version or the day (an age) made the difference."""

    subject: str
    before: str
    after: str
    changes: tuple[FactChange, ...]
    other_causes: tuple[str, ...]


def differences(before: Path, after: Path) -> pl.DataFrame:
    """(subject_id, before, after) of everyone whose eligibility appeared or disappeared. Missing from a run counts as not eligible."""

    def read(path: Path, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(path).select(pl.col("subject_id").cast(pl.String), pl.col("verdict").cast(pl.String).alias(name))

    both = read(before, "before").join(read(after, "after"), on="subject_id", how="full", coalesce=True)
    filled = both.with_columns(pl.col("before", "after").fill_null("not_eligible"))
    moved = filled.filter((pl.col("before") == "eligible") != (pl.col("after") == "eligible"))
    return moved.sort("subject_id").collect()


def explain(programme: Programme, moved: pl.DataFrame, old: SnapshotInfo, new: SnapshotInfo, *, same_version: bool) -> Iterator[Difference]:
    """Each difference with the facts of the subject, its household and its relatives that changed. Reads only the rows it needs."""
    subjects = moved["subject_id"]
    changed = [
        *_own_changes(programme, subjects, old, new),
        *_household_changes(programme, subjects, old, new),
        *_family_changes(programme, subjects, old, new),
    ]
    by_subject: dict[str, list[FactChange]] = {}
    for subject, change in changed:
        by_subject.setdefault(subject, []).append(change)
    other = ([] if same_version else [VERSION]) + ([] if old.as_of == new.as_of else [AS_OF])
    for subject, was, now in moved.iter_rows():
        yield Difference(subject, was, now, tuple(by_subject.get(subject, ())), tuple(other))


def between(before: Run, after: Run) -> Iterator[Difference]:
    """The differences of two runs of one programme from the files they kept."""
    version = ProgrammeVersion.objects.get(slug=after.programme, version=after.programme_version)
    moved = differences(replaying.folder_of(before) / "verdicts.parquet", replaying.folder_of(after) / "verdicts.parquet")
    same = before.programme_digest == after.programme_digest
    old, new = replaying.input_of(before), replaying.input_of(after)
    return explain(programme_of(version), moved, old, new, same_version=same)


def _changes(old: pl.DataFrame, new: pl.DataFrame, facts: list[str], who: str) -> Iterator[tuple[str, FactChange]]:
    """Cell by cell over two frames keyed by (subject, member)."""
    both = old.join(new, on=["subject", "member"], how="full", coalesce=True, suffix=".new")
    for fact in facts:
        differing = both.filter(pl.col(fact).ne_missing(pl.col(f"{fact}.new"))).select("subject", fact, f"{fact}.new")
        for subject, before, after in differing.iter_rows():
            yield subject, FactChange(who, fact, _text(before), _text(after))


def _text(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _present(frame: pl.LazyFrame, facts: frozenset[str]) -> list[str]:
    names = set(frame.collect_schema().names())
    return sorted(facts & names)


def _frames(old: SnapshotInfo, new: SnapshotInfo, name: str) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    return pl.scan_parquet(file_of(old, name)), pl.scan_parquet(file_of(new, name))


def _own_changes(programme: Programme, subjects: pl.Series, old: SnapshotInfo, new: SnapshotInfo) -> Iterator[tuple[str, FactChange]]:
    name, key = {"household": (HOUSEHOLDS, "household_id"), "organisation": (ORGANISATIONS, "person_id")}.get(
        programme.subject, (PEOPLE, "person_id")
    )
    before, after = _frames(old, new, name)
    wanted = programme.rule.facts_used | {f"holds.{slug}" for slug in programme.rule.holdings_used}
    facts = [fact for fact in _present(before, wanted) if fact in _present(after, wanted)]

    def rows(frame: pl.LazyFrame) -> pl.DataFrame:
        own = frame.filter(pl.col(key).is_in(subjects.implode())).select(pl.col(key).alias("subject"), pl.col(key).alias("member"), *facts)
        return own.collect()

    yield from _changes(rows(before), rows(after), facts, "subject")


def _household_changes(programme: Programme, subjects: pl.Series, old: SnapshotInfo, new: SnapshotInfo) -> Iterator[tuple[str, FactChange]]:
    if "household" not in programme.rule.groups_used:
        return
    kind = programme.household_kind or DEFAULT_KIND
    suffix = "" if kind == DEFAULT_KIND else f".{kind}"
    home = f"household_id{suffix}"
    before, after = _frames(old, new, PEOPLE)
    facts = [fact for fact in _present(before, programme.rule.household_facts_used | {"household_id"}) if fact != home]

    def rows(frame: pl.LazyFrame) -> pl.DataFrame:
        if programme.subject == "household":
            homes = frame.filter(pl.col(home).is_in(subjects.implode())).select(home, subject=home).unique()
        else:
            homes = frame.filter(pl.col("person_id").is_in(subjects.implode())).select(home, subject="person_id").drop_nulls()
        members = frame.select(home, *facts, member="person_id")
        return homes.join(members, on=home).select("subject", "member", pl.lit("member").alias("present"), *facts).collect()

    yield from _changes(rows(before), rows(after), ["present", *facts], "household")


def _family_changes(programme: Programme, subjects: pl.Series, old: SnapshotInfo, new: SnapshotInfo) -> Iterator[tuple[str, FactChange]]:
    if "family" not in programme.rule.groups_used:
        return
    people_before, people_after = _frames(old, new, PEOPLE)
    links_before, links_after = _frames(old, new, RELATIONS)
    facts = _present(people_before, programme.rule.family_facts_used)

    def rows(people: pl.LazyFrame, links: pl.LazyFrame) -> pl.DataFrame:
        own = links.filter(pl.col("person_id").is_in(subjects.implode())).select("relative_id", "relation", subject="person_id")
        relatives = people.select(*facts, relative_id="person_id")
        joined = own.join(relatives, on="relative_id", how="left")
        return joined.select("subject", "relation", *facts, member="relative_id").collect()

    yield from _changes(rows(people_before, links_before), rows(people_after, links_after), ["relation", *facts], "family")
