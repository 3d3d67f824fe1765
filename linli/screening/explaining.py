"""Why a programme does or doesn't find one subject, condition by condition, with the list behind every fact and since when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes import load_city
from linli.programmes.declaration import Programme
from linli.programmes.naming import naming
from linli.programmes.queries import live_version, programme_of
from linli.registers import snapshot
from linli.registers.lists import FactSource, ListDeclaration, load_lists
from linli.registers.snapshot import Provenance
from linli.rules.explain import Explanation, explain_verdict
from linli.rules.live import LiveRules, compiled
from linli.screening import readings
from linli.screening.evaluation import AREA_COLUMN, DEFAULT_KIND, FALLBACK
from linli.screening.queries import READERS

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What says a fact: the list and its owner (list None: the population register), true since, known to us since.

    area: where the person counts for that list ("": unknown). authorised: whether they let themselves be looked up on it; True
    where the list needs no authorisation.
    """

    source: FactSource
    true_since: date | None
    known_since: datetime | None
    area: str = ""
    authorised: bool = True


@dataclass(frozen=True, slots=True)
class Reasons:
    """A live verdict with its reasons. told: by fact name, of the subject itself; told_of: by who and fact name, of members and relatives.

    facts_on: the day as of which the facts are. given: facts of the subject that are an application's word, since no register says them.
    office, payer: the areas of the programme's place on that day, always in the city (see _placed).
    """

    version: str
    programme: Programme
    explanation: Explanation
    told: Mapping[str, Told]
    told_of: Mapping[tuple[str, str], Told]
    subject: UUID
    as_of: date
    facts_on: date
    given: frozenset[str] = frozenset()
    office: str = ""
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """On which day the rule is asked, as of which day the facts are, and what was known when."""

    rule: date
    facts: date
    known_at: datetime


@dataclass(frozen=True, slots=True)
class _Facts:
    subject: Row
    members: Sequence[Row] | None
    relatives: Sequence[Row] | None
    area: str
    payer: str


def reasons(viewer: Viewer, programme: str, subject: UUID, *, as_of: date | None = None, known_at: datetime | None = None) -> Reasons:
    """Evaluate one programme for one subject in PostgreSQL, with reasons. At most five queries.

    known_at: with what was known then (None: now), so that a past day's answer can be explained. Raises Refused outside the
    viewer's grants unless it is about the viewer, whom they act for, or a household of either, LinliError where there is no such
    subject or no live version.
    """
    day = as_of or clock.today()
    version = live_version(programme, day, known_at)
    if version is None:
        raise _nothing("screening.not_live", f"{programme} 在 {day} 没有生效版本", f"{programme} has no version in force on {day}.")
    return _reasons(viewer, version.version, programme_of(version), subject, Days(day, day, known_at or clock.now()))


def reasons_under(
    viewer: Viewer,
    programme: Programme,
    subject: UUID,
    *,
    day: date,
    facts_on: date,
    purposes: Sequence[str] = readings.PURPOSES,
    given: Row | None = None,
    known_at: datetime | None = None,
) -> Reasons:
    """The same under one version or draft: the rule on one day, the facts as of another, known now or at known_at. purposes: see
    readings.note.

    given: facts of the subject that no register holds, as an application states them; what a register says goes before.
    """
    return _reasons(viewer, programme.version, programme, subject, Days(day, facts_on, known_at or clock.now()), purposes, given or {})


def _reasons(
    viewer: Viewer,
    version: str,
    loaded: Programme,
    subject: UUID,
    days: Days,
    purposes: Sequence[str] = readings.PURPOSES,
    given: Row = MappingProxyType({}),
) -> Reasons:
    live = compiled([loaded.rule], days.rule)
    facts = _facts(loaded, live, subject, days.facts, days.known_at)
    taken = {name: one for name, one in given.items() if facts.subject.get(name) is None}
    if taken:
        facts = replace(facts, subject={**facts.subject, **taken})
    if not (any(viewer.may(role, area=facts.area, programme=loaded.slug) for role in READERS) or _is_own(viewer, loaded, facts)):
        raise Refused("viewer.not_granted", zh="您没有查看该对象的权限", en="You have no grant to read this subject.", found=facts.area)
    verdict = live.evaluate(connection.connection, facts.subject, facts.members, facts.relatives)[0]
    read = (facts.subject, facts.members, facts.relatives)
    explained = explain_verdict(loaded.rule, verdict, *read, as_of=days.rule, naming=naming(settings.LINLI_CITY))
    readings.note(viewer, _shown(explained, loaded, subject), purposes)
    told, told_of = _told(subject, loaded, explained, facts, days)
    return Reasons(version, loaded, explained, told, told_of, subject, days.rule, days.facts, frozenset(taken), facts.area, facts.payer)


def _shown(explained: Explanation, programme: Programme, subject: UUID) -> Iterator[tuple[UUID, str]]:
    """Whose facts the explanation shows. What is unknown says nothing of anybody."""
    for fact in (fact for condition in explained.conditions for fact in condition.facts if fact.value is not None):
        if fact.who or programme.subject == "person":
            yield UUID(fact.who) if fact.who else subject, fact.name


