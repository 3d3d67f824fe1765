"""What became of approved items, as settlement was told by the bank: paid, or given up. The batch closes with the last of them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from linli.batches import facts, queries
from linli.batches.acts.gathering import about
from linli.batches.models import Batch, Item
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.trace import act, bulk_act
from linli.trace.rows import with_digests


def paid(viewer: Viewer, item_uids: Iterable[UUID]) -> int:
    """The bank said so. Items that are known as paid are passed over; returns how many are new. Locks their batches. Set statements."""
    uids = list(item_uids)
    Item.objects.filter(uid__in=uids, came_back_at__isnull=False).update(came_back_at=None, repaid_at=clock.now())
    return _ended(viewer, uids, "paid")


def returned(item_uids: Iterable[UUID]) -> None:
    """The bank has returned what it had paid: nobody has it, so nobody is asked for it, until it is paid again. For the act that has taken
    it back, whose fact it is. One statement."""
    Item.objects.filter(uid__in=list(item_uids), state="paid").update(came_back_at=clock.now())


def unpaid(viewer: Viewer, item_uids: Iterable[UUID]) -> int:
    """Given up for good, also what the bank had paid and returned: the award may be listed again for the period. As paid()."""
    uids = list(item_uids)
    return _ended(viewer, uids, "failed") + _given_up(viewer, uids)


def _given_up(viewer: Viewer, uids: list[UUID]) -> int:
    """What came back and is not paid again was not paid, whatever became of its batch meanwhile."""
    ended, back = 0, Item.objects.filter(uid__in=uids, state="paid", came_back_at__isnull=False)
    with act(viewer):
        for batch in Batch.objects.filter(pk__in=back.values("batch")).select_for_update().order_by("pk"):
            keys = list(back.filter(batch=batch).values_list("pk", flat=True))
            ended += len(keys)
            _end(viewer, batch, keys, "failed")
    return ended


def _ended(viewer: Viewer, uids: list[UUID], state: str) -> int:
    ended = 0
    with act(viewer):
        batches = Batch.objects.filter(pk__in=Item.objects.filter(uid__in=uids).values("batch"), state__in=queries.PAYABLE)
        for batch in batches.select_for_update().order_by("pk"):
            keys = list(Item.objects.filter(uid__in=uids, batch=batch, state="listed").values_list("pk", flat=True))
            if keys:
                ended += len(keys)
                _note(viewer, batch, keys, state)
    return ended


def _end(viewer: Viewer, batch: Batch, keys: list[int], state: str) -> None:
    rows = Item.objects.filter(pk__in=keys)
    rows.update(state=state, ended_at=clock.now())
    done = facts.PAID if state == "paid" else facts.UNPAID
    counts = {"paid": len(keys) if state == "paid" else 0, "failed": len(keys) if state == "failed" else 0}
    with bulk_act(viewer, facts.SETTLED_ITEMS, subject=str(batch), payload={**about(batch), **counts}, area=batch.area_code) as bulk:
        known = {"batch": str(batch.uid)}
        bulk.extend((done, f"item:{uid}", known, digests) for digests, (uid,) in with_digests(rows.order_by("pk"), "uid"))


def _note(viewer: Viewer, batch: Batch, keys: list[int], state: str) -> None:
    _end(viewer, batch, keys, state)
    if batch.state == "approved":
        batch.state = "paying"
        batch.save(update_fields=["state"])
        with act(viewer) as current:
            current.record(facts.PAYING, subject=str(batch), payload=about(batch), area=batch.area_code, rows=[batch])
    close_if_done(viewer, batch)


def close_if_done(viewer: Viewer, batch: Batch) -> bool:
    """Close a batch that is being paid and waits for nothing any more, a notice afterwards included. For an act that has locked it."""
    if batch.state != "paying" or queries.listed(batch).exists() or _still_to_be_shown(batch):
        return False
    batch.state, batch.ended_at = "closed", clock.now()
    batch.save(update_fields=["state", "ended_at"])
    with act(viewer) as current:
        counts = {state: Item.objects.filter(batch=batch, state=state).count() for state in ("paid", "failed")}
        current.record(facts.CLOSED, subject=str(batch), payload={**about(batch), **counts}, area=batch.area_code, rows=[batch])
    return True


def _still_to_be_shown(batch: Batch) -> bool:
    notice = queries.programme_of(batch).public_notice
    return notice is not None and notice.place == "after_payment" and not batch.announcements.filter(state="ended").exists()
