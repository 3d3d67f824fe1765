"""Large lists: a file is sent, tried by the next free worker, and applied exactly as it was tried, each step asked after by its id."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.problems import told
from linli.api.queries import not_there
from linli.api.responses import answers
from linli.api.shapes import AreaCode, Given, Key, Refusal, Slug
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.registers.imports import noted, uploads
from linli.registers.lists import load_lists
from linli.registers.models import Upload

router = Router(tags=["lists"])
State = Literal["columns", "checking", "checked", "refused", "applying", "applied"]


class FileShape(Schema):
    """A file on its way to becoming a delivery. plan: say it to apply exactly this; counts: what applying it would do; problems: why it
    cannot be used; notes: the first 50 wrong cells, doubtful rows and unknown people each, masked; import_id: what it became."""

    id: UUID
    slug: str
    state: State
    as_of: date
    area: str
    whole: bool
    received_at: datetime
    plan: str
    counts: dict[str, int]
    problems: list[Refusal]
    notes: list[Refusal]
    import_id: UUID | None

    @classmethod
    def of(cls, row: Upload) -> FileShape:
        """A row and what lies on its shelf."""
        return cls(
            id=row.uid,
            slug=row.list_slug,
            state=cast(State, row.state),
            as_of=row.as_of,
            area=row.area_code,
            whole=row.whole,
            received_at=row.received_at,
            plan=row.plan if row.state == "checked" else "",
            counts=row.counts,
            problems=[Refusal(**told(uploads.as_error(one))) for one in row.problem],
            notes=[_note(one) for kind in uploads.KINDS for one in noted.notes(row, kind)] if row.state == "checked" else [],
            import_id=row.delivery.uid if row.delivery else None,
        )


def _note(one: noted.Note) -> Refusal:
    return Refusal(
        **{name: getattr(one, name) for name in ("code", "zh", "en", "remedy_zh", "remedy_en")},
        place=f"{one.cell} ({one.header})" if one.header else one.cell,
        expected=one.expected or None,
        found=one.found or None,
        expected_zh=one.expected_zh or one.expected or None,
        found_zh=one.found_zh or one.found or None,
    )


class SentFile(Given):
    """What a file says. whole: who is not in it is no longer on the list."""

    as_of: date | None = None
    area: AreaCode = ""
    whole: bool = True
    sheet: Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f]*$")] = ""


class Plan(Given):
    """The plan of the check that was seen."""

    plan: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[!-~]+$")]


class FileStep(Schema):
    """A step that a worker will do. Ask for the file by its id."""

    id: UUID
    state: str


@router.post("/lists/{slug}/files", response=answers(FileStep, 202), operation_id="send_file", auth=Bearer("officer"))
def send(request: HttpRequest, slug: Slug, key: Key, file: File[UploadedFile], sent: Form[SentFile]) -> Status[FileStep]:
    """Send a list as xlsx or csv, at most 25 MB, to be tried in the background. Its columns are found by their headers."""
    viewer, declaration = viewer_of(request), load_lists(settings.LINLI_CITY).get(slug)
    if declaration is None:
        raise not_there()
    body = {**sent.model_dump(mode="json"), "file": hashlib.file_digest(file.open("rb"), "sha256").hexdigest()}
    file.seek(0)
    said = uploads.Sent(file.name or "", viewer.actor, sent.as_of or clock.today(), sent.area, sent.whole, sent.sheet)

    def work() -> dict[str, Any]:
        row = uploads.receive(viewer, declaration=declaration, chunks=file.chunks(), sent=said, background=True)
        if row.state == "columns":
            row = uploads.name_columns(viewer, upload=row.uid, mapping=row.mapping)
            row = uploads.check(viewer, upload=row.uid)
        return {"id": str(row.uid), "state": row.state}

    return Status(202, FileStep(**once(request, viewer, key, body, work)))


@router.get("/files/{uid}", response=answers(FileShape), operation_id="get_file", auth=Bearer("officer"))
def get(request: HttpRequest, uid: UUID) -> FileShape:
    """Where one's own file stands, and what its check found."""
    return FileShape.of(_found(lambda: uploads.mine(viewer_of(request), uid)))


@router.post("/files/{uid}/apply", response=answers(FileStep, 202), operation_id="apply_file", auth=Bearer("officer"))
def apply(request: HttpRequest, uid: UUID, body: Plan, key: Key) -> Status[FileStep]:
    """Have a file applied as it was tried; rows with wrong cells are left to a human. Refused if anything has changed since."""
    viewer = viewer_of(request)
    _found(lambda: uploads.mine(viewer, uid))

    def work() -> dict[str, Any]:
        row = uploads.apply(viewer, upload=uid, plan=body.plan)
        return {"id": str(row.uid), "state": row.state}

    return Status(202, FileStep(**once(request, viewer, key, body.model_dump(mode="json"), work)))


def _found(ask: Callable[[], Upload]) -> Upload:
    try:
        return ask()
    except LinliError as problem:
        if problem.code == "imports.no_upload":
            raise not_there() from None
        raise
