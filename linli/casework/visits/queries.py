"""Reads of visits: the day's list, the places a steward looks after, their households, and one person's door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from linli.casework.desks import inside, workable
from linli.casework.kinds import HOME_VISIT
from linli.casework.models import Case, Task, Visit
from linli.casework.queries import Colour
from linli.casework.visits.reach import ROLE, SMALLEST, Round, alone, round_of
from linli.casework.visits.rules import Regular, visit_rules
from linli.kernel import clock
from linli.kernel.dates import add_years, age_on
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import Area, HouseholdMember, Resident, Situation

MET = ("visited", "needs_help")
MOST = 500  # calls that are put in order for one list
LATEST = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is called on: they asked (case), or it is time again. due: the last day; last: when somebody last met them."""

    kind: str
    due: date
    colour: Colour
    case: Case | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One door to knock at. reasons: at least one, the most urgent first; place: the area's name; alone: lives alone on record."""

    person: Resident
    age: int | None
    place: str
    alone: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day's list. calls: what fits into the day; later: how many wait behind them; done: calls made today; limit: the most of a day.

    round: where regular calls were looked for.
    """

    on: date
    calls: tuple[Call, ...]
    later: int
    done: int
    limit: int
    round: Round

    @property
    def too_wide(self) -> bool:
        """Whether regular calls are those of some of the viewer's villages, which take turns."""
        return len(self.round.turn) < self.round.villages


def day_list(viewer: Viewer) -> Day:
    """The viewer's calls of today, most urgent first, no more than the city declares for a day. About nine queries.

    Whoever was called on today is not called on again: who wasn't at home comes back tomorrow. In areas wider than a village regular
    calls are those of as many villages as a day has calls, in turns; visits that were asked for are listed wherever they are.
    """
    today, rules = clock.today(), visit_rules()
    called = set(Visit.objects.filter(occurred_at__gte=clock.midnight(today), actor=viewer.actor).values_list("subject", flat=True))
    reasons: dict[UUID, list[Reason]] = {}
    villages: dict[UUID, str] = {}
    for case, reason in _asked(viewer, today):
        reasons.setdefault(case.subject_uid, []).append(reason)
        villages[case.subject_uid] = case.area_code[:SMALLEST]
    solitary: dict[UUID, Resident] = {}
    around = round_of(viewer, today, rules.daily)
    for resident, code, due in _regular(around.areas, today, rules.regular):
        solitary[resident.uid], villages[resident.uid] = resident, code[:SMALLEST]
        if due is not None:
            reasons.setdefault(resident.uid, []).append(due)
    waiting = _in_order({uid: found for uid, found in reasons.items() if uid not in called}, solitary, villages)
    shown = waiting[: max(0, rules.daily - len(called))]
    calls = _calls(shown, reasons, solitary, today)
    return Day(today, calls, len(waiting) - len(shown), len(called), rules.daily, around)


def _in_order(reasons: dict[UUID, list[Reason]], solitary: dict[UUID, Resident], villages: dict[UUID, str]) -> list[UUID]:
    """By the last day, then what was asked for before what is regular, then the first of each village before any village's second,
    then the oldest."""

    def urgency(uid: UUID) -> tuple[date, int]:
        first = min(reasons[uid], key=lambda reason: reason.due)
        return first.due, 0 if first.case else 1

    def born(uid: UUID) -> date:
        resident = solitary.get(uid)
        return resident.birth_date if resident and resident.birth_date else date.max

    before: Counter[tuple[object, ...]] = Counter()
    turns: dict[UUID, int] = {}
    waiting = sorted(reasons, key=lambda uid: (urgency(uid), born(uid)))
    for uid in waiting:
        place = (*urgency(uid), villages[uid])
        turns[uid] = before[place]
        before[place] += 1
    return sorted(waiting, key=lambda uid: (urgency(uid), turns[uid], born(uid)))


