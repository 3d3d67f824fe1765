"""Tokens: who calls, and keys for other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from linli.api import acts, queries
from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.models import Token
from linli.api.paging import cursor, keys_of
from linli.api.responses import answers
from linli.api.shapes import After, Given, GrantShape, Key, Me, Page
from linli.kernel.viewer import Grant

router = Router(tags=["tokens"])
PAGE = 100


class TokenShape(Schema):
    """A token without its secret."""

    id: UUID
    label: str
    owner: str
    grants: list[GrantShape]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: Token) -> TokenShape:
        """A row."""
        same = {name: getattr(row, name) for name in ("label", "made_at", "expires_at", "revoked_at", "last_used_at")}
        return cls(id=row.uid, owner=row.staff.actor, grants=[GrantShape(**grant) for grant in row.grants], **same)


class NewToken(Given):
    """What a token is to be good for: no more than the token that asks, and no longer."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    grants: Annotated[list[GrantShape], Field(min_length=1, max_length=50)]
    days: Annotated[int, Field(ge=1, le=366)]


class MadeToken(Schema):
    """secret: shown in this answer only; null where the same request is answered again."""

    token: TokenShape
    secret: str | None


def _asking(request: HttpRequest) -> Token:
    """The token that calls."""
    return cast(Token, request.auth)  # type: ignore[attr-defined]


@router.get("/me", response=answers(Me), operation_id="whoami", auth=Bearer())
def whoami(request: HttpRequest) -> Me:
    """The token that calls, and what it may do today."""
    token, viewer = _asking(request), viewer_of(request)
    grants = [GrantShape(role=grant.role, area=grant.area, programme=grant.programme) for grant in viewer.grants]
    return Me(actor=viewer.actor, token=token.uid, label=token.label, expires_at=token.expires_at, grants=grants)


@router.get("/tokens", response=answers(Page[TokenShape]), operation_id="list_tokens", auth=Bearer())
def list_tokens(request: HttpRequest, after: After = "") -> Page[TokenShape]:
    """The token that calls and those made with it, newest first; everyone's for an administrator or security officer of the whole city."""
    rows = queries.tokens(viewer_of(request), _asking(request))
    if last := keys_of(after, int):
        rows = rows.filter(pk__lt=last[0])
    found = list(rows[: PAGE + 1])
    more = cursor(found[PAGE - 1].pk) if len(found) > PAGE else None
    return Page[TokenShape](items=[TokenShape.of(row) for row in found[:PAGE]], next=more)


@router.post("/tokens", response=answers(MadeToken, 201), operation_id="make_token", auth=Bearer())
def make_token(request: HttpRequest, body: NewToken, key: Key) -> Status[MadeToken]:
    """Make a token: a subset of the one that asks, expiring no later and ending with it."""
    viewer, secret = viewer_of(request), None
    grants = [Grant(grant.role, grant.area, grant.programme) for grant in body.grants]

    def work() -> dict[str, Any]:
        nonlocal secret
        made = acts.make_token(viewer, label=body.label, grants=grants, days=body.days, made_by=_asking(request))
        secret = made.secret
        return {"token": TokenShape.of(made.token).model_dump(mode="json"), "secret": None}

    answer = once(request, viewer, key, body.model_dump(mode="json"), work)
    return Status(201, MadeToken(**answer | {"secret": secret}))


@router.post("/tokens/{uid}/revoke", response=answers(TokenShape), operation_id="revoke_token", auth=Bearer())
def revoke_token(request: HttpRequest, uid: UUID, key: Key) -> TokenShape:
    """End a token at once, and all that were made with it."""
    viewer, asking = viewer_of(request), _asking(request)
    answer = once(
        request, viewer, key, None, lambda: TokenShape.of(acts.revoke_token(viewer, token=uid, asking=asking)).model_dump(mode="json")
    )
    return TokenShape(**answer)
