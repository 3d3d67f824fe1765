"""One person's (household's, organisation's) records: a change by hand, an authorisation, a holding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Said
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import county_of, home_of, lock, require_range
from linli.registers.bitemporal import believed, true_on, withdraw
from linli.registers.lists import Column, ListDeclaration, find_list, load_lists
from linli.registers.lists.facts import AUTHORISATION_RECORDED, HOLDING_CHANGED, RECORD_CHANGED
from linli.registers.models import Authorisation, Holding, Household, Organisation, Record, Resident
from linli.trace import act

Subject = Resident | Household | Organisation
_COLUMN: dict[type[Subject], str] = {Resident: "resident", Household: "household", Organisation: "organisation"}
_KIND = {"person": Resident, "household": Household, "organisation": Organisation}


def record_change(
    viewer: Viewer,
    *,
    subject: Subject,
    list_slug: str,
    data: Mapping[str, Any] | None = None,
    valid_from: date,
    valid_to: date | None = None,
    present: bool = True,
    origin: str = "officer",
    authority: str = "",
    expires_on: date | None = None,
    key: str | None = None,
) -> Record | None:
    """State what a list says of one subject over [valid_from, valid_to): the values by fact, or (present=False) that it is not on it.

    Believed records that contradict it are withdrawn, not changed; what remains of them is stated again. The same statement twice
    changes nothing and returns the record. Money in fen, dates as date or ISO text. Waits for a delivery of the same list that is being
    merged; locks the resident. Needs officer over the subject's area.
    """
    declaration = find_list(load_lists(Path(settings.LINLI_CITY)), list_slug)
    _require_kind(declaration, subject)
    values = checked_values(declaration, data or {})
    require_range(valid_from, valid_to)
    area = area_of(subject)
    viewer.require("officer", area=area)
    with act(viewer, key=key) as a:
        _lock(subject, list_slug)
        column = _COLUMN[type(subject)]
        rows = Record.objects.filter(list_slug=list_slug, **{column: subject})
        stated = {
            "valid_from": valid_from,
            "valid_to": valid_to,
            "present": present,
            "data": values,
            "origin": origin,
            "authority": authority,
            "expires_on": expires_on,
        }
        same = rows.filter(believed(), **stated).first()
        if same is not None:
            return same
        before = rows.filter(believed(), true_on(valid_from), present=True).exists()
        withdrawn, remains = withdraw(rows, valid_from=valid_from, valid_to=valid_to, now=clock.now())
        record = Record.objects.create(list_slug=list_slug, known_from=clock.now(), **{column: subject}, **stated)
        a.record(
            RECORD_CHANGED,
            subject=subject_of(subject),
            payload={"list": list_slug, "change": _change(before, present), "on": str(valid_from), "origin": origin},
            rows=[record, *withdrawn, *remains],
            area=county_of(area),
        )
    return record


def end_record(viewer: Viewer, *, subject: Subject, list_slug: str, on: date, key: str | None = None) -> None:
    """State that from `on` the list no longer says anything of the subject. Nothing changes if it says nothing then."""
    _require_kind(find_list(load_lists(Path(settings.LINLI_CITY)), list_slug), subject)
    area = area_of(subject)
    viewer.require("officer", area=area)
    with act(viewer, key=key) as a:
        _lock(subject, list_slug)
        rows = Record.objects.filter(list_slug=list_slug, **{_COLUMN[type(subject)]: subject})
        withdrawn, remains = withdraw(rows, valid_from=on, valid_to=None, now=clock.now())
        if withdrawn:
            payload = {"list": list_slug, "change": "closed", "on": str(on), "origin": "officer"}
            a.record(RECORD_CHANGED, subject=subject_of(subject), payload=payload, rows=[*withdrawn, *remains], area=county_of(area))


def record_authorisation(
    viewer: Viewer,
    *,
    resident: Resident,
    list_slug: str,
    valid_from: date,
    evidence: str,
    valid_to: date | None = None,
    key: str | None = None,
) -> Authorisation | None:
    """Record a person's signed authorisation to be looked up on a list. Locks the resident.

    evidence: digest or file number of the signed paper. Until it is recorded the list's facts are unknown for the person.
    """
    declaration = find_list(load_lists(Path(settings.LINLI_CITY)), list_slug)
    if not declaration.authorisation:
        raise _refusal(
            "no_authorisation",
            "该名单不需要授权",
            "This list needs no authorisation.",
            "a list declared with authorisation: true",
            list_slug,
        )
    if not evidence.strip():
        raise _refusal(
            "no_evidence",
            "缺少授权书编号",
            "The signed paper is not named.",
            ("授权书的摘要或文号", "digest or file number of the paper"),
            ("空", "empty"),
        )
    require_range(valid_from, valid_to)
    home = home_of(resident)
    viewer.require("clerk", area=home)
    with act(viewer, key=key) as a:
        (locked,) = lock(resident)
        rows = Authorisation.objects.filter(resident=locked, list_slug=list_slug)
        same = rows.filter(believed(), valid_from=valid_from, valid_to=valid_to, evidence=evidence).first()
        if same is not None:
            return same
        now = clock.now()
        withdrawn, remains = withdraw(rows, valid_from=valid_from, valid_to=valid_to, now=now)
        given = Authorisation.objects.create(
            resident=locked, list_slug=list_slug, valid_from=valid_from, valid_to=valid_to, evidence=evidence, known_from=now
        )
        _record_authorisation(a, locked, list_slug, "given", [given, *withdrawn, *remains], home)
    return given


def revoke_authorisation(viewer: Viewer, *, resident: Resident, list_slug: str, on: date, key: str | None = None) -> None:
    """From `on` the person may no longer be looked up, and what was learnt under the authorisation is unknown again. Locks the resident."""
    home = home_of(resident)
    viewer.require("clerk", area=home)
    with act(viewer, key=key) as a:
        (locked,) = lock(resident)
        rows = Authorisation.objects.filter(resident=locked, list_slug=list_slug)
        withdrawn, remains = withdraw(rows, valid_from=on, valid_to=None, now=clock.now())
        if withdrawn:
            _record_authorisation(a, locked, list_slug, "revoked", [*withdrawn, *remains], home)


def record_holding(
    viewer: Viewer,
    *,
    subject: Subject,
    programme_slug: str,
    valid_from: date,
    valid_to: date | None = None,
    origin: str = "",
    key: str | None = None,
) -> Holding | None:
    """State that the subject has a programme's benefit over [valid_from, valid_to). The same twice changes nothing. Locks the resident."""
    require_range(valid_from, valid_to)
    area = area_of(subject)
    viewer.require("officer", area=area, programme=programme_slug)
    with act(viewer, key=key) as a:
        _lock(subject, f"holding {programme_slug}")
        rows = Holding.objects.filter(programme_slug=programme_slug, **{_COLUMN[type(subject)]: subject})
        same = rows.filter(believed(), valid_from=valid_from, valid_to=valid_to).first()
        if same is not None:
            return same
        now = clock.now()
        withdrawn, remains = withdraw(rows, valid_from=valid_from, valid_to=valid_to, now=now)
        holding = Holding.objects.create(
            programme_slug=programme_slug,
            valid_from=valid_from,
            valid_to=valid_to,
            known_from=now,
            origin=origin or viewer.actor,
            **{_COLUMN[type(subject)]: subject},
        )
        payload = {"programme": programme_slug, "change": "opened"}
        a.record(HOLDING_CHANGED, subject=subject_of(subject), payload=payload, rows=[holding, *withdrawn, *remains], area=county_of(area))
    return holding


