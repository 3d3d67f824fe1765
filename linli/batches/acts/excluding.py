"""Exclusions are looked for when a list is frozen, every night after that, and by its approval; what was found stays until then."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from linli.batches import facts
from linli.batches.acts.gathering import about, mine
from linli.batches.exclusions import AT_ONCE, excluded
from linli.batches.models import Batch, Excluded
from linli.kernel.looks import one_look
from linli.kernel.viewer import Viewer, system
from linli.trace import act
from linli.trace.again import apart

LOOKING = system("batches.exclusions")
OPEN = ("frozen", "checking", "notice")


def look(viewer: Viewer, *, batch: UUID) -> int:
    """Look at every item of a frozen list and keep who is excluded, and by which conditions; how many. Locks the batch."""
    with act(viewer) as current:
        row = mine(viewer, batch, *OPEN)
        before = set(Excluded.objects.filter(item__batch=row).values_list("item", flat=True))
        with one_look():
            found = list(excluded(row))
        Excluded.objects.filter(item__batch=row).delete()
        Excluded.objects.bulk_create(found, batch_size=AT_ONCE)
        if viewer != LOOKING or before != {one.item_id for one in found}:
            payload = {**about(row), "excluded": len(found)}
            current.record(facts.EXCLUSIONS, subject=str(row), payload=payload, area=row.area_code, rows=[row])
    return len(found)


def look_at_all() -> int:
    """Look at every frozen list that is not approved yet; how many. One that can't be looked at is logged and holds up no other."""
    found = list(Batch.objects.filter(state__in=OPEN).values_list("uid", flat=True))
    return sum(apart(f"batch {uid}", partial(_looked, uid), 0) for uid in found)


def _looked(batch: UUID) -> int:
    look(LOOKING, batch=batch)
    return 1
