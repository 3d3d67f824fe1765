"""A batch's figures out of the database, for reconciling.py: its levels, and which of its items something speaks against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Sum

from linli.agreements.models import Slip
from linli.batches import due, periods, queries
from linli.batches.models import Batch, Check, Item, Objection
from linli.batches.openness import slip_cap
from linli.batches.reconciling import ITEM_BLOCKS, Figures, Fund, Reconciliation, reconcile
from linli.casework.models import Document, Requirement
from linli.kernel.errors import LinliError
from linli.ledger.queries import fund_figures
from linli.programmes.amounts import payable, shown_by
from linli.programmes.declaration import Programme
from linli.registers.models import Resident


def fund_slugs(programme: Programme) -> list[str]:
    """The ledger's slugs of the funds that pay, in the order in which they are drawn on."""
    return [f"{programme.slug}.{fund}" for fund in programme.payment.funds] if programme.payment else []


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of a batch's items. levels: fen -> (how many, their sum); blocked: code of ITEM_BLOCKS -> how many; checks: kind ->
    how many there are, are done, and found something."""

    levels: Mapping[int, tuple[int, int]]
    blocked: Mapping[str, int]
    checks: Mapping[str, tuple[int, int, int]]


def reconciliation(batch: Batch, counts: Counts | None = None) -> Reconciliation:
    """Everything that speaks against paying a batch. counts: taken already, counted anew without them: about fifteen set-based queries,
    whatever its length."""
    programme = queries.programme_of(batch)
    return reconcile(_figures(batch, programme, counts or counts_of(batch, programme)), queries.declared_of(batch))


def counts_of(batch: Batch, programme: Programme) -> Counts:
    """The batch's items, counted by the database. What lies outside what notes its changes (kept.py) is left to _moving."""
    approved = batch.approved_at is not None
    counted = Item.objects.filter(batch=batch).exclude(state="removed") if approved else queries.listed(batch)
    rows = counted.order_by().values_list("level_fen").annotate(count=Count("id"), total=Sum("amount_fen"))
    levels = {fen: (count, int(total)) for fen, count, total in rows}
    codes = [] if approved else [code for code in ITEM_BLOCKS if code not in _moving(programme)]
    looked = Check.objects.filter(item__batch=batch).order_by().values_list("kind")
    finding = Count("id", filter=Q(result="finding"))
    each = looked.annotate(all=Count("id"), done=Count("id", filter=~Q(result="")), finding=finding)
    checks = {kind: (number, done, findings) for kind, number, done, findings in each}
    return Counts(levels, _blocked(batch, codes, programme), checks)


def _moving(programme: Programme) -> tuple[str, ...]:
    """What is counted for every look: of a payment that is reckoned for each item, any register or paper may change what it comes to."""
    return ("award_ended", "not_a_level", "slip_without_paper") if due.kind_of(programme) != "rule" else ()


def _blocked(batch: Batch, codes: Iterable[str], programme: Programme) -> dict[str, int]:
    return {code: count for code in codes if (count := items_with(batch, code, programme).count())}


def _figures(batch: Batch, programme: Programme, counts: Counts) -> Figures:
    """The batch as it stands."""
    approved = batch.approved_at is not None
    total = sum(one for _, one in counts.levels.values())
    blocked = {**counts.blocked, **({} if approved else _blocked(batch, _moving(programme), programme))}
    frozen = (batch.count or 0, batch.total_fen or 0) if batch.frozen_at is not None else None
    return Figures(counts.levels, blocked, [_fund(programme, total, approved)] if programme.payment else [], frozen)


def _fund(programme: Programme, total: int, held: bool) -> Fund:
    """All funds that pay, together: one is drawn on after the other."""
    slugs = fund_slugs(programme)
    named = {f"{programme.slug}.{one.id}": one.label for one in programme.funds}
    labels = [named[slug] for slug in slugs if slug in named]
    names = ("、".join(one.zh for one in labels), ", ".join(one.en for one in labels))
    return Fund("、".join(slugs), sum(_free(slugs)), total, held, names)


def _free(slugs: Iterable[str]) -> Iterable[int]:
    for slug in slugs:
        try:
            yield fund_figures(slug).free_fen
        except LinliError:  # a fund that nobody has opened yet has nothing
            yield 0


def items_with(batch: Batch, code: str, programme: Programme) -> QuerySet[Item]:
    """The listed items that one thing speaks against. code: of reconciling.ITEM_BLOCKS."""
    listed = queries.listed(batch)
    if code == "not_a_level" and due.kind_of(programme) == "slips":
        return listed.filter(_above(batch, programme))
    if code == "slip_without_paper":
        stated = listed.filter(reckoning__kind__in=("slips", "loan")).alias(slip=Subquery(_SLIPS.order_by("-id").values("pk")[:1]))
        return stated.exclude(Exists(_PROVEN))
    if code == "not_a_level":
        allowed = payable(programme) if programme.payment and programme.payment.reckoned != "ceiling" else None
        levels = list(allowed or ())
        wrong = Q(reckoning__isnull=True) & ~Q(level_fen__in=levels) | Q(reckoning__kind="prorated") & ~Q(reckoning__rate_fen__in=levels)
        return listed.none() if allowed is None else listed.filter(wrong)
    if code == "award_ended":
        return listed.filter(_not_owed(batch, listed, programme))
    if code == "paid_annulled":
        return listed.filter(_paid_annulled(batch))
    if code == "person_twice":
        return listed.filter(~_HOUSEHOLD & _twice(batch, "beneficiary") & ~_paid_annulled(batch))
    if code == "household_twice":
        return listed.filter(_HOUSEHOLD & _twice(batch, "beneficiary", "person") & ~_paid_annulled(batch))
    if code == "unchecked_document":
        unlooked = [one.id for one in programme.materials if one.check == "none"]
        waiting = Document.objects.filter(case=OuterRef("award__case"), check_result="").exclude(material__in=unlooked).exclude(part="scan")
        return listed.filter(Exists(waiting))
    return listed.filter(_SPEAKING[code])


