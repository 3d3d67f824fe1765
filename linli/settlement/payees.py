"""Schools, centres, contractors and firms that are paid: for whom which money came, told with masked names and recorded for each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum

from linli import vault
from linli.batches.shown import masked_name
from linli.casework.models import Case
from linli.kernel.viewer import Viewer
from linli.registers.models import Organisation, Resident
from linli.settlement.models import ORGANISATIONS, Payment
from linli.settlement.queries import readable
from linli.settlement.refusals import no_such

READERS = ("officer", "auditor", "clerk")
"""Who may print an organisation its list: within the areas and programmes of their grants."""
PURPOSE = "settlement.payee"
FIELD = "payment"
SHOWN = 500
BATCHES = 60
PAID = Q(state="paid")


@dataclass(frozen=True, slots=True)
class Received:
    """What one organisation gets out of one batch: payments and fen, and how much of it the bank has paid."""

    organisation: UUID
    name: str
    batch: UUID
    programme: str
    period: str
    count: int
    fen: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class Line:
    """One payment on an organisation's list. name: masked; "" once erased. receipt: of the case, "" where there is none on record."""

    row: Payment
    name: str
    receipt: str

    @property
    def day(self) -> date | None:
        """On which the bank paid it; of a retained part the first day on which it can be."""
        return self.row.paid_on or self.row.not_before


def rows(viewer: Viewer, **narrowed: UUID) -> QuerySet[Payment]:
    """Payments to organisations that the viewer may list, those given up left out."""
    mine = Payment.objects.filter(readable(viewer, READERS), payee__in=ORGANISATIONS, payee_uid__isnull=False, **narrowed)
    return mine.exclude(state="withdrawn")


def of_batch(viewer: Viewer, batch: UUID) -> list[Received]:
    """The organisations that a batch pays, by name. Two queries."""
    return sorted(_received(rows(viewer, batch=batch)), key=lambda one: (one.name, str(one.organisation)))


def of_organisation(viewer: Viewer, organisation: UUID) -> list[Received]:
    """The newest batches that pay an organisation. Three queries."""
    mine = rows(viewer, payee_uid=organisation)
    newest = list(mine.order_by("-batch").values_list("batch", flat=True).distinct()[:BATCHES])
    return sorted(_received(mine.filter(batch__in=newest)), key=lambda one: one.batch, reverse=True)


def received(viewer: Viewer, batch: UUID, organisation: UUID) -> Received:
    """What one organisation gets out of one batch. Two queries. Raises LinliError where there is nothing that the viewer may list."""
    found = _received(rows(viewer, batch=batch, payee_uid=organisation))
    if not found:
        raise no_such(("收款单位", "payee"), organisation)
    return found[0]


def _received(found: QuerySet[Payment]) -> list[Received]:
    sums = found.order_by().values("payee_uid", "batch").annotate(n=Count("id"), fen=Sum("amount_fen"), paid=Sum("amount_fen", filter=PAID))
    counted = list(sums.annotate(programme=Max("programme"), period=Max("period")))
    names = dict(Organisation.objects.filter(uid__in={one["payee_uid"] for one in counted}).values_list("uid", "name"))
    return [_one(dict(one), names) for one in counted]


def _one(told: dict[str, Any], names: dict[UUID, str]) -> Received:
    about = told["batch"], told["programme"], told["period"]
    return Received(told["payee_uid"], names.get(told["payee_uid"], ""), *about, told["n"], told["fen"], told["paid"] or 0)


def lines(viewer: Viewer, batch: UUID, organisation: UUID | None = None, *, after: int = 0, limit: int = SHOWN) -> list[Line]:
    """The payments of received(), or of of_batch() as a whole, oldest first, a page at a time. Four statements: who was told of is recorded
    for each person.

    Raises Refused where the city declares no purpose under which the viewer may tell it.
    """
    narrowed = {"batch": batch} | ({"payee_uid": organisation} if organisation else {})
    found = list(rows(viewer, **narrowed).filter(pk__gt=after).order_by("pk")[:limit])
    _note(viewer, found)
    names = dict(Resident.objects.filter(uid__in={one.person for one in found}).values_list("uid", "name"))
    receipts = dict(Case.objects.filter(uid__in={one.case for one in found if one.case}).values_list("uid", "receipt"))
    return [Line(one, _masked(names.get(one.person, "")), receipts.get(one.case, "") if one.case else "") for one in found]


def _masked(name: str) -> str:
    return masked_name(name) if name else ""


def _note(viewer: Viewer, found: Sequence[Payment]) -> None:
    people = dict.fromkeys(sorted({one.person for one in found}), frozenset({FIELD}))
    if people:
        vault.note_readings(viewer, purposes=(PURPOSE,), people=people)
