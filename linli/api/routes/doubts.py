"""Rows of deliveries that wait for a human, and what a human says of each."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.paging import cursor, keys_of
from linli.api.problems import bad_request
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import After, Given, Key, Page
from linli.casework.desks import own_lists
from linli.kernel.errors import Place
from linli.kernel.viewer import Viewer
from linli.registers.imports import ask_department, believe_doubtful, dismiss_doubtful, note_named, open_doubtful, resolve_doubtful
from linli.registers.models import Doubtful

router = Router(tags=["lists"])
PAGE = 50
Reason = Annotated[str, Field(pattern=r"^[a-z_]*$", max_length=20)]
Ids = list[UUID]


class DoubtShape(Schema):
    """A row of a delivery. candidates: residents whom it may mean; household, organisation: whom its key names; asked: its department was
    asked to look into it."""

    id: UUID
    import_id: UUID
    list: str
    row: int
    reason: str
    name: str
    birth_date: date | None
    area: str
    candidates: Ids
    household: UUID | None
    organisation: UUID | None
    asked: bool


class Said(Given):
    """same: it is right, and speaks of `resident` (one of the candidates; null where the key names the household or organisation);
    dismiss: it speaks of nobody here; ask: its department shall look into it, the row stays open."""

    verb: Literal["same", "dismiss", "ask"]
    resident: UUID | None = None


class Settled(Schema):
    """What became of the row. resolution: matched, dismissed, or "" while it is open."""

    id: UUID
    resolution: str


@router.get("/lists/imports/{uid}/doubts", response=answers(Page[DoubtShape]), operation_id="list_doubts", auth=Bearer("officer"))
def list_doubts(request: HttpRequest, uid: UUID, reason: Reason = "", after: After = "") -> Page[DoubtShape]:
    """Open rows of one delivery of one's own lists, in the file's order. Being named by a sensitive list is recorded as a reading."""
    viewer, last = viewer_of(request), keys_of(after, int)
    rows = _open(viewer).filter(list_import__uid=uid, **({"reason": reason} if reason else {}))
    if last:
        rows = rows.filter(row__gt=min(max(last[0], 0), 2**31 - 1))
    found = list(rows[: PAGE + 1])
    for slug in {one.list_slug for one in found[:PAGE]}:
        note_named(viewer, slug, [candidate.resident.uid for one in found[:PAGE] for candidate in one.candidates.all()])
    more = cursor(found[PAGE - 1].row) if len(found) > PAGE else None
    return Page[DoubtShape](items=[_shape(one) for one in found[:PAGE]], next=more)


@router.post("/doubts/{uid}/settle", response=answers(Settled), operation_id="settle_doubt", auth=Bearer("officer"))
def settle(request: HttpRequest, uid: UUID, body: Said, key: Key) -> Settled:
    """Say whom an open row means, that it means nobody here, or that its department shall look."""
    viewer = viewer_of(request)

    def work() -> dict[str, Any]:
        row = _settled(viewer, uid, body)
        return {"id": str(row.uid), "resolution": row.resolution}

    return Settled(**once(request, viewer, key, body.model_dump(mode="json"), work))


def _open(viewer: Viewer) -> QuerySet[Doubtful]:
    rows = open_doubtful(viewer).filter(list_slug__in=own_lists(viewer))
    return rows.select_related("list_import", "organisation", "household", "question")


def _settled(viewer: Viewer, uid: UUID, said: Said) -> Doubtful:
    found = _open(viewer).filter(uid=uid).first()
    if found is None:
        raise not_there()
    if said.verb == "dismiss":
        return dismiss_doubtful(viewer, doubt=uid)
    if said.verb == "ask":
        return ask_department(viewer, doubt=uid)
    if said.resident is None:
        return believe_doubtful(viewer, doubt=uid)
    if said.resident not in {candidate.resident.uid for candidate in found.candidates.all()}:
        raise bad_request("这一行说的不会是这位居民", "The row cannot mean this resident.", place=Place(field="resident"))
    return resolve_doubtful(viewer, doubt=uid, resident=said.resident)


def _shape(one: Doubtful) -> DoubtShape:
    same = {name: getattr(one, name) for name in ("row", "reason", "name", "birth_date")}
    return DoubtShape(
        id=one.uid,
        import_id=one.list_import.uid,
        list=one.list_slug,
        area=one.area_code,
        candidates=[candidate.resident.uid for candidate in one.candidates.all()],
        household=one.household.uid if one.household else None,
        organisation=one.organisation.uid if one.organisation else None,
        asked=hasattr(one, "question"),
        **same,
    )
