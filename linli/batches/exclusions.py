"""Exclusions: who on a list is by the rule definitely no longer owed it, whether or not anybody was ever screened.

Looked for when a list is frozen, every night until it is approved, and by the approval. The rule is asked on the day that it is about: of
what is paid once the day of its decision, or the event that it is for; of what goes on the last day of the period, today in one that runs.
What isn't known excludes nobody. What is reckoned day by day asks the rule itself (due.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from linli.batches import due, periods, queries
from linli.batches.models import Batch, Excluded, Item
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.programmes.declaration import Programme
from linli.programmes.queries import live_version, pinned
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import Holding
from linli.screening.evaluation import flags_of

AT_ONCE = 1000
_COLUMN = {"person": "resident", "household": "household", "organisation": "organisation"}
_log = logging.getLogger(__name__)


class Told(Protocol):
    """What the application of an award states beside the registers, and the day that it is about, None where that is no day of its own."""

    @property
    def facts(self) -> Mapping[str, Any]: ...

    @property
    def event(self) -> date | None: ...


Telling = Callable[[Programme, Collection[int]], Mapping[int, Told]]
"""(programme, keys of awards): what their applications state, of those that state anything."""
_telling: list[Telling] = []


def tells(room: Telling) -> Telling:
    """Have a room say what applications state; it lies above this one."""
    _telling.append(room)
    return room


def _told(programme: Programme, awards: Collection[int]) -> dict[int, Told]:
    return {award: one for room in _telling for award, one in room(programme, awards).items()}


class _Asked(NamedTuple):
    """An item and how its rule is asked: under which version, as of which day; last: whether what it says then is the last word."""

    version: str
    day: date
    last: bool
    item: int


def excluded(row: Batch) -> Iterator[Excluded]:
    """Rows to be kept of the items of a list whose award stands and which the rule definitely speaks against, with what fails.

    Two statements and one evaluation for a thousand items of one day; in memory a thousand of them, and a few words of each.
    """
    programme = queries.programme_of(row)
    if due.kind_of(programme) == "days":
        return
    again: list[_Asked] = []
    for asked in (_asked(row, programme), again):
        for one, item, lost in _lost(row.programme, asked):
            second = None if one.last else _second(row, item, lost)
            if second is None:
                yield Excluded(item_id=item.pk, conditions=lost, version=one.version, day=one.day)
            else:
                again.append(second)


def _asked(row: Batch, programme: Programme) -> list[_Asked]:
    """Every item whose award stands. Of what goes on by the version of that day, of all else by the one that it was decided under."""
    items = queries.listed(row).filter(award__state__in=("active", "proposed"))
    columns = ("pk", "award", "award__programme_version", "award__begins_on", "award__ends_on")
    rows = list(items.order_by().values_list(*columns))
    if programme.particulars.event is not None:
        days = _events(row.programme, rows)
        return [_Asked(version, days.get(award, begins), True, pk) for pk, award, version, begins, _ends in rows]
    if row.period == periods.ONCE:
        return [_Asked(version, begins, True, pk) for pk, _award, version, begins, _ends in rows]
    day = min(clock.today(), due.days_of(row, programme)[1])
    live = live_version(row.programme, day) if programme.standing is not None else None
    return [
        _Asked(live.version if live else version, max(begins, min(day, ends or day)), False, pk)
        for pk, _award, version, begins, ends in rows
    ]


def _events(slug: str, rows: Iterable[tuple[Any, ...]]) -> dict[int, date]:
    """The days that applications are about, by award."""
    found: dict[int, date] = {}
    by_version = sorted((version, award) for _pk, award, version, _begins, _ends in rows)
    for version, some in groupby(by_version, lambda one: one[0]):
        awards = [award for _version, award in some]
        for start in range(0, len(awards), AT_ONCE):
            told = _told(pinned(slug, version), awards[start : start + AT_ONCE])
            found |= {award: one.event for award, one in told.items() if one.event is not None}
    return found


def _second(row: Batch, item: Item, lost: list[str]) -> _Asked | None:
    """On which other day it has to be lost too. A condition that the programme stops nothing for was to be met when it was decided; what
    nothing stops, of a period that is over, is owed where it was met on the first of its days."""
    award = item.award
    programme = pinned(row.programme, award.programme_version)
    if programme.standing is not None:
        stops = programme.standing.stop_of(lost) is not None
        return None if stops else _Asked(award.programme_version, award.begins_on, True, item.pk)
    first, last = due.days_of(row, programme)
    return _Asked(award.programme_version, max(first, award.begins_on), True, item.pk) if last < clock.today() else None


def _lost(slug: str, asked: list[_Asked]) -> Iterator[tuple[_Asked, Item, list[str]]]:
    """Those whom the rule definitely doesn't find, with the conditions that fail."""
    for (version, day), group in groupby(sorted(asked), lambda one: (one.version, one.day)):
        ones = list(group)
        for start in range(0, len(ones), AT_ONCE):
            some = {one.item: one for one in ones[start : start + AT_ONCE]}
            items = Item.objects.filter(pk__in=some).select_related("award__case").order_by("pk")
            for item, lost in _against(pinned(slug, version), list(items), day):
                yield some[item.pk], item, lost


def _against(programme: Programme, items: list[Item], day: date) -> Iterator[tuple[Item, list[str]]]:
    """By the registers; of whom they leave something open, with what the application states."""
    own = _without_own(programme, items, day)
    try:
        found = flags_of(programme, [item.beneficiary for item in items], day, instead=own)
        unknown = {item.award_id: str(item.beneficiary) for item in items if found.get(str(item.beneficiary), ("",))[0] == "unknown"}
        told = {unknown[award]: one.facts for award, one in (_told(programme, unknown) if unknown else {}).items() if one.facts}
        if told:
            found |= flags_of(programme, [UUID(uid) for uid in told], day, told=told, instead=own)
    except LinliError as problem:  # a rule without its figures on that day says nothing of anybody
        _log.warning("%s %s can't be asked on %s: %s", programme.slug, programme.version, day, problem)
        return
    for item in items:
        verdict, conditions = found.get(str(item.beneficiary), ("", {}))
        if verdict == "not_eligible":
            yield item, [name for name, holds in conditions.items() if holds is False]


def _without_own(programme: Programme, items: Iterable[Item], day: date) -> dict[str, dict[str, bool]]:
    """Whether each holds the programme's benefit beside what this award gives, where the rule asks: the decision itself excludes nobody."""
    if programme.slug not in programme.rule.holdings_used:
        return {}
    cases = {str(item.award.case): str(item.beneficiary) for item in items}
    column = _COLUMN[programme.subject]
    rows = Holding.objects.filter(believed(), true_on(day), programme_slug=programme.slug, **{f"{column}__uid__in": list(cases.values())})
    others = {str(uid) for uid in rows.exclude(origin__in=list(cases)).values_list(f"{column}__uid", flat=True)}
    return {uid: {f"holds.{programme.slug}": uid in others} for uid in cases.values()}
