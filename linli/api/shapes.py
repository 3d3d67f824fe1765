"""What goes over the wire, shared by the routes. Money is integer fen, days are ISO dates, moments carry their zone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from ninja import Header, Query, Schema
from pydantic import ConfigDict, Field

from linli.rules.declare import Label

T = TypeVar("T")
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
AreaCode = Annotated[str, Field(pattern=r"^([0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3}([GZB][0-9]{2,4})?)?)?)?)?)?$", max_length=17)]
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[!-~]{8,100}$", description="A new value for every new request.")]
After = Annotated[str, Query(default="", max_length=600, description="`next` of the page before; a page has the route's own size.")]


class Given(Schema):
    """What a caller sends: a field that the route does not know is refused, so that a misspelt one never passes for one left out."""

    model_config = ConfigDict(extra="forbid")


class Text(Schema):
    """Words in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, label: Label) -> Text:
        """A label's words."""
        return cls(zh=label.zh, en=label.en)


class Refusal(Schema):
    """What was expected, what was found, where, and what to do next. place: a field ("answers.0.question"), or a file's cell.

    expected_zh, found_zh: as expected and found, for a Chinese reader; equal where they are values.
    """

    code: str
    zh: str
    en: str
    place: str | None
    expected: str | None
    found: str | None
    expected_zh: str | None
    found_zh: str | None
    remedy_zh: str
    remedy_en: str


class Problem(Refusal):
    """RFC 9457, with both languages. `title` and `detail` follow Accept-Language (Chinese unless it begins with en)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Refusal]


class Page(Schema, Generic[T]):
    """Some of a list. `next`: give it back as `after`; null at the end."""

    items: list[T]
    next: str | None = None


class GrantShape(Given):
    """A role over an area ("" is everywhere) and a programme ("" is every one)."""

    role: Annotated[str, Field(max_length=16)]
    area: AreaCode = ""
    programme: Annotated[str, Field(pattern=r"^[a-z0-9-]*$", max_length=60)] = ""


class Me(Schema):
    """Who calls, and what they may do today."""

    actor: str
    token: UUID
    label: str
    expires_at: datetime
    grants: list[GrantShape]


class FactShape(Schema):
    """One line of the trace."""

    id: UUID
    type: str
    words: Text
    version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    subject: str
    area: str
    data: dict[str, Any]
