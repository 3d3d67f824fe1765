"""Calls at people's doors: whom a steward calls on today, and how a call went."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.responses import answers
from linli.api.shapes import Given, Key
from linli.casework.visits import acts, queries
from linli.casework.visits.queries import Call
from linli.casework.visits.reach import ROLE

router = Router(tags=["visits"])
Note = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")]


class Why(Schema):
    """kind: asked (case: the request) or regular; due: the last day; colour: red, yellow or green; last: when somebody last met them."""

    kind: str
    due: date
    colour: str
    case: UUID | None
    last: date | None


class CallDue(Schema):
    """One door. place: the area's name; alone: lives alone on record."""

    resident: UUID
    name: str
    age: int | None
    place: str
    alone: bool
    reasons: list[Why]


class DayShape(Schema):
    """A day's list, most urgent first, at most `limit`. later: how many wait behind them; done: made today; too_wide: the caller's
    areas have more villages than a day can go through; regular calls are those of some of them, in turns."""

    day: date
    calls: list[CallDue]
    later: int
    done: int
    limit: int
    too_wide: bool


class NewVisit(Given):
    """How a call went. id: made by the device, the same for the same call however often it is sent; occurred_at: now if left out, at most
    seven days back; case: the visit asked for that this was; score: how content the person says they are with it."""

    id: UUID
    resident: UUID
    outcome: Literal["visited", "needs_help", "not_home", "left_notice"]
    words: Note = ""
    occurred_at: AwareDatetime | None = None
    case: UUID | None = None
    score: Annotated[int, Field(ge=1, le=5)] | None = None


class VisitShape(Schema):
    """A call that was recorded, without its note."""

    id: UUID
    outcome: str
    occurred_at: datetime
    recorded_at: datetime


@router.get("/due", response=answers(DayShape), operation_id="list_visits_due", auth=Bearer(ROLE))
def due(request: HttpRequest) -> DayShape:
    """The caller's calls of today."""
    day = queries.day_list(viewer_of(request))
    same = {name: getattr(day, name) for name in ("later", "done", "limit", "too_wide")}
    return DayShape(day=day.on, calls=[_call(one) for one in day.calls], **same)


@router.post("", response=answers(VisitShape, 201), operation_id="record_visit", auth=Bearer(ROLE))
def record(request: HttpRequest, body: NewVisit, key: Key) -> Status[VisitShape]:
    """Say how a call went; “needs help” opens a case for the township. Only for somebody who lives in one's own area."""
    viewer = viewer_of(request)

    def work() -> dict[str, Any]:
        told = body.model_dump(include={"occurred_at", "case", "score"})
        row = acts.call(viewer, body.resident, body.outcome, body.words, uid=body.id, **told)
        shape = VisitShape(id=row.uid, outcome=row.outcome, occurred_at=row.occurred_at, recorded_at=row.recorded_at)
        return shape.model_dump(mode="json")

    return Status(201, VisitShape(**once(request, viewer, key, body.model_dump(mode="json"), work)))


def _call(one: Call) -> CallDue:
    reasons = [
        Why(kind=each.kind, due=each.due, colour=each.colour, case=each.case.uid if each.case else None, last=each.last)
        for each in one.reasons
    ]
    return CallDue(resident=one.person.uid, name=one.person.name, age=one.age, place=one.place, alone=one.alone, reasons=reasons)