def _asked(viewer: Viewer, today: date) -> list[tuple[Case, Reason]]:
    """Home visits that were asked for, by their last day. Two queries."""
    rows = workable(viewer).filter(role=ROLE, case__kind=HOME_VISIT.slug, done_at__isnull=True).select_related("case")
    return [(task.case, asked(task, today)) for task in rows.order_by("due_at", "id")[:MOST]]


def asked(task: Task, today: date) -> Reason:
    """The reason for a visit that somebody asked for. No query."""
    due = clock.day_of(task.due_at)
    return Reason("asked", due, colour(due, today), task.case)


def colour(due: date, today: date) -> Colour:
    """Red once the last day has passed, yellow on it and the day before, green earlier."""
    return "red" if today > due else "yellow" if (due - today).days <= 1 else "green"


def _regular(areas: tuple[str, ...], today: date, rule: Regular) -> list[tuple[Resident, str, Reason | None]]:
    """Who lives alone in the areas and is called on regularly, with where; None where it is not yet time again. Two queries.

    The old people of the areas come first, by the index of places, and only then their households: as one statement PostgreSQL read
    every household of the city. Of more than MOST those whom nobody ever met, then those longest not met.
    """
    where = Q(pk__in=())
    for area in areas:
        where |= inside("area_code", area)
    here = Situation.objects.filter(where, believed(), true_on(today), kind="lives", resident__birth_date__lte=_latest(rule, today))
    homes = dict(here.filter(resident__erased_at__isnull=True, resident__deceased_on__isnull=True).values_list("resident", "area_code"))
    rows = of_age(alone(today).filter(resident__in=list(homes)), rule, today)
    first = rows.order_by(F("met").asc(nulls_first=True), "resident__birth_date", "resident_id")[:MOST]
    return [(row.resident, homes[row.resident_id], regular(row, rule, today)) for row in first if old_enough(row.resident, rule, today)]


def regulars(today: date) -> list[str]:
    """Where everybody lives who is called on regularly, once for each of them, wherever in the database that is. Two queries."""
    rule = visit_rules().regular
    rows = of_age(alone(today), rule, today)
    people = [row.resident_id for row in rows if old_enough(row.resident, rule, today)]
    homes = Situation.objects.filter(believed(), true_on(today), resident__in=people, kind="lives")
    return list(homes.order_by("area_code").values_list("area_code", flat=True))


def of_age(rows: QuerySet[HouseholdMember], rule: Regular, today: date) -> QuerySet[HouseholdMember]:
    """Members old enough for a rule (a day too many, where 29 February is the birthday), with `met`: when they were last met."""
    met = Visit.objects.filter(subject=OuterRef("resident__uid"), outcome__in=MET).order_by("-occurred_at").values("occurred_at")[:1]
    return (
        rows.filter(resident__birth_date__lte=_latest(rule, today))
        .select_related("resident")
        .annotate(met=Subquery(met))
        .order_by("resident_id")
    )


def _latest(rule: Regular, today: date) -> date:
    return add_years(today, -rule.age) + timedelta(days=1)


def old_enough(resident: Resident, rule: Regular, today: date) -> bool:
    """Whether somebody has the age of the rule. No query."""
    return resident.birth_date is not None and age_on(resident.birth_date, today) >= rule.age


def due_day(row: HouseholdMember, rule: Regular) -> tuple[date, date | None]:
    """The last day for a regular call, and when the person was last met. No query.

    Who was never met is due so many days after this house learnt that they live alone, or after they came of the age.
    """
    met: datetime | None = row.met  # type: ignore[attr-defined]
    if met is not None:
        last = clock.day_of(met)
        return last + timedelta(days=rule.every_days), last
    born = row.resident.birth_date
    known = clock.day_of(row.known_from)
    return max(known, add_years(born, rule.age) if born else known) + timedelta(days=rule.every_days), None


def regular(row: HouseholdMember, rule: Regular, today: date) -> Reason | None:
    """The reason for a regular call, None while the last is recent enough. No query."""
    due, last = due_day(row, rule)
    if last is not None and today < due - timedelta(days=rule.ahead_days):
        return None
    return Reason("regular", due, colour(due, today), last=last)


