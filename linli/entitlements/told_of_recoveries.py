"""Money paid too much to somebody who has died or is a minor, as their heirs and guardians may see it: by registered relation alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from linli.casework.kinds import RECOVERY
from linli.casework.letters import queries as letters
from linli.casework.models import Letter
from linli.entitlements.models import Recovery
from linli.kernel.viewer import Grant, Viewer
from linli.registers.queries.relatives import spoken_for

PURPOSE = "recovery.told"
RELATIVE = "relative"
"""The role in which that purpose is read for: nobody is granted it, the registered relation gives it for one letter."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A recovery, with the name of whom it concerns."""

    recovery: Recovery
    name: str


def shared_with(viewer: Viewer) -> list[Shared]:
    """The open recoveries of those whom the viewer is told of as heir, guardian or parent, newest first; nothing else of them. Needs level
    card. Four queries at most."""
    viewer.require_level(RECOVERY.level)
    people = spoken_for(UUID(viewer.subject)) if viewer.subject else {}
    if not people:
        return []
    rows = Recovery.objects.filter(person__in=people, case__status="open").select_related("case", "award").order_by("-id")
    return [Shared(row, people[row.person]) for row in rows]


def letter_about(shared: Shared) -> Letter | None:
    """The letter that tells of a recovery, None where there is none that still counts. One query."""
    rows = Letter.objects.select_related("case", "scan").filter(case=shared.recovery.case, kind="recovery", withdrawn_at__isnull=True)
    return rows.exclude(cipher="").order_by("-id").first()


def letter_pdf(viewer: Viewer, shared: Shared, letter: Letter, *, site: str, language: str) -> bytes:
    """That letter as PDF for whom shared_with() gave it to; the reading is recorded for the person under its own purpose."""
    if letter.case_id != shared.recovery.case_id:
        raise letters.no_letter(letter.uid)
    reader = replace(viewer, grants=(*viewer.grants, Grant(RELATIVE)))
    return letters.pdf(reader, letter, site=site, language=language, purpose=PURPOSE)
