"""What several acts of settlement need: whose business a batch is, what a fact of a payment says, facts of many payments at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from linli.agreements.models import Award
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer, system
from linli.registers.nearness import all_near, require_none_near
from linli.settlement.models import Instruction, Order, Payment
from linli.trace import FactType
from linli.trace.bulk import BulkFact
from linli.trace.rows import with_digests
from linli.trace.unaltered import require_unaltered

PURPOSE = "settlement.pay"
MACHINE = system("settlement")
COUNTY = 6
RESIDENT = "resident"
"""Whose chain the facts of payments are in."""
_TOLD = ("uid", "award", "programme", "period", "part", "amount_fen", "person", "state")


def require_over(viewer: Viewer, batch: UUID) -> None:
    """Raise Refused unless the viewer is an officer for the programme in every county that a batch's payments are of. One query."""
    if viewer.all_seeing:
        return
    rows = Payment.objects.filter(batch=batch).values_list("programme", Left("area_code", COUNTY)).distinct()
    places = set(rows)
    if not places:
        raise Refused(
            "settlement.not_found",
            zh="没有这个批次，或不在您的职责范围内",
            en="There is no such batch, or it is not yours to see.",
            found=str(batch),
            remedy_zh="从列表进入",
            remedy_en="open it from the list",
        )
    for programme, county in places:
        viewer.require("officer", area=county, programme=programme)


def require_nobody_near(actor: str, payments: QuerySet[Payment]) -> None:
    """Raise Refused where whoever deals with payments is near to somebody whom one is about, or who gets it. One query over them."""
    near = all_near(actor)
    if near:
        theirs = Q(person__in=near) | Q(payee_uid__in=near) | Q(award__in=Award.objects.filter(beneficiary__in=near).values("uid"))
        require_none_near(payments.filter(theirs).count())


def require_as_recorded(order: Order) -> None:
    """Raise AlteredError where an order, one of its payments or what the bank is asked to pay was altered behind the trace. Three cursors,
    about 30 µs for each of the rows."""
    require_unaltered(Order.objects.filter(pk=order.pk), "order", "uid")
    require_unaltered(Payment.objects.filter(instructions__order=order).order_by("pk"), RESIDENT, "person")
    require_unaltered(Instruction.objects.filter(order=order).order_by("pk"), RESIDENT, "payment__person")


def borne(shares: Sequence[int], fen: int) -> list[int]:
    """How much of a sum each share bears, one after the other: what is left over is nobody's."""
    before = accumulate(shares, initial=0)
    return [min(share, max(0, fen - gone)) for share, gone in zip(shares, before, strict=False)]


def about(payment: Payment) -> dict[str, Any]:
    """What every fact of a payment says of it."""
    return _payload(payment.uid, payment.award, payment.programme, payment.period, payment.part, payment.amount_fen)


def subject_of(payment: Payment) -> str:
    """Whose chain a fact of a payment goes to."""
    return f"{RESIDENT}:{payment.person}"


def payment_facts(fact_type: FactType, rows: QuerySet[Payment], **more: Any) -> Iterator[BulkFact]:
    """One fact for each payment, in the queryset's order, with its row's digest. more: what the payload says beside; state is each's own
    where more names it as None. One cursor."""
    for digests, (uid, award, programme, period, part, amount, person, state) in with_digests(rows, *_TOLD):
        payload = _payload(uid, award, programme, period, part, amount) | more
        if "state" in more:
            payload["state"] = state
        yield fact_type, f"resident:{person}", payload, digests


def _payload(uid: UUID, award: UUID, programme: str, period: str, part: str, amount: int) -> dict[str, Any]:
    return {"payment": str(uid), "award": str(award), "programme": programme, "period": period, "part": part, "amount_fen": amount}
