"""Paid periods are reckoned anew by what became known afterwards: what is still owed waits for the next batch, what was overpaid for its
recovery. Nothing is set off silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from linli.batches import due
from linli.batches.acts.gathering import record_difference
from linli.batches.due import Due
from linli.batches.models import Difference, Item
from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.queries import live_version, pinned, programme_of
from linli.trace import Act, act

SAYS_NOTHING = ("unknown", "no_slip", "no_amount")
"""Reasons for which a paid period stays as it is: nothing is known against it."""


def look(viewer: Viewer) -> int:
    """Reckon anew every paid item about whose beneficiary something became known since; how many differ by now.

    One query for each programme, then those of due.reckoned() for each 500 items that something is new about; an act for each 500.
    """
    return sum(_look(viewer, programme) for programme in _programmes())


def _programmes() -> Iterator[Programme]:
    """Those that pay by the day, as they apply today, or as they were when they last paid."""
    rows = Item.objects.filter(state="paid", reckoning__isnull=False)
    for slug, version in rows.order_by("programme").values_list("programme", "batch__programme_version").distinct("programme"):
        row = live_version(slug, clock.today())
        yield programme_of(row) if row is not None else pinned(slug, version)


def _look(viewer: Viewer, programme: Programme) -> int:
    paid = Item.objects.filter(programme=programme.slug, state="paid").annotate(since=Coalesce("looked_at", "added_at"))
    items = due.touched(paid, programme, "since").select_related("award", "batch").order_by("id").iterator(chunk_size=due.AT_ONCE)
    found = 0
    while some := list(islice(items, due.AT_ONCE)):
        found += _settle(viewer, some, programme)
    return found


def _settle(viewer: Viewer, items: list[Item], programme: Programme) -> int:
    known: dict[int, list[Difference]] = {item.pk: [] for item in items}
    with act(viewer) as a:
        for one in _open(items).select_for_update(of=("self",)):
            known[one.item_id].append(one)
        differing = [_differs(a, item, now, known[item.pk]) for item, now in due.changed(items, programme, paid=True)]
        Item.objects.filter(pk__in=known).update(looked_at=clock.now())
    return sum(differing)


def _open(items: Iterable[Item]) -> QuerySet[Difference]:
    return Difference.objects.filter(item__in=items, dropped_at__isnull=True).select_related("item__batch", "listed_in").order_by("id")


def _differs(a: Act, item: Item, now: Due, known: list[Difference]) -> bool:
    """Set down what an item differs by, in place of what was set down and not acted on. Whether it is another difference than before."""
    if now.reason in SAYS_NOTHING:
        return False
    loose = [one for one in known if _is_loose(one)]
    settled = due.own_fen(item) + sum(one.fen for one in known if one not in loose)
    if now.own_fen - settled == sum(one.fen for one in loose):
        return False
    for one in loose:
        one.dropped_at = clock.now()
        one.save(update_fields=["dropped_at"])
        record_difference(a, one, "dropped")
    if now.own_fen != settled:
        found = Difference.objects.create(
            item=item, fen=now.own_fen - settled, own_fen=now.own_fen, reckoning=now.told, found_at=clock.now()
        )
        record_difference(a, found, "owed" if found.fen > 0 else "overpaid")
    return True


def _is_loose(one: Difference) -> bool:
    """Whether nothing was done about it yet."""
    listed = one.listed_in
    return one.case_id is None and (listed is None or listed.state in ("removed", "failed"))


def overpaid() -> QuerySet[Difference]:
    """What was overpaid and has no recovery yet."""
    rows = Difference.objects.filter(fen__lt=0, dropped_at__isnull=True, case__isnull=True)
    return rows.select_related("item__award", "item__batch").order_by("id")


def recovered(viewer: Viewer, one: Difference, case: Case) -> None:
    """A recovery was opened for what was overpaid."""
    with act(viewer) as a:
        one.case = case
        one.save(update_fields=["case"])
        record_difference(a, one, "recovered")
