"""What is kept back of a contractor's price when its main part doesn't stay paid, or when it is given up: it is nobody else's meanwhile.

Kept-back money stands on an account that all contractors of a programme share, from the moment that the main part is paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Posting, lock_balances, post_all
from linli.settlement import facts
from linli.settlement.acts.recovering import BACK
from linli.settlement.acts.shared import MACHINE, about, borne, subject_of
from linli.settlement.models import Instruction, Payment
from linli.settlement.refusals import refused, require_state
from linli.trace import Act

RETAINED = ("质保金", "retained part")
GONE = ("ordered", "paid")
"""States of a retained part whose money is on its way or has gone: it isn't given back with the main part."""


def rests_of(payments: Sequence[Payment]) -> dict[UUID, Payment]:
    """The retained parts of main ones, locked, by item. A query where something of one is kept back."""
    items = [one.item for one in payments if one.part == "whole" and one.retained_fen]
    rows = Payment.objects.filter(item__in=items, part="retained").order_by("id").select_for_update(of=("self",)) if items else ()
    return {one.item: one for one in rows}


def without_rest(instructions: Sequence[Instruction], rests: dict[UUID, Payment]) -> list[Instruction]:
    """Of main parts that the bank returned those whose kept-back money is on its way or gone."""
    whole = [one for one in instructions if one.payment.part == "whole"]
    return [one for one in whole if one.payment.item in rests and rests[one.payment.item].state in GONE]


def take_back_without(instructions: Sequence[Instruction]) -> None:
    """The funds get back what the contractors had got, and what was kept back stays where it is paid from; for those of without_rest(). A
    main part goes out again for itself alone."""
    if instructions:
        post_all(MACHINE, postings=[posting for one in instructions for posting in _returned(one)])
    for one in instructions:
        one.payment.save(update_fields=["funds", "shares", "retained_fen"])


def _returned(instruction: Instruction) -> Iterator[Posting]:
    row, got = instruction.payment, f"payees:{instruction.payment.programme}"
    funds, shares = list(row.funds), borne(row.shares, row.amount_fen)
    for number, (fund, part) in enumerate(zip(funds, shares, strict=True)):
        if part:
            legs = ((got, -part), (f"fund:{fund}", part))
            yield Posting(key=f"return:pay:{instruction.reference}:{number}", unit="fen", kind=BACK, legs=legs, reference=str(row.uid))
    row.funds = [fund for fund, part in zip(funds, shares, strict=True) if part]
    row.shares, row.retained_fen = [part for part in shares if part], 0


def kept_again(current: Act, instructions: Sequence[Instruction], rests: dict[UUID, Payment]) -> None:
    """Main parts that the bank returned: what was released of them and is in no file is kept back again, until they are paid."""
    for one in instructions:
        rest = rests.get(one.payment.item) if one.payment.part == "whole" else None
        if rest is not None and rest.state not in (*GONE, "retained", "withdrawn"):
            rest.state, rest.state_since, rest.reason = "retained", clock.now(), ""
            rest.save(update_fields=["state", "state_since", "reason"])
            payload = about(rest) | {"state": rest.state}
            current.record(facts.PLANNED, subject=subject_of(rest), payload=payload, rows=[rest], area=rest.area_code[:6])


def given_up_with(main: Payment) -> Payment | None:
    """The retained part that is given up with its main one, locked. Raises LinliError while it stands in a file."""
    rest = Payment.objects.select_for_update(of=("self",)).filter(item=main.item, part="retained").first() if main.part == "whole" else None
    if rest is not None:
        require_state(RETAINED, rest.state, "retained", "paid", "withdrawn", "failed", "waiting")
    return rest if rest is not None and rest.state == "retained" else None


def give_up(viewer: Viewer, rest: Payment) -> None:
    """A retained part that isn't paid after all: its money is each fund's again that had given it. For the act that gives it up."""
    main = Payment.objects.select_for_update(of=("self",)).get(item=rest.item, part="whole")
    if main.retained_fen != rest.amount_fen:
        raise refused(
            "kept_apart",
            "payment",
            ("主体款项已被银行退回，质保金不能单独放弃", "The bank returned the main part: what was kept back isn't given up."),
            remedy=("更正账户后发放", "give another account"),
        )
    kept, last_first = f"retained:{rest.programme}", borne(main.shares[::-1], rest.amount_fen)
    legs = [(fund, part) for fund, part in zip(main.funds[::-1], last_first, strict=True) if part]
    lock_balances(accounts=sorted({kept, *(f"fund:{fund}" for fund, _ in legs)}))
    told = [(f"retained:{rest.uid}:{fund}", ((kept, -part), (f"fund:{fund}", part))) for fund, part in legs]
    post_all(viewer, postings=[Posting(key=key, unit="fen", kind=BACK, legs=both, reference=str(rest.uid)) for key, both in told])