def _is_own(viewer: Viewer, programme: Programme, facts: _Facts) -> bool:
    """Whether it is about a resident who looks, whom the viewer acts for, or a household that one of them is in."""
    rows = (facts.members or ()) if programme.subject == "household" else (facts.subject,)
    own = programme.subject != "organisation" and any(viewer.acts_for_resident(row["person_id"]) for row in rows)
    if own:
        viewer.require_level("card")
    return own


def _nothing(code: str, zh: str, en: str) -> LinliError:
    return LinliError(code, zh=zh, en=en, remedy_zh="检查编号和日期", remedy_en="check the id and the date")


def _facts(programme: Programme, live: LiveRules, subject: UUID, day: date, known_at: datetime) -> _Facts:
    """What the rule reads of the subject and, only if it reads them, of co-members, relatives and the household."""
    own = str(subject)
    missing = _nothing("screening.no_subject", f"没有这个对象：{own}", f"There is no such subject: {own}.")
    if programme.subject == "organisation":
        rows = snapshot.organisation_facts([subject], as_of=day, known_at=known_at)
        if own not in rows:
            raise missing
        return _Facts(rows[own], None, None, *_placed(programme, rows[own]))
    kind = programme.household_kind or DEFAULT_KIND
    if programme.subject == "household":
        reach = snapshot.Reach(relatives=False)
        family = snapshot.facts_for(as_of=day, known_at=known_at, households=[subject], reach=reach)
        if own not in family.households:
            raise missing
        household, members = family.households[own], family.members_of(own, kind)
        heads = [row for row in members if row["role"] == "head"] or members
        return _Facts(household, members or None, None, *_placed(programme, heads[0] if heads else {}, household["area_code"] or ""))
    groups, of_household = live.program.groups(), live.household_facts()
    reach = snapshot.Reach(members="household" in groups, relatives="family" in groups, households=bool(of_household))
    family = snapshot.facts_for([subject], as_of=day, known_at=known_at, reach=reach)
    if own not in family.people:
        raise missing
    person, home = family.people[own], family.household_of(own, kind)
    said_of_home = {name: home[name] for name in of_household} if home else {}
    together = family.housemates_of(own, kind) if reach.members else None
    relatives = family.relatives_of(own) if reach.relatives else None
    return _Facts({**person, **said_of_home}, together, relatives, *_placed(programme, person))


def _placed(programme: Programme, row: Row, home: str = "") -> tuple[str, str]:
    """(office, payer): the areas of the two situations that the programme names. Where one is unknown or outside the city: where the
    subject lives, is registered, is insured or studies, the household was formed, whatever is in the city first; else the city as a whole,
    so that somebody of it has the matter in any case."""
    city = load_city(Path(settings.LINLI_CITY)).area

    def area(situation: str) -> str:
        known = (*(row.get(AREA_COLUMN[one]) for one in (situation, *FALLBACK)), home)
        return next((one for one in known if one and one.startswith(city)), city)

    return area(programme.place.office), area(programme.place.payer)


def _told(
    subject: UUID, programme: Programme, explained: Explanation, facts: _Facts, days: Days
) -> tuple[dict[str, Told], dict[tuple[str, str], Told]]:
    """For each fact that the rule reads of the subject, and each that it read of somebody else: what says so. One query."""
    used = {(fact.who, fact.name) for fact in explained.read if fact.who}
    beside = {who: UUID(who) for who, _name in used}
    said = snapshot.provenance_of(programme.subject, subject, beside.values(), as_of=days.facts, known_at=days.known_at)
    rows = {row["person_id"]: row for row in (*(facts.members or ()), *(facts.relatives or ()))}
    origins, lists, read = readings.origins(), load_lists(settings.LINLI_CITY), programme.rule.facts_used
    told = {fact: _said(source, lists, said[subject], facts.subject) for fact, source in origins.items() if fact in read}
    return told, {(who, name): _said(origins[name], lists, said[beside[who]], rows[who]) for who, name in used if name in origins}


def _said(source: FactSource, lists: Mapping[str, ListDeclaration], origin: Provenance, row: Row) -> Told:
    """What says one fact of one subject. row: its facts, of which the area is read."""
    if source.list is None:
        situation = _SITUATIONS.get(source.fact.partition("_")[0], "")
        since = origin.situations.get(situation, origin.register)
        return Told(source, since.true if since else None, since.known if since else None)
    since = origin.lists.get(source.list)
    area = row.get(AREA_COLUMN[lists[source.list].place]) or row.get("area_code") or ""
    allowed = not source.authorisation or source.list in origin.authorised
    return Told(source, since.true if since else None, since.known if since else None, area, allowed)


# Built-in facts by what they begin with: the situation that says them.
_SITUATIONS = {column.partition("_")[0]: kind for kind, column in AREA_COLUMN.items()}
