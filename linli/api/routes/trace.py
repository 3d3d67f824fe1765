"""The trace of one subject, as far as one's grants reach it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router

from linli.api.authority import Bearer, viewer_of
from linli.api.paging import cursor, keys_of
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import After, FactShape, Page, Text
from linli.kernel.viewer import Viewer
from linli.registers.queries import residents
from linli.trace.facts import words_of
from linli.trace.models import Fact
from linli.trace.queries import timeline

router = Router(tags=["trace"])
PAGE = 200
SUBJECT = r"^[a-z_]{1,40}:[A-Za-z0-9._-]{1,80}$"


@router.get(
    "/{subject}",
    response=answers(Page[FactShape]),
    operation_id="list_facts",
    auth=Bearer("officer", "clerk", "steward", "auditor", "security"),
)
def facts(request: HttpRequest, subject: Annotated[str, Path(pattern=SUBJECT)], after: After = "") -> Page[FactShape]:
    """Facts about one subject ("resident:…", "programme:…", "list:…", "staff:…"), in the order they were recorded.

    A resident's: officer, clerk or steward where the person is registered or lives. A programme's: officer or auditor of it. A list's:
    officer of the whole city. Everything: an auditor of the whole city; a member of staff's also the security officer, and their own.
    """
    if not may_read(viewer_of(request), subject):
        raise not_there()
    last = keys_of(after, int)
    found = timeline(subject, after=last[0] if last else 0, limit=PAGE + 1)
    more = cursor(found[PAGE - 1].pk) if len(found) > PAGE else None
    return Page[FactShape](items=[_fact(one) for one in found[:PAGE]], next=more)


def may_read(viewer: Viewer, subject: str) -> bool:
    """Whether one of the viewer's grants reaches this subject's trace. One query for a resident."""
    kind, _, name = subject.partition(":")
    if viewer.may("auditor"):
        return True
    if kind == "resident":
        return _is_uuid(name) and residents(viewer).filter(uid=name).exists()
    if kind == "programme":
        return any(viewer.areas(role, name) for role in ("officer", "auditor"))
    if kind == "list":
        return viewer.may("officer")
    return kind == "staff" and (viewer.actor == subject or viewer.may("security"))


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _fact(one: Fact) -> FactShape:
    return FactShape(
        id=one.uid,
        type=one.type,
        words=Text(zh=words_of(one.type, "zh"), en=words_of(one.type, "en")),
        version=one.version,
        occurred_at=one.occurred_at,
        recorded_at=one.recorded_at,
        actor=one.actor,
        subject=one.subject,
        area=one.area,
        data=one.payload,
    )
