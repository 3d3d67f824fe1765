"""The file of an item for the office that checks it, another county's among them: its papers and what its decision rests on.

Open only while the check is assigned and has no result, and only to an officer of the office that it was assigned to; every reading is
listed to the person with its purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from linli import vault
from linli.batches.models import Check
from linli.casework.documents.pages import page_of
from linli.casework.documents.queries import OF_LETTERS
from linli.casework.letters.sealed import fields_of
from linli.casework.models import Document, Letter
from linli.kernel.clock import SHANGHAI
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.programmes.queries import pinned
from linli.registers.models import Resident
from linli.registers.nearness import is_near
from linli.rules.declare import Label
from linli.screening.explaining import Reasons, reasons_under
from linli.vault.files import acts as files

PURPOSE = "batches.check"
OPEN_IN = ("checking", "notice")
HOLDS = {"met": "true", "unmet": "false", "unknown": "none"}
"""What a decision's letter says of a condition."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a decision: what it is, what was found, and who says so.

    holds: whether it is met: true, false, none (not known); "": the letter doesn't say.
    """

    condition: Label
    holds: str
    found: Label
    source: Label | None


@dataclass(frozen=True, slots=True)
class File:
    """documents: in the order of arrival; conditions: what the decision's letter says that it rests on; reasons: what was known on the day
    of the decision, also of the household and relatives, of whom a letter says nothing; None where there is no letter. proposed: nothing
    is decided yet, and both are those of what is proposed (entitlements.proposing).
    """

    documents: list[Document]
    conditions: list[Condition]
    reasons: Reasons | None
    proposed: bool = False


def may_open(viewer: Viewer, check: Check) -> bool:
    """Whether the item's file is open to the viewer for this check, now. Four queries at most."""
    item = check.item
    if check.result or item.state != "listed" or item.batch.state not in OPEN_IN:
        return False
    if not viewer.may("officer", area=check.desk_code, programme=item.programme):
        return False
    return not is_near(viewer.actor, Resident.objects.filter(uid__in=[item.person, item.beneficiary]))


def file_of(viewer: Viewer, check: Check) -> File | None:
    """The file of a check's item, None where it isn't open to the viewer. Reads the decision's letter and what was known of the household
    and relatives, which is recorded. Fifteen queries.
    """
    if not may_open(viewer, check):
        return None
    letter = _letter(check)
    if letter is None:
        return File(list(_documents(check)), [], None)
    return File(list(_documents(check)), _conditions(viewer, check, letter), _reasons(viewer, check, letter))


def _documents(check: Check) -> Any:
    return Document.objects.filter(case=check.item.award.case_id).exclude(part=OF_LETTERS).select_related("case").order_by("id")


def _letter(check: Check) -> Letter | None:
    rows = Letter.objects.filter(case=check.item.award.case_id, kind="grant", withdrawn_at__isnull=True).exclude(cipher="")
    return rows.order_by("-id").first()


def _reasons(viewer: Viewer, check: Check, letter: Letter) -> Reasons:
    """What was known when it was decided."""
    return known_at(viewer, check, letter.issued_at, letter.issued_at.astimezone(SHANGHAI).date(), {})


def known_at(viewer: Viewer, check: Check, moment: datetime, day: date, given: Mapping[str, Any]) -> Reasons:
    """What the rule said of a day by what was known at a moment. given: what the application stated. For whoever the file is open to: the
    assigned check is the grant for this one file, wherever its people live."""
    award = check.item.award
    viewing = replace(viewer, grants=(*viewer.grants, Grant("officer", "", award.programme)))
    version = pinned(award.programme, award.programme_version)
    purposes = (PURPOSE,)
    return reasons_under(viewing, version, award.beneficiary, day=day, facts_on=day, known_at=moment, given=dict(given), purposes=purposes)


def _conditions(viewer: Viewer, check: Check, letter: Letter) -> list[Condition]:
    plain = vault.reveal(viewer, purpose=PURPOSE, subject=letter.subject, fields={"letter": letter.cipher}, place=check.item.area_code)
    return as_conditions(fields_of(plain["letter"]).get("conditions", []))


def as_conditions(rows: Iterable[Mapping[str, Any]]) -> list[Condition]:
    """What a letter says of conditions, for a page."""
    return [
        Condition(_label(one["condition"]), HOLDS.get(one.get("met", ""), ""), _label(one["found"]), _label(one.get("source")))
        for one in rows
    ]


def _label(text: Any) -> Any:
    """A text of a letter: one for both languages, or a pair (zh, en); None for none."""
    if text is None:
        return None
    return Label(*text) if isinstance(text, tuple) else Label(str(text), str(text))


def paper(viewer: Viewer, check: Check, uid: UUID) -> Document:
    """One of the file's papers. Raises LinliError where it isn't open, or isn't in the file."""
    found: Document | None = _documents(check).filter(uid=uid).first() if may_open(viewer, check) else None
    if found is None:
        raise LinliError(
            "batches.no_paper",
            zh="没有这份材料，或核查已经办完",
            en="There is no such paper, or the check is done.",
            expected="a paper of an item that is to be checked",
            expected_zh="待核查的那一笔的材料",
            found=str(uid),
            remedy_zh="从核查页面进入",
            remedy_en="open it from the check's page",
        )
    return found


def page(viewer: Viewer, check: Check, uid: UUID, number: int) -> bytes:
    """One page of a paper as JPEG; the reading is recorded for the person."""
    found = paper(viewer, check, uid)
    portions = files.read(viewer, purpose=PURPOSE, subject=found.subject, address=found.digest, place=found.case.area_code)
    return page_of(portions, number)
