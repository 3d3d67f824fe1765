"""Who works here and what they may do. Rights are given and taken by people at a screen, never by a token."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.paging import cursor, keys_of
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import After, Page
from linli.registers.models import Staff
from linli.registers.models.staff import StaffGrant
from linli.registers.queries import staff as queries

router = Router(tags=["staff"])
PAGE = queries.PAGE
READERS = ("administrator", "security", "auditor")
Words = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]
Role = Annotated[str, Field(max_length=16, pattern=r"^[a-z]*$")]


class GrantGiven(Schema):
    """A role over an area ("" is everywhere) and a programme ("" is every one). valid_to: the first day on which it no longer holds."""

    role: str
    area: str
    programme: str
    valid_from: date
    valid_to: date | None

    @classmethod
    def of(cls, row: StaffGrant) -> GrantGiven:
        """A row."""
        return cls(role=row.role, area=row.area_code, programme=row.programme_slug, valid_from=row.valid_from, valid_to=row.valid_to)


class StaffShape(Schema):
    """An account. grants: those in force today; of one account by its id, every one that it has or had."""

    id: UUID
    login: str
    name: str
    organisation: UUID | None
    active: bool
    grants: list[GrantGiven]


@router.get("", response=answers(Page[StaffShape]), operation_id="list_staff", auth=Bearer(*READERS))
def list_staff(
    request: HttpRequest, words: Words = "", role: Role = "", state: Literal["", "active", "inactive"] = "", after: After = ""
) -> Page[StaffShape]:
    """Accounts by login with their grants of today; an administrator of a county sees who holds or held a grant there, or none yet."""
    last = keys_of(after, str)
    choice = queries.StaffChoice(words=words, role=role, state=state, after=last[0] if last else "")
    rows = queries.staff_page(viewer_of(request), choice, limit=PAGE + 1)
    more = cursor(rows[PAGE - 1].login) if len(rows) > PAGE else None
    return Page[StaffShape](items=[_shape(row, row.current) for row in rows[:PAGE]], next=more)


@router.get("/{uid}", response=answers(StaffShape), operation_id="get_staff", auth=Bearer(*READERS))
def get(request: HttpRequest, uid: UUID) -> StaffShape:
    """One account with every grant that it has or had."""
    try:
        row = queries.staff_of(viewer_of(request), uid)
    except Staff.DoesNotExist:
        raise not_there() from None
    return _shape(row, queries.grants_of(row))


def _shape(row: Staff, grants: list[StaffGrant]) -> StaffShape:
    return StaffShape(
        id=row.uid,
        login=row.login,
        name=row.name,
        organisation=row.organisation.uid if row.organisation else None,
        active=row.is_active,
        grants=[GrantGiven.of(grant) for grant in grants],
    )
