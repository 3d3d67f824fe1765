"""Opening hours as OpenStreetMap writes them, into hours as this system writes them, as far as these can say the same."""

from __future__ import annotations

import re
from itertools import pairwise

from linli.kernel.errors import LinliError
from linli.kernel.hours import HOLIDAY, Hours, Spans, hours_lines, read_hours

_DAYS = {name: number for number, name in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))}
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")
_DAY_WORD = "(?:mon?|tue?|wed?|thu?|fri?|sat?|sun?|ph|sh)"
_RULE = re.compile(rf"((?:{_DAY_WORD}(?:\s*[-,]\s*)?)*)\s*(off|closed|[0-9][0-9:,\-\s]*|24/7|)", re.IGNORECASE)
_DAY = 24 * 60


def hours_of(text: str) -> str | None:
    """The same hours for kernel.hours, "" for always, None where they say what can't be said there (seasons, sunsets, months, comments).

    Public holidays: as PH says, else as on Sundays. Weekends worked in exchange: as on Mondays. A span past midnight is cut there.
    """
    plain = re.sub(r"\s+", " ", text.strip())
    if plain.lower() in ("24/7", "mo-su 00:00-24:00", "00:00-24:00"):
        return ""
    week: list[Spans] = [()] * 7
    holiday: Spans | None = None
    for rule in plain.rstrip(";").split(";"):
        match = _RULE.fullmatch(rule.strip())
        days = _days(match[1]) if match else None
        spans = _spans(match[2]) if match else None
        if days is None or spans is None or not (match and match[2]):
            return None
        for day in days:
            if day == HOLIDAY:
                holiday = spans
            else:
                week[int(day)] = spans
    whole = _cut_at_midnight(week)
    if whole is None or not any(whole):
        return None
    at_rest = whole[6] if holiday is None else tuple((start, min(end, _DAY)) for start, end in holiday)
    if all(one == ((0, _DAY),) for one in (*whole, at_rest)):
        return ""
    return "; ".join(hours_lines(Hours(tuple(whole), at_rest, whole[0]), chinese=False))


def understood(text: str) -> str | None:
    """Hours as kernel.hours reads them, from either way of writing; "" for always, None for what isn't understood."""
    try:
        read_hours(text)
    except LinliError:
        return hours_of(text)
    return text


def _days(text: str) -> list[int | str] | None:
    """Days of a rule, every day where none is named; None for what isn't understood. School holidays (SH) are none of ours."""
    found: list[int | str] = []
    words = text.lower().strip(" ,")
    if not words:
        return list(range(7))
    for part in re.split(r"\s*,\s*", words):
        ends = re.split(r"\s*-\s*", part)
        if ends == ["ph"]:
            found.append(HOLIDAY)
        elif len(ends) <= 2 and all(end[:2] in _DAYS for end in ends):
            first, last = _DAYS[ends[0][:2]], _DAYS[ends[-1][:2]]
            found.extend((first + step) % 7 for step in range((last - first) % 7 + 1))
        else:
            return None
    return found


def _spans(text: str) -> Spans | None:
    """Minutes of the day, an end past midnight above 1440."""
    words = text.strip().lower()
    if words in ("off", "closed"):
        return ()
    if words == "24/7":
        return ((0, _DAY),)
    found = []
    for part in re.split(r"\s*,\s*", words):
        match = _SPAN.fullmatch(part)
        if match is None:
            return None
        start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        end += _DAY if end <= start else 0
        if start >= _DAY or end > 2 * _DAY or int(match[2]) > 59 or int(match[4]) > 59:
            return None
        found.append((start, end))
    return tuple(sorted(found))


def _cut_at_midnight(week: list[Spans]) -> list[Spans] | None:
    """Every day's spans within the day, in order and apart; None where they overlap."""
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for day, spans in enumerate(week):
        for start, end in spans:
            days[day].append((start, min(end, _DAY)))
            if end > _DAY:
                days[(day + 1) % 7].append((0, end - _DAY))
    for mine in days:
        mine.sort()
        if any(one[1] > other[0] for one, other in pairwise(mine)):
            return None
        _join(mine)
    return [tuple(mine) for mine in days]


def _join(spans: list[tuple[int, int]]) -> None:
    """Put together what touches."""
    for at in range(len(spans) - 1, 0, -1):
        if spans[at - 1][1] == spans[at][0]:
            spans[at - 1 : at + 1] = [(spans[at - 1][0], spans[at][1])]
