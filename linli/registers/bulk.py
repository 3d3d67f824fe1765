"""Many residents at once: a city's base register, a million people in bounded memory. Rows go in by COPY, facts into a bulk chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from django.db import connection, models

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import parse_credit_code, parse_identity
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import facts, names
from linli.registers.acts.guards import require_known_areas, require_possible_areas, require_word
from linli.registers.models import FamilyLink, Household, HouseholdMember, Organisation, Resident, Situation
from linli.registers.models.staff import ORGANISATION_KINDS
from linli.registers.statistics import gather_where_grown
from linli.trace import act, bulk_act
from linli.trace.acts import Act
from linli.trace.bulk import Bulk, BulkFact
from linli.trace.rows import with_digests

BATCH = 10_000
Lived = tuple[str, str, date]
Progress = Callable[[int], None]
RowDigests = dict[int, dict[str, str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewResident:
    """A person to load. situations: (kind, area code, valid from), each open-ended. identity, phone and account in clear."""

    uid: UUID
    name: str
    identity: str = ""
    birth_date: date | None = None
    sex: str | None = None
    hukou_type: str | None = None
    deceased_on: date | None = None
    relations_known: bool = False
    phone: str = ""
    account: str = ""
    address: str = ""
    situations: Sequence[Lived] = ()


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """A household to load. members: (resident uid, role), exactly one head."""

    uid: UUID
    kind: str
    area_code: str
    valid_from: date
    members: Sequence[tuple[UUID, str]]


@dataclass(frozen=True, slots=True)
class NewLink:
    """A family link to load, in one direction: what the relative is to the resident. Load the reverse as another row."""

    resident: UUID
    relative: UUID
    relation: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation to load. credit_code: 统一社会信用代码, by which one that is registered already is recognised."""

    name: str
    area_code: str
    kind: str
    credit_code: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded."""

    residents: int
    households: int
    links: int


def register_residents(
    viewer: Viewer,
    residents: Iterable[NewResident],
    households: Iterable[NewHousehold] = (),
    links: Iterable[NewLink] = (),
    *,
    source: str,
    generated: bool = False,
    area: str = "",
    key: str | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Load people, then their households and links, in one transaction and one bulk act; all or nothing.

    Memory is bounded by batches of 10,000. A number that is registered already, or stands twice, undoes the whole load (unique
    blind index). Birth date and sex are taken from the identity number where it is given. progress is told how many rows more
    were written. Raises AlreadyDone if `key` was used before. Needs administrator over `area`. Holds no lock others wait for, except on the
    new rows themselves. After the commit the planner's statistics are gathered of tables that have doubled.
    """
    viewer.require("administrator", area=area)
    known_from = clock.now()
    report = progress or (lambda rows: None)
    payload = {"source": source, "generated": generated}
    with bulk_act(viewer, facts.RESIDENTS_LOADED, subject="register:residents", payload=payload, area=area, key=key) as bulk:
        areas_seen: set[str] = set()
        people = sum(_load_residents(bulk, batch, known_from, generated, areas_seen, report) for batch in batched(residents))
        homes = sum(_load_households(bulk, batch, known_from, generated, areas_seen, report) for batch in batched(households))
        relations = sum(_load_links(bulk, batch, known_from, report) for batch in batched(links))
        bulk.act.result = {"residents": people, "households": homes, "links": relations}
        gather_where_grown(Resident, Situation, Household, HouseholdMember, FamilyLink)
    return Loaded(people, homes, relations)


def register_organisations(
    viewer: Viewer, organisations: Iterable[NewOrganisation], *, generated: bool = False, key: str | None = None
) -> int:
    """Register organisations in one act, each with its fact as if it came alone; returns how many were new. All or nothing.

    One registered already, or named before, is left alone; one that another act registers meanwhile undoes the whole load. Needs
    clerk over each area. Raises AlreadyDone if `key` was used before. Cost: five statements and one COPY for each 10,000. Locks the
    shared chains of all of them until the commit: meant for a city's employers, not for millions.
    """
    with act(viewer, key=key) as a:
        new = sum(_load_organisations(a, viewer, batch, generated) for batch in batched(organisations))
        a.result = {"organisations": new}
    return new


def _load_organisations(a: Act, viewer: Viewer, batch: Sequence[NewOrganisation], generated: bool) -> int:
    by_code = {parse_credit_code(one.credit_code): one for one in reversed(batch)}
    areas = {one.area_code for one in batch}
    require_known_areas(areas)
    for area in areas:
        viewer.require("clerk", area=area)
    for kind in {one.kind for one in batch}:
        require_word("kind", kind, ORGANISATION_KINDS)
    there = set(Organisation.objects.filter(credit_code__in=by_code).values_list("credit_code", flat=True))
    new = [(uuid7(), code, one) for code, one in sorted(by_code.items()) if code not in there]
    ids = _new_ids(Organisation, len(new))
    _copy(
        Organisation,
        ("id", "uid", "credit_code", "name", "area_code", "kind", "generated"),
        ((id_, uid, code, one.name.strip(), one.area_code, one.kind, generated) for id_, (uid, code, one) in zip(ids, new, strict=True)),
    )
    for id_, (uid, _, one) in zip(ids, new, strict=True):
        row = (Organisation, id_)
        a.record(facts.ORGANISATION_REGISTERED, subject=f"organisation:{uid}", payload={"kind": one.kind}, rows=[row], area=one.area_code)
    return len(new)


