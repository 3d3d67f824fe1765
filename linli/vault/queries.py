"""Who read a person's data, whether a person was erased, and in what state the keys are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Max, QuerySet

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.vault.keyring import keyring
from linli.vault.models import Access, KeyEvent, PersonKey

PAGE = 50
SUMMED = 100_000  # newest reads that a summary looks at


def accesses_of(subject: UUID | str) -> QuerySet[Access]:
    """Every recorded read of the person's sensitive fields, newest first: for the person, who has a right to it."""
    return Access.objects.filter(subject=subject).order_by("-id")


def is_erased(subject: UUID | str) -> bool:
    """Whether the person's key was destroyed."""
    return PersonKey.objects.filter(subject=subject, wrapped__isnull=True).exists()


def whose(viewer: Viewer, text: str) -> UUID:
    """Whose reads are asked for, by auditors: a person's id, "resident:…" too, or "#" and the number of a read, so that an address names
    nobody's id. Raises ValueError for anything else. One query at most."""
    viewer.require("auditor")
    if not text.startswith("#"):
        return UUID(text.removeprefix("resident:"))
    found = Access.objects.filter(pk=int(text[1:19])).values_list("subject", flat=True).first()
    if found is None:
        raise ValueError(text)
    return UUID(str(found))


def reads(viewer: Viewer, *, subject: UUID | None = None, before: int = 0, limit: int = PAGE) -> list[Access]:
    """Reads of sensitive fields, newest first, of everyone or of one person; for auditors. One index range; page on with the last id."""
    viewer.require("auditor")
    rows = Access.objects.order_by("-id")
    if subject is not None:
        rows = rows.filter(subject=subject)
    return list((rows.filter(id__lt=before) if before else rows)[:limit])


@dataclass(frozen=True, slots=True)
class Reading:
    """How often someone read for a purpose, about how many persons."""

    actor: str
    purpose: str
    reads: int
    persons: int


def readings(viewer: Viewer, days: int = 7) -> list[Reading]:
    """Who read how much for what in the last days, most first, without whom; for security. Looks at the newest 100,000 reads."""
    viewer.require("security")
    newest = Access.objects.aggregate(newest=Max("id"))["newest"] or 0
    found = (
        Access.objects.filter(id__gt=newest - SUMMED, at__gte=clock.now() - timedelta(days=days))
        .values("actor", "purpose")
        .annotate(reads=Count("pk"), persons=Count("subject", distinct=True))
        .order_by("-reads", "actor", "purpose")[:PAGE]
    )
    return [Reading(row["actor"], row["purpose"], row["reads"], row["persons"]) for row in found]


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation of an installation key. persons: keys of persons it wraps, None for the index key; writes: whether it is the newest."""

    use: str
    number: int
    persons: int | None
    writes: bool


def key_state(viewer: Viewer) -> tuple[list[Generation], list[KeyEvent]]:
    """The generations that the key document holds, and the newest key changes; for security. Two queries, one over the wrapping index."""
    viewer.require("security")
    ring = keyring()
    held = PersonKey.objects.filter(wrapped__isnull=False).order_by().values_list("wrapping_generation").annotate(Count("pk"))
    wrapped: dict[int, int] = dict(held)
    numbers = {*ring.generations("wrapping"), *wrapped}
    wrapping = [Generation("wrapping", one, wrapped.get(one, 0), one == ring.newest("wrapping")) for one in sorted(numbers, reverse=True)]
    index = [Generation("index", one, None, one == ring.newest("index")) for one in ring.generations("index")]
    return wrapping + index, list(KeyEvent.objects.order_by("-id")[:20])
