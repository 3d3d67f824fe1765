"""What somebody gets under an award, as they read it: since when, how much, what was paid last, and what the first payment comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from linli.agreements import queries
from linli.agreements.models import Award
from linli.agreements.queries import Halted
from linli.batches.coming import coming
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import CYCLES
from linli.programmes.published import named
from linli.rules.declare import Label
from linli.settlement.models import Payment
from linli.web.money.coming import Next, said


@dataclass(frozen=True, slots=True)
class Standing:
    """An award that goes on. halted: why it rests; paid_on, paid_fen: of the payment that arrived last, None before the first; coming: the
    next one. at_most: whether documents say how much of the amount is paid."""

    award: Award
    halted: Halted | None
    label: Label
    cycle: Label
    at_most: bool
    paid_on: date | None
    paid_fen: int | None
    coming: Next | None


def standing_of(viewer: Viewer, person: UUID) -> list[Standing]:
    """What a person gets and hasn't ended, newest first. Seven queries at most, however many there are."""
    rows = [one for one in queries.of_person(viewer, person) if one.state in ("active", "suspended")]
    if not rows:
        return []
    came = Payment.objects.filter(award__in=[one.uid for one in rows], state="paid").order_by("paid_on", "id")
    last = {award: (day, fen) for award, day, fen in came.values_list("award", "paid_on", "amount_fen")}
    programmes = {one.uid: named(one.programme, one.programme_version) for one in rows}
    known = [(one, programme) for one in rows if (programme := programmes[one.uid]) is not None]
    to_come, rests = coming(known), queries.halted(rows)
    found = []
    for one in rows:
        programme, following = programmes[one.uid], to_come.get(one.uid)
        label = programme.label if programme else Label(one.programme, one.programme)
        told = said(following, programme) if programme and following else None
        day, fen = last.get(one.uid, (None, None))
        most = programme is not None and programme.payment is not None and programme.payment.reckoned == "ceiling"
        found.append(Standing(one, rests.get(one.pk), label, CYCLES[one.cycle], most, day, fen, told))
    return found
