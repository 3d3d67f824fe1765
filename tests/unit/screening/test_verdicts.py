"""A run's digest depends on what was decided, not on the order, the chunks or the form in which it was written."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.screening import verdicts

ROW = st.tuples(
    st.sampled_from(["eligible", "unknown", "not_eligible"]),
    st.sampled_from([True, False, None]),
    st.sampled_from([True, False, None]),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 10**9)),
)
SCHEMA = {
    "subject_id": pl.String,
    "verdict": pl.String,
    "condition.age": pl.Boolean,
    "condition.home": pl.Boolean,
    "missing.birth_date": pl.Boolean,
    "missing.household.income": pl.Boolean,
    "amount_fen": pl.Int64,
}


def frame(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame([(f"s{index:03d}", *row) for index, row in enumerate(rows)], schema=SCHEMA, orient="row")


SALTS = verdicts.new_salts(pl.Series([f"s{index:03d}" for index in range(40)]))


def digest_of(table: pl.DataFrame, folder: Path, kept: pl.DataFrame | None = None, salts: pl.DataFrame = SALTS) -> str:
    path = folder / "verdicts.parquet"
    table.write_parquet(path)
    return verdicts.digest(path, salts, kept)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=30), seed=st.integers(0, 1000))
def test_order_and_columns_order_do_not_change_the_digest(tmp_path, rows, seed):
    table = frame(rows)
    columns = list(table.columns)
    random.Random(seed).shuffle(columns)
    fixed = [column for column in table.columns if column.startswith("condition.")]
    reordered = [column for column in columns if not column.startswith("condition.")] + fixed
    assert digest_of(table, tmp_path) == digest_of(table.sample(fraction=1, shuffle=True, seed=seed).select(reordered), tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=10), other=ROW, place=st.integers(0, 9))
def test_any_changed_answer_changes_the_digest(tmp_path, rows, other, place):
    place %= len(rows)
    changed = [*rows[:place], other, *rows[place + 1 :]]
    same = rows[place] == other
    assert (digest_of(frame(rows), tmp_path) == digest_of(frame(changed), tmp_path)) == same


def test_a_list_of_missing_facts_reads_the_same_as_bitmaps(tmp_path):
    bitmaps = frame([("unknown", True, None, True, True, None), ("eligible", True, True, False, False, 5)])
    listed = bitmaps.select("subject_id", "verdict", "condition.age", "condition.home", "amount_fen").with_columns(
        missing=pl.Series([["household.income", "birth_date"], []], dtype=pl.List(pl.String))
    )
    assert digest_of(bitmaps, tmp_path) == digest_of(listed, tmp_path)


def test_a_tombstone_keeps_the_digest_of_a_run_whose_person_was_erased(tmp_path):
    table = frame([("eligible", True, True, False, False, 500), ("unknown", None, True, True, False, None)])
    before = digest_of(table, tmp_path)
    kept = verdicts.leaves(table.filter(pl.col("subject_id") == "s000"), SALTS)
    after, salts = table.filter(pl.col("subject_id") != "s000"), SALTS.filter(pl.col("subject_id") != "s000")
    assert digest_of(after, tmp_path, salts=salts) != before
    assert digest_of(after, tmp_path, kept, salts) == before
    guessed = verdicts.leaves(table, salts).filter(pl.col("subject_id") == "s000")["leaf"].item()
    assert guessed != kept["leaf"].item()


def test_counts_name_every_verdict_even_when_nobody_got_it(tmp_path):
    frame([("unknown", None, True, True, False, None)]).write_parquet(tmp_path / "v.parquet")
    assert verdicts.counts(tmp_path / "v.parquet") == {"eligible": 0, "unknown": 1, "not_eligible": 0}
