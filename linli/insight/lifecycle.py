"""From found to paid: how far everybody eligible has come, and why they are not paid.

Counted in the background with the other figures (counting.py); a page reads the few rows of these. Officers see exact numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db.models import F, Q, Sum
from django.db.models.functions import Substr

from linli.batches.shown import masked_name
from linli.casework.deadlines import calendar
from linli.insight.models import SETTLED, Stand, Unpaid
from linli.insight.queries import inside, reach, require
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import ONE_DAY, Workdays
from linli.screening import queries as screenings

WINDOW = timedelta(days=365)
"""How far back times, rates and surveys go."""
REACH = timedelta(days=3 * 365)
"""How long ago a step may have begun to be measured."""
PAGE = screenings.PAGE
ENTITLED = ("eligible", "unknown")
"""What the screening says of whoever take-up is a part of: those undecided among them were granted it on their papers."""
NOT_APPLIED = ("uninvited", "unanswered")
APPLYING = ("received", "missing", "step", "refused", "lapsed", "withdrawn", "forwarded")


def parameters(day: date) -> dict[str, Any]:
    """What the statements of this room are asked with: days since when, and how many working days there were up to each day."""
    first, ordinals = _ordinals(calendar(), day)
    return {
        "day": day,
        "since": day - WINDOW,
        "year": date(day.year, 1, 1),
        "first": first,
        "ordinals": ordinals,
    }


def _ordinals(known: Workdays, last: date) -> tuple[date, list[int]]:
    """The first day of REACH since when every year is declared, and of each day from it how many working days there were up to it.

    There is no null in the list: PostgreSQL finds an element of an array without any in one step.
    """
    first = last
    while first > last - REACH and known.knows(first - ONE_DAY):
        first -= ONE_DAY
    days = [first + ONE_DAY * step for step in range((last - first).days + 1)]
    return first, list(accumulate(int(known.knows(day) and known.is_workday(day)) for day in days))


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the eligible of a programme or county have come how far, with those who were granted it on papers while the registers
    leave them undecided. key: slug or code.

    applied and granted: at least so far by an application here; paid: a bank said so, or the matter pays nothing and is done; held: a
    department's list says that they have it, and nobody asked for it here. owed_fen: what the rule says the others would get.
    """

    key: str
    eligible: int = 0
    applied: int = 0
    granted: int = 0
    paid: int = 0
    held: int = 0
    owed_fen: int = 0

    @property
    def unpaid(self) -> int:
        """Those who are eligible and have nothing."""
        return self.eligible - self.paid - self.held


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many of the eligible are not paid; state and detail as in Stand."""

    state: str
    detail: str
    number: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody eligible who is not paid. id: for the next page; name: "" once erased, masked for whoever is no officer."""

    id: str
    subject: UUID
    name: str
    birth_date: date | None
    area_code: str
    area_name: str
    state: str
    detail: str
    amount_fen: int | None
    since: datetime
    case: UUID | None


def by_programme(viewer: Viewer, *, county: str = "") -> list[Progress]:
    """Of each programme, in the order of slugs. One query."""
    return _progress(viewer, F("programme"), inside(county))


def by_county(viewer: Viewer, programme: str) -> list[Progress]:
    """Of each county, in the order of codes. One query."""
    return _progress(viewer, Substr("area_code", 1, 6), Q(programme=programme))


def _progress(viewer: Viewer, key: Any, chosen: Q) -> list[Progress]:
    require(viewer)
    rows = Stand.objects.filter(reach(viewer), chosen).annotate(key=key).values_list("key", "state")
    found: dict[str, dict[str, int]] = {}
    for name, state, number, fen in rows.annotate(Sum("number"), Sum("amount_fen")).order_by("key"):
        sums = found.setdefault(name, dict.fromkeys(("eligible", "applied", "granted", "paid", "held", "owed_fen"), 0))
        sums["eligible"] += number
        sums["applied"] += 0 if state in (*NOT_APPLIED, "held") else number
        sums["granted"] += 0 if state in (*NOT_APPLIED, *APPLYING, "held", "proposed") else number
        sums["paid"] += number if state in ("paid", "done") else 0
        sums["held"] += number if state == "held" else 0
        sums["owed_fen"] += 0 if state in SETTLED else fen
    return [Progress(name, **sums) for name, sums in found.items()]


def reasons(viewer: Viewer, programme: str, *, county: str = "") -> list[Reason]:
    """Why the eligible are not paid, the most frequent first. One query."""
    require(viewer)
    rows = Stand.objects.filter(reach(viewer), inside(county), programme=programme).exclude(state__in=SETTLED)
    summed = rows.values_list("state", "detail").annotate(all=Sum("number"), fen=Sum("amount_fen")).order_by("-all", "state", "detail")
    return [Reason(*row) for row in summed]


def unpaid(
    viewer: Viewer, programme: str, *, state: str = "", detail: str = "", county: str = "", after: str = "", limit: int = PAGE
) -> list[Waiting]:
    """A page of the eligible who are not paid, by place, of one state (and detail) or all. At most seven queries."""
    prefixes = {area for role in screenings.READERS for area in viewer.areas(role, programme)}
    places = Q() if "" in prefixes else Q(pk__in=())
    for prefix in prefixes - {""}:
        places |= inside(prefix)
    named = {name: value for name, value in (("state", state), ("detail", detail)) if value}
    rows = Unpaid.objects.filter(places, inside(county), _after(after), programme=programme, **named)
    page = list(rows.order_by("area_code", "id")[:limit])
    chosen = Q(subject__in=[one.subject for one in page])
    people = screenings.eligible(viewer, programme, chosen, verdicts=ENTITLED, limit=None)
    shown = {row.subject: row for row in people}
    return [_waiting(viewer, one, shown.get(one.subject)) for one in page]


def _waiting(viewer: Viewer, one: Unpaid, row: screenings.Row | None) -> Waiting:
    full = viewer.may("officer", area=one.area_code, programme=one.programme)
    name = "" if row is None else row.name if full else masked_name(row.name)
    return Waiting(
        f"{one.area_code}-{one.pk}",
        one.subject,
        name,
        row.birth_date if row and full else None,
        one.area_code,
        row.area_name if row else "",
        one.state,
        one.detail,
        one.amount_fen,
        one.since,
        one.case,
    )


def _after(after: str) -> Q:
    """The rows behind a place in the list; all of them for what is none."""
    area, _dash, number = after.partition("-")
    if not number.isdecimal() or len(number) > 18 or not (area.isdecimal() or not area):
        return Q()
    return Q(area_code__gt=area) | Q(area_code=area, id__gt=int(number))
