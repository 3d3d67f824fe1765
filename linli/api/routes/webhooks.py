"""Webhooks: addresses that are told of facts, what they were told, and telling them again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from linli.api import acts, queries
from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.models import Delivery, Webhook
from linli.api.paging import cursor, keys_of
from linli.api.reactions import OFFERED
from linli.api.responses import answers
from linli.api.shapes import After, AreaCode, Given, Key, Page, Text

router = Router(tags=["webhooks"])
PAGE = 100
OWNERS = ("officer", "auditor")


class FactTypeShape(Schema):
    """A type of fact that a webhook may ask for. data: JSON Schema of the message's `data`."""

    type: str
    version: int
    words: Text
    data: dict[str, Any]


class WebhookShape(Schema):
    """A webhook without its secret."""

    id: UUID
    owner: str
    address: str
    types: list[str]
    role: str
    area: str
    made_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Webhook) -> WebhookShape:
        """A row."""
        same = {name: getattr(row, name) for name in ("address", "types", "role", "made_at", "ended_at")}
        return cls(id=row.uid, owner=row.staff.actor, area=row.area_code, **same)


class NewWebhook(Given):
    """Which facts, of which area, and whom to tell."""

    address: Annotated[str, Field(min_length=8, max_length=500)]
    types: Annotated[list[str], Field(min_length=1, max_length=50)]
    role: Annotated[str, Field(max_length=16)] = "officer"
    area: AreaCode = ""


class AddedWebhook(Schema):
    """secret: for checking webhook-signature; shown in this answer only, null where the same request is answered again."""

    webhook: WebhookShape
    secret: str | None


class DeliveryShape(Schema):
    """One fact on its way. due_at: the next attempt while it is waiting; status_code and error: of the last one."""

    id: UUID
    status: str
    attempts: int
    due_at: datetime
    last_at: datetime | None
    status_code: int | None
    error: str

    @classmethod
    def of(cls, row: Delivery) -> DeliveryShape:
        """A row."""
        return cls(id=row.uid, **{name: getattr(row, name) for name in cls.model_fields if name != "id"})


@router.get("/fact-types", response=answers(Page[FactTypeShape]), operation_id="list_fact_types", auth=None)
def list_fact_types(request: HttpRequest) -> Page[FactTypeShape]:
    """The types of fact that a webhook may ask for. Public."""
    found = [
        FactTypeShape(type=one.name, version=one.version, words=Text(zh=one.zh, en=one.en), data=one.schema) for one in OFFERED.values()
    ]
    return Page[FactTypeShape](items=found)


@router.get("/webhooks", response=answers(Page[WebhookShape]), operation_id="list_webhooks", auth=Bearer(*OWNERS, *queries.OVERSEERS))
def list_webhooks(request: HttpRequest, after: After = "") -> Page[WebhookShape]:
    """One's own webhooks, newest first; everyone's for an administrator or security officer of the whole city."""
    rows = queries.webhooks(viewer_of(request))
    if last := keys_of(after, int):
        rows = rows.filter(pk__lt=last[0])
    found = list(rows[: PAGE + 1])
    more = cursor(found[PAGE - 1].pk) if len(found) > PAGE else None
    return Page[WebhookShape](items=[WebhookShape.of(row) for row in found[:PAGE]], next=more)


@router.post("/webhooks", response=answers(AddedWebhook, 201), operation_id="add_webhook", auth=Bearer(*OWNERS))
def add_webhook(request: HttpRequest, body: NewWebhook, key: Key) -> Status[AddedWebhook]:
    """Tell an address of facts from now on, as Standard Webhooks lays down: at least once, signed, with an id and a timestamp."""
    viewer, secret = viewer_of(request), None

    def work() -> dict[str, Any]:
        nonlocal secret
        hook, secret = acts.add_webhook(viewer, address=body.address, types=body.types, role=body.role, area=body.area)
        return {"webhook": WebhookShape.of(hook).model_dump(mode="json")}

    answer = once(request, viewer, key, body.model_dump(mode="json"), work)
    return Status(201, AddedWebhook(**answer, secret=secret))


@router.post("/webhooks/{uid}/end", response=answers(WebhookShape), operation_id="end_webhook", auth=Bearer(*OWNERS, *queries.OVERSEERS))
def end_webhook(request: HttpRequest, uid: UUID, key: Key) -> WebhookShape:
    """Tell the address nothing more."""
    viewer = viewer_of(request)
    answer = once(request, viewer, key, None, lambda: WebhookShape.of(acts.end_webhook(viewer, webhook=uid)).model_dump(mode="json"))
    return WebhookShape(**answer)


@router.get(
    "/webhooks/{uid}/deliveries",
    response=answers(Page[DeliveryShape]),
    operation_id="list_deliveries",
    auth=Bearer(*OWNERS, *queries.OVERSEERS),
)
def list_deliveries(request: HttpRequest, uid: UUID, after: After = "") -> Page[DeliveryShape]:
    """What the webhook was told, newest first."""
    rows = queries.deliveries(viewer_of(request), uid)
    if last := keys_of(after, int):
        rows = rows.filter(pk__lt=last[0])
    found = list(rows[: PAGE + 1])
    more = cursor(found[PAGE - 1].pk) if len(found) > PAGE else None
    return Page[DeliveryShape](items=[DeliveryShape.of(row) for row in found[:PAGE]], next=more)


@router.post("/deliveries/{uid}/replay", response=answers(DeliveryShape), operation_id="replay_delivery", auth=Bearer(*OWNERS))
def replay_delivery(request: HttpRequest, uid: UUID, key: Key) -> DeliveryShape:
    """Send it again, under the same id."""
    viewer = viewer_of(request)
    answer = once(request, viewer, key, None, lambda: DeliveryShape.of(acts.replay(viewer, delivery=uid)).model_dump(mode="json"))
    return DeliveryShape(**answer)
