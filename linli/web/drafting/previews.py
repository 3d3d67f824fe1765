"""What a draft would change, in words and figures: totals, by county, how far the work is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from linli.programmes.amounts import A_YEAR
from linli.programmes.procedure.declaration import CYCLES
from linli.rules.declare import Label
from linli.screening.models import Preview
from linli.screening.previewing import CHANGES, STEPS
from linli.web.frame import city
from linli.web.insights.figures import county_words
from linli.web.templatetags.texts import chinese

# change -> (kind of tag, sign)
LOOKS = {
    "gains": ("good", "tick"),
    "loses": ("bad", "cross"),
    "more": ("good", "arrow"),
    "less": ("open", "warning"),
    "undecided": ("open", "question"),
    "settled": ("not", "dash"),
}


def change_words(change: str) -> str:
    """One way in which somebody's answer changes."""
    return {
        "gains": _("新享受"),
        "loses": _("不再享受"),
        "more": _("金额增加"),
        "less": _("金额减少"),
        "undecided": _("变为不能确定"),
        "settled": _("由不能确定变为不符合"),
    }[change]


def step_words(step: str) -> str:
    """What the worker is doing."""
    return {
        "snapshot": _("准备数据"),
        "before": _("按原来的版本计算"),
        "after": _("按草案计算"),
        "compare": _("逐人比较"),
        "": _("排队等待"),
    }[step]


@dataclass(frozen=True, slots=True)
class County:
    """One county's row: code, name, how many change in each way that somebody does, and what it costs before and after in fen."""

    code: str
    name: str
    counts: tuple[tuple[str, int], ...]
    before_fen: int
    after_fen: int

    @property
    def gains(self) -> int:
        """For the chart: who newly has it."""
        return dict(self.counts).get("gains", 0)

    @property
    def loses(self) -> int:
        """For the chart: who no longer has it."""
        return dict(self.counts).get("loses", 0)


MONTHS = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview for its page. counts: (change, words, kind, sign, number); times: how often a year the figures' amounts are due, 0 where
    they don't say; cycle: how often it is paid.

    last, by: where the draft's days are past already its last one, and the version that applies after it.
    """

    preview: Preview
    step: str
    steps: int
    counts: tuple[tuple[str, str, str, str, int], ...]
    totals: dict[str, int]
    counties: tuple[County, ...]
    times: int
    error: str
    last: date | None
    by: str
    cycle: str = ""

    @property
    def cycle_words(self) -> Label | None:
        """How often it is paid, where the figures' amounts are of a month and it isn't paid by the month."""
        return CYCLES[self.cycle] if self.times == MONTHS and A_YEAR.get(self.cycle, MONTHS) != MONTHS else None

    @property
    def payments(self) -> int:
        """How many payments a year; 0 where nothing says so."""
        return A_YEAR.get(self.cycle, 0)

    @property
    def changes(self) -> int:
        """How many people's results change in any way."""
        return sum(number for *_look, number in self.counts)

    @property
    def names(self) -> dict[str, str]:
        """The words of each change."""
        return {change: name for change, name, *_look in self.counts}

    @property
    def before_fen(self) -> int:
        """What it costs a year before; for one payment each where the figures don't say how often."""
        return int(self.totals.get("before_fen", 0)) * (self.times or 1)

    @property
    def after_fen(self) -> int:
        """The same after."""
        return int(self.totals.get("after_fen", 0)) * (self.times or 1)

    @property
    def more_fen(self) -> int:
        """How much more, or less than nothing."""
        return self.after_fen - self.before_fen


def shown(preview: Preview) -> Shown:
    """A preview in words. No query."""
    figures: dict[str, Any] = preview.figures
    totals = figures.get("totals", {})
    counts = tuple((change, change_words(change), *LOOKS[change], totals.get(change, 0)) for change in CHANGES)
    error = preview.error_zh if chinese() else preview.error_en
    used = [change for change in CHANGES if totals.get(change)]
    counties = tuple(_county(row, used) for row in figures.get("counties", ()))
    times, over = figures.get("payments_a_year") or 0, figures.get("over") or {}
    last = date.fromisoformat(over["last"]) if over else None
    over_by, cycle = over.get("by", ""), figures.get("cycle", "")
    return Shown(preview, step_words(preview.step), len(STEPS), counts, totals, counties, times, error, last, over_by, cycle)


def _county(row: dict[str, Any], used: list[str]) -> County:
    name = county_words(row["county"], dict(city.counties()))
    return County(row["county"], name, tuple((change, row[change]) for change in used), row["before_fen"], row["after_fen"])


def chart(one: Shown) -> list[dict[str, Any]]:
    """Bars by county: who gains, who loses."""
    return [{"label": row.name, "first": row.gains, "second": row.loses} for row in one.counties if row.gains or row.loses]
