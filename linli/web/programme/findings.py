"""Screenings in words: programmes by their names, lists with their tabs and filters, a person's reasons with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from linli import vault
from linli.batches.shown import masked_name
from linli.insight.counting import Delivered, delivered, state_of
from linli.kernel.errors import LinliError, Refused
from linli.kernel.identity import masked
from linli.kernel.viewer import Viewer
from linli.programmes import Programme
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import HouseholdMember, Organisation, Resident
from linli.registers.queries.residents import resident_with
from linli.rules import Label
from linli.rules.explain import ConditionExplained, FactUsed, missing_label
from linli.screening.causes import Cause, causes
from linli.screening.explaining import Reasons, Told
from linli.screening.models import Determination, Run
from linli.screening.queries import READERS, CountyCount, Kind, Row, Tally, tallies
from linli.web.frame import city
from linli.web.insights.figures import reason_words
from linli.web.programme import shelf
from linli.web.programme.questions import coded_words
from linli.web.templatetags.texts import day as day_words

KINDS: dict[str, Kind] = {"found": "found", "undecided": "undecided", "newly-found": "newly_found", "newly-lost": "newly_lost"}
NEWS = ("newly-found", "newly-lost")
RUN_STATES = {"done": "finished", "failed": "failed"}
PURPOSE = "screening.explain"
Deliveries = Mapping[str, list[Delivered]]


def kind_words(kind: str) -> str:
    """A list's name."""
    return {"found": _("找到的人"), "undecided": _("还不能确定"), "newly-found": _("新找到"), "newly-lost": _("新失去")}[kind]


def slugs() -> list[str]:
    """Every published programme. One query."""
    return sorted({programme.slug for programme in shelf.published()})


def programme_of_run(run: Run) -> Programme:
    """The published version that the run used, or the newest of its programme. One query."""
    versions = [one for one in shelf.published() if one.slug == run.programme]
    if not versions:
        raise Http404
    return next((one for one in versions if one.version == run.programme_version), versions[-1])


@dataclass(frozen=True, slots=True)
class NamedRun:
    """A run with its programme's name, its state as a component knows it, and what it found inside the viewer's areas."""

    run: Run
    label: Label
    state: str
    tally: Tally


def named_runs(viewer: Viewer, runs: Sequence[Run]) -> list[NamedRun]:
    """The runs with the names of their programmes. At most five queries."""
    names = {programme.slug: programme.label for programme in shelf.published()}
    found = tallies(viewer, runs)
    return [
        NamedRun(run, names.get(run.programme, Label(run.programme, run.programme)), RUN_STATES[run.state], found[run.pk]) for run in runs
    ]


def tabs(run: Run, current: str) -> list[dict[str, Any]]:
    """The views of one run. Numbers are the run's own; what a grant leaves of them is on the page."""
    found: list[dict[str, Any]] = [
        {"words": _("总览"), "address": reverse("office:overview", args=[run.uid]), "current": current == "overview", "number": None}
    ]
    for kind in KINDS:
        address = reverse("office:people", args=[run.uid, kind])
        found.append({"words": kind_words(kind), "address": address, "current": kind == current, "number": None})
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """How a list is narrowed and where its page begins."""

    county: str
    missing: str
    after: int

    @classmethod
    def read(cls, query: QueryDict) -> Choice:
        """From the address or a form; anything that is no code, fact or number is left out."""
        county, missing, after = query.get("county", ""), query.get("missing", ""), query.get("after", "")
        return cls(
            county if county.isdecimal() and len(county) == 6 else "",
            missing if missing.replace(".", "").replace("_", "").replace("-", "").isalnum() else "",
            int(after) if after.isdecimal() and len(after) < 19 else 0,
        )


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of a list with its missing facts in words, and for the newly found and lost with what made the difference."""

    row: Row
    missing: tuple[Label, ...]
    causes: tuple[Cause, ...]


def listed(rows: Iterable[Row], programme: Programme, causes: Mapping[UUID, tuple[Cause, ...]]) -> list[ListedRow]:
    """Rows as the page shows them."""
    return [
        ListedRow(in_words(row), tuple(missing_label(programme.rule, key) for key in row.missing), causes.get(row.subject, ()))
        for row in rows
    ]


def in_words(row: Row) -> Row:
    """The row with its county in the reader's language."""
    return replace(row, area_name=city.area_words(row.area_code[:6], row.area_name))


def counts_in_words(counts: Iterable[CountyCount]) -> list[CountyCount]:
    """Counts by county with the counties in the reader's language."""
    return [replace(one, name=city.area_words(one.code, one.name)) for one in counts]


