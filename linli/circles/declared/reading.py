"""What the declarations have in common: entries read with their place, dates, labels, and two entries of one thing whose days overlap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Protocol

from linli.kernel.errors import LinliError, Said
from linli.rules.declare import Label
from linli.rules.source import Entry, refuse

SLUG = re.compile(r"[a-z0-9-]{1,60}")


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day on which something holds, up to and without `until`; None: open."""

    since: date
    until: date | None

    def hold(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.since <= day and (self.until is None or day < self.until)

    def meet(self, other: Days) -> bool:
        """Whether any day is one of both."""
        return (other.until is None or self.since < other.until) and (self.until is None or other.since < self.until)

    def __str__(self) -> str:
        return f"{self.since} – {self.until or '…'}"


class Dated(Protocol):
    """An entry of a declaration that holds on some days."""

    @property
    def days(self) -> Days: ...

    @property
    def entry(self) -> Entry: ...


def wrong(entry: Entry, expected: Said, found: Said) -> LinliError:
    """A value that is not what belongs there."""
    return refuse(
        "circles.malformed",
        entry,
        zh="生活圈的声明文件不正确",
        en="A declaration of circles is malformed.",
        expected=expected,
        found=found,
        remedy_zh="对照 cities/yuncheng/circles 和 docs/circles.md 修改",
        remedy_en="compare it with cities/yuncheng/circles and docs/circles.md",
    )


def keys(entry: Entry, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Entry]:
    """The entries of a mapping that has all the required keys and no unknown one."""
    wanted, more = set(required), set(optional)
    if not isinstance(entry.value, dict):
        raise wrong(entry, ", ".join(sorted(wanted)), type(entry.value).__name__)
    if unknown := sorted(set(entry.value) - wanted - more):
        raise wrong(entry.value[unknown[0]], ", ".join(sorted(wanted | more)), unknown[0])
    if lacking := sorted(wanted - set(entry.value)):
        raise wrong(entry, ", ".join(lacking), (f"没有 {lacking[0]}", f"no {lacking[0]}"))
    return dict(entry.value)


def items(entry: Entry) -> list[Entry]:
    """The entries of a list."""
    if not isinstance(entry.value, list):
        raise wrong(entry, ("一个列表", "a list"), type(entry.value).__name__)
    return list(entry.value)


def text(entry: Entry) -> str:
    """A text that is not empty."""
    if not isinstance(entry.value, str) or not entry.value.strip():
        raise wrong(entry, ("文字", "a text"), repr(entry.value))
    return entry.value.strip()


def slug(entry: Entry) -> str:
    """The key of an entry, which rows of the database name."""
    found = text(entry)
    if not SLUG.fullmatch(found):
        raise wrong(entry, ("小写字母、数字和 -，至多 60 个", "small letters, digits and -, 60 at most"), found)
    return found


def texts(entry: Entry) -> tuple[str, ...]:
    """Texts in a list, none twice."""
    found = tuple(text(one) for one in items(entry))
    if len(set(found)) != len(found) or not found:
        raise wrong(entry, ("不重复的列表", "a list without repetition"), ", ".join(found) or "[]")
    return found


def whole(entry: Entry, least: int, most: int) -> int:
    """A whole number in a range."""
    if type(entry.value) is not int or not least <= entry.value <= most:
        raise wrong(entry, f"{least}–{most}", repr(entry.plain()))
    return entry.value


def one_of(entry: Entry, known: Iterable[Any]) -> Any:
    """One of the values that there are."""
    allowed = list(known)
    if entry.value not in allowed or isinstance(entry.value, bool) != any(isinstance(one, bool) for one in allowed):
        raise wrong(entry, ", ".join(map(str, allowed)), repr(entry.plain()))
    return entry.value


def label(entry: Entry) -> Label:
    """Words in both languages."""
    told = keys(entry, ("zh", "en"))
    return Label(text(told["zh"]), text(told["en"]))


def named(told: dict[str, Entry]) -> Label:
    """The words of an entry that gives them among its own keys."""
    return Label(text(told["zh"]), text(told["en"]))


def days(told: dict[str, Entry]) -> Days:
    """From when until when an entry holds: its keys `from` and `until`, a day after it or null."""
    since, until = told["from"].value, told["until"].value
    if type(since) is not date:
        raise wrong(told["from"], ("日期", "a date"), repr(since))
    if until is not None and (type(until) is not date or until <= since):
        raise wrong(told["until"], (f"{since} 之后的日期，或 null", f"a date after {since}, or null"), repr(until))
    return Days(since, until)


def overlaps(found: Iterable[tuple[Any, Dated]]) -> Iterator[LinliError]:
    """A refusal, with both places, of every two entries of one thing that hold on the same day. found: (what it is, entry)."""
    for (what, one), (same, other) in combinations(found, 2):
        if what == same and one.days.meet(other.days):
            yield refuse(
                "circles.overlap",
                other.entry,
                zh="同一条要求在同一天有两种说法，生效日期重叠",
                en="Two entries of one thing hold on the same day: their dates overlap.",
                expected=(f"与 {one.entry.place()} 的 {one.days} 不重叠的日期", f"dates apart from {one.days} at {one.entry.place()}"),
                found=str(other.days),
                remedy_zh="给先前的一条写上截止日期，或删去其中一条",
                remedy_en="end the earlier one, or remove one of them",
            )
