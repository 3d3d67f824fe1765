"""What a person agreed to have set off: so much of each later payment goes back to the fund that paid too much, and the payment says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import F, Q, Sum

from linli.agreements.models import Award
from linli.casework.models import Case
from linli.entitlements.models import TWICE, Recovery
from linli.entitlements.recovering import came_back, went_again
from linli.kernel.viewer import Viewer
from linli.settlement.acts.recovering import parts_back
from linli.settlement.models import Payment
from linli.trace import Act

OWN = ("self", "guardian")


def set_off(programme: str, payments: Sequence[Payment]) -> None:
    """Lessen payments that aren't saved yet by what was agreed, where a recovery of the same beneficiary and programme ended so.

    Never more than the agreed instalment, nor than is left, and never a whole payment: one that isn't larger stays as it is. What goes to
    a provider or a school is not touched. Locks the recoveries, in order. Three queries.
    """
    own = {one.award: one for one in payments if one.part == "whole" and one.payee in OWN}
    who = dict(Award.objects.filter(uid__in=own).values_list("uid", "beneficiary"))
    agreed = Recovery.objects.filter(case__outcome="offset", award__programme=programme, award__beneficiary__in=set(who.values()))
    agreed = agreed.filter(returned_fen__lt=F("amount_fen"), stopped_at=None).select_related("case", "award").order_by("id")
    found = list(agreed.select_for_update(of=("self",)))
    waiting = _waiting([one.case.uid for one in found])
    open_ones: dict[UUID, list[Recovery]] = defaultdict(list)
    for one in found:
        open_ones[one.award.beneficiary].append(one)
    for award, payment in own.items():
        for recovery in open_ones.get(who.get(award, award), []):
            fen = min(recovery.instalment_fen or 0, recovery.open_fen - waiting[recovery.case.uid])
            if 0 < fen < payment.amount_fen:
                payment.amount_fen -= fen
                payment.offset_fen, payment.offset_case = fen, recovery.case.uid
                waiting[recovery.case.uid] += fen
                break


def _waiting(cases: Iterable[UUID]) -> dict[UUID, int]:
    """What of each recovery is set off in payments that the bank has not paid yet. One query."""
    rows = Payment.objects.filter(offset_case__in=list(cases), offset_fen__isnull=False).exclude(state__in=("paid", "withdrawn"))
    return defaultdict(int, rows.values_list("offset_case").annotate(fen=Sum("offset_fen")).order_by())


def funds_of(payment: Payment, meanwhile: Mapping[UUID, int]) -> list[tuple[str, int]]:
    """(account, fen): the funds that what was set off of a payment goes back to. meanwhile: what payments before it in the same call bring
    back, by case. Three queries, none where nothing was."""
    if not payment.offset_fen or payment.offset_case is None:
        return []
    recovery = Recovery.objects.select_related("case", "award").get(case__uid=payment.offset_case)
    back: dict[str, int] = defaultdict(int)
    for _payment, fund, fen in parts_back(recovery, payment.offset_fen, meanwhile):
        back[f"fund:{fund}"] += fen
    return list(back.items())


def lock(payments: Iterable[Payment]) -> None:
    """Lock the recoveries that payments are set off against, in order: before any balance, as whoever enters money back does. One query."""
    cases = {one.offset_case for one in payments if one.offset_fen and one.offset_case}
    if cases:
        list(Recovery.objects.filter(case__uid__in=cases).order_by("id").select_for_update(of=("self",)).values_list("pk", flat=True))


def lock_to_take_back(payments: Sequence[Payment]) -> None:
    """Before the bank's word that it returned payments is posted: lock the cases of what was paid a second time, the awards and the
    recoveries, in the order of whoever confirms money back at the same moment and before any balance, so that the two wait for each other
    instead of stopping each other. Three queries at most."""
    second = Recovery.objects.filter(cause=TWICE, detail__in=[str(one.uid) for one in payments if one.part == "again"])
    cases = list(second.values_list("case_id", flat=True))
    if cases:
        list(Case.objects.filter(pk__in=cases).order_by("id").select_for_update(of=("self",)).values_list("pk", flat=True))
    awards = Award.objects.filter(uid__in={one.award for one in payments})
    list(awards.order_by("id").select_for_update(of=("self",)).values_list("pk", flat=True))
    agreed = {one.offset_case for one in payments if one.offset_fen and one.offset_case}
    if cases or agreed:
        rows = Recovery.objects.filter(Q(case__in=cases) | Q(case__uid__in=agreed)).order_by("id")
        list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))


def told(current: Act, viewer: Viewer, payments: Iterable[Payment], *, back: bool) -> None:
    """The bank has paid them, or (back: False) has returned them afterwards: what was set off has come back, or is open again. For an act
    that has locked the recoveries."""
    for payment in payments:
        if payment.offset_fen and payment.offset_case:
            recovery = Recovery.objects.select_related("case", "award").get(case__uid=payment.offset_case)
            (came_back if back else went_again)(current, viewer, recovery, payment.offset_fen, "offset")
