"""What a what-if costs: by payment and by year as the file says how often it is paid."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from linli.programmes.files import city_vocabulary, parse_programme
from linli.screening.models import Scenario
from linli.screening.previewing import CHANGES
from linli.web.drafting import scenarios

Sums = tuple[str, str, str]
TEXT = (Path(settings.LINLI_CITY) / "programmes" / "old-age-allowance" / "programme.yaml").read_text("utf-8")
COUNTS = [f"{name}_{side}" for name in ("found", "undecided") for side in ("before", "after")]
COUNTED = [*COUNTS, *(name.replace("_", f"_{whom}_", 1) for name in COUNTS for whom in ("people", "households"))]


def lines(*edits: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    """The sums of a version with its text edited: three who get 50 yuan by the rule, with a what-if of 60."""
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    base = parse_programme(text.encode(), city_vocabulary(settings.LINLI_CITY), file="programme.yaml")
    totals = {
        **dict.fromkeys([*COUNTED, *CHANGES, "same", "unpriced_before", "unpriced_after"], 0),
        "fen_before": 15_000,
        "fen_after": 18_000,
    }
    changes = {change: {"number": 0, "before_fen": 0, "after_fen": 0} for change in CHANGES}
    row = Scenario(name="试", figures={"totals": totals, "changes": changes, "counties": [], "conditions": []})
    shown = scenarios.shown(row, base)
    assert shown.sums == shown.funds[0][1] == shown.lines[4:]
    return [(line.label, line.before, line.after, line.difference) for line in shown.sums]


UNIT = "unit: yuan_per_month"
WITHOUT = (f"      {UNIT}\n", "")
STANDING = next(f"{line}\n" for line in TEXT.splitlines() if line.startswith("standing:"))


def cycle(name: str) -> tuple[str, str]:
    return "cycle: month", f"cycle: {name}"


@pytest.mark.parametrize(
    ("edits", "payment", "year"),
    [
        ([], ("150 元", "180 元", "+30 元"), ("1,800 元", "2,160 元", "+360 元")),
        ([cycle("quarter")], ("450 元", "540 元", "+90 元"), ("1,800 元", "2,160 元", "+360 元")),
        ([(UNIT, "unit: yuan_per_year"), cycle("term")], ("75 元", "90 元", "+15 元"), ("150 元", "180 元", "+30 元")),
        ([WITHOUT, cycle("quarter")], ("150 元", "180 元", "+30 元"), ("600 元", "720 元", "+120 元")),
    ],
)
def test_a_sum_is_of_a_payment_and_of_a_year_as_the_file_says(edits: list[tuple[str, str]], payment: Sums, year: Sums):
    assert lines(*edits) == [("每次发放", *payment), ("一年", *year)]


def test_what_is_paid_once_has_no_sum_of_a_year():
    assert lines(WITHOUT, cycle("once"), (STANDING, "")) == [("各发一次", "150 元", "180 元", "+30 元")]
