"""Whatever change to a programme's file can change a verdict, an amount, or what is done with a case stands in the readable difference."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from linli.kernel.errors import LinliError, Problems
from linli.programmes import Programme, catalogue, parse_programme
from linli.programmes.differing import compare
from linli.programmes.files import city_vocabulary
from linli.programmes.naming import naming

CITY = Path("cities/yuncheng")
SHELF, VOCABULARY = catalogue(CITY), city_vocabulary(CITY)
EVERY = [programme for versions in SHELF.versions.values() for programme in versions]
NAMES, BODIES = naming(CITY), SHELF.city.bodies
SCALE = """
  scales:
    by_age:
      input: integer
      type: money
      zh: 按年龄
      en: by age
      values:
        - {from: 2025-01-01, to: 2025-12-31, brackets: [{from: -999, value: 10 yuan}]}
        - {from: 2026-01-01, brackets: [{from: -999, value: 10 yuan}, {from: 80, value: 20 yuan}]}
  tables:
    by_county:
      key: text
      type: money
      zh: 各县标准
      en: by county
      values:
        - {from: 2025-01-01, to: 2025-12-31, rows: {"140802": 10 yuan}, otherwise: 5 yuan}
        - {from: 2026-01-01, rows: {"140802": 10 yuan, "140821": 20 yuan}, otherwise: 5 yuan}
"""


def rich() -> Programme:
    """The old-age allowance with a table, its value for other counties, a scale, and dated ends: every kind of figure there is."""
    text = SHELF.newest("old-age-allowance").text
    text = text.replace("  conditions:\n", f"{SCALE.lstrip(chr(10))}  conditions:\n", 1)
    more = "lookup('by_county', registered_county) + bracket('by_age', age(birth_date)) +"
    return parse_programme(text.replace("amount: >-\n", f"amount: >-\n    {more}\n").encode(), VOCABULARY)


SUBJECTS = [*EVERY, rich()]


def decides(one: Programme) -> Any:
    """Everything of a version that a verdict, an amount or a case's way to the end can depend on, names of the rule's things left out."""
    rule = one.rule
    checks = one.verification
    key = [(condition.id, condition.node) for condition in checks.key.conditions] if checks and checks.key else []
    declared = rule.declarations
    figures = {
        name: (each.type, [(part.first, part.last, part.value) for part in each.dated.periods])
        for kind in (declared.parameters, declared.tables, declared.scales)
        for name, each in kind.items()
    }
    return (
        rule.subject, rule.as_of, [(condition.id, condition.node) for condition in rule.conditions], rule.amount, figures,
        one.household_kind, one.effective_from, one.effective_to, one.place.eligibility, one.place.area,
        one.procedure, checks and replace(checks, key=None), key, one.public_notice, one.payment, one.standing, one.objection,
        one.satisfaction, one.particulars, [(each.id, each.check, each.reuse_days, each.gives) for each in one.materials],
    )  # fmt: skip


SWAPS = (
    (">=", ">"), (">", "<"), ("<=", "<"), ("<", ">="), ("=", "<>"), (" AND ", " OR "), (" OR ", " AND "), ("NOT ", ""), (" + ", " - "),
    ("any_", "all_"), ("true", "false"), ("false", "true"), ("person", "household"), ("lives", "registered"), ("registered", "lives"),
    ("insured", "studies"), ("1408", "140802"), ("father", "mother"), ("least(", "greatest("), ("floor(", "ceil("), ("yuan", "fen"),
    ("money", "integer"), ("shared_living", "hukou_book"), ("screening", "2026-01-01"), ("round_down", "round_up"),
    ("rate_from_90", "rate_from_80"), ("otherwise: 5", "otherwise: 6"), (", otherwise: 5 yuan", ""), (", to: 2025-12-31", ""),
    ("scale: 4", "scale: 6"), ("digits: 6", "digits: 9"),
    ("township", "county"), ("county", "township"), ("prefecture", "county"), ("before_payment", "after_payment"), ("working", "calendar"),
    ("escalate", "wait"), ("kind: check", "kind: review"), ("resident, ", ""), ("civil-affairs", "finance"), ("finance, ", ""),
    ("provincial, lottery", "lottery, provincial"), ("[name, ", "["), ("self, ", ""), ("transfer", "yikatong"), ("once", "year"),
    ("until: expected_graduation", "until: enrolled_on"), ("died, ", ""), ("prorate: none", "prorate: day"), ("unit: day", "unit: month"),
    ("gives: [", "check: none, gives: ["), ("minors_online: false", "online: false"), ("cross: county", "cross: township"),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> tuple[int, str]:
    """A version, and its text with one thing of it written otherwise: a number, a day, an operator, a code, a whole line or two swapped."""
    one = draw(st.integers(0, len(SUBJECTS) - 1))
    text = SUBJECTS[one].text
    begin = text.index("\nplace:") if draw(st.booleans()) else 0
    kind = draw(st.sampled_from(("number", "swap", "line", "day", "words")))
    if kind == "line":
        lines = text.splitlines(keepends=True)
        at = draw(st.integers(text[:begin].count("\n"), len(lines) - 1))
        other = draw(st.integers(max(0, at - 6), min(len(lines) - 1, at + 6)))
        lines[at] = lines[other] if draw(st.booleans()) else ""
        return one, "".join(lines)
    pattern = {"number": r"(?<![\d-])\d+(?![\d-])", "day": r"\d{4}-\d{2}-\d{2}", "words": r"\b[a-z]+(?:_[a-z0-9]+)+\b"}.get(kind, "")
    if kind == "swap":
        old, new = draw(st.sampled_from([pair for pair in SWAPS if pair[0] in text[begin:]]))
        places = [match for match in re.finditer(re.escape(old), text) if match.start() >= begin]
    else:
        places = [match for match in re.finditer(pattern, text) if match.start() >= begin]
        new = ""
    assume(places)
    where = draw(st.sampled_from(places))
    if kind == "number":
        new = str(draw(st.sampled_from([int(where[0]) + 1, int(where[0]) * 10, max(0, int(where[0]) - 1)])))
    elif kind == "day":
        new = draw(st.sampled_from([each[0] for each in places] + ["2026-06-30"]))
    elif kind == "words":
        new = draw(st.sampled_from([each[0] for each in places] + ["sex", "hukou_type"]))
    return one, text[: where.start()] + new + text[where.end() :]


def hidden(index: int, text: str) -> bool:
    """Whether the text decides otherwise and the difference is silent of it. What can't be read is no version."""
    one = SUBJECTS[index]
    try:
        after = parse_programme(text.encode(), VOCABULARY)
    except (Problems, LinliError):
        return False
    return decides(after) != decides(one) and not any(part.changed for part in compare(one, after, NAMES, BODIES))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_what_decides_otherwise_is_told(found: tuple[int, str]):
    assert not hidden(*found)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_what_decides_otherwise_is_told_for_long(found: tuple[int, str]):
    assert not hidden(*found)


def test_the_ends_of_what_only_the_programme_asks_are_told():
    one = next(index for index, each in enumerate(SUBJECTS) if each.slug == "startup-loan")
    text = SUBJECTS[one].text.replace("en: amount asked for, min: 0}", "en: amount asked for, min: 1, max: 500000 yuan}")
    after = parse_programme(text.encode(), VOCABULARY)
    told = [(row.label.en, row.after and row.after.en) for part in compare(SUBJECTS[one], after, NAMES, BODIES) for row in part.changed]
    assert told == [("at least", "0.01 yuan"), ("at most", "500,000.00 yuan")]
