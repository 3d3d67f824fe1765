"""A fact that a webhook asked for becomes a delivery, in the transaction of the reaction."""

from __future__ import annotations

from collections.abc import Sequence

from linli.agreements import facts as owed
from linli.api import jobs
from linli.api.models import HELD_BACK, Delivery, Webhook
from linli.batches import facts as listed
from linli.casework import facts as cases
from linli.entitlements import facts as applied
from linli.kernel import clock
from linli.kernel.areas import contains
from linli.programmes import facts as promised
from linli.registers import facts as registered
from linli.registers.lists import facts as said
from linli.screening import facts as screened
from linli.settlement import facts as paid
from linli.trace import FactType, reaction
from linli.trace.models import Fact
from linli.trace.queries import restored_at

_OFFERED: tuple[FactType, ...] = (
    registered.RESIDENT_REGISTERED,
    registered.RESIDENT_CORRECTED,
    registered.RESIDENT_DIED,
    registered.RESIDENT_ERASED,
    registered.SITUATION_RECORDED,
    registered.HOUSEHOLD_CHANGED,
    registered.FAMILY_LINKED,
    said.LIST_IMPORTED,
    said.RECORD_CHANGED,
    said.HOLDING_CHANGED,
    promised.VERSION_PUBLISHED,
    screened.SCREENED,
    screened.SCREENING_FAILED,
    screened.DETERMINED,
    cases.CASE_OPENED,
    cases.ESCALATED,
    cases.ANSWERED,
    cases.CLOSED,
    cases.ACCEPTED,
    cases.ITEMS_ASKED,
    cases.STEP_ENTERED,
    applied.APPLIED,
    applied.DECIDED,
    applied.ANSWERED_ELSEWHERE,
    owed.AWARD_MADE,
    owed.AWARD_CHANGED,
    listed.APPROVED,
    paid.PAID,
    paid.FAILED,
    paid.RETURNED,
)
OFFERED: dict[str, FactType] = {fact_type.name: fact_type for fact_type in _OFFERED}
"""The types that may be subscribed to. A bulk act (an import, a screening) is told of by its anchoring fact alone: the rows are read back
from the API, a page at a time."""


@reaction(*_OFFERED, name="api.tell")
def tell(facts: Sequence[Fact]) -> None:
    """Write a delivery for each open webhook that wants one of the facts; the worker sends them. Three statements.

    Of facts older than a restore it may have been told already, under another id: they wait for a replay.
    """
    hooks = list(Webhook.objects.filter(ended_at__isnull=True, types__overlap=sorted({fact.type for fact in facts})))
    before = restored_at()
    wanted = [
        Delivery(webhook=hook, fact=fact.pk, due_at=clock.now(), **(HELD_BACK if fact.pk < before else {}))
        for hook in hooks
        for fact in facts
        if fact.type in hook.types and contains(hook.area_code, fact.area)
    ]
    if wanted:
        Delivery.objects.bulk_create(wanted, ignore_conflicts=True)
        jobs.deliver.defer()
