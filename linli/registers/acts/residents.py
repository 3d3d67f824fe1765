"""Residents and their four situations: register, correct, record, erase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import masked, parse_identity
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import facts, names
from linli.registers.acts.guards import county_of, home_of, lock, require_possible_areas, require_range, subject_of
from linli.registers.bitemporal import believed, withdraw
from linli.registers.models import Resident, ResidentPast, Situation
from linli.trace import AlreadyDone, act

BELIEVED = ("sex", "birth_date", "birth_known", "hukou_type", "deceased_on", "relations_known")
SENSITIVE = ("phone", "account", "address")


@dataclass(frozen=True, slots=True)
class Lives:
    """A situation to record with a new resident. kind: registered | lives | insured | studies."""

    kind: str
    area_code: str
    valid_from: date
    valid_to: date | None = None
    source: str = ""


def register_resident(
    viewer: Viewer,
    *,
    name: str,
    identity: str | None = None,
    birth_date: date | None = None,
    sex: str | None = None,
    hukou_type: str | None = None,
    phone: str = "",
    account: str = "",
    address: str = "",
    situations: Iterable[Lives] = (),
    relations_known: bool = False,
    generated: bool = False,
    key: str | None = None,
) -> Resident:
    """Register a person, or return the one already registered under this identity number.

    Birth date and sex follow from the identity number; stated ones must agree with it. A known number under another name is
    refused. Two at once give one resident: the second waits on the unique blind index and gets the first's row. Needs the role clerk
    where the person is registered, else where they live. About 8 statements.
    """
    said = tuple(situations)
    viewer.require("clerk", area=_first_home(said))
    require_possible_areas([situation.area_code for situation in said])
    birth_date, sex = _from_identity(identity, birth_date, sex)
    resident = Resident(
        uid=uuid7(),
        sex=sex,
        birth_date=birth_date,
        birth_known=birth_date is not None,
        hukou_type=hukou_type,
        relations_known=relations_known,
        generated=generated,
        known_from=clock.now(),
        **_name_columns(name),
    )
    _check(resident)
    try:
        with act(viewer, key=key) as a:
            found = _same_person(resident.name, identity)
            if found is None and _insert(resident, identity, {"phone": phone, "account": account, "address": address}):
                rows = _record_first(resident, said)
                area = next((situation.area_code for situation in said), "")
                payload = {"identity": identity is not None, "generated": generated}
                a.record(
                    facts.RESIDENT_REGISTERED, subject=subject_of(resident), payload=payload, rows=[resident, *rows], area=county_of(area)
                )
            else:
                resident = found or _require_same(resident.name, identity)
            a.result = {"resident": str(resident.uid)}
    except AlreadyDone as done:
        return Resident.objects.get(uid=done.result["resident"])
    return resident


def _first_home(said: Sequence[Lives]) -> str:
    """Where the person's record will be kept, as home_of() reads it afterwards."""
    kinds = {situation.kind: situation.area_code for situation in said}
    return kinds.get("registered") or kinds.get("lives") or ""


def _from_identity(identity: str | None, birth_date: date | None, sex: str | None) -> tuple[date | None, str | None]:
    if identity is None:
        return birth_date, sex
    said = parse_identity(identity)
    for field, stated, follows in (("birth_date", birth_date, said.birth_date), ("sex", sex, said.sex)):
        if stated is not None and stated != follows:
            raise LinliError(
                "registers.contradicts_identity",
                zh="与身份证号码所载不符",
                en="This contradicts the identity number.",
                place=Place(field=field),
                expected="what the identity number says",
                expected_zh="与身份证号一致",
                found="another value",
                found_zh="不一致",
                remedy_zh="核对证件；号码无误时不必另填",
                remedy_en="compare with the card; leave the field out if the number is right",
            )
    return said.birth_date, said.sex


def _name_columns(name: str) -> dict[str, Any]:
    tidy = names.tidy(name)
    if not tidy or len(tidy) > 100 or not tidy.replace("·", "").replace(" ", "").isprintable():
        raise LinliError(
            "registers.bad_name",
            zh="姓名为空、过长或含有不可见字符",
            en="The name is empty, too long or has invisible characters.",
            place=Place(field="name"),
            expected="1 to 100 characters",
            expected_zh="1 到 100 个字",
            found=f"{len(tidy)} characters",
            found_zh=f"{len(tidy)} 个字",
            remedy_zh="按证件填写姓名",
            remedy_en="write the name as on the card",
        )
    keys = names.keys(tidy)
    return {"name": tidy, "name_pinyin": keys.pinyin, "name_initials": keys.initials, "name_bigrams": list(keys.bigrams)}