def _calls(uids: list[UUID], reasons: dict[UUID, list[Reason]], solitary: dict[UUID, Resident], today: date) -> tuple[Call, ...]:
    """In the order of the ids. Three queries."""
    people = {row.uid: row for row in Resident.objects.filter(uid__in=[uid for uid in uids if uid not in solitary])} | solitary
    places = _places_of([people[uid].pk for uid in uids if uid in people], today)
    return tuple(
        Call(
            people[uid],
            _age(people[uid], today),
            places.get(people[uid].pk, ""),
            uid in solitary,
            tuple(sorted(reasons[uid], key=lambda reason: reason.due)),
        )
        for uid in uids
        if uid in people
    )


def _age(resident: Resident, today: date) -> int | None:
    return age_on(resident.birth_date, today) if resident.birth_date else None


def _places_of(residents: Iterable[int], today: date) -> dict[int, str]:
    """The name of the building, group or village where each lives. Two queries."""
    rows = Situation.objects.filter(believed(), true_on(today), resident__in=list(residents), kind="lives")
    codes = dict(rows.values_list("resident", "area_code"))
    names = area_names(codes.values(), today)
    return {resident: names.get(code, code) for resident, code in codes.items()}


def area_names(codes: Iterable[str], today: date) -> dict[str, str]:
    """The name of each area; a building's or group's after its village's. One query."""
    wanted = set(codes) | {code[:12] for code in codes}
    known = dict(Area.objects.filter(true_on(today), code__in=wanted).values_list("code", "name"))
    return {code: f"{known.get(code[:12], '')} {known.get(code, code)}" if len(code) > 12 else known.get(code, code) for code in wanted}


@dataclass(frozen=True, slots=True)
class Door:
    """One person's door as the steward sees it. members: those of the household, the head first, empty where nobody recorded it."""

    person: Resident
    age: int | None
    place: str
    alone: bool
    alone_since: date | None
    members: tuple[HouseholdMember, ...]
    reasons: tuple[Reason, ...]
    visits: tuple[Visit, ...]


def door(viewer: Viewer, person: Resident, code: str) -> Door:
    """What a call at somebody's door needs; the person is one that `neighbour` gave. About eight queries."""
    today, rule = clock.today(), visit_rules().regular
    own = HouseholdMember.objects.filter(believed(), true_on(today), resident=person, kind="shared_living").values("household")
    rows = HouseholdMember.objects.filter(believed(), true_on(today), household__in=own).select_related("resident")
    members = tuple(sorted(rows, key=lambda row: (row.role != "head", row.pk)))
    solitary = of_age(alone(today).filter(resident=person), rule, today).first() if len(members) == 1 else None
    tasks = workable(viewer).filter(role=ROLE, case__kind=HOME_VISIT.slug, done_at__isnull=True, case__subject=f"resident:{person.uid}")
    reasons = [asked(task, today) for task in tasks.select_related("case")]
    if solitary is not None and old_enough(person, rule, today) and (again := regular(solitary, rule, today)):
        reasons.append(again)
    return Door(
        person,
        _age(person, today),
        area_names([code], today).get(code, code),
        len(members) == 1,
        members[0].valid_from if len(members) == 1 else None,
        members,
        tuple(sorted(reasons, key=lambda reason: reason.due)),
        tuple(Visit.objects.filter(subject=person.uid).order_by("-occurred_at")[:LATEST]),
    )


def recent(viewer: Viewer, limit: int = 20) -> list[tuple[Visit, str]]:
    """The viewer's own last calls with the people's names, newest first. Two queries."""
    rows = list(Visit.objects.filter(actor=viewer.actor).order_by("-occurred_at", "-id").select_related(None)[:limit])
    names = dict(Resident.objects.filter(uid__in={row.subject for row in rows}).values_list("uid", F("name")))
    return [(row, names.get(row.subject, "")) for row in rows]
