"""Money paid too much to somebody who has died or is a minor, as their heirs and guardians may see it: by registered relation alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from linli.casework.kinds import RECOVERY
from linli.entitlements.models import Recovery
from linli.kernel.viewer import Viewer
from linli.registers.queries.relatives import spoken_for


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