def _check(resident: Resident) -> None:
    """Refuse what the database would refuse, with a message a clerk understands."""
    today = clock.today()
    future = next((field for field in ("birth_date", "deceased_on") if (getattr(resident, field) or today) > today), None)
    backwards = resident.birth_date and resident.deceased_on and resident.deceased_on < resident.birth_date
    if future or backwards:
        field = future or "deceased_on"
        raise LinliError(
            "registers.impossible_date",
            zh="日期不可能",
            en="This date is impossible.",
            place=Place(field=field),
            expected="a day up to today, death not before birth",
            expected_zh="不晚于今天，去世不早于出生",
            found=str(getattr(resident, field)),
            remedy_zh="核对日期",
            remedy_en="check the date",
        )


def _same_person(name: str, identity: str | None) -> Resident | None:
    """The resident of this identity number, None if there is none; refused if the number is another person's."""
    if identity is None:
        return None
    found = Resident.objects.filter(identity_blind__in=vault.blinds("identity", identity)).first()
    if found is not None and found.name != name:
        raise LinliError(
            "registers.identity_taken",
            zh="该身份证号码已登记在另一姓名下",
            en="This identity number is registered under another name.",
            place=Place(field="identity"),
            expected="the registered name",
            expected_zh="登记的姓名",
            found=masked(parse_identity(identity).number),
            remedy_zh="核对证件；改名请办理信息更正",
            remedy_en="compare with the card; a changed name is a correction of the resident",
        )
    return found


def _require_same(name: str, identity: str | None) -> Resident:
    found = _same_person(name, identity)
    if found is None:
        raise AssertionError("an insert was refused as a duplicate, but the duplicate is not there")
    return found


def _insert(resident: Resident, identity: str | None, sensitive: Mapping[str, str]) -> bool:
    """Insert with its ciphertexts; False if another transaction registered the same identity number first."""
    fields = {"identity": parse_identity(identity).number if identity else "", **sensitive}
    try:
        with transaction.atomic():
            _write_ciphers(resident, fields)
            resident.save(force_insert=True)
    except IntegrityError as error:
        if "identity_blind" in str(error):
            return False
        raise
    return True


def _write_ciphers(resident: Resident, fields: Mapping[str, str]) -> None:
    ciphers = vault.protect(resident.uid, fields)
    for field, plain in fields.items():
        setattr(resident, f"{field}_cipher", ciphers.get(field, ""))
        if field in ("identity", "phone"):
            setattr(resident, f"{field}_blind", vault.blind(field, plain) if plain else None)


def _record_first(resident: Resident, said: Iterable[Lives]) -> list[Situation]:
    rows = [
        Situation(
            resident=resident,
            kind=situation.kind,
            area_code=situation.area_code,
            valid_from=situation.valid_from,
            valid_to=situation.valid_to,
            known_from=resident.known_from,
            source=situation.source,
        )
        for situation in said
    ]
    return Situation.objects.bulk_create(rows)


def record_situation(
    viewer: Viewer,
    *,
    resident: Resident,
    kind: str,
    area_code: str,
    valid_from: date,
    valid_to: date | None = None,
    source: str = "",
    key: str | None = None,
) -> Situation | None:
    """State where a person is registered, lives, is insured or studies over [valid_from, valid_to).

    Believed rows that contradict it are withdrawn, not changed; what remains of them is stated again. The same statement
    twice changes nothing. None when `key` was used before. Locks the resident. Needs clerk over area_code, or over the person's home
    (who studies elsewhere is recorded at home).
    """
    if not viewer.may("clerk", area=area_code):
        viewer.require("clerk", area=home_of(resident))
    require_possible_areas([area_code])
    require_range(valid_from, valid_to)
    try:
        with act(viewer, key=key) as a:
            (locked,) = lock(resident)
            rows = Situation.objects.filter(resident=locked, kind=kind)
            same = rows.filter(believed(), area_code=area_code, valid_from=valid_from, valid_to=valid_to).first()
            if same is not None:
                return same
            now = clock.now()
            withdrawn, remains = withdraw(rows, valid_from=valid_from, valid_to=valid_to, now=now)
            situation = Situation.objects.create(
                resident=locked, kind=kind, area_code=area_code, valid_from=valid_from, valid_to=valid_to, known_from=now, source=source
            )
            a.record(
                facts.SITUATION_RECORDED,
                subject=subject_of(locked),
                payload={"kind": kind, "source": source},
                rows=[situation, *withdrawn, *remains],
                area=county_of(area_code),
            )
    except AlreadyDone:
        return None
    return situation


