"""What recoveries of an award take back already, so that the same money is never taken back twice."""

from __future__ import annotations

from collections import Counter

from django.db.models import QuerySet, Sum

from linli.agreements.models import Award
from linli.batches.models import Difference, Item
from linli.entitlements.models import TWICE, Recovery

UNFOUNDED = "unfounded"


def room(award: Award) -> tuple[Counter[str], int]:
    """What was paid of an award and no recovery takes back, in fen: by period, and of all. What was given up by two officers counts as
    taken back; where nothing was paid too much after all, only what came back does; what the bank returned was not paid. Two queries.

    A later period's item that paid for an earlier one counts for both periods, and once in the sum of all.
    """
    by_period: Counter[str] = Counter()
    whole = 0
    for item in Item.objects.filter(award=award, state="paid", came_back_at__isnull=True):
        whole += item.amount_fen
        by_period[item.period] += item.amount_fen
        for one in (item.reckoning or {}).get("earlier", ()):
            by_period[one["period"]] += one["fen"]
    taken: Counter[str] = Counter()
    for recovery in _of(award):
        taken.update(_taken(recovery))
    by_period.subtract(taken)
    return by_period, whole - taken.total()


def _of(award: Award) -> QuerySet[Recovery]:
    """What takes back something of what was paid once: what a bank paid twice is beside it."""
    return Recovery.objects.filter(award=award).exclude(cause=TWICE).select_related("case")


def _taken(recovery: Recovery) -> dict[str, int]:
    """By period what a recovery takes back."""
    unfounded = recovery.case.outcome == UNFOUNDED or recovery.stopped_at is not None
    left = recovery.returned_fen if unfounded else recovery.amount_fen
    found: dict[str, int] = {}
    for period, paid, owed in recovery.periods:
        found[period] = min(paid - owed, left)
        left -= found[period]
    return found


def beside(one: Difference) -> tuple[int, Recovery | None]:
    """What recoveries take back of a difference's period beyond the differences they were opened for, in fen, and the last of them."""
    period, award = one.item.period, one.item.award
    rows = [row for row in _of(award).order_by("id") if _taken(row).get(period)]
    told = Difference.objects.filter(item=one.item, fen__lt=0, dropped_at__isnull=True, case__isnull=False).exclude(case__outcome=UNFOUNDED)
    known = -(told.aggregate(fen=Sum("fen"))["fen"] or 0)
    return max(0, sum(_taken(row)[period] for row in rows) - known), rows[-1] if rows else None
