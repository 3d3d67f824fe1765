"""Whoever had a part in paying somebody, or in taking money back from them, doesn't answer when the decision about it is contested."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from linli.casework import contesting
from linli.casework.models import Case, Task
from linli.settlement.models import BankWord, Instruction

_PAID = ("order__made_by", "order__released_by")
_SAID = ("entered_by", "ended_by")


def of_payments(case: Case) -> set[str]:
    """Who made or released a bank's file with a payment of the contested decision, or entered, confirmed or dropped what a bank's paper
    says of it or of what came back. Four queries."""
    about = [one.uid for one in contesting.contested(case)]
    rows = [*Instruction.objects.filter(payment__case__in=about).values_list(*_PAID)]
    rows += BankWord.objects.filter(case__in=about).values_list(*_SAID)
    rows += BankWord.objects.filter(instruction__payment__case__in=about).values_list(*_SAID)
    return {one for row in rows for one in row if one}


def _barred(actor: str) -> QuerySet[Task, int]:
    paid = Instruction.objects.filter(Q(order__made_by=actor) | Q(order__released_by=actor))
    said = BankWord.objects.filter(Q(entered_by=actor) | Q(ended_by=actor))
    part = contesting.of_contested(paid, "payment__case", "uid")
    part |= contesting.of_contested(said, "case", "uid") | contesting.of_contested(said, "instruction__payment__case", "uid")
    decision = Q(case__kind__in=contesting.CONTESTING, case__parent__isnull=False) & part
    return Task.objects.filter(decision, done_at__isnull=True).order_by().values_list("pk", flat=True)


contesting.taking_part(contesting.Part(of_payments, _barred))
