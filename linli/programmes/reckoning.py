"""What a payment that is reckoned by the day comes to: the rule's amount on each day, at that day's facts and figures, added up.

Used where a programme's file says `payment.reckoned: days`. A transfer or a new rate in the middle of a month counts from its day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import polars as pl
from django.conf import settings

from linli.kernel.errors import LinliError
from linli.programmes.declaration import Programme
from linli.registers import snapshot
from linli.registers.lists import load_lists
from linli.registers.models import Resident
from linli.registers.queries.changes import days_of_change, every_day
from linli.rules import Rule, evaluate_frame, tree


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that are alike. fen: the amount of one of them, 0 where the rule doesn't hold, None where it can't be said.

    missing: the facts that would say it.
    """

    first: date
    last: date
    verdict: str
    fen: int | None
    missing: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    @property
    def amount(self) -> int | None:
        """All of these days' amounts together, in fen."""
        return None if self.fen is None else self.fen * self.days


DayAnswer = tuple[str, int | None, tuple[str, ...]]
"""What the rule says on one day: verdict, amount in fen, missing facts."""


def total(stretches: Iterable[Stretch]) -> int | None:
    """What the days come to in fen; None if a single one of them can't be said."""
    amounts = [stretch.amount for stretch in stretches]
    return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def stretches(on: Callable[[date], DayAnswer], starts: Iterable[date], first: date, last: date) -> tuple[Stretch, ...]:
    """[first, last] in stretches that the rule answers alike; it is asked on `first` and on each day of `starts`. Pure but for `on`."""
    asked = sorted({first, *(day for day in starts if first < day <= last)})
    ends = [day - timedelta(days=1) for day in asked[1:]] + [last]
    found: list[Stretch] = []
    for begin, end in zip(asked, ends, strict=True):
        verdict, fen, missing = on(begin)
        stretch = Stretch(begin, end, verdict, 0 if verdict == "not_eligible" else fen, missing)
        if found and replace(found[-1], first=begin, last=end) == stretch:
            found[-1] = replace(found[-1], last=end)
        else:
            found.append(stretch)
    return tuple(found)


def reckon_many(
    programme: Programme, people: Iterable[UUID | str], first: date, last: date, known_at: datetime | None = None
) -> dict[str, tuple[Stretch, ...]]:
    """What each day of [first, last] comes to for each of many people, by uid, as known at an instant (now); see total(). Four queries for
    each day on which something may change for any of them, however many they are; memory for all their rows. Raises LinliError where the
    rule has no amount or no figure on a day.
    """
    if programme.rule.amount is None or programme.subject != "person":
        raise LinliError(
            "programmes.not_by_day",
            zh="这项政策不能按天计算：没有金额，或对象不是个人",
            en="This programme can't be reckoned by the day: it has no amount, or isn't about a person.",
            found=programme.slug,
            remedy_zh="核对事项文件的 payment.reckoned",
            remedy_en="check payment.reckoned in the programme's file",
        )
    asked = [str(uid) for uid in people]
    starts = set(_starts(programme.rule, asked, first, last, known_at))
    answers = {day: _answers(programme, asked, day, known_at) for day in {first, *(day for day in starts if first < day <= last)}}
    return {uid: stretches(lambda day, uid=uid: answers[day][uid], starts, first, last) for uid in asked}  # type: ignore[misc]


def _starts(rule: Rule, people: list[str], first: date, last: date, known_at: datetime | None) -> Iterable[date]:
    """Days on which the answer may be another: every one where the rule reckons with the day itself or with other people."""
    by_itself = any(isinstance(node, tree.Age | tree.AsOf | tree.AddYears) for node in rule.nodes)
    if by_itself or rule.household_facts_used or rule.family_facts_used:
        return every_day(first, last)
    lists = [slug for slug, one in load_lists(Path(settings.LINLI_CITY)).items() if rule.facts_used & set(one.facts)]
    return {*days_of_change(people, lists, first, last, known_at), *figure_days(rule)}


def figure_days(rule: Rule) -> set[date]:
    """The days on which a dated figure of the rule begins, or is over."""
    declared = rule.declarations
    dated = [one.dated for kind in (declared.parameters, declared.tables, declared.scales) for one in kind.values()]
    periods = [period for each in dated for period in each.periods]  # type: ignore[attr-defined]  # of three kinds, all of them dated
    return {period.first for period in periods} | {period.last + timedelta(days=1) for period in periods if period.last is not None}


def _answers(programme: Programme, people: list[str], day: date, known_at: datetime | None) -> dict[str, DayAnswer]:
    """The rule's answers on a day. Who has died by then is not eligible; of somebody whom the registers don't know it is unknown."""
    programme.rule.check_in_force(day)
    family = snapshot.facts_for(people, as_of=day, known_at=known_at)
    persons, households, relations = family.frames()
    found = evaluate_frame(programme.rule, persons, households, relations, as_of=day).filter(pl.col("subject_id").is_in(list(family.asked)))
    answers: dict[str, DayAnswer] = {
        row["subject_id"]: (row["verdict"], row["amount_fen"], tuple(row["missing"] or ())) for row in found.iter_rows(named=True)
    }
    absent = [uid for uid in people if uid not in answers]
    died = (
        {str(uid) for uid in Resident.objects.filter(uid__in=absent, deceased_on__lte=day).values_list("uid", flat=True)}
        if absent
        else set()
    )
    return answers | {uid: ("not_eligible", 0, ()) if uid in died else ("unknown", None, ()) for uid in absent}