def causes_of(viewer: Viewer, run: Run, before: Run, rows: Iterable[Row]) -> dict[UUID, tuple[Cause, ...]]:
    """What made the difference since the screening before, its values in the city's words. At most a dozen queries."""
    found = causes(viewer, run, before, [row.subject for row in rows])
    return {subject: tuple(_in_city_words(cause) for cause in each) for subject, each in found.items()}


def _in_city_words(cause: Cause) -> Cause:
    return replace(cause, before=value_words(cause.fact, cause.before), after=value_words(cause.fact, cause.after))


def counties(viewer: Viewer, programme: str) -> list[tuple[str, str]]:
    """(code, name) of the counties that one of the viewer's grants for the programme lies in or covers. No query."""
    return counties_of({area for role in READERS for area in viewer.areas(role, programme)})


def counties_of(areas: Iterable[str]) -> list[tuple[str, str]]:
    """(code, name) of the counties that one of the areas lies in or covers. No query."""
    reach = set(areas)
    covered = [(code, name) for code, name in city.counties() if any(code.startswith(area[:6]) for area in reach)]
    return [(code, city.area_words(code, name.zh)) for code, name in covered]


def missing_choices(counted: Iterable[tuple[str, int]], programme: Programme) -> list[tuple[str, Label, int]]:
    """Facts that undecided people lack: key, words, how many."""
    return [(key, missing_label(programme.rule, key), number) for key, number in counted]


@dataclass(frozen=True, slots=True)
class Source:
    """What says so: list or register, its owner, true since and known since. secret: the list is declared sensitive.

    lack: why it says nothing of them, "" where it does.
    """

    name: Label
    owner: Label
    true_since: date | None
    known_since: datetime | None
    secret: bool
    lack: str = ""


@dataclass(frozen=True, slots=True)
class OfPerson:
    """What is known of one member of the household or one relative, and what says so."""

    name: str
    value: Label | None
    source: Source | None
    who: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a condition reads. value and source: of the subject itself; people: of its household or relatives, those that the reader
    may see; withheld: whether there are others."""

    label: Label
    of_subject: bool
    value: Label | None
    source: Source | None
    people: tuple[OfPerson, ...]
    name: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition with the facts it reads."""

    told: ConditionExplained
    facts: tuple[Fact, ...]


def conditions(reasons: Reasons, stated: Mapping[str, Label] = MappingProxyType({})) -> list[Condition]:
    """Condition by condition, with the names of the people whose facts were read and why a list said nothing. At most two queries.

    stated: what an application's own facts rest on (entitlements.sources), for those that no register says.
    """
    explained = reasons.explanation.conditions
    names = _names(fact.who for condition in explained for fact in condition.facts)
    told = [*reasons.told.values(), *reasons.told_of.values()]
    held = delivered({one.source.list for one in told if one.source.list})
    said = {name: Source(label, label, None, None, False) for name, label in stated.items() if name in reasons.given}
    return [Condition(one, tuple(_facts(one.facts, reasons, names, held, said))) for one in explained]


@dataclass(frozen=True, slots=True)
class Beside:
    """A condition, and what was known for it of the household or relatives: (fact, each of them), names with characters left out."""

    condition: Label
    facts: tuple[tuple[Label, tuple[OfPerson, ...]], ...]


def beside(reasons: Reasons) -> list[Beside]:
    """The conditions that rest on facts of others than the subject, for whoever checks a file of people they don't serve. Two queries."""
    found = []
    for one in conditions(reasons):
        facts = [(fact.label, tuple(replace(who, name=masked_name(who.name)) for who in fact.people)) for fact in one.facts if fact.people]
        if facts:
            found.append(Beside(one.told.label, tuple(facts)))
    return found


def _names(people: Iterable[str]) -> dict[str, str]:
    wanted = {who for who in people if who}
    if not wanted:
        return {}
    return {str(uid): name for uid, name in Resident.objects.filter(uid__in=wanted).values_list("uid", "name")}


def _facts(
    used: Sequence[FactUsed], reasons: Reasons, names: Mapping[str, str], held: Deliveries, said: Mapping[str, Source]
) -> Iterable[Fact]:
    """Each fact once: the subject's own, then everyone else's beside their names."""
    for name in dict.fromkeys(fact.name for fact in used):
        each = [fact for fact in used if fact.name == name]
        own = [fact for fact in each if not fact.who]
        others = [fact for fact in each if fact.who and not (own and fact.who == str(reasons.subject))]
        people = tuple(
            OfPerson(
                names.get(fact.who, ""),
                value_words(name, fact.value),
                _source(reasons.told_of.get((fact.who, name)), fact, reasons.facts_on, held),
                fact.who,
            )
            for fact in others
        )
        value = value_words(name, own[0].value) if own else None
        source = said.get(name) or (_source(reasons.told.get(name), own[0], reasons.facts_on, held) if own else None)
        yield Fact(each[0].label, bool(own), value, source, people, name)