def _above(batch: Batch, programme: Programme) -> Q:
    """Of what bills show: more than the rule's amount, than the cap of one period, or else than the award's amount."""
    if shown_by(programme):
        return Q(reckoning__own_fen__gt=F("reckoning__rate_fen"))
    most = slip_cap(programme, batch.given)
    return Q(reckoning__own_fen__gt=most) if most is not None else _ABOVE_AWARD


def _not_owed(batch: Batch, listed: QuerySet[Item], programme: Programme) -> Q:
    """Items of which nothing is owed any more, or something else than when they were listed."""
    if due.kind_of(programme) != "rule":
        return Q(award__ending__in=due.NEVER_OWED) | Q(pk__in=_other_now(listed, programme))
    changed = Q(award__amount_fen__isnull=True) | ~Q(award__amount_fen=F("level_fen"))
    over = Q(award__state="dropped") | Q(award__ending__in=due.NEVER_OWED)
    return over | changed | Q(pk__in=due.without_a_day(listed, batch, programme))


def _other_now(listed: QuerySet[Item], programme: Programme) -> list[int]:
    """Items that come to something else by what became known since they were listed."""
    again = due.touched(listed, programme, "added_at").select_related("award")
    return [item.pk for item, now in due.changed(again, programme) if now.reason not in ("", "no_day") or now.own_fen != due.own_fen(item)]


def _person(**told: object) -> Q:
    """Whom the item is for or goes to is among them. They are few, have an index of their own, and are looked through once for a list."""
    known = Resident.objects.filter(**told).values("uid")
    return Q(person__in=known) | Q(beneficiary__in=known)


def _twice(batch: Batch, *keys: str) -> Q:
    """Items one of whose keys stands more than once in the programme's period."""
    rows = Item.objects.filter(programme=batch.programme, period=batch.period, state__in=("listed", "paid")).order_by()
    if batch.period == periods.ONCE:  # what was paid in full is over: another event is another award
        rows = rows.exclude(state="paid", award__ending="completed")
    found = Q(pk__in=())
    for key in keys:
        several = rows.values(key).annotate(number=Count("id")).filter(number__gt=1).values(key)
        found |= _among(key, several)
    return found


def _among(key: str, found: QuerySet[Item, Any]) -> Q:
    """Items whose key is among what is found, looked for once whatever the length of the list.

    As an array: IN leaves it to the planner, which looks anew for every item of a list whose tables it has no statistics of yet.
    """
    return Q(Func(F(key), ArraySubquery(found), template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField()))


def _paid_annulled(batch: Batch) -> Q:
    """Items of whoever was paid for the period under a decision that doesn't stand any more: they are decided anew, and not paid twice."""
    paid = (
        Item.objects.filter(programme=batch.programme, period=batch.period, state="paid", award__ending="annulled")
        .exclude(came_back_at__isnull=False)
        .order_by()
    )
    return _among("beneficiary", paid.values("beneficiary"))


_ABOVE_AWARD = Q(award__amount_fen__isnull=True) | Q(amount_fen__gt=F("award__amount_fen"))
_SLIPS = Slip.objects.filter(award=OuterRef("award"), period=OuterRef("period"))
_PROVEN = Slip.objects.filter(pk=OuterRef("slip"), paper__case=F("award__case"), paper__check_result="accepted").exclude(
    paper__checked_by=F("stated_by")
)
_HOUSEHOLD = Q(beneficiary_kind="household")
_CHECKS = Check.objects.filter(item=OuterRef("pk"))
_SPEAKING: dict[str, Q] = {
    # Of an award that has been stopped for it due.py says what is owed for the time before.
    "excluded": Q(excluded__isnull=False) & ~Q(award__state__in=("suspended", "ended")),
    "died": _person(deceased_on__isnull=False),
    "erased": _person(erased_at__isnull=False),
    "rejected_document": Q(Exists(Requirement.objects.filter(case=OuterRef("award__case"), state="refused"))),
    "check_open": Q(Exists(_CHECKS.filter(result=""))),
    "finding_open": Q(Exists(_CHECKS.filter(result="finding", settled=""))),
    "objection_open": Q(Exists(Objection.objects.filter(Q(case__status="open") | Q(case__outcome="founded"), item=OuterRef("pk")))),
    "no_account": Q(award__account_cipher=""),
    "undecided": Q(award__state="proposed"),
}
