"""Payments: the bank's answers, sent as files, and what became of each row."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from linli.api.authority import Bearer, viewer_of
from linli.api.keys import once
from linli.api.paging import cursor, keys_of
from linli.api.responses import answers
from linli.api.shapes import After, Given, Key, Page
from linli.settlement import acts, queries
from linli.settlement.models import Outcome, OutcomeRow

router = Router(tags=["payments"])


class BankAnswer(Given):
    """What the bank sends. layout: of the file."""

    layout: Annotated[str, Field(min_length=1, max_length=40)]


class BankAnswerTaken(Schema):
    """Taken; ask for it by its id."""

    id: UUID


class BankAnswerShape(Schema):
    """A file of the bank. verdicts: how many rows came to what, "" those that wait; warnings: where it contradicts its own sums.

    A large file is read by a job: state is "reading" until its rows stand. refused: the code of why it wasn't taken then, else null.
    """

    id: UUID
    layout: str
    state: str
    received_at: datetime
    rows: int
    warnings: list[str]
    verdicts: dict[str, int]
    refused: str | None

    @classmethod
    def of(cls, row: Outcome) -> BankAnswerShape:
        """A row. One query."""
        same = {name: getattr(row, name) for name in ("layout", "state", "received_at", "rows", "warnings")}
        refused = row.refusal["code"] if row.refusal else None
        return cls(id=row.uid, verdicts=queries.verdicts(row), refused=refused, **same)


class BankAnswerRow(Schema):
    """A row and its verdict: paid, failed, returned, pending, repeated, or why it was not used; "" while it waits."""

    line: int
    reference: str
    amount_fen: int | None
    code: str
    day: date | None
    verdict: str
    found: str

    @classmethod
    def of(cls, row: OutcomeRow) -> BankAnswerRow:
        """A row, without its account."""
        return cls(day=row.told_on, **{name: getattr(row, name) for name in cls.model_fields if name != "day"})


@router.post("/outcomes", response=answers(BankAnswerTaken, 202), operation_id="send_bank_answer", auth=Bearer("officer"))
def send(request: HttpRequest, key: Key, file: File[UploadedFile], sent: Form[BankAnswer]) -> Status[BankAnswerTaken]:
    """Send a bank's answer, at most 25 MB; a job deals with its rows. The same file twice is taken once."""
    viewer = viewer_of(request)
    body = {**sent.model_dump(mode="json"), "file": hashlib.file_digest(file.open("rb"), "sha256").hexdigest()}
    file.seek(0)

    def work() -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="linli-answer-") as folder:
            path = Path(folder) / "answer"
            with path.open("wb") as target:
                for chunk in file.chunks():
                    target.write(chunk)
            row = acts.receive(viewer, layout=sent.layout, path=path, name=file.name or "")
        return {"id": str(queries.outcome(viewer, row.uid).uid)}

    return Status(202, BankAnswerTaken(**once(request, viewer, key, body, work)))


@router.get("/outcomes/{uid}", response=answers(BankAnswerShape), operation_id="get_bank_answer", auth=Bearer("officer", "auditor"))
def get(request: HttpRequest, uid: UUID) -> BankAnswerShape:
    """How far an answer has been dealt with, and what its rows came to."""
    return BankAnswerShape.of(queries.outcome(viewer_of(request), uid))


@router.get(
    "/outcomes/{uid}/rows", response=answers(Page[BankAnswerRow]), operation_id="list_bank_answer_rows", auth=Bearer("officer", "auditor")
)
def rows(request: HttpRequest, uid: UUID, after: After = "") -> Page[BankAnswerRow]:
    """The rows of an answer in the file's order with their verdicts, without accounts."""
    last = keys_of(after, int)
    found = queries.rows_of(queries.outcome(viewer_of(request), uid), after=last[0] if last else 0)
    more = cursor(found[-1].line) if len(found) == queries.PAGE else None
    return Page[BankAnswerRow](items=[BankAnswerRow.of(row) for row in found], next=more)