def value_words(fact: str, value: Label | None) -> Label | None:
    """A fact's value in words: a division code by its name, a coded text as 查一查 says it, a day as the reader writes it."""
    if value is None:
        return None
    code = value.zh
    if said := _day_said(code):
        return Label(said, said)
    places = {**dict(city.counties()), city.city().area: city.city().label}
    return places.get(code) or coded_words(fact, code) or value


def _day_said(text: str) -> str:
    """A day that a rule read, "" for any other value."""
    try:
        return str(day_words(date.fromisoformat(text))) if len(text) == len("2026-11-22") else ""
    except ValueError:
        return ""


def _source(told: Told | None, fact: FactUsed, day: date, held: Deliveries) -> Source | None:
    if told is None:
        return None
    origin = told.source
    declared = load_lists(settings.LINLI_CITY).get(origin.list or "")
    label = Label(declared.zh, declared.en) if declared else Label("人口登记", "population register")
    owner = Label(origin.owner_zh, origin.owner_en)
    lack = _lack(told, declared, day, held) if declared and fact.value is None else ""
    return Source(label, owner, told.true_since, told.known_since, origin.sensitivity == "sensitive", lack)


def _lack(told: Told, declared: ListDeclaration, day: date, held: Deliveries) -> str:
    """Why the list leaves it open: nobody authorised the look, a row speaks of them without it, or how the list stands in their county."""
    if not told.authorised:
        return _("要本人授权才能查，还没有授权")
    if told.known_since:
        return _("名单上有，没有写明这一项")
    return reason_words(state_of(declared, held.get(declared.slug, []), told.area[:6], day))


@dataclass(frozen=True, slots=True)
class Card:
    """Who this is. numbers: sensitive fields as (words, text), masked unless asked for in full."""

    title: str
    kind: str
    birth_date: date | None
    members: tuple[tuple[str, str, UUID], ...]
    numbers: tuple[tuple[str, str], ...]
    may_show: bool


def card(viewer: Viewer, reasons: Reasons, *, in_full: bool) -> Card:
    """The person, household or organisation of an explanation; reads of its numbers are recorded. At most four queries."""
    kind = reasons.programme.subject
    if kind == "organisation":
        organisation = Organisation.objects.filter(uid=reasons.subject).first()
        return Card(organisation.name if organisation else "", kind, None, (), _credit_code(organisation), False)
    if kind == "household":
        rows = HouseholdMember.objects.filter(household__uid=reasons.subject, valid_to__isnull=True, known_to__isnull=True)
        named = tuple((row.resident.name, row.role, row.resident.uid) for row in rows.select_related("resident").order_by("id"))
        head = next((name for name, role, _uid in named if role == "head"), "")
        return Card(_("%(name)s一家") % {"name": head}, kind, None, named, (), False)
    resident = resident_with(reasons.subject)
    if resident is None or resident.erased_at is not None:
        return Card(_("资料已注销"), kind, None, (), (), False)
    numbers = _numbers(viewer, resident, in_full=in_full)
    return Card(resident.name, kind, resident.birth_date, (), numbers, bool(numbers) and not in_full)


def _credit_code(organisation: Organisation | None) -> tuple[tuple[str, str], ...]:
    return ((_("统一社会信用代码"), organisation.credit_code),) if organisation and organisation.credit_code else ()


def _numbers(viewer: Viewer, resident: Resident, *, in_full: bool) -> tuple[tuple[str, str], ...]:
    """Identity number, and in full the telephone too. A role that the purpose does not name sees neither."""
    wanted = {"identity": resident.identity_cipher, **({"phone": resident.phone_cipher} if in_full else {})}
    held = {name: cipher for name, cipher in wanted.items() if cipher}
    if not held:
        return ()
    try:
        shown = vault.reveal(viewer, purpose=PURPOSE, subject=resident.uid, fields=held)
    except (Refused, LinliError):
        return ()
    labels = {"identity": _("身份证号"), "phone": _("电话")}
    return tuple((labels[name], text if in_full else masked(text)) for name, text in shown.items())


def others(determinations: Sequence[Determination], here: str) -> list[tuple[Label, Determination]]:
    """Where the subject stands under other programmes now. One query."""
    names = {programme.slug: programme.label for programme in shelf.published()}
    return [(names[row.programme], row) for row in determinations if row.programme != here and row.until is None and row.programme in names]
