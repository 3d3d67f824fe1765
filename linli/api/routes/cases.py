"""Cases: “this is wrong” and home visits, the inbox of those who answer, and the answer."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.paging import cursor, keys_of
from linli.api.problems import bad_request
from linli.api.responses import answers
from linli.api.shapes import After, Given, Key, Page, Text
from linli.casework import acts, queries
from linli.casework.inbox import Choice, Item, inbox
from linli.casework.models import Case
from linli.kernel.errors import Place

router = Router(tags=["cases"])
DESKS = ("officer", "clerk", "steward")
_PLACE = re.compile(r"-?[0-9]{1,12}\.[0-9]{6}~(0~0[0-9]{18}|[12]~[^~]{1,100})")
Words = Annotated[str, Field(max_length=2000)]


class CaseShape(Schema):
    """One thing that a person asked. fact: of a dispute; on_behalf_of: whose matter it is, where somebody else opened it."""

    id: UUID
    receipt: str
    kind: str
    subject: str
    area: str
    list: str
    fact: str
    department: str
    status: str
    outcome: str
    version: int
    taken_by: str
    opened_at: datetime
    opened_by: str
    on_behalf_of: str
    due_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, row: Case) -> CaseShape:
        """A row with its task."""
        own = ("id", "area", "list", "taken_by")
        same = {name: getattr(row, name) for name in cls.model_fields if name not in own}
        return cls(id=row.uid, area=row.area_code, list=row.list_slug, taken_by=row.task.taken_by, **same)


class InboxItem(Schema):
    """One thing to do. case: of a task; list and number: of a delivery's doubtful rows; programme: of a draft to confirm.

    days: working days left, negative once it is late.
    """

    kind: str
    what: Text
    due_at: datetime | None
    colour: str | None
    days: int | None
    case: UUID | None
    receipt: str
    person: str
    holder: str
    list: str
    delivery: UUID | None
    number: int
    programme: str


class NewCase(Given):
    """kind: fact_dispute (a fact of a list or of the population register is wrong) or home_visit."""

    kind: Literal["fact_dispute", "home_visit"]
    resident: UUID
    fact: Annotated[str, Field(max_length=80)] = ""
    words: Words = ""


class CaseAnswer(Given):
    """An answer; outcome: as the kind has them (a dispute: corrected or kept; corrected needs the correction recorded first).

    version: of the case as it was read.
    """

    outcome: Annotated[str, Field(min_length=1, max_length=20)]
    words: Words = ""
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


@router.get("/inbox", response=answers(Page[InboxItem]), operation_id="list_inbox", auth=Bearer(*DESKS))
def list_inbox(
    request: HttpRequest, kind: Annotated[str, Field(max_length=30)] = "", mine: bool = False, after: After = ""
) -> Page[InboxItem]:
    """What waits for the caller, most urgent first."""
    last = keys_of(after, str)
    if last and not _PLACE.fullmatch(last[0]):
        raise bad_request("after 不是由接口给出的", "after is not one that this API gave out.", place=Place(field="after"))
    found = inbox(viewer_of(request), Choice(kind=kind, mine=mine), after=last[0] if last else "")
    return Page[InboxItem](items=[_item(one) for one in found.items], next=cursor(found.after) if found.after else None)


@router.post("/cases", response=answers(CaseShape, 201), operation_id="open_case", auth=Bearer(*DESKS))
def open_case(request: HttpRequest, body: NewCase, key: Key) -> Status[CaseShape]:
    """Say for a person that a fact is wrong, or ask that somebody visits them."""
    viewer = viewer_of(request)

    def work() -> dict[str, object]:
        if body.kind == "home_visit":
            row = acts.open_home_visit(viewer, body.resident, body.words)
        else:
            row = acts.open_dispute(viewer, body.resident, body.fact, body.words)
        return CaseShape.of(row).model_dump(mode="json")

    return Status(201, CaseShape(**once(request, viewer, key, body.model_dump(mode="json"), work)))


@router.get("/cases/{uid}", response=answers(CaseShape), operation_id="get_case", auth=Bearer(*DESKS))
def get(request: HttpRequest, uid: UUID) -> CaseShape:
    """A case that the caller works on, or opened for somebody."""
    return CaseShape.of(queries.case(viewer_of(request), uid))


@router.get("/residents/{uid}/cases", response=answers(Page[CaseShape]), operation_id="list_cases", auth=Bearer(*DESKS))
def list_cases(request: HttpRequest, uid: UUID) -> Page[CaseShape]:
    """A person's cases that the caller works on or opened, newest first."""
    return Page[CaseShape](items=[CaseShape.of(row) for row in queries.cases_of(viewer_of(request), uid)])


@router.post("/cases/{uid}/take", response=answers(CaseShape), operation_id="take_case", auth=Bearer(*DESKS))
def take(request: HttpRequest, uid: UUID, key: Key) -> CaseShape:
    """Take its task on oneself, so that colleagues see who is at it."""
    viewer = viewer_of(request)
    return CaseShape(**once(request, viewer, key, None, lambda: CaseShape.of(acts.take(viewer, uid)).model_dump(mode="json")))


@router.post("/cases/{uid}/answer", response=answers(CaseShape), operation_id="answer_case", auth=Bearer(*DESKS))
def answer(request: HttpRequest, uid: UUID, body: CaseAnswer, key: Key) -> CaseShape:
    """Answer a case and close it; refused if it has changed since it was read."""
    viewer = viewer_of(request)

    def work() -> dict[str, object]:
        row = acts.answer(viewer, uid, body.outcome, body.words, version=body.version)
        return CaseShape.of(row).model_dump(mode="json")

    return CaseShape(**once(request, viewer, key, body.model_dump(mode="json"), work))


def _item(one: Item) -> InboxItem:
    same = {name: getattr(one, name) for name in ("kind", "case", "receipt", "person", "holder", "delivery", "number", "programme")}
    due = (
        {"due_at": one.due.at, "colour": one.due.colour, "days": one.due.days}
        if one.due
        else {"due_at": None, "colour": None, "days": None}
    )
    return InboxItem(what=Text.of(one.what), list=one.list_slug, **due, **same)
