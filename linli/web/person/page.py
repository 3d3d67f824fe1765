"""A resident on one screen, in words: who and where, households, what lists say and since when, what was found, who looked.

Nothing encrypted is read for the page. A number is shown when a purpose is stated, which the vault records for the person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from linli import vault
from linli.kernel import clock
from linli.kernel.dates import age_on
from linli.kernel.money import yuan_text
from linli.kernel.viewer import Viewer
from linli.notices.queries import READERS as WRITERS
from linli.notices.queries import Sent, log
from linli.programmes import Programme
from linli.registers import queries
from linli.registers.lists import vocabulary
from linli.registers.models import Area, Resident, Staff
from linli.registers.queries.accounts import agents_of
from linli.registers.queries.lists import said_of
from linli.registers.queries.surroundings import Near, around, homes_of
from linli.rules import Label
from linli.screening.models import Determination, Run
from linli.screening.queries import around_resident
from linli.web.frame import city
from linli.web.frame.sensitive import field_words
from linli.web.office.deliveries import state_words
from linli.web.person import still_open as person_open
from linli.web.programme import shelf
from linli.web.programme.questions import coded_words
from linli.web.templatetags.texts import day as day_words
from linli.web.templatetags.texts import words

FIELDS = ("identity", "phone", "address", "account")
LOOKS = 20
"""Reads of the person's data that the page shows."""


def situation_words(kind: str) -> str:
    """Where someone is registered, lives, is insured or studies."""
    return {"registered": _("户籍地"), "lives": _("常住地"), "insured": _("参保地"), "studies": _("就读地")}[kind]


def relation_words(relation: str) -> str:
    """What a relative is to the person."""
    known = {
        "father": _("父亲"), "mother": _("母亲"), "spouse": _("配偶"), "child": _("子女"), "guardian": _("监护人"), "ward": _("被监护人"),
        "grandparent": _("祖父母、外祖父母"), "grandchild": _("孙子女、外孙子女"), "sibling": _("兄弟姐妹"),
    }  # fmt: skip
    return known.get(relation, relation)


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a search: place is where the person lives, or else is registered."""

    resident: Resident
    age: int | None
    place: str


def listed(found: Sequence[Resident]) -> list[Listed]:
    """Rows with their places in words. One query."""
    day = clock.today()
    codes, names = homes_of([one.pk for one in found], day)
    words_of = {code: _joined(code, names) for code in set(codes.values())}
    return [Listed(one, _age(one, day), words_of.get(codes.get(one.pk, ""), "")) for one in found]


def _age(resident: Resident, day: date) -> int | None:
    if resident.birth_date is None or resident.deceased_on is not None:
        return None
    return age_on(resident.birth_date, day)


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """County, township, village and house of each code in words, from the county down. One query."""
    wanted = set(codes)
    steps = {step for code in wanted for step in _steps(code)}
    names = dict(Area.objects.filter(code__in=steps, valid_to__isnull=True).values_list("code", "name"))
    return {code: _joined(code, names) for code in wanted}


def _steps(code: str) -> dict[str, None]:
    return dict.fromkeys(code[:length] for length in (6, 9, 12, 20))


def _joined(code: str, names: dict[str, str]) -> str:
    return " · ".join(city.area_words(step, names[step]) if len(step) == 6 else names[step] for step in _steps(code) if step in names)


@dataclass(frozen=True, slots=True)
class Place:
    """One situation in words."""

    kind: str
    name: str
    since: date
    known_since: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the person's household or family. uid is None where the viewer's grants do not cover them."""

    name: str
    role: str
    uid: UUID | None


@dataclass(frozen=True, slots=True)
class Value:
    """One fact that a list gives."""

    label: Label
    value: Label


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of one list about the person, in force or past."""

    name: Label
    owner: Label
    values: tuple[Value, ...]
    since: date
    until: date | None
    known_since: datetime
    delivered: date | None
    secret: bool


@dataclass(frozen=True, slots=True)
class Look:
    """One recorded read of the person's data."""

    at: datetime
    who: str
    fields: tuple[str, ...]
    purpose: Label


def page(viewer: Viewer, resident: Resident) -> dict[str, Any]:
    """What a viewer whose grants cover the person sees of them. At most two dozen queries, however much there is."""
    day = clock.today()
    near = around(resident, day)
    homes = [one.area_code for one in near.places if one.kind in ("registered", "lives")]
    mandates = agents_of(viewer, resident, homes)
    acting = {one.agent_resident_id for one in mandates or () if one.agent_resident_id}
    others = ({one.resident_id for one in (*near.members, *near.family)} | acting) - {resident.pk}
    seen = set(queries.residents(viewer).filter(pk__in=others).values_list("pk", flat=True))
    stands = _determinations(viewer, resident)
    waiting, closed = person_open.matters_of(viewer, resident)
    own = [(situation_words(one.kind), _joined(one.area_code, near.area_names), one) for one in near.places]
    return {
        "resident": resident,
        "age": _age(resident, day),
        "places": [Place(kind, name, one.valid_from, one.known_from) for kind, name, one in own],
        "households": _households(near.members, seen),
        "family": [_relative(one, seen) for one in near.family],
        "lists": entries(viewer, resident, homes),
        "found": [one for one in stands if one[1].verdict == "eligible"],
        "undecided": person_open.undecided(stands),
        "waiting": waiting,
        "closed": closed,
        "papers": [] if mandates is None else person_open.papers(viewer, resident, homes),
        "agents": None if mandates is None else person_open.agents(mandates, seen),
        "sent": _sent(viewer, resident),
        "looks": _looks(resident),
        "purposes": purposes_of(viewer, resident),
        "held": [(field, field_words(field)) for field in FIELDS if getattr(resident, f"{field}_cipher")],
        "today": day,
    }


