"""What colleagues wrote to each other while a case went through its steps: with their signatures, sealed under the person's key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linli import vault
from linli.casework.models import Case, StepTaken
from linli.kernel.viewer import Viewer

PURPOSE = "casework.answer"


@dataclass(frozen=True, slots=True)
class Note:
    """A signature under a step. outcome: passed, returned, taken_back or what was decided; words: "" where nothing was written."""

    step: str
    actor: str
    at: datetime
    outcome: str
    words: str


def notes(viewer: Viewer, case: Case, stays: Iterable[StepTaken], *, purpose: str = PURPOSE) -> list[Note]:
    """Every signature of the stays in order, with its words; reading them is recorded for the person. Two queries, none without words.

    For a case that the viewer was already shown as theirs to deal with.
    """
    signed = [(stay.step, one) for stay in stays for one in stay.signatures]
    written = [one["words"] for _step, one in signed if one.get("words")]
    plain: list[dict[str, str]] = []
    if written:
        people = [(case.subject_uid, {"words": cipher}) for cipher in written]
        plain = vault.reveal_many(viewer, purpose=purpose, people=people, place=case.area_code)
    told = iter(plain)
    return [_note(step, one, next(told).get("words", "") if one.get("words") else "") for step, one in signed]


def _note(step: str, signature: dict[str, Any], words: str) -> Note:
    return Note(step, signature["actor"], datetime.fromisoformat(signature["at"]), signature["outcome"], words)