def batched(rows: Iterable[T]) -> Iterator[list[T]]:
    """Lists of up to BATCH rows."""
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


def _new_ids(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        # The sequence is looked up once, in a subquery: asked for in the list of columns it would be looked up for every id.
        cursor.execute(
            "SELECT nextval(s.id) FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS id OFFSET 0) s, generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a model's table. Column names come from this module, never from input."""
    try:
        with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)
    except psycopg.IntegrityError as error:
        raise LinliError(
            "registers.load_refused",
            zh="数据与已登记的内容或自身矛盾，整批未导入",
            en="The rows contradict each other or what is registered; nothing was loaded.",
            place=Place(field=model._meta.db_table),
            expected=_RULES.get(error.diag.constraint_name or "", ("符合数据表约束的行", "rows that keep the table's constraints")),
            found=f"{error.diag.constraint_name} ({(error.diag.context or '').splitlines()[0]})",
            remedy_zh="改正来源数据后重新导入",
            remedy_en="mend the source and load it again",
        ) from error


_RULES = {
    "registers_resident_identity_blind_key": ("每个身份证号只出现一次", "each identity number once"),
    "registers_resident_uid_key": ("每个编号只出现一次", "each uid once"),
    "registers_organisation_credit_code_key": ("每个统一社会信用代码只出现一次", "each credit code once"),
    "situation_one_area_at_a_time": ("同一时间每类地点只有一个", "one area of a kind at a time"),
    "member_of_one_household_of_a_kind": ("同一时间每类家庭只属于一个", "one household of a kind at a time"),
    "household_one_head_at_a_time": ("同一时间一户只有一位户主", "one head of a household at a time"),
    "family_link_once": ("每个亲属关系只登记一次", "each link once"),
    "one_father_mother_spouse_at_a_time": ("同一时间父、母、配偶各只有一人", "one father, one mother, one spouse at a time"),
}


def _require_areas(codes: Iterable[str], seen: set[str]) -> None:
    new = set(codes) - seen
    if new:
        require_possible_areas(new)
        seen |= new


def _load_residents(
    bulk: Bulk, batch: Sequence[NewResident], known_from: datetime, generated: bool, seen: set[str], report: Progress
) -> int:
    _require_areas((place[1] for person in batch for place in person.situations), seen)
    ids = _new_ids(Resident, len(batch))
    sealed = _sealed(batch)
    _copy(Resident, _RESIDENT_COLUMNS, (_resident_row(*each, known_from, generated) for each in zip(ids, batch, sealed, strict=True)))
    situations = [(id_, place) for id_, person in zip(ids, batch, strict=True) for place in person.situations]
    situation_ids = _new_ids(Situation, len(situations))
    _copy(
        Situation,
        ("id", "resident_id", "kind", "area_code", "valid_from", "known_from", "source"),
        ((new, owner, *place, known_from, "") for new, (owner, place) in zip(situation_ids, situations, strict=True)),
    )
    digests = _digests(Resident, ids, "pk")
    _add(digests, _digests(Situation, situation_ids, "resident_id"))
    bulk.extend(_resident_facts(ids, batch, digests, generated))
    report(len(batch))
    return len(batch)


_RESIDENT_COLUMNS = (
    "id", "uid", "name", "name_pinyin", "name_initials", "name_bigrams", "sex", "birth_date", "birth_known", "hukou_type", "deceased_on",
    "relations_known", "known_from", "identity_cipher", "identity_blind", "phone_cipher", "phone_blind", "account_cipher", "address_cipher",
    "generated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sealed:
    ciphers: Mapping[str, str]
    identity_blind: str | None
    phone_blind: str | None


def _sealed(batch: Sequence[NewResident]) -> list[_Sealed]:
    fields = [
        {"identity": person.identity, "phone": person.phone, "account": person.account, "address": person.address} for person in batch
    ]
    ciphers = vault.protect_many([(person.uid, plain) for person, plain in zip(batch, fields, strict=True)])
    identities = _blinds("identity", [person.identity for person in batch])
    phones = _blinds("phone", [person.phone for person in batch])
    return [_Sealed(*each) for each in zip(ciphers, identities, phones, strict=True)]


def _blinds(kind: str, values: Sequence[str]) -> list[str | None]:
    tokens = iter(vault.blind_many(kind, [value for value in values if value]))
    return [next(tokens) if value else None for value in values]


def _resident_row(id_: int, person: NewResident, sealed: _Sealed, known_from: datetime, generated: bool) -> tuple[Any, ...]:
    name = names.tidy(person.name)
    keys = names.keys(name)
    birth_date, sex = person.birth_date, person.sex
    if person.identity:
        said = parse_identity(person.identity)
        birth_date, sex = said.birth_date, said.sex
    return (
        id_, person.uid, name, keys.pinyin, keys.initials, _array(keys.bigrams), sex, birth_date, birth_date is not None, person.hukou_type,
        person.deceased_on, person.relations_known, known_from, sealed.ciphers.get("identity", ""), sealed.identity_blind,
        sealed.ciphers.get("phone", ""), sealed.phone_blind, sealed.ciphers.get("account", ""), sealed.ciphers.get("address", ""),
        generated,
    )  # fmt: skip


def _array(words: Sequence[str]) -> str:
    """A PostgreSQL array literal; several times cheaper than having the driver adapt a list."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def _resident_facts(ids: Sequence[int], batch: Sequence[NewResident], digests: RowDigests, generated: bool) -> Iterator[BulkFact]:
    for id_, person in zip(ids, batch, strict=True):
        payload = {"identity": bool(person.identity), "generated": generated}
        yield facts.RESIDENT_REGISTERED, f"resident:{person.uid}", payload, digests[id_]


def _load_households(
    bulk: Bulk, batch: Sequence[NewHousehold], known_from: datetime, generated: bool, seen: set[str], report: Progress
) -> int:
    _require_areas((home.area_code for home in batch), seen)
    resident_ids = _ids_of(uid for home in batch for uid, _ in home.members)
    ids = _new_ids(Household, len(batch))
    _copy(
        Household,
        ("id", "uid", "kind", "area_code", "valid_from", "known_from", "generated"),
        ((id_, home.uid, home.kind, home.area_code, home.valid_from, known_from, generated) for id_, home in zip(ids, batch, strict=True)),
    )
    members = [(id_, home, *member) for id_, home in zip(ids, batch, strict=True) for member in home.members]
    member_ids = _new_ids(HouseholdMember, len(members))
    _copy(
        HouseholdMember,
        ("id", "household_id", "kind", "resident_id", "role", "valid_from", "known_from"),
        (
            (new, id_, home.kind, resident_ids[uid], role, home.valid_from, known_from)
            for new, (id_, home, uid, role) in zip(member_ids, members, strict=True)
        ),
    )
    digests = _digests(Household, ids, "pk")
    _add(digests, _digests(HouseholdMember, member_ids, "household_id"))
    bulk.extend(_household_facts(ids, batch, digests))
    report(len(batch))
    return len(batch)


def _household_facts(ids: Sequence[int], batch: Sequence[NewHousehold], digests: RowDigests) -> Iterator[BulkFact]:
    for id_, home in zip(ids, batch, strict=True):
        payload = {"kind": home.kind, "members": len(home.members)}
        yield facts.HOUSEHOLD_LOADED, f"household:{home.uid}", payload, digests[id_]


def _load_links(bulk: Bulk, batch: Sequence[NewLink], known_from: datetime, report: Progress) -> int:
    resident_ids = _ids_of(uid for link in batch for uid in (link.resident, link.relative))
    ids = _new_ids(FamilyLink, len(batch))
    _copy(
        FamilyLink,
        ("id", "resident_id", "relative_id", "relation", "valid_from", "known_from"),
        (
            (id_, resident_ids[link.resident], resident_ids[link.relative], link.relation, link.valid_from, known_from)
            for id_, link in zip(ids, batch, strict=True)
        ),
    )
    bulk.extend(_link_facts(batch, resident_ids, _digests(FamilyLink, ids, "resident_id")))
    report(len(batch))
    return len(batch)


def _link_facts(batch: Sequence[NewLink], resident_ids: Mapping[UUID, int], digests: RowDigests) -> Iterator[BulkFact]:
    """One fact per person, however many relatives the batch gives them."""
    for person, links in Counter(link.resident for link in batch).items():
        yield facts.FAMILY_LOADED, f"resident:{person}", {"links": links}, digests[resident_ids[person]]


def _digests(model: type[models.Model], ids: Sequence[int], owner: str) -> RowDigests:
    """Digests of the rows just written, by the row that owns them. One scan of their range of ids."""
    found: RowDigests = {}
    if ids:
        mine = set(ids)
        rows = model._default_manager.filter(pk__range=(min(ids), max(ids)))
        for digests, (key, owned_by) in with_digests(rows, "pk", owner):
            if key in mine:
                found.setdefault(owned_by, {}).update(digests)
    return found


def _add(digests: RowDigests, others: RowDigests) -> None:
    for owner, more in others.items():
        digests[owner].update(more)


def _ids_of(uids: Iterable[UUID]) -> dict[UUID, int]:
    """Row ids of residents; LinliError if one is not there. One query."""
    wanted = set(uids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT uid, id FROM registers_resident WHERE uid = ANY(%s)", [list(wanted)])
        found: dict[UUID, int] = dict(cursor.fetchall())
    if len(found) < len(wanted):
        missing = next(iter(wanted - found.keys()))
        raise LinliError(
            "registers.no_resident",
            zh="家庭或亲属关系提到一位未登记的居民",
            en="A household or link names a resident who is not there.",
            found=f"{missing} and {len(wanted) - len(found) - 1} more",
            remedy_zh="先登记居民",
            remedy_en="load the resident first",
        )
    return found
