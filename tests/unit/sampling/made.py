"""Draws for the tests: secrets out of a counter, so that every run sees the same ones, and lists of any make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from linli.sampling import (
    Balls,
    Commitment,
    CrossReview,
    Draw,
    Item,
    Outcome,
    Plan,
    PublicDraw,
    Reveal,
    Size,
    Words,
    commit,
    finish,
    freeze,
    reveal,
)

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEPARTMENTS = ("disability", "finance")
COUNTIES = ("140802", "140821", "140822", "140823")
LOTTERY = PublicDraw(Words("双色球", "Double Colour Ball"), date(2026, 11, 25), (Balls(6, 1, 33, True),))
NUMBERS = Outcome(((3, 7, 11, 18, 25, 30),), datetime(2026, 11, 25, 14, tzinfo=UTC))


def secret(number: int, department: str) -> bytes:
    return hashlib.sha256(f"{department} {number}".encode()).digest()


def committed(number: int, department: str, **other: Any) -> Commitment:
    given = {"draw": "d-1", "secret": secret(number, department), "at": START, "algorithm": "sha256", "salt": bytes(range(16))}
    return commit(department=department, **(given | other))


def plan(number: int = 0, **other: Any) -> Plan:
    algorithm = other.get("algorithm", "sha256")
    given: dict[str, Any] = {
        "draw": "d-1",
        "title": Words("助学金抽查", "Student aid checks"),
        "algorithm": algorithm,
        "commitments": tuple(committed(number, one, algorithm=algorithm) for one in DEPARTMENTS),
        "reveal_by": START + 24 * HOUR,
        "strata": {"near": Size(rate=Fraction(1, 5)), "far": Size(count=2)},
        "conditions": {"cap": Words("金额高于限额", "above the cap"), "late": Words("逾期", "late")},
        "cross_review": CrossReview(COUNTIES),
    }
    return Plan(**(given | other))


def items(count: int = 24) -> list[Item]:
    """Every seventh is drawn by condition, every third is far."""
    return [
        Item(f"2611{index:09d}", "far" if index % 3 == 0 else "near", COUNTIES[index % 4], ("cap",) if index % 7 == 0 else ())
        for index in range(count)
    ]


def drawn(number: int = 0, listed: Iterable[Item] | None = None, outcome: Outcome | None = None, **other: Any) -> Draw:
    """A finished draw. A public draw is named by public_draw=LOTTERY, outcome=NUMBERS."""
    frozen = freeze(plan(number, **other), items() if listed is None else listed, at=START + HOUR)
    draw = Draw(frozen)
    for one in frozen.plan.commitments:
        draw = reveal(draw, Reveal(one.department, secret(number, one.department), START + 2 * HOUR))
    return finish(draw, outcome)


def with_one_department(**other: Any) -> Draw:
    """Finance's secret and a public draw in the place of the other."""
    algorithm = other.get("algorithm", "sha256")
    return drawn(outcome=NUMBERS, commitments=(committed(0, "finance", algorithm=algorithm),), public_draw=LOTTERY, **other)


def changed(draw: Draw, **other: Any) -> Draw:
    """The draw with its frozen part altered, its old digest kept."""
    return replace(draw, frozen=replace(draw.frozen, **other))


CODES = st.text("abcXYZ019._:-", min_size=1, max_size=8).map(lambda text: f"a{text}")
SHARES = st.builds(lambda top, bottom: Fraction(min(top, bottom), bottom), st.integers(0, 60), st.integers(1, 60))
SIZES = st.builds(Size, rate=SHARES) | st.builds(Size, count=st.integers(0, 30))


@st.composite
def lists(draw: Any) -> tuple[Plan, list[Item]]:
    """A plan of one to four strata, with or without cross review, and its list."""
    strata = draw(st.dictionaries(CODES, SIZES, min_size=1, max_size=4))
    counties = draw(st.none() | st.lists(CODES, min_size=3, max_size=6, unique=True))
    ids = draw(st.lists(CODES, min_size=1, max_size=40, unique=True))
    reasons = st.lists(st.sampled_from(["cap", "late"]), unique=True, max_size=2).map(tuple)
    listed = [
        Item(one, draw(st.sampled_from(sorted(strata))), draw(st.sampled_from(counties)) if counties else None, draw(reasons))
        for one in ids
    ]
    files = draw(st.sampled_from(["drawn", "all"]))
    cross = CrossReview(tuple(counties), files) if counties else None
    return plan(algorithm=draw(st.sampled_from(["sha256", "sm3"])), strata=strata, cross_review=cross), listed
