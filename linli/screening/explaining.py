"""Why a programme does or doesn't find one subject, condition by condition, with the list behind every fact and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import live_version, programme_of
from linli.registers import snapshot
from linli.registers.lists import FactSource, load_lists, sources
from linli.registers.models import Record, Resident, Situation
from linli.rules.explain import Explanation, explain_verdict
from linli.rules.live import compiled
from linli.screening.evaluation import AREA_COLUMN, DEFAULT_KIND
from linli.screening.queries import READERS

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What says a fact: the list and its owner (list None: the population register), true since, known to us since."""

    source: FactSource
    true_since: date | None
    known_since: datetime | None


@dataclass(frozen=True, slots=True)
class Reasons:
    """A live verdict with its reasons. told: by fact name, of the subject itself."""

    version: ProgrammeVersion
    programme: Programme
    explanation: Explanation
    told: Mapping[str, Told]
    subject: UUID
    as_of: date


@dataclass(frozen=True, slots=True)
class _Facts:
    subject: Row
    members: Sequence[Row] | None
    relatives: Sequence[Row] | None
    area: str


def reasons(viewer: Viewer, programme: str, subject: UUID, *, as_of: date | None = None, known_at: datetime | None = None) -> Reasons:
    """Evaluate one programme for one subject in PostgreSQL, with reasons. At most ten queries.

    known_at: with what was known then (None: now), so that a past day's answer can be explained. Raises Refused outside the
    viewer's grants, LinliError where there is no such subject or no live version.
    """
    day = as_of or clock.today()
    version = live_version(programme, day, known_at)
    if version is None:
        raise _nothing("screening.not_live", f"{programme} 在 {day} 没有生效版本", f"{programme} has no version in force on {day}.")
    loaded = programme_of(version)
    facts = _facts(loaded, subject, day, known_at)
    if not (viewer.all_seeing or any(viewer.may(role, area=facts.area, programme=programme) for role in READERS)):
        raise Refused("viewer.not_granted", zh="您没有查看该对象的权限", en="You have no grant to read this subject.", found=facts.area)
    connection.ensure_connection()
    verdict = compiled([loaded.rule], day).evaluate(connection.connection, facts.subject, facts.members, facts.relatives)[0]
    explained = explain_verdict(loaded.rule, verdict, facts.subject, facts.members, facts.relatives, as_of=day)
    return Reasons(version, loaded, explained, _told(loaded.subject, subject, loaded, day, known_at), subject, day)


def _nothing(code: str, zh: str, en: str) -> LinliError:
    return LinliError(code, zh=zh, en=en, remedy_zh="检查编号和日期", remedy_en="check the id and the date")


def _facts(programme: Programme, subject: UUID, day: date, known_at: datetime | None) -> _Facts:
    own = str(subject)
    missing = _nothing("screening.no_subject", f"没有这个对象：{own}", f"There is no such subject: {own}.")
    if programme.subject == "organisation":
        rows = snapshot.organisation_facts([subject], as_of=day, known_at=known_at)
        if own not in rows:
            raise missing
        return _Facts(rows[own], None, None, rows[own].get("registered_area") or "")
    kind = programme.household_kind or DEFAULT_KIND
    column = AREA_COLUMN[programme.place.office]
    if programme.subject == "household":
        family = snapshot.facts_for(as_of=day, known_at=known_at, households=[subject])
        if own not in family.households:
            raise missing
        home, members = family.households[own], family.members_of(own, kind)
        heads = [row for row in members if row["role"] == "head"] or members
        return _Facts(home, members or None, None, (heads[0].get(column) if heads else home["area_code"]) or "")
    family = snapshot.facts_for([subject], as_of=day, known_at=known_at)
    if own not in family.people:
        raise missing
    person, home = family.people[own], family.household_of(own, kind)
    together = family.members_of(home["household_id"], kind) if home else None
    return _Facts({**person, **_household_facts(home)}, together, family.relatives_of(own), person.get(column) or "")


def _household_facts(home: Row | None) -> Row:
    return {} if home is None else {name: value for name, value in home.items() if name not in ("household_id", "household_kind")}


def _told(kind: str, subject: UUID, programme: Programme, day: date, known_at: datetime | None) -> dict[str, Told]:
    """For each fact that the rule reads of the subject: what says so and since when. Three queries for a person, else one."""
    owner = {"person": "resident", "household": "household", "organisation": "organisation"}[kind]
    then = _then(day, known_at or clock.now())
    by_list = {row.list_slug: row for row in Record.objects.filter(then, **{f"{owner}__uid": subject})}
    own = _registered(subject, then) if kind == "person" else {}
    told = {}
    city = Path(settings.LINLI_CITY)
    for fact, source in _sources(city, tuple(declaration.digest for declaration in load_lists(city).values())).items():
        if fact in programme.rule.facts_used:
            row = by_list.get(source.list) if source.list else own.get(fact.partition("_")[0], own.get(""))
            told[fact] = Told(source, getattr(row, "valid_from", None), getattr(row, "known_from", None))
    return told


@lru_cache(maxsize=4)
def _sources(city: Path, _digests: tuple[str, ...]) -> dict[str, FactSource]:
    """Where each fact comes from; read again only when a list comes or changes."""
    return sources(city)


def _then(day: date, known: datetime) -> Q:
    """Rows that were true on the day, as known then."""
    still_true = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    still_known = Q(known_to__isnull=True) | Q(known_to__gt=known)
    return still_true & still_known & Q(valid_from__lte=day, known_from__lte=known)


def _registered(subject: UUID, then: Q) -> dict[str, Situation | Resident]:
    """What the population register says, by the first word of a fact's name ("registered", "living", …); "" for everything else."""
    rows = Situation.objects.filter(then, resident__uid=subject)
    found: dict[str, Situation | Resident] = {AREA_COLUMN[row.kind].partition("_")[0]: row for row in rows}
    resident = Resident.objects.filter(uid=subject).first()
    return found | {"": resident} if resident else found
