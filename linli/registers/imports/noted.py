"""What a check found, cell by cell: paged and masked for a page, in full for a purpose, or marked in a copy of the file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.papers import annotate
from linli.papers.tables import column_letters
from linli.registers.imports import masking, shelf, uploads
from linli.registers.lists import ListDeclaration
from linli.registers.lists.facts import UPLOAD_READ
from linli.registers.models import Upload
from linli.trace import act
from linli.vault.purpose import require_purpose

PAGE = 50
PURPOSE = "registers.match"
UNREADABLE = ("papers.encoding", "papers.damaged", "papers.broken_csv", "papers.too_many_rows", "papers.too_wide")
"""What is wrong with a file that no copy can be made of."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to mend. cell: “C5”, or the row's number alone; found: masked unless asked for in full."""

    code: str
    cell: str
    header: str
    zh: str
    en: str
    expected: str
    found: str
    remedy_zh: str
    remedy_en: str
    expected_zh: str
    found_zh: str


def notes(upload: Upload, kind: str, *, after: int = 0, in_full: bool = False) -> list[Note]:
    """A page of notes of a kind ("wrong", "doubtful", "unknown"), in the file's order, beginning with the after-th."""
    declaration = uploads.declaration_of(upload)
    columns = {header: name for name, header in upload.mapping.items()}
    found = [_note(one) for one in shelf.read(upload.uid, f"notes-{kind}", after, PAGE)]
    return found if in_full else [_masked(declaration, columns, one) for one in found]


def problems(upload: Upload) -> list[Note]:
    """Why a file could not be checked or applied."""
    return [_note(one) for one in upload.problem]


def note_of(error: LinliError) -> Note:
    """One thing to mend in a file that holds nothing of people."""
    return _note(uploads.as_note(error))


def _note(kept: dict[str, Any]) -> Note:
    line, column = kept["line"], kept["column"]
    cell = f"{column_letters(column - 1) if column else ''}{line}" if line else ""
    names = ("zh", "en", "expected", "found", "remedy_zh", "remedy_en", "expected_zh", "found_zh")
    texts = {name: kept.get(name) or "" for name in names}
    return Note(code=kept["code"], cell=cell, header=kept["field"] or "", **texts)


def _masked(declaration: ListDeclaration, columns: dict[str, str], note: Note) -> Note:
    """Errors of numbers mask what they found themselves."""
    name = columns.get(note.header, "")
    masks_itself = bool(name) and declaration.column(name).type in ("identity", "credit_code")
    hidden = bool(note.header) and not masks_itself and masking.is_hidden(declaration, name)
    return replace(note, found=masking.shown(note.found, masked=hidden))


def read_in_full(viewer: Viewer, upload: Upload, cells: int) -> None:
    """Record that cells of a file were read in full, for the one purpose there is for it. Raises Refused where it doesn't fit."""
    require_purpose(PURPOSE, viewer, upload.uid, frozenset({"list_secret"}))
    with act(viewer) as a:
        payload = {"list": upload.list_slug, "upload": str(upload.uid), "purpose": PURPOSE, "cells": cells}
        a.record(UPLOAD_READ, subject=f"list:{upload.list_slug}", payload=payload, area=upload.area_code)


def marked(viewer: Viewer, upload: Upload) -> Path:
    """An xlsx copy with everything to mend in red, made when it is first asked for. It holds all that the file holds: recorded."""
    read_in_full(viewer, upload, len(uploads.errors_of(upload)))
    return _made(upload)


def prepare(uid: UUID) -> None:
    """Make the copy of a checked file beforehand, where anything is to be mended: that of a large one takes a while."""
    upload = Upload.objects.filter(uid=uid, state="checked").first()
    if upload is not None and can_be_marked(upload):
        _made(upload)


def _made(upload: Upload) -> Path:
    path = shelf.marked_of(upload.uid)
    if path.exists():
        return path
    draft = path.with_suffix(".part.xlsx")
    draft.touch(mode=0o600)
    try:
        annotate(shelf.file_of(upload.uid), draft, uploads.errors_of(upload), sheet=upload.sheet or None)
    except LinliError:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(path)
    return path


def can_be_marked(upload: Upload) -> bool:
    """Whether anything is wrong at a place of the file."""
    placed = any(upload.counts.get(f"{kind}_notes") for kind in uploads.KINDS)
    return placed if upload.state == "checked" else any(note["line"] and note["code"] not in UNREADABLE for note in upload.problem)
