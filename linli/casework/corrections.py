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
from linli.registers.bitemporal import believed, true_on
from linli.registers.lists import ListDeclaration, find_list, load_lists
from linli.registers.models import FamilyLink, HouseholdMember, Record, Resident, ResidentPast, Situation


@dataclass(frozen=True, slots=True)
class Correction:
    """What the list says of the person from `valid_from` on: that they are on it with these values, or (present=False) are not.

    values: by fact, money in fen; what is left out stays as it was.
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


def current_record(case: Case, on: date) -> Record | None:
    """What the list says of the person on a day, as believed now. One query."""
    rows = Record.objects.filter(believed(), true_on(on), resident__uid=case.subject_uid, list_slug=case.list_slug)
    return rows.order_by("-known_from").first()


def apply(viewer: Viewer, case: Case, correction: Correction) -> None:
    """State the correction, which changes something, or raise LinliError. Locks the resident. Needs officer over their area."""
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
            found="none",
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
        remedy_zh="先在登记或名单中更正，再答复",
        remedy_en="correct it in the register or the list first, then answer",
    )


def _nothing_changed() -> LinliError:
    return LinliError(
        "casework.same_as_before",
        zh="填写的内容与原信息相同，没有更正",
        en="What is stated is what the list says already.",
        expected="something that changes",
        remedy_zh="填写更正后的内容，或选择“维持原信息”",
        remedy_en="state what is right, or answer that it is kept",
    )
