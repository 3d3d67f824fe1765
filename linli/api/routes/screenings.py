"""Screenings: what each found, where, for whom it could not be decided, and asking for another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from linli.api import acts
from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.paging import cursor, keys_of
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import After, AreaCode, Given, Key, Page, Slug
from linli.kernel.viewer import Viewer
from linli.screening import queries
from linli.screening.models import Run

router = Router(tags=["screenings"])
PAGE = 100
READERS = queries.READERS
Kind = Literal["found", "undecided", "newly_found", "newly_lost"]


class RunShape(Schema):
    """One screening of one programme; counts inside one's areas. Of a part of the city: not_eligible is null, and eligible and undecided
    are null once a later screening stands (ask its counties)."""

    id: UUID
    programme: str
    programme_version: str
    as_of: date
    state: str
    error: str
    eligible: int | None
    undecided: int | None
    not_eligible: int | None
    newly_found: int
    newly_lost: int
    merged: bool
    snapshot_digest: str
    verdict_digest: str
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, viewer: Viewer, runs: Sequence[Run]) -> list[RunShape]:
        """The rows."""
        found = queries.tallies(viewer, runs)
        return [cls._row(run, asdict(found[run.pk])) for run in runs]

    @classmethod
    def _row(cls, run: Run, counts: dict[str, Any]) -> RunShape:
        own = {name: getattr(run, name) for name in cls.model_fields if name != "id" and name not in counts}
        return cls(id=run.uid, **own, **counts)


class County(Schema):
    """Counts of one county, inside one's areas; amount in fen of the eligible."""

    code: str
    name: str
    eligible: int
    undecided: int
    newly_found: int
    amount_fen: int


class MissingFact(Schema):
    """A fact that would decide that many of the undecided."""

    fact: str
    subjects: int


class SubjectShape(Schema):
    """One person, household or organisation of a screening's list. name: "" once erased."""

    subject: UUID
    kind: str
    name: str
    birth_date: date | None
    area: str
    verdict: str
    amount_fen: int | None
    missing: list[str]
    since: datetime
    until: datetime | None


class WantedScreenings(Given):
    """Which programmes to screen; each over the whole register."""

    programmes: Annotated[list[Slug], Field(min_length=1, max_length=100)]


class Accepted(Schema):
    """A worker runs it next: read the outcome at /screenings?programme=…, or have a webhook told of screening.screened."""

    asked: UUID
    programmes: list[str]


@router.get("", response=answers(Page[RunShape]), operation_id="list_screenings", auth=Bearer(*READERS))
def list_screenings(request: HttpRequest, programme: str = "", after: After = "") -> Page[RunShape]:
    """Screenings of the programmes that one's grants read, newest first."""
    last = keys_of(after, int)
    viewer = viewer_of(request)
    found = queries.runs(viewer, programme=programme or None, before=last[0] if last else None, limit=PAGE + 1)
    more = cursor(found[PAGE - 1].pk) if len(found) > PAGE else None
    return Page[RunShape](items=RunShape.of(viewer, found[:PAGE]), next=more)


@router.post("", response=answers(Accepted, 202), operation_id="ask_screening", auth=Bearer("officer"))
def ask(request: HttpRequest, body: WantedScreenings, key: Key) -> Status[Accepted]:
    """Have programmes screened by the next free worker. Needs officer over the whole city for each."""
    viewer = viewer_of(request)

    def work() -> dict[str, Any]:
        return {"asked": str(acts.ask_screening(viewer, programmes=body.programmes)), "programmes": sorted(set(body.programmes))}

    return Status(202, Accepted(**once(request, viewer, key, body.model_dump(mode="json"), work)))


@router.get("/{uid}", response=answers(RunShape), operation_id="get_screening", auth=Bearer(*READERS))
def get(request: HttpRequest, uid: UUID) -> RunShape:
    """One screening."""
    viewer = viewer_of(request)
    return RunShape.of(viewer, [_run(viewer, uid)])[0]


@router.get("/{uid}/counties", response=answers(Page[County]), operation_id="list_screening_counties", auth=Bearer(*READERS))
def counties(request: HttpRequest, uid: UUID) -> Page[County]:
    """Counts by county, inside one's areas."""
    viewer = viewer_of(request)
    rows = queries.counts_by_county(viewer, _run(viewer, uid))
    return Page[County](items=[County(**{name: getattr(row, name) for name in County.model_fields}) for row in rows])


@router.get("/{uid}/missing-facts", response=answers(Page[MissingFact]), operation_id="list_missing_facts", auth=Bearer(*READERS))
def missing_facts(request: HttpRequest, uid: UUID) -> Page[MissingFact]:
    """Which facts are missing for how many of the undecided inside one's areas, most frequent first."""
    viewer = viewer_of(request)
    found = queries.missing_facts(viewer, _run(viewer, uid))
    return Page[MissingFact](items=[MissingFact(fact=fact, subjects=count) for fact, count in found])


@router.get("/{uid}/subjects", response=answers(Page[SubjectShape]), operation_id="list_screening_subjects", auth=Bearer(*READERS))
def subjects(
    request: HttpRequest,
    uid: UUID,
    kind: Kind = "found",
    missing: Annotated[str, Field(max_length=120)] = "",
    area: AreaCode = "",
    after: After = "",
) -> Page[SubjectShape]:
    """Whom it found, could not decide, newly found or newly lost, inside one's areas."""
    viewer, last = viewer_of(request), keys_of(after, int)
    run = _run(viewer, uid)
    found = queries.people(viewer, run, kind, missing=missing, county=area, after=last[0] if last else 0, limit=PAGE + 1)
    more = cursor(found[PAGE - 1].id) if len(found) > PAGE else None
    return Page[SubjectShape](items=[_subject(row) for row in found[:PAGE]], next=more)


def _subject(row: queries.Row) -> SubjectShape:
    same = {name: getattr(row, name) for name in ("subject", "name", "birth_date", "verdict", "amount_fen", "since", "until")}
    return SubjectShape(kind=row.subject_kind, area=row.area_code, missing=list(row.missing), **same)


def _run(viewer: Viewer, uid: UUID) -> Run:
    try:
        return queries.run(viewer, uid)
    except Run.DoesNotExist:
        raise not_there() from None
