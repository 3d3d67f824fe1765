"""From an approved batch to paid: by two people, by what the bank says, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, PENDING, Asked, answer
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from settle_examples import (
    CHECKER,
    DAY,
    ELSEWHERE,
    FEN,
    FINANCE,
    FUND,
    MAKER,
    PROGRAMME,
    THIRD,
    Treasury,
    all_paid,
    given,
    money,
    refused,
    tell,
    tell_bytes,
    verdicts,
)

from linli.insight import counting
from linli.insight.models import FundFigure
from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.ids import uuid7
from linli.ledger.acts import Commitment, Promise, allocate, commit_all, open_fund
from linli.ledger.queries import standing
from linli.ledger.verify import verify_book
from linli.programmes.procedure.declaration import Retention
from linli.registers.models import Organisation
from linli.rules.declare import Label
from linli.settlement import acts
from linli.settlement.models import Account, Instruction, Order, Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.vault.models import Access


@pytest.mark.parametrize("layout", ["transfer", "yikatong", "iso20022"])
def test_a_batch_is_paid_as_the_bank_says(treasury: Treasury, tmp_path: Path, layout: str) -> None:
    assert treasury.take_over() == 4
    assert money() == (4 * FEN, 4 * FEN, 0)
    order, found = treasury.sent(tmp_path, layout)
    assert treasury.take_over() == 0
    assert [one.name for one in found] == [who.name for who in treasury.people]
    assert {row.state for row in treasury.payments()} == {"ordered"}  # handed over is not paid
    assert money() == (4 * FEN, 4 * FEN, 0)
    outcome = tell(tmp_path, layout, [(found[0], PENDING[layout]), (found[1], CLOSED[layout]), *all_paid(layout, found[2:])])
    assert verdicts(outcome) == ["pending", "failed", "paid", "paid"]
    assert [row.state for row in treasury.payments()] == ["ordered", "failed", "paid", "paid"]
    assert money() == (2 * FEN, FEN, 2 * FEN)
    tell(tmp_path, layout, all_paid(layout, found[:1]), name="later")
    assert Order.objects.get(pk=order.pk).state == "settled"
    assert {row.paid_on for row in treasury.payments() if row.state == "paid"} <= {DAY, treasury.payments()[0].paid_on}
    assert list(verify_book()) == []


@pytest.mark.parametrize("layout", ["transfer", "yikatong", "iso20022"])
@pytest.mark.parametrize("bank", ["中国银行运城分行", "农行", "ICBC 运城"])
def test_a_bank_that_is_called_by_its_name_stops_nobody(treasury: Treasury, tmp_path: Path, layout: str, bank: str) -> None:
    """Who applies is asked for the bank's name; a bank's file has room for its number."""
    treasury.owe(treasury.people[0], replace(given(treasury.people[0].name, 9), bank=bank))
    treasury.take_over()
    order, found = treasury.sent(tmp_path, layout)
    assert (order.count, len(found)) == (5, 5)
    assert bank.encode("utf-8") not in (tmp_path / order.number).read_bytes()
    assert bank.encode("gb18030") not in (tmp_path / order.number).read_bytes()


def test_what_failed_is_corrected_and_paid_once(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", [(found[0], CLOSED["transfer"]), *all_paid("transfer", found[1:])])
    failed = treasury.payments()[0]
    assert (failed.reason, failed.account.state, money()) == ("closed", "bad", (FEN, 0, 3 * FEN))
    name = treasury.people[0].name
    assert acts.correct_account(MAKER, payment=failed.uid, given=given("测试丁", 77)).reason == "name_differs"
    assert acts.correct_account(MAKER, payment=failed.uid, given=given(name, 0)).reason == "closed"  # the bank has said so of this number
    again = acts.correct_account(MAKER, payment=failed.uid, given=given(name, 78))
    assert (again.state, money()) == ("ready", (FEN, FEN, 3 * FEN))
    order, asked_again = treasury.sent(tmp_path)
    assert (order.count, asked_again[0].account[-2:]) == (1, "78")
    outcome = tell(tmp_path, "transfer", [*all_paid("transfer", asked_again), (found[0], PAID["transfer"])], name="second")
    assert verdicts(outcome) == ["paid", "contradicted"]  # the first instruction failed: that it paid after all is for people to look at
    assert money() == (0, 0, 4 * FEN)
    assert list(verify_rows()) == []


def test_reading_an_answer_again_changes_nothing(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    rows = [(found[0], CLOSED["transfer"]), *all_paid("transfer", found[1:])]
    first = tell(tmp_path, "transfer", rows)
    assert tell(tmp_path, "transfer", rows).pk == first.pk  # the same file
    before = money(), [row.state for row in treasury.payments()], Fact.objects.filter(type__startswith="settlement.paid").count()
    second = tell(tmp_path, "transfer", rows[::-1])  # the same rows in another file
    assert verdicts(second) == ["repeated"] * 4
    assert before == (money(), [row.state for row in treasury.payments()], Fact.objects.filter(type__startswith="settlement.paid").count())


def test_an_answer_that_came_before_its_file_left_is_read_once_it_has(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    order = treasury.order()
    acts.release_order(CHECKER, order=order.uid)
    numbers = {who.uid: number for number, who in enumerate(treasury.people)}
    sent = Instruction.objects.filter(order=order).select_related("payment")
    rows = [Asked(one.reference, given("", numbers[one.payment.person]).number, "", one.amount_fen) for one in sent]
    first = tell(tmp_path, "transfer", all_paid("transfer", rows))
    assert set(verdicts(first)) == {"not_handed_over"}
    acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "file")
    again = tell(tmp_path, "transfer", all_paid("transfer", rows))
    assert (again.pk, verdicts(again)) == (first.pk, ["paid"] * 4)  # the same file, read anew
    assert tell(tmp_path, "transfer", all_paid("transfer", rows)).pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        first.lines.all().delete()  # what a row brought about stays on record
    assert money()[1:] == (0, 4 * FEN)


def test_bad_rows_are_refused_one_by_one_and_the_rest_is_applied(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    a, b, c, d = found
    rows = [
        (a, "00"), (a, "00"), (b, "00"), (b, "13"), (replace(c, fen=c.fen + 1), "00"), (replace(c, account="6217999999999999"), "00"),
        (c, "77"), (replace(c, reference="LL209901010001000001"), "00"), (replace(c, reference=c.reference.lower()), "00"), (d, "00"),
    ]  # fmt: skip
    outcome = tell(tmp_path, "transfer", rows)
    assert verdicts(outcome) == [
        *("paid", "duplicate", "duplicate", "duplicate"),  # said twice the same: once; said in two ways: not at all
        *("duplicate", "duplicate", "duplicate", "unknown", "unknown", "paid"),
    ]
    assert [row.state for row in treasury.payments()] == ["paid", "ordered", "ordered", "paid"]
    single = [(replace(c, fen=c.fen + 1), "00"), (replace(b, account="6217999999999999"), "00")]
    assert verdicts(tell(tmp_path, "transfer", single, name="2")) == ["amount", "account"]
    assert verdicts(tell(tmp_path, "transfer", [(c, "77")], name="3")) == ["code"]
    assert money() == (2 * FEN, 2 * FEN, 2 * FEN)
    unreadable = b"D|" + c.reference.encode() + b"|x\r\nnonsense\r\n"
    assert verdicts(tell_bytes(tmp_path, "transfer", unreadable, name="4")) == ["unreadable", "unreadable"]
    told = answer("transfer", [(c, "00")])
    for layout, verdict in (("yikatong", "unreadable"), ("transfer", "paid"), ("yikatong", "paid")):  # handed in under the wrong name first
        assert set(verdicts(tell_bytes(tmp_path, layout, told, name="5"))) == {verdict}


def test_money_that_came_back_is_the_funds_again(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", found))
    assert money() == (0, 0, 4 * FEN)
    assert verdicts(tell(tmp_path, "transfer", [(found[0], "90"), (found[1], "13")], name="2")) == ["returned", "contradicted"]
    assert money() == (FEN, 0, 3 * FEN)
    assert verdicts(tell(tmp_path, "transfer", [(found[0], "00"), (found[1], "00")], name="3")) == ["repeated", "repeated"]
    assert treasury.payments()[0].state == "failed"
    assert list(verify_book()) == []


def test_maker_and_checker_are_two_people(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    order = treasury.order()
    with refused("settlement.same_person"):
        acts.release_order(MAKER, order=order.uid)
    with refused("settlement.wrong_state"):
        acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "file")
    with pytest.raises(Refused):
        acts.release_order(ELSEWHERE, order=order.uid)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(state="released", released_by=MAKER.actor, released_at=order.made_at)
    assert not (tmp_path / "file").exists()


def test_one_file_of_a_batch_is_made_at_a_time(treasury: Treasury) -> None:
    treasury.take_over()
    asked_for = {"batch": treasury.batch, "layout": "transfer", "payer": treasury.payer.uid}
    with refused("settlement.past_day"):
        acts.make_order(MAKER, day=DAY - timedelta(days=1), **asked_for)
    first = acts.make_order(MAKER, day=DAY, **asked_for)
    assert [acts.make_order(who, day=DAY, **asked_for, key=key).uid for who, key in ((MAKER, "second"), (THIRD, None))] == [first.uid] * 2
    with refused("settlement.being_made"):
        acts.make_order(MAKER, day=DAY + timedelta(days=1), **asked_for)
    acts.drop_order(MAKER, order=first.uid)
    order = treasury.order()
    assert (order.count, list(Order.objects.values_list("state", flat=True))) == (4, ["dropped", "made"])


def test_only_the_released_file_leaves_and_every_reading_is_on_record(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    order, _ = treasury.sent(tmp_path)
    taken = Access.objects.filter(actor=CHECKER.actor, purpose="settlement.pay")
    assert {row.subject for row in taken} == {who.uid for who in treasury.people}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE settlement_instruction DISABLE TRIGGER USER")
    Instruction.objects.filter(order=order, sequence=1).update(amount_fen=FEN + 1)
    with refused("settlement.totals_differ"):
        acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "again")
    Instruction.objects.filter(order=order, sequence=1).update(amount_fen=FEN, reference="LL209901010001000009")
    with refused("settlement.file_differs"):
        acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "again")
    assert not (tmp_path / "again").exists() or not (tmp_path / "again").read_bytes()


def test_nothing_is_paid_twice(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    assert treasury.take_over() == 0
    first, _ = treasury.sent(tmp_path)
    with refused("settlement.nothing"):
        treasury.order()
    payment = first.instructions.first().payment
    with pytest.raises(IntegrityError), transaction.atomic():
        Instruction.objects.create(order=first, payment=payment, account=payment.account, sequence=9, reference="X", amount_fen=1, tail="1")
    again = treasury.owe(treasury.people[0], given("测试甲", 1), award=payment.award)
    with refused("settlement.twice"):
        treasury.take_over()
    treasury.payables.remove(again)


def test_accounts_are_checked_before_anything_is_sent(treasury: Treasury) -> None:
    who, other = treasury.people[:2]
    treasury.owe(who, None)
    treasury.owe(who, given("另一个人", 5))
    treasury.owe(who, given(who.name, 6), payee="guardian", payee_uid=other.uid)
    treasury.owe(who, given(other.name, 7), payee="guardian", payee_uid=other.uid)
    treasury.owe(who, replace(given(who.name, 8), number="不知道"))
    treasury.take_over()
    assert [(row.state, row.reason) for row in treasury.payments()[4:]] == [
        ("waiting", "no_account"), ("waiting", "name_differs"), ("waiting", "name_differs"), ("ready", ""), ("waiting", "number"),
    ]  # fmt: skip
    assert treasury.order().count == 5


def test_a_file_that_was_not_handed_over_can_be_taken_back(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    order = treasury.order()
    references = list(order.instructions.values_list("reference", flat=True))
    acts.drop_order(CHECKER, order=order.uid)
    assert {row.state for row in treasury.payments()} == {"ready"}
    _, found = treasury.sent(tmp_path)
    assert not {one.reference for one in found} & set(references)
    late = [(replace(one, reference=reference), "00") for one, reference in zip(found, references, strict=True)]
    assert set(verdicts(tell(tmp_path, "transfer", late))) == {"unknown"}
    assert list(verify_rows()) == []


def test_a_name_that_the_layout_cannot_hold_waits_and_the_rest_goes(treasury: Treasury) -> None:
    long = "张" * 70
    treasury.people[0].__class__.objects.filter(pk=treasury.people[0].pk).update(name=long)
    treasury.owe(treasury.people[0], given(long, 9))
    treasury.take_over()
    assert treasury.order("yikatong").count == 3
    assert [row.reason for row in treasury.payments() if row.state == "waiting"] == ["name_differs", "unwritable"]


def test_given_up_goes_back_to_the_fund(treasury: Treasury) -> None:
    treasury.owe(treasury.people[0], None, fen=1)
    treasury.take_over()
    waiting = treasury.payments()[4]
    assert acts.withdraw(MAKER, payment=waiting.uid, reason="no_longer").state == "withdrawn"
    assert money()[1] == 4 * FEN
    with refused("settlement.wrong_state"):
        acts.withdraw(MAKER, payment=treasury.payments()[0].uid, reason="no_longer")


def test_accounts_of_the_erased_are_emptied(treasury: Treasury, tmp_path: Path) -> None:
    from linli.settlement.acts.erasing import forget

    treasury.take_over()
    assert forget(MAKER, person=treasury.people[0].uid) == 1
    assert not Account.objects.filter(person=treasury.people[0].uid).exclude(cipher="").exists()
    assert list(verify_rows()) == []
    assert Payment.objects.count() == 4


def test_what_is_kept_back_of_a_price_is_paid_by_a_step_of_its_own(treasury: Treasury, tmp_path: Path) -> None:
    retention = Retention(Fraction(1, 10), Fraction(3, 100), 365, Label("示例", "example"))
    who, price = treasury.people[0], 1_000_001
    source = replace(treasury.source, retention=retention, batch=uuid7())
    firm = Organisation.objects.create(name="示例施工队", area_code="140802", kind="provider")
    work = treasury.owe(who, given(firm.name, 9), fen=price, payee="provider", payee_uid=firm.uid)
    treasury.batch = source.batch
    assert acts.take_over(MAKER, source=source, payables=[work]) == 1
    main, rest = treasury.payments()
    assert (main.amount_fen, rest.amount_fen, rest.state) == (price - 30_000, 30_000, "retained")  # never above the legal cap of 3 %
    _, found = treasury.sent(tmp_path)
    assert [one.fen for one in found] == [price - 30_000]
    with refused("settlement.wrong_state"):
        acts.release_retention(THIRD, payment=rest.uid, accepted_on=DAY, retention=retention)  # the main part has not arrived
    tell(tmp_path, "transfer", all_paid("transfer", found))
    assert standing(f"retained:{PROGRAMME}").posted == 30_000
    today = clock.today()
    for paid_it in (MAKER, CHECKER):
        with refused("settlement.same_person"):
            acts.release_retention(paid_it, payment=rest.uid, accepted_on=today - timedelta(days=365), retention=retention)
    with refused("settlement.too_early"):
        acts.release_retention(THIRD, payment=rest.uid, accepted_on=today - timedelta(days=364), retention=retention)
    acts.release_retention(THIRD, payment=rest.uid, accepted_on=today - timedelta(days=365), retention=retention)
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", found), name="second")
    assert (standing(f"retained:{PROGRAMME}").posted, standing(f"payees:{PROGRAMME}").posted) == (0, price)
    assert by_fund() == {FUND: price}
    assert list(verify_book()) == []


def by_fund() -> dict[str, int]:
    """What the city's figures say was paid out of each fund, after a new count."""
    counting.count()
    return dict(FundFigure.objects.values_list("fund").annotate(fen=Sum("paid_fen")))


