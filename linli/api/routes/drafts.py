"""Drafts of programmes: sent as a file, checked, compared, previewed, handed in. Publishing takes two people at a screen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.paging import cursor, keys_of
from linli.api.problems import told
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import After, Given, Key, Page, Refusal, Text
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.programmes import acts, queries
from linli.programmes.catalogue import Catalogue, survey
from linli.programmes.differing import Row, compare
from linli.programmes.drafting import draft_findings, label_of, read_draft
from linli.programmes.models import Draft
from linli.programmes.naming import naming
from linli.programmes.queries import READERS
from linli.screening import acts as screening
from linli.screening import previewing
from linli.screening import queries as screenings
from linli.screening.models import Preview

router = Router(tags=["drafts"])
PAGE = 50
FileText = Annotated[str, Field(max_length=1_000_000, pattern=r"^[^\x00]*$")]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]


class DraftBrief(Schema):
    """A version in the making. base: the published version it began from; state: editing, submitted, published or withdrawn; note: why it
    was returned."""

    id: UUID
    programme: str
    name: Text
    base: str
    state: str
    revision: int
    note: str
    begun_at: datetime
    saved_at: datetime
    saved_by: str
    authors: list[str]


class Fault(Refusal):
    """Something found in a draft; blocks: it cannot be handed in (but for the owner's reading) or published while this stands."""

    blocks: bool


class DraftShape(DraftBrief):
    """A draft with its two files and everything found in them."""

    text: str
    examples: str
    faults: list[Fault]


class Line(Schema):
    """One field of a comparison, in words; before or after null: that version has none. state: changed, added or removed."""

    section: str
    group: Text | None
    name: Text
    before: Text | None
    after: Text | None
    state: str


class Difference(Schema):
    """What a draft changes, line by line; before: the version compared with, "" for none; readable: false while its faults hide it."""

    before: str
    after: str
    readable: bool
    lines: list[Line]


class SentDraft(Given):
    """A programme file. examples null: those that are there; revision: of the open draft as it was read, null for whichever it is."""

    text: FileText
    examples: FileText | None = None
    revision: Revision | None = None


class Seen(Given):
    """The revision that was read."""

    revision: Revision


class Moved(Schema):
    """Where a draft stands after a write."""

    id: UUID
    state: str
    revision: int


class CountyChange(Schema):
    """Whom a draft would change in one county, and what it costs before and after in fen."""

    county: str
    gains: int
    loses: int
    more: int
    less: int
    undecided: int
    settled: int
    before_fen: int
    after_fen: int


class Over(Schema):
    """A draft's last day, past already, and the version that applies after it, "" for none."""

    last: date
    by: str


class PreviewShape(Schema):
    """A draft over the register beside the version whose place it takes (base, "" for none). state: waiting, running, finished or failed;
    the figures are null until it has finished; payments_a_year: how often the amounts are paid, 0 where the file does not say. day: on
    which both were asked; snapshot_day: of the data. outdated: "base" or "data" once another version or newer data stands; ask again, ""
    else. over: where the draft's days are past already, its last one and the version that applies after it."""

    id: UUID
    draft: UUID
    revision: int
    base: str
    state: str
    error: Text
    day: date | None
    snapshot_day: date | None
    outdated: str
    asked_at: datetime
    finished_at: datetime | None
    over: Over | None
    payments_a_year: int | None
    totals: dict[str, int] | None
    counties: list[CountyChange]


class PreviewAsked(Schema):
    """A worker makes it: ask for it by its id."""

    id: UUID


@router.get("/drafts", response=answers(Page[DraftBrief]), operation_id="list_drafts", auth=Bearer(*READERS))
def list_drafts(request: HttpRequest, after: After = "") -> Page[DraftBrief]:
    """Open drafts of the programmes that one's grants over the whole city cover, by slug."""
    last = keys_of(after, str)
    rows = [row for row in queries.open_drafts(viewer_of(request)) if not last or row.slug > last[0]]
    more = cursor(rows[PAGE - 1].slug) if len(rows) > PAGE else None
    return Page[DraftBrief](items=[DraftBrief(**_brief(row)) for row in rows[:PAGE]], next=more)


@router.post("/drafts", response=answers(Moved, 201), operation_id="send_draft", auth=Bearer("officer"))
def send(request: HttpRequest, body: SentDraft, key: Key) -> Status[Moved]:
    """Send a file as a draft: a new one, or the next revision of its programme's open one. It may have faults for a while."""
    viewer = viewer_of(request)

    def work() -> dict[str, Any]:
        city = settings.LINLI_CITY
        return _moved(acts.upload_draft(viewer=viewer, city=city, text=body.text, examples=body.examples, revision=body.revision))

    return Status(201, Moved(**once(request, viewer, key, body.model_dump(mode="json"), work)))


@router.get("/drafts/{uid}", response=answers(DraftShape), operation_id="get_draft", auth=Bearer(*READERS))
def get(request: HttpRequest, uid: UUID) -> DraftShape:
    """One draft with its text and what speaks against it. Runs its examples: about 0.2 s."""
    row = _draft(viewer_of(request), uid)
    found = draft_findings(row, _files(), queries.published_programmes(row.slug))
    faults = [Fault(blocks=one.blocks, **told(one.error)) for one in found]
    return DraftShape(text=row.text, examples=row.examples, faults=faults, **_brief(row))


@router.get("/drafts/{uid}/difference", response=answers(Difference), operation_id="get_draft_difference", auth=Bearer(*READERS))
def difference(request: HttpRequest, uid: UUID) -> Difference:
    """What a draft changes against the published version that it would take the place of: the fields that differ, in words."""
    row, files = _draft(viewer_of(request), uid), _files()
    base = queries.base_of(row, queries.published_programmes(row.slug))
    read = read_draft(row, files)
    before = base.version if base else ""
    if read.faults or read.programme is None:
        return Difference(before=before, after="", readable=False, lines=[])
    parts = compare(base, read.programme, naming(settings.LINLI_CITY), files.city.bodies)
    lines = [_line(part.slug, one) for part in parts for one in part.changed]
    return Difference(before=before, after=read.programme.version, readable=True, lines=lines)


@router.post("/drafts/{uid}/submit", response=answers(Moved), operation_id="submit_draft", auth=Bearer("officer"))
def submit(request: HttpRequest, uid: UUID, body: Seen, key: Key) -> Moved:
    """Hand a draft in, for somebody else to publish at a screen; refused with its faults while any blocks it."""
    viewer = viewer_of(request)

    def work() -> dict[str, Any]:
        _draft(viewer, uid)
        return _moved(acts.submit_draft(viewer=viewer, catalogue=_files(), draft=uid, revision=body.revision))

    return Moved(**once(request, viewer, key, body.model_dump(mode="json"), work))


@router.post("/drafts/{uid}/previews", response=answers(PreviewAsked, 202), operation_id="ask_preview", auth=Bearer(*READERS))
def ask_preview(request: HttpRequest, uid: UUID, key: Key) -> Status[PreviewAsked]:
    """Have a draft compared over the register with the version whose place it takes, by a worker. Changes nothing that stands."""
    viewer = viewer_of(request)

    def work() -> dict[str, Any]:
        _draft(viewer, uid)
        return {"id": str(screening.ask_preview(viewer=viewer, draft=uid).uid)}

    return Status(202, PreviewAsked(**once(request, viewer, key, None, work)))


@router.get("/previews/{uid}", response=answers(PreviewShape), operation_id="get_preview", auth=Bearer(*READERS))
def preview(request: HttpRequest, uid: UUID) -> PreviewShape:
    """How many a draft would change in which way, and what it costs, in all and by county."""
    return _preview(_previewed(viewer_of(request), uid))


def _files() -> Catalogue:
    return survey(settings.LINLI_CITY).catalogue


def _draft(viewer: Viewer, uid: UUID) -> Draft:
    try:
        return queries.draft(viewer, uid)
    except (Draft.DoesNotExist, Refused):
        raise not_there() from None


def _previewed(viewer: Viewer, uid: UUID) -> Preview:
    try:
        return screenings.preview(viewer, uid)
    except (Preview.DoesNotExist, Refused):
        raise not_there() from None


def _brief(row: Draft) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in ("base", "state", "revision", "note", "begun_at", "saved_at", "saved_by", "authors")}
    return {"id": row.uid, "programme": row.slug, "name": Text.of(label_of(row)), **same}


def _moved(row: Draft) -> dict[str, Any]:
    return {"id": str(row.uid), "state": row.state, "revision": row.revision}


def _line(section: str, one: Row) -> Line:
    group, before, after = (Text.of(label) if label else None for label in (one.group, one.before, one.after))
    return Line(section=section, group=group, name=Text.of(one.label), before=before, after=after, state=one.state)


def _preview(row: Preview) -> PreviewShape:
    done = row.state == "finished"
    figures = row.figures if done else {}
    counties = [CountyChange(**{name: one[name] for name in CountyChange.model_fields}) for one in figures.get("counties", [])]
    same = {name: getattr(row, name) for name in ("draft", "revision", "base", "state", "day", "snapshot_day", "asked_at", "finished_at")}
    return PreviewShape(
        id=row.uid,
        outdated=previewing.outdated(row),
        error=Text(zh=row.error_zh, en=row.error_en),
        over=Over(**figures["over"]) if figures.get("over") else None,
        payments_a_year=cast("int | None", figures.get("payments_a_year")),
        totals=cast("dict[str, int] | None", figures.get("totals")),
        counties=counties,
        **same,
    )
