"""Whoever had a part in paying somebody doesn't answer when what was decided about them is contested."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.casework import contesting
from linli.casework.models import Case, Task
from linli.settlement.models import Instruction


def of_payments(case: Case) -> set[str]:
    """Who made or released a bank's file with a payment of the contested decision. One query."""
    if case.parent is None:
        return set()
    rows = Instruction.objects.filter(payment__case=case.parent.uid).values_list("order__made_by", "order__released_by")
    return {one for row in rows for one in row if one}


def _barred(actor: str) -> QuerySet[Task, int]:
    handled = Q(order__made_by=actor) | Q(order__released_by=actor)
    paid = Exists(Instruction.objects.filter(handled, payment__case=OuterRef("case__parent__uid")))
    decision = Q(case__kind__in=contesting.CONTESTING, case__parent__isnull=False) & paid
    return Task.objects.filter(decision, done_at__isnull=True).order_by().values_list("pk", flat=True)


contesting.taking_part(contesting.Part(of_payments, _barred))