def end_holding(viewer: Viewer, *, subject: Subject, programme_slug: str, on: date, key: str | None = None) -> None:
    """State that the benefit ends: `on` is the first day without it. Nothing changes if it isn't held then. Locks the resident."""
    area = area_of(subject)
    viewer.require("officer", area=area, programme=programme_slug)
    with act(viewer, key=key) as a:
        _lock(subject, f"holding {programme_slug}")
        rows = Holding.objects.filter(programme_slug=programme_slug, **{_COLUMN[type(subject)]: subject})
        withdrawn, remains = withdraw(rows, valid_from=on, valid_to=None, now=clock.now())
        if withdrawn:
            payload = {"programme": programme_slug, "change": "closed"}
            a.record(HOLDING_CHANGED, subject=subject_of(subject), payload=payload, rows=[*withdrawn, *remains], area=county_of(area))


def subject_of(subject: Subject) -> str:
    """The trace's name for a person, household or organisation."""
    return f"{_COLUMN[type(subject)]}:{subject.uid}"


def area_of(subject: Subject) -> str:
    """The area whose officers keep the subject's records. One query for a person."""
    return home_of(subject) if isinstance(subject, Resident) else subject.area_code


def checked_values(declaration: ListDeclaration, data: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored; raises LinliError for a fact the list doesn't give or a value outside its declaration."""
    columns = {column.fact: column for column in declaration.fact_columns}
    stored: dict[str, Any] = {}
    for fact, value in data.items():
        if fact not in columns:
            known = ", ".join(name for name in columns if name)
            raise _refusal("unknown_fact", "该名单没有这项事实", "The list does not give this fact.", known, fact)
        if value is not None:
            stored[fact] = _checked(columns[fact], value)
    return stored


def _checked(column: Column, value: Any) -> Any:
    expected: dict[str, type] = {"integer": int, "money": int, "boolean": bool}
    kind = expected.get(column.type)
    whole = kind is None or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool)))
    low = column.minimum is None or kind is not int or (whole and value >= column.minimum)
    high = column.maximum is None or kind is not int or (whole and value <= column.maximum)
    known = not column.values or value in column.values
    if not (whole and low and high and known and (column.type != "date" or _is_day(value))):
        limits = [str(limit) for limit in (column.minimum, column.maximum) if limit is not None]
        expected_text = " ".join([column.type, *column.values, *limits])
        raise _refusal(
            "bad_value", "取值不符合名单声明", "The value breaks the list's declaration.", expected_text, repr(value), column.fact or ""
        )
    return value if isinstance(value, bool | int) else str(value)


