"""Two people, or a person and a worker, at the same payment in the same moment: one of them is first, and the money is right either way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bank_examples import CLOSED, PAID, RETURNED, Asked, answer
from settle_examples import CHECKER, DAY, FEN, MAKER, PROGRAMME, THIRD, Treasury, all_paid, build, given, money, tell
from together import at_once

from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.ledger.models import Hold, Transfer
from linli.ledger.queries import standing
from linli.ledger.verify import verify_book
from linli.programmes.procedure.declaration import Retention
from linli.registers.models import Organisation
from linli.rules.declare import Label
from linli.settlement import acts
from linli.settlement.models import Instruction, Order, Outcome, Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
TURNS = range(6)
"""How often a race is run: who is first is chance."""


def one_of_them(answers: list[Any], refusal: str) -> None:
    """One was done, every other refused for this reason."""
    assert sorted(str(one) if isinstance(one, str) else "done" for one in answers) == sorted(["done", *[refusal] * (len(answers) - 1)])


def all_is_right() -> None:
    assert [*verify_book(), *verify_rows(), *verify_chains()] == []


def one(number: int = 0) -> Treasury:
    """One person who is owed something, taken over."""
    treasury = build((f"测试{number}",))
    treasury.take_over()
    return treasury


def received(folder: Path, name: str, rows: list[tuple[Asked, str]]) -> Outcome:
    (folder / name).write_bytes(answer("transfer", rows))
    return acts.receive(THIRD, layout="transfer", path=folder / name, name=name)


def drained(outcome: Outcome) -> None:
    while acts.apply_some(outcome=outcome.uid):
        pass


def failed(treasury: Treasury, folder: Path, name: str) -> tuple[Payment, Asked]:
    """The payment after the bank said that it failed; what was asked of it."""
    _, (said,) = treasury.sent(folder)
    tell(folder, "transfer", [(said, CLOSED["transfer"])], name=name)
    return Payment.objects.get(batch=treasury.batch), said


def owe_another(treasury: Treasury, turn: int) -> None:
    """The next of the races' payments, in a batch of its own, to an account that no bank has refused."""
    treasury.batch, treasury.payables = uuid7(), []
    treasury.owe(treasury.people[0], given(treasury.people[0].name, 1_000 + turn))
    treasury.take_over()


def test_a_payment_stands_in_one_file_whoever_makes_and_lets_it_out_at_once(tmp_path: Path) -> None:
    treasury = one()
    for turn in TURNS:
        _one_file(treasury, tmp_path / f"{turn}")
        owe_another(treasury, turn)
    all_is_right()


def _one_file(treasury: Treasury, path: Path) -> None:
    make = partial(acts.make_order, MAKER, batch=treasury.batch, layout="transfer", day=DAY, payer=treasury.payer.uid)
    at_once(make, make)
    order = Order.objects.get(batch=treasury.batch)
    at_once(*[partial(acts.fill_order, order=order.uid)] * 4)
    made = Order.objects.get(batch=treasury.batch, state="made")
    released = at_once(*[partial(acts.release_order, who, order=made.uid) for who in (CHECKER, THIRD)])
    one_of_them(released, "settlement.wrong_state")
    either = at_once(partial(acts.drop_order, MAKER, order=made.uid), partial(acts.hand_over, CHECKER, order=made.uid, path=path))
    one_of_them(either, "settlement.wrong_state")
    payment = Payment.objects.get(batch=treasury.batch)
    made.refresh_from_db()
    assert (made.state, payment.state) in {("dropped", "ready"), ("handed_over", "ordered")}
    assert Instruction.objects.filter(payment=payment).exclude(state="dropped").count() == (payment.state == "ordered")


def test_two_answers_that_contradict_each_other_pay_or_fail_once(tmp_path: Path) -> None:
    treasury = one()
    for turn in TURNS:
        _, found = treasury.sent(tmp_path)
        both = [received(tmp_path, f"{turn}{name}", [(found[0], said["transfer"])]) for name, said in (("paid", PAID), ("failed", CLOSED))]
        at_once(*[partial(drained, outcome) for outcome in both * 2])
        payment = Payment.objects.get(batch=treasury.batch)
        posted = Transfer.objects.filter(kind="fund.spend", reference=str(payment.uid)).count()
        assert (payment.state, payment.reason, posted) in {("paid", "", 1), ("waiting", "paid_before", 0)}
        owe_another(treasury, turn)
    all_is_right()


