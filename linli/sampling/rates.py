"""Findings raise the rate: which share is checked next, after what the last check found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from linli.kernel.errors import LinliError
from linli.sampling.refusals import refused

MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class Step:
    """Where at least `share` of the checked files had a finding, at least `rate` is checked next. 0 to 1; share 0: any finding."""

    share: Fraction
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Findings:
    """How many files were checked, and in how many of them something was found."""

    checked: int
    faulty: int


def next_rate(rate: Fraction, findings: Findings, schedule: Sequence[Step]) -> Fraction:
    """The next rate: that of the highest step reached, and never below the present one.

    Monotone in the rate, in the number of faulty files and in the schedule. Lowering a rate is a decision of people, not of this
    function. Nothing checked: nothing changes.
    """
    check_schedule(schedule)
    check_findings(findings)
    if not 0 <= rate <= 1:
        raise _wrong("rate", str(rate), "抽查比例应在 0 与 1 之间", "A rate lies between 0 and 1.")
    if findings.checked == 0:
        return rate
    found = Fraction(findings.faulty, findings.checked)
    return max([rate, *(step.rate for step in schedule if found > 0 and found >= step.share)])


def check_findings(findings: Findings, field: str = "findings") -> None:
    """Refuses more faulty files than were checked, and negative numbers."""
    if not 0 <= findings.faulty <= findings.checked:
        raise _wrong(
            field, f"{findings.faulty} / {findings.checked}", "有问题的件数不能多于抽查的件数", "No more files can be faulty than checked."
        )


def check_schedule(schedule: Sequence[Step], field: str = "schedule") -> None:
    """Refuses a schedule whose steps do not rise in share and in rate, or leave 0 to 1: more findings must never mean fewer checks."""
    values = [value for step in schedule for value in (step.share, step.rate)]
    rising = all(before.share < after.share and before.rate < after.rate for before, after in pairwise(schedule))
    if not rising or len(schedule) > MAX_STEPS or not all(0 <= value <= 1 for value in values):
        shown = ", ".join(f"{step.share} → {step.rate}" for step in schedule[:MAX_STEPS])
        raise _wrong(field, shown, "递增规则应一级高于一级", "Each step of a schedule must lie above the one before, in share and rate.")


def _wrong(field: str, found: str, zh: str, en: str) -> LinliError:
    return refused("rate", field, (zh, en), found=found, remedy=("按事项的抽查规则改正", "mend it by the programme's rule"))
