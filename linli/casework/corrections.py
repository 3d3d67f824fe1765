"""What makes an answer “corrected” true: the list says something else now, stated in the same act or shown to have been stated since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from linli.casework.models import Case
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import resident_of
from linli.registers.acts.records import record_change
from linli.registers.acts.residents import correct_resident, record_situation
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import Column, ListDeclaration, find_list, load_lists, vocabulary
from linli.registers.models import FamilyLink, HouseholdMember, Record, Resident, ResidentPast, Situation

OF_THE_PERSON = ("sex", "birth_date", "hukou_type")
PLACES = {"registered": "registered", "living": "lives", "insured": "insured", "study": "studies"}
"""How facts of the register begin that come from a situation, and its kind."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What the list says of the person from `valid_from` on: that they are on it with these values, or (present=False) are not.

    values: by fact, money in fen; what is left out stays as it was. Of the population register: the disputed fact alone, a place by its
    code, a day as ISO text.
    """

    present: bool
    valid_from: date
    values: Mapping[str, Any] = field(default_factory=dict)


def declaration_of(case: Case) -> ListDeclaration | None:
    """The list that a dispute is about, None for the population register."""
    return find_list(load_lists(Path(settings.LINLI_CITY)), case.list_slug) if case.list_slug else None


def correctable(case: Case) -> ListDeclaration | None:
    """The list whose record of the person can be corrected with the answer; other corrections are acts of their own."""
    declaration = declaration_of(case)
    return declaration if declaration is not None and declaration.subject == "person" else None


def column_of(case: Case) -> Column | None:
    """The column of the list, or what stands for one of the register, in which the disputed fact can be corrected with the answer."""
    declaration = correctable(case)
    if declaration is not None:
        return next((column for column in declaration.fact_columns if column.fact == case.fact), None)
    if case.list_slug or not (case.fact in OF_THE_PERSON or _place(case.fact)):
        return None
    known = vocabulary(Path(settings.LINLI_CITY))[case.fact]
    kind = "area" if _place(case.fact) else known["type"]
    return Column(case.fact, known["zh"], known["en"], kind, values=tuple(known.get("values", ())), fact=case.fact)


def _place(fact: str) -> str:
    """The kind of situation that a fact of the register comes from, "" where it comes from none."""
    begin, _, level = fact.rpartition("_")
    return PLACES.get(begin, "") if level in ("area", "county", "prefecture") else ""


def registered(case: Case, on: date) -> tuple[Any, date | None]:
    """What the population register says of the disputed fact on a day, and for a place since when. Two queries at most."""
    resident = resident_of(case.subject_uid)
    if kind := _place(case.fact):
        row = Situation.objects.filter(believed(), true_on(on), resident=resident, kind=kind).first()
        return (row.area_code, row.valid_from) if row else ("", None)
    return getattr(resident, case.fact), None


def current_record(case: Case, on: date) -> Record | None:
    """What the list says of the person on a day, as believed now. One query."""
    rows = Record.objects.filter(believed(), true_on(on), resident__uid=case.subject_uid, list_slug=case.list_slug)
    return rows.order_by("-known_from").first()


def apply(viewer: Viewer, case: Case, correction: Correction) -> None:
    """State the correction, which changes something, or raise LinliError. Locks the resident. Needs officer over their area, of the
    population register clerk."""
    if not case.list_slug and column_of(case) is not None and correction.values.keys() == {case.fact}:
        _correct_register(viewer, case, correction.values[case.fact], correction.valid_from)
        return
    if correctable(case) is None:
        raise _not_here(case)
    before = current_record(case, correction.valid_from)
    data = {**(before.data if before and correction.present else {}), **correction.values} if correction.present else {}
    if before is not None and before.present == correction.present and (not correction.present or before.data == data):
        raise _nothing_changed()
    record_change(
        viewer,
        subject=resident_of(case.subject_uid),
        list_slug=case.list_slug,
        data=data,
        present=correction.present,
        valid_from=correction.valid_from,
        valid_to=before.valid_to if before else None,
        authority=f"case {case.receipt}",
    )


def _correct_register(viewer: Viewer, case: Case, value: Any, valid_from: date) -> None:
    right: Any = date.fromisoformat(value) if case.fact == "birth_date" else value
    if registered(case, valid_from)[0] == right:
        raise _nothing_changed()
    resident, source = resident_of(case.subject_uid), f"case {case.receipt}"
    if kind := _place(case.fact):
        record_situation(viewer, resident=resident, kind=kind, area_code=right, valid_from=valid_from, source=source)
    else:
        correct_resident(viewer, resident=resident, changes={case.fact: right})


def require_made(case: Case) -> None:
    """Raise LinliError unless what is disputed was changed since the case was opened. At most four queries."""
    resident = resident_of(case.subject_uid)
    made = _list_changed(case, resident) if case.list_slug else _register_changed(case.opened_at, resident)
    if not made:
        raise LinliError(
            "casework.nothing_corrected",
            zh="还没有更正，不能答复“已更正”",
            en="Nothing has been corrected, so it can't be answered as corrected.",
            expected="a correction since the case was opened",
            expected_zh="提出之后作过更正",
            found="none",
            found_zh="没有",
            remedy_zh="先更正信息，再答复；不予更正请选择“维持原信息”并说明理由",
            remedy_en="correct it first and answer then; or answer that it is kept, with reasons",
        )


def _list_changed(case: Case, resident: Resident) -> bool:
    homes = HouseholdMember.objects.filter(resident=resident).values("household")
    rows = Record.objects.filter(Q(resident=resident) | Q(household__in=homes), _since(case.opened_at), list_slug=case.list_slug)
    return rows.exists()


def _register_changed(opened_at: datetime, resident: Resident) -> bool:
    return (
        ResidentPast.objects.filter(resident=resident, known_to__gte=opened_at).exists()
        or Situation.objects.filter(_since(opened_at), resident=resident).exists()
        or HouseholdMember.objects.filter(_since(opened_at), resident=resident).exists()
        or FamilyLink.objects.filter(_since(opened_at), resident=resident).exists()
    )


def _since(moment: datetime) -> Q:
    return Q(known_from__gte=moment) | Q(known_to__gte=moment)


def _not_here(case: Case) -> LinliError:
    return LinliError(
        "casework.not_correctable",
        zh="这项信息不能随答复一起更正",
        en="This can't be corrected together with the answer.",
        found=case.list_slug or "population register",
        found_zh=case.list_slug or "人口登记",
        remedy_zh="先在登记或名单中更正，再答复",
        remedy_en="correct it in the register or the list first, then answer",
    )


def _nothing_changed() -> LinliError:
    return LinliError(
        "casework.same_as_before",
        zh="填写的内容与原信息相同，没有更正",
        en="What is stated is what the list says already.",
        expected="something that changes",
        expected_zh="与原来不同的内容",
        remedy_zh="填写更正后的内容，或选择“维持原信息”",
        remedy_en="state what is right, or answer that it is kept",
    )