def test_a_payment_out_of_two_funds_names_each_yuan_s_fund_and_gives_both_back(treasury: Treasury, tmp_path: Path) -> None:
    city = f"{PROGRAMME}.city"
    open_fund(FINANCE, slug=city, purpose=("助学", "aid"), programme=PROGRAMME, promises=[Promise("city", ("市级", "city"), 10**9)])
    allocate(FINANCE, fund=city, source="city", fen=100, key="city")
    allocate(FINANCE, fund=FUND, source="province", fen=50, key="province")
    who = treasury.people[0]
    (parts,) = commit_all(FINANCE, funds=[FUND, city], commitments=[Commitment("both", 120)])
    assert [(part.fund, part.fen) for part in parts] == [(FUND, 50), (city, 70)]
    treasury.payables.append(replace(treasury.payables[0], item=uuid7(), award=uuid7(), shares=parts))
    treasury.take_over()
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", [*all_paid("transfer", found[:4]), (found[4], CLOSED["transfer"])])
    assert standing(f"fund:{city}").held == 0
    row = treasury.payments()[4]
    assert acts.correct_account(MAKER, payment=row.uid, given=given(who.name, 60)).state == "ready"
    assert (standing(f"fund:{city}").held, money()[:2]) == (70, (50, 50))
    _, again = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", again), name="second")
    assert (standing(f"fund:{city}").posted, money()) == (30, (0, 0, 4 * FEN + 120))
    assert by_fund() == {FUND: 4 * FEN + 50, city: 70}
    tell(tmp_path, "transfer", [(again[0], "90")], name="third")
    assert (standing(f"fund:{city}").posted, money()) == (100, (50, 0, 4 * FEN))
