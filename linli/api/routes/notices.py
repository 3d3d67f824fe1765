"""What was sent to whom and what became of it, without opening a letter; mailings after screenings, and whether one is held."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from linli.api.authority import Bearer, viewer_of
from linli.api.paging import cursor, keys_of
from linli.api.responses import answers
from linli.api.shapes import After, Page, Text
from linli.notices import queries
from linli.notices.models import Mailing
from linli.notices.queries import READERS, Sent
from linli.rules.declare import Label

router = Router(tags=["notices"])
PAGE = queries.PAGE


class LetterDelivery(Schema):
    """One way out of the house. status: waiting, sending, sent, failed (see error), refused by the person, unreachable or dropped."""

    id: UUID
    channel: str
    status: str
    due_at: datetime
    settled_at: datetime | None
    attempts: int
    error: str


class NoticeShape(Schema):
    """A letter by its heading. programme: "" for one about the person's account."""

    id: UUID
    template: str
    title: Text
    programme: str
    area: str
    office: Text
    written_at: datetime
    read_at: datetime | None
    deliveries: list[LetterDelivery]


class MailingShape(Schema):
    """The letters after one screening. state: held (an officer decides at a screen), released (being written), done or dropped."""

    id: UUID
    programme: str
    screening: UUID
    state: str
    people: int
    written: int
    made_at: datetime
    decided_at: datetime | None


@router.get("/residents/{uid}/notices", response=answers(Page[NoticeShape]), operation_id="list_notices", auth=Bearer(*READERS))
def list_notices(request: HttpRequest, uid: UUID, after: After = "") -> Page[NoticeShape]:
    """What was sent to a person, newest first, as far as one's grants cover it."""
    last = keys_of(after, int)
    found = queries.log(viewer_of(request), uid, before=last[0] if last else 0, limit=PAGE + 1)
    more = cursor(found[PAGE - 1].notice.pk) if len(found) > PAGE else None
    return Page[NoticeShape](items=[_notice(one) for one in found[:PAGE]], next=more)


@router.get("/mailings", response=answers(Page[MailingShape]), operation_id="list_mailings", auth=Bearer(*READERS))
def list_mailings(request: HttpRequest) -> Page[MailingShape]:
    """The newest 50 mailings of the programmes of one's grants, held ones first."""
    return Page[MailingShape](items=[_mailing(row) for row in queries.mailings(viewer_of(request))])


def _notice(one: Sent) -> NoticeShape:
    row = one.notice
    title = one.title if isinstance(one.title, Label) else Label(row.template, row.template)
    deliveries = [
        LetterDelivery(id=each.uid, **{name: getattr(each, name) for name in LetterDelivery.model_fields if name != "id"})
        for each in one.deliveries
    ]
    return NoticeShape(
        id=row.uid,
        template=row.template,
        title=Text.of(title),
        programme=row.programme,
        area=row.area_code,
        office=Text.of(one.office),
        written_at=row.written_at,
        read_at=row.read_at,
        deliveries=deliveries,
    )


def _mailing(row: Mailing) -> MailingShape:
    same = {name: getattr(row, name) for name in ("programme", "state", "people", "written", "made_at", "decided_at")}
    return MailingShape(id=row.uid, screening=row.run, **same)