def correct_resident(viewer: Viewer, *, resident: Resident, changes: Mapping[str, Any], key: str | None = None) -> Resident:
    """Correct name, sex, birth_date, hukou_type, relations_known, identity, phone, account or address; returns the fresh row.

    What rules may read is kept as it was believed before (ResidentPast). Nothing changes where the values are already so.
    Locks the resident. Needs clerk over the area of registration.
    """
    allowed = {"name", "identity", *BELIEVED, *SENSITIVE} - {"birth_known", "deceased_on"}
    unknown = set(changes) - allowed
    if unknown:
        raise LinliError(
            "registers.not_correctable",
            zh="不能更正的字段",
            en="This cannot be corrected here.",
            place=Place(field=", ".join(sorted(unknown))),
            expected=", ".join(sorted(allowed)),
            remedy_zh="死亡用登记死亡，住址变动用记录居住地",
            remedy_en="record a death or a situation with its own act",
        )
    return _change(viewer, resident, changes, facts.RESIDENT_CORRECTED, {"fields": sorted(changes)}, key)


def record_death(viewer: Viewer, *, resident: Resident, deceased_on: date, key: str | None = None) -> Resident:
    """Record that a person died. Locks the resident. Needs clerk over the area of registration."""
    return _change(viewer, resident, {"deceased_on": deceased_on}, facts.RESIDENT_DIED, {}, key)


def _change(
    viewer: Viewer, resident: Resident, changes: Mapping[str, Any], fact_type: Any, payload: dict[str, Any], key: str | None
) -> Resident:
    home = home_of(resident)
    viewer.require("clerk", area=home)
    try:
        with act(viewer, key=key) as a:
            (row,) = lock(resident)
            before = {column: getattr(row, column) for column in BELIEVED}
            touched = _apply(row, changes)
            _check(row)
            if touched:
                rows = [row, *_keep_past(row, before)]
                row.save()
                a.record(fact_type, subject=subject_of(row), payload=payload, rows=rows, area=county_of(home))
    except AlreadyDone:
        return Resident.objects.get(pk=resident.pk)
    return row


def _apply(row: Resident, changes: Mapping[str, Any]) -> bool:
    """Put the changes on the row; whether anything differs."""
    columns: dict[str, Any] = {name: value for name, value in changes.items() if name in BELIEVED}
    if "birth_date" in columns:
        columns["birth_known"] = columns["birth_date"] is not None
    if "name" in changes:
        columns |= _name_columns(changes["name"])
    if changes.get("identity"):
        columns["birth_date"], columns["sex"] = _from_identity(changes["identity"], columns.get("birth_date"), columns.get("sex"))
        columns["birth_known"] = True
    touched = any(getattr(row, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(row, name, value)
    sensitive = {name: changes[name] for name in ("identity", *SENSITIVE) if name in changes}
    if "identity" in sensitive and row.identity_blind in vault.blinds("identity", sensitive["identity"]):
        del sensitive["identity"]
    if sensitive:
        _refuse_taken(row, sensitive.get("identity"))
        _write_ciphers(row, sensitive)
    return touched or bool(sensitive)


def _refuse_taken(row: Resident, identity: str | None) -> None:
    if identity and Resident.objects.filter(identity_blind__in=vault.blinds("identity", identity)).exclude(pk=row.pk).exists():
        raise LinliError(
            "registers.identity_taken",
            zh="该身份证号码已登记在另一居民名下",
            en="This identity number is registered to another resident.",
            place=Place(field="identity"),
            found=masked(identity),
            remedy_zh="核对证件",
            remedy_en="compare with the card",
        )


def _keep_past(row: Resident, before: Mapping[str, Any]) -> list[ResidentPast]:
    """Keep what was believed until now, if that changes; nothing if it was believed for no time at all."""
    if all(getattr(row, column) == value for column, value in before.items()):
        return []
    now = clock.now()
    since, row.known_from = row.known_from, now
    if since >= now:
        row.known_from = since
        return []
    return [ResidentPast.objects.create(resident=row, known_from=since, known_to=now, **before)]
