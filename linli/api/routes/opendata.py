"""Open data: everything that was published of the city's counts, and where to fetch it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from linli.api.paging import cursor, keys_of
from linli.api.responses import answers
from linli.api.shapes import After, Page
from linli.insight import csvw, opendata

router = Router(tags=["open-data"])
PAGE = 50


class PublicationShape(Schema):
    """Counts by programme, quarter and county as they were published at a moment. smallest: counts below it are left out.

    digest: of table and description, one after the other. table, metadata: addresses on the public site (CSV, CSVW).
    """

    id: UUID
    published_at: datetime
    digest: str
    rows: int
    smallest: int
    table: str
    metadata: str


@router.get("", response=answers(Page[PublicationShape]), operation_id="list_open_data", auth=None)
def list_open_data(request: HttpRequest, after: After = "") -> Page[PublicationShape]:
    """Everything that was published, newest first. Public."""
    last = keys_of(after, int)
    rows = opendata.publications().defer("table", "metadata").order_by("-pk")
    found = list((rows.filter(pk__lt=last[0]) if last else rows)[: PAGE + 1])
    shapes = [
        PublicationShape(
            id=one.uid,
            published_at=one.made_at,
            digest=one.digest,
            rows=one.rows,
            smallest=one.smallest,
            table=f"/open-data/{one.uid}/{csvw.TABLE}",
            metadata=f"/open-data/{one.uid}/{csvw.METADATA}",
        )
        for one in found[:PAGE]
    ]
    return Page[PublicationShape](items=shapes, next=cursor(found[PAGE - 1].pk) if len(found) > PAGE else None)