def _households(members: Sequence[Near], seen: set[int]) -> list[tuple[str, list[Member]]]:
    kinds = {"hukou_book": _("户口簿"), "shared_living": _("共同生活的家人")}
    found: dict[str, list[Member]] = {}
    for row in members:
        found.setdefault(row.kind, []).append(Member(row.name, row.role, row.uid if row.resident_id in seen else None))
    return [(kinds[kind], each) for kind, each in found.items()]


def _relative(one: Near, seen: set[int]) -> Member:
    return Member(one.name, relation_words(one.role), one.uid if one.resident_id in seen else None)


def entries(viewer: Viewer, resident: Resident, homes: Sequence[str], *, only: Collection[str] | None = None) -> list[Entry] | None:
    """What lists say, for an officer of where the person is registered or lives; None for everyone else. only: the facts that a purpose
    needs, None for all. One query."""
    areas = [area for area in homes if viewer.may("officer", area=area)]
    if not areas and not viewer.may("officer"):
        return None
    facts = vocabulary(settings.LINLI_CITY)
    entries = []
    for said in said_of(viewer, resident, area=areas[0] if areas else ""):
        declared, record = said.declaration, said.record
        if declared is None:
            continue
        shown = tuple(
            Value(_label(facts.get(fact), fact), _value(facts.get(fact), fact, value))
            for fact, value in said.facts.items()
            if only is None or fact in only
        )
        name, owner = Label(declared.zh, declared.en), Label(declared.owner_zh, declared.owner_en)
        secret = declared.sensitivity == "sensitive"
        entries.append(Entry(name, owner, shown, record.valid_from, record.valid_to, record.known_from, said.delivered_as_of, secret))
    return entries


def _label(declared: dict[str, Any] | None, fact: str) -> Label:
    return Label(declared["zh"], declared["en"]) if declared else Label(fact, fact)


def _value(declared: dict[str, Any] | None, fact: str, value: Any) -> Label:
    if isinstance(value, bool):
        return Label("是", "yes") if value else Label("否", "no")
    if declared and declared["type"] == "money" and isinstance(value, int):
        amount = yuan_text(value).removesuffix(".00")
        return Label(f"{amount} 元", f"{amount} yuan")
    if declared and declared["type"] == "date":
        said = str(day_words(value))
        return Label(said, said)
    if declared and declared["type"] == "decimal" and isinstance(value, int):
        number = str(Decimal(value).scaleb(-int(declared["scale"])))
        return Label(number, number)
    return coded_words(fact, str(value)) or Label(str(value), str(value))


def said_words(declared: dict[str, Any] | None, fact: str, value: Any) -> tuple[Label, Label]:
    """A fact that a list gives and its value in words. declared: the fact's entry in the vocabulary."""
    return _label(declared, fact), _value(declared, fact, value)


def _determinations(viewer: Viewer, resident: Resident) -> list[tuple[Programme, Determination, UUID | None]]:
    """Where the person and their households stand now under the programmes that the viewer reads, each with the screening that said so.
    Three queries.
    """
    known = {one.slug: one.programme for one in shelf.shelf()}
    rows = around_resident(viewer, resident.uid, known)
    runs = dict(Run.objects.filter(pk__in={row.run_id for row in rows}).values_list("pk", "uid"))
    return [(known[row.programme], row, runs.get(row.run_id or 0)) for row in rows]


def _sent(viewer: Viewer, resident: Resident) -> list[tuple[Sent, list[str]]] | None:
    """What was sent to the person, unopened, with what became of it; None for roles that don't write to people. Three queries."""
    if not any(viewer.areas(role) for role in WRITERS):
        return None
    return [(one, [state_words(each.status) for each in one.deliveries]) for one in log(viewer, resident.uid, limit=LOOKS)]


def _looks(resident: Resident) -> list[Look]:
    """The last reads of the person's data, by name where staff read it. Two queries."""
    rows = list(vault.accesses_of(resident.uid)[:LOOKS])
    staff = {row.actor.removeprefix("staff:") for row in rows if row.actor.startswith("staff:")}
    names = {f"staff:{uid}": name for uid, name in Staff.objects.filter(uid__in=staff).values_list("uid", "name")}
    names[f"resident:{resident.uid}"] = _("本人")
    known = {slug: Label(purpose.zh, purpose.en) for slug, purpose in vault.purposes().items()}
    return [
        Look(
            row.at,
            names.get(row.actor, _("系统")),
            tuple(field_words(field) for field in row.fields),
            known.get(row.purpose, Label(row.purpose, row.purpose)),
        )
        for row in rows
    ]


def purposes_of(viewer: Viewer, resident: Resident) -> list[tuple[str, str, str]]:
    """(slug, words, fields in words) of the purposes for which the viewer may look at something of this person."""
    held = {field for field in FIELDS if getattr(resident, f"{field}_cipher")}
    return [
        (slug, words(purpose), _("、").join(field_words(field) for field in FIELDS if field in purpose.fields & held))
        for slug, purpose in vault.purposes().items()
        if purpose.fields & held and purpose.admits(viewer, resident.uid)
    ]


def shown_for(viewer: Viewer, resident: Resident, purpose: str) -> list[tuple[str, str]]:
    """The numbers that a stated purpose needs, in full; recorded for the person. Refused for any other purpose."""
    known = vault.purposes().get(purpose)
    wanted = [field for field in FIELDS if getattr(resident, f"{field}_cipher") and (known is None or field in known.fields)]
    ciphers = {field: getattr(resident, f"{field}_cipher") for field in wanted}
    texts = vault.reveal(viewer, purpose=purpose, subject=resident.uid, fields=ciphers)
    return [(field_words(field), texts[field]) for field in wanted]
