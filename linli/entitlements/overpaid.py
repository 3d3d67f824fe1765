"""What was paid too much, found: of an award that ended before what it was paid for, and of a decision that was annulled."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Q

from linli.agreements.models import Award
from linli.agreements.reckoning import days_due
from linli.batches import periods
from linli.batches.acts import differing
from linli.batches.models import Difference, Item
from linli.casework.models import Case
from linli.entitlements.covering import beside, room
from linli.entitlements.models import TWICE, Recovery
from linli.entitlements.recovering import Overpaid, open_recovery
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.queries import pinned
from linli.registers.acts.guards import lock, resident_of
from linli.trace import act
from linli.trace.again import apart

LOOK_BACK = timedelta(days=40)
"""How long ago an award may have ended, or something of it been paid, to be looked at tonight: every night once, and nights that failed."""
NO_OVERPAYMENT = ("", "completed", "expired", "annulled", "replaced", "erased")


def find(viewer: Viewer) -> int:
    """Open a recovery for each award that ended early after it was paid for days beyond; how many. One transaction each; one that can't be
    is logged and holds up no other."""
    since = clock.now() - LOOK_BACK
    lately = Q(award__state_since__gte=since) | Q(ended_at__gte=since) | Q(repaid_at__gte=since)
    paid = Item.objects.filter(lately, state="paid", came_back_at__isnull=True)
    items = paid.filter(award__state="ended", award__ends_on__isnull=False).exclude(award__ending__in=NO_OVERPAYMENT)
    awards = Award.objects.filter(pk__in=items.values("award")).order_by("pk")
    return sum(apart(f"paid too much of award {award.uid}", partial(_of, viewer, award), otherwise=False) for award in awards)


def _of(viewer: Viewer, award: Award) -> bool:
    covered = _covered(award)
    found = [one for one in too_much(award) if one.period not in covered]
    if not found:
        return False
    cause = "died" if award.ending == "died" else "ended"
    open_recovery(viewer, UUID(str(award.uid)), cause=cause, periods=found, detail=found[0].period)
    return True


def too_much(award: Award) -> list[Overpaid]:
    """Of what the bank has paid of an award, the periods of which nothing was owed: it stood on none of their days. Three queries.

    A period in which it stood at all is owed in full. What is reckoned by the day is reckoned anew instead (reckon_anew), and what is
    reckoned otherwise is left out.
    """
    programme = pinned(award.programme, award.programme_version)
    if programme.payment is None or programme.payment.reckoned != "rule":
        return []
    rests, found = list(award.rests.all()), []
    paid = Item.objects.filter(award=award, state="paid", came_back_at__isnull=True)
    for item in paid.filter(reckoning__isnull=True).select_related("batch").order_by("id"):
        days = _days(award, item)
        if days is not None and not days_due(award, rests, *days):
            found.append(Overpaid(item.period, item.amount_fen, 0))
    return found


def reckon_anew(viewer: Viewer) -> int:
    """Reckon paid periods that go by the day anew where something became known since; what was overpaid gets its recovery, what is owed
    waits for the next batch. How many differ. One act for each 500 of them, and one for each recovery."""
    differing.look(viewer)
    found = list(differing.overpaid())
    for one in found:
        apart(f"difference {one.uid}", partial(_recover, viewer, one), None)
    return len(found)


def _recover(viewer: Viewer, one: Difference) -> None:
    with act(viewer):
        lock(resident_of(one.item.award.person_uid))
        case = _case_of(viewer, one)
        if case is not None:
            differing.recovered(viewer, one, case)


def _case_of(viewer: Viewer, one: Difference) -> Case | None:
    """The recovery of a difference: of what no other takes back; where others take back all of it, the last of them."""
    award, period = one.item.award, one.item.period
    others, last = beside(one)
    by_period, whole = room(award)
    fen = min(-one.fen - others, by_period[period], whole)
    if fen <= 0:
        return last.case if last is not None else None
    paid = Overpaid(period, one.own_fen + fen, one.own_fen)
    return open_recovery(viewer, UUID(str(award.uid)), cause="overpaid", periods=[paid], detail=str(one.uid))


def _days(award: Award, item: Item) -> tuple[date, date] | None:
    """The days of an item's period; None for one without days: what is paid once is owed or not."""
    if item.period == periods.ONCE:
        return None
    known = periods.days(award.cycle, item.period, clock.today())
    if known is None and "term" in item.batch.given:
        term = item.batch.given["term"]["value"]
        return date.fromisoformat(term["first"]), date.fromisoformat(term["last"])
    return known


def _covered(award: Award) -> set[str]:
    return {period for one in Recovery.objects.filter(award=award).exclude(cause=TWICE) for period, _paid, _owed in one.periods}


def annulled(viewer: Viewer, award: Award) -> None:
    """Everything that was paid under a decision that no longer stands and isn't being recovered. For the act that annulled it, and
    again when the bank has paid what it had in hand by then."""
    paid: dict[str, int] = defaultdict(int)
    rows = Item.objects.filter(award=award, state="paid", came_back_at__isnull=True).order_by("id")
    for period, fen in rows.values_list("period", "amount_fen"):
        paid[period] += fen
    by_period, left = room(award)
    found = []
    for period, fen in paid.items():
        most = min(fen, by_period[period], left)
        if most > 0:
            found.append(Overpaid(period, most, 0))
            left -= most
    if found:
        again = Recovery.objects.filter(award=award, cause="annulled").exists()
        open_recovery(viewer, UUID(str(award.uid)), cause="annulled", periods=found, detail=found[0].period if again else "")