def _is_day(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


def _change(before: bool, present: bool) -> str:
    if not present:
        return "closed"
    return "changed" if before else "opened"


def _lock(subject: Subject, what: str) -> None:
    """Keep others from writing the same rows: the resident, or a lock by name; and a delivery of the list from being merged meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [f"linli.list:{what}"])
        if isinstance(subject, Resident):
            lock(subject)
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject_of(subject)])


def _record_authorisation(a: Any, resident: Resident, list_slug: str, change: str, rows: list[Any], area: str) -> None:
    payload = {"list": list_slug, "change": change}
    a.record(AUTHORISATION_RECORDED, subject=subject_of(resident), payload=payload, rows=rows, area=county_of(area))


def _require_kind(declaration: ListDeclaration, subject: Subject) -> None:
    wanted = _KIND[declaration.subject]
    if not isinstance(subject, wanted):
        raise _refusal(
            "wrong_subject", "名单对象不符", "The list is not about this kind of subject.", declaration.subject, _COLUMN[type(subject)]
        )


def _refusal(code: str, zh: str, en: str, expected: Said, found: Said, field: str = "") -> LinliError:
    return LinliError(
        f"registers.{code}",
        zh=zh,
        en=en,
        place=Place(field=field) if field else None,
        expected=expected,
        found=found,
        remedy_zh="对照名单声明核对",
        remedy_en="compare it with the list's declaration",
    )
