"""A large answer of a bank, read by the worker: its rows come to stand beside it some thousand in a transaction and in bounded memory. A
worker that was killed takes up where it stopped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.settlement import facts
from linli.settlement.acts import answers, shelf
from linli.settlement.acts.shared import MACHINE
from linli.settlement.banking.rows import Told
from linli.settlement.refusals import refused
from linli.trace import act


def read_kept(reader: answers.Reader, *, answer: UUID) -> None:
    """Read the file of an answer that waits for it, to its end; nothing where it was read. What it can't be taken for is kept with it: a
    file that isn't readable, or whoever sent it may not. About 0.15 ms a row."""
    row: Any = reader.kind._default_manager.get(uid=answer)  # type: ignore[attr-defined]
    if row.state != "reading" or row.refusal is not None:
        return
    path, told = shelf.path_of(row.file_digest), Told()
    try:
        if not path.exists() or answers.digest_of(path) != row.file_digest:
            raise _gone()
        for piece in answers.pieces(reader.rows(row, path, told)):
            _put(reader, row, piece)
        _complete(reader, row, told)
    except LinliError as problem:
        _refuse(reader, row, problem)
    shelf.drop(row.file_digest)


def _put(reader: answers.Reader, row: Any, piece: list[Any]) -> None:
    """Those of a piece that don't stand there yet."""
    with transaction.atomic():
        locked = _locked(reader, row)
        last = locked.lines.aggregate(last=Max("line"))["last"] or 0
        fresh = [one for one in piece if one.line > last]
        if fresh and locked.state == "reading":
            answers.put(reader, locked, fresh)


def _complete(reader: answers.Reader, row: Any, told: Told) -> None:
    """In the name of whoever sent it, with the grants of then."""
    viewer = Viewer(row.received_by, tuple(Grant(*one) for one in row.grants or ()))
    with act(viewer) as current:
        locked = _locked(reader, row)
        if locked.state == "reading":
            answers.staged(current, viewer, reader, locked, told)


def _refuse(reader: answers.Reader, row: Any, problem: LinliError) -> None:
    with act(MACHINE) as current:
        locked = _locked(reader, row)
        if locked.state != "reading":
            return
        locked.refusal = {
            "code": problem.code,
            "zh": problem.zh,
            "en": problem.en,
            "remedy_zh": problem.remedy_zh,
            "remedy_en": problem.remedy_en,
        }
        locked.save(update_fields=["refusal"])
        payload = {"file": locked.file_digest, "reason": problem.code}
        current.record(facts.ANSWER_REFUSED, subject=str(locked), payload=payload, rows=[locked])


def _locked(reader: answers.Reader, row: Any) -> Any:
    return reader.kind._default_manager.select_for_update().get(pk=row.pk)  # type: ignore[attr-defined]


def _gone() -> LinliError:
    return refused(
        "kept_file",
        "file",
        ("等待读取的文件不在了，或内容变了", "The file that waited to be read is gone, or isn't the same any more."),
        remedy=("重新交一次同一个文件", "hand in the same file again"),
    )