def test_an_account_is_corrected_once_or_the_payment_given_up(tmp_path: Path) -> None:
    treasury = one()
    for turn in TURNS:
        payment, _ = failed(treasury, tmp_path, f"{turn}")
        correct = [
            partial(acts.correct_account, MAKER, payment=payment.uid, given=given(treasury.people[0].name, 100 + 2 * turn + place))
            for place in range(2)
        ]
        one_of_them(at_once(*correct, partial(acts.withdraw, CHECKER, payment=payment.uid, reason="x")), "settlement.wrong_state")
        payment.refresh_from_db()
        held = Hold.objects.filter(reference=str(payment.uid), status="open").count()
        assert (payment.state, held) in {("ready", 1), ("withdrawn", 0)}
        owe_another(treasury, turn)
    all_is_right()


def test_what_the_bank_says_was_paid_after_all_is_not_sent_again_by_whoever_corrects_it_meanwhile(tmp_path: Path) -> None:
    treasury = one()
    for turn in TURNS:
        payment, asked_before = failed(treasury, tmp_path, f"{turn}failed")
        late = received(tmp_path, f"{turn}paid", [(asked_before, PAID["transfer"])])
        _, sent = at_once(partial(drained, late), partial(_again, treasury, payment, 200 + turn))
        payment.refresh_from_db()
        assert payment.reason == "paid_before"
        if isinstance(sent, Order):  # it was released before the bank's word: it doesn't leave the house
            (refusal,) = at_once(partial(acts.hand_over, CHECKER, order=sent.uid, path=tmp_path / "never"))
            assert refusal == "settlement.paid_before"
        else:
            assert sent in {"settlement.paid_before", "settlement.nothing", "settlement.wrong_state"}
        owe_another(treasury, turn)
    assert not Fact.objects.filter(type="settlement.paid").exists()
    all_is_right()


def _again(treasury: Treasury, payment: Payment, number: int) -> Order:
    acts.correct_account(MAKER, payment=payment.uid, given=given(treasury.people[0].name, number))
    return acts.release_order(CHECKER, order=treasury.order().uid)


def test_what_was_kept_back_is_released_once_and_paid_once(tmp_path: Path) -> None:
    treasury, retention = build(("测试甲",)), Retention(Fraction(1, 10), Fraction(3, 100), 365, Label("示例", "example"))
    firm = Organisation.objects.create(name="示例施工队", area_code="140802", kind="provider")
    treasury.payables = []
    work = treasury.owe(treasury.people[0], given(firm.name, 9), fen=1_000_000, payee="provider", payee_uid=firm.uid)
    acts.take_over(MAKER, source=replace(treasury.source, retention=retention), payables=[work])
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", found))
    rest = Payment.objects.get(part="retained")
    day = clock.today() - timedelta(days=365)
    release = partial(acts.release_retention, THIRD, payment=rest.uid, accepted_on=day, retention=retention)
    one_of_them(at_once(release, release, release), "settlement.wrong_state")
    _, found = treasury.sent(tmp_path)
    outcome = received(tmp_path, "second", all_paid("transfer", found))
    at_once(*[partial(drained, outcome)] * 3)
    assert (standing(f"retained:{PROGRAMME}").posted, standing(f"payees:{PROGRAMME}").posted) == (0, 1_000_000)
    assert Fact.objects.filter(type="settlement.retention_released").count() == 1
    assert [*verify_book(), *verify_chains()] == []


def test_money_that_the_bank_returns_in_two_answers_at_once_is_the_funds_again_once(tmp_path: Path) -> None:
    treasury = one()
    for turn in TURNS:
        _, found = treasury.sent(tmp_path)
        tell(tmp_path, "transfer", all_paid("transfer", found), name=f"{turn}")
        before = money()
        rows = [(found[0], RETURNED["transfer"])]
        both = [received(tmp_path, f"{turn}a", rows), received(tmp_path, f"{turn}b", [*rows, *rows])]
        at_once(*[partial(drained, outcome) for outcome in both * 2])
        assert money() == (before[0] + FEN, before[1], before[2] - FEN)
        owe_another(treasury, turn)
    all_is_right()
