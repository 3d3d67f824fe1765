"""Money in escrow in two hands at the same moment: a slip counts once, and a payout leaves once."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from award_examples import build
from test_escrow import COLLEAGUE, OFFICER, Sale, balanced
from test_escrow_attacked import released
from together import at_once, in_threads, waiting

from linli.entitlements.escrow import deposits
from linli.entitlements.escrow.models import EscrowDeposit, EscrowEntry
from linli.kernel import clock
from linli.settlement.acts import escrows
from linli.settlement.models import Payment
from linli.settlement.reactions import out_of_escrow
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_a_slip_counts_once_and_a_payout_leaves_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build()
    one, other = Sale(), Sale()
    for sale in (one, other):
        sale.all_agree()
    told = ("buyer", 30_000_000, "TX-9", clock.today())
    enter = [partial(deposits.enter, OFFICER, sale.uid, *told) for sale in (one, other) * 2]
    answers = at_once(*enter)
    assert sorted(str(said) for said in answers if isinstance(said, str)) == ["entitlements.escrow_reference"] * 2
    entered = EscrowEntry.objects.get()
    at_once(*[partial(deposits.confirm, COLLEAGUE, entered.escrow.case.uid, "TX-9")] * 3)
    assert (EscrowDeposit.objects.count(), one.held()[0] if answers[0] != "entitlements.escrow_reference" else other.held()[0]) == (
        1,
        30_000_000,
    )
    third = Sale()
    payouts, made, begun = released(third), escrows._payment, threading.Event()

    def when_another_waits(*told: Any) -> Payment:
        begun.set()
        waiting(1)
        return made(*told)

    monkeypatch.setattr(escrows, "_payment", when_another_waits)
    ordered, seller = list(Fact.objects.filter(type="entitlements.escrow_ordered", echo_of=None)), payouts["seller"]

    def by_hand() -> None:
        begun.wait(30)
        escrows.paid_by_hand(COLLEAGUE, seller.uid, "OUT-1", clock.today())

    in_threads([lambda: out_of_escrow(ordered), by_hand])
    assert {row.item: row.state for row in Payment.objects.all()} == {seller.uid: "withdrawn", payouts["old-bank"].uid: "waiting"}
    balanced()
    assert list(verify_chains()) == []
