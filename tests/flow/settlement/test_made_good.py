"""What was set off or paid back of nothing that was paid too much is the person's again: paid to them once, out of the fund that had it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, RETURNED, Asked
from place_examples import SYSTEM
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from settle_examples import CHECKER, MAKER, THIRD, Treasury, given, refused, tell
from test_from_batches import AID
from test_paid_at_once import drained, received
from test_recoveries import FUND, ONE, TWO, back, listed, paid
from together import at_once

from linli.agreements.models import Award
from linli.casework import acts as casework
from linli.casework.models import Case
from linli.entitlements import recovering
from linli.entitlements.models import Recovery
from linli.kernel.viewer import Viewer
from linli.ledger.acts import Promise, commit, open_fund, promise_more, release
from linli.ledger.queries import fund_figures
from linli.ledger.verify import verify_book
from linli.registers.models import Resident
from linli.settlement import acts, jobs, queries
from linli.settlement.acts.funding import enter_arrived
from linli.settlement.models import Order, Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.reactions import named, wanted
from linli.trace.verify import verify_chains

__all__ = ["paid"]
CITY = f"{AID}.city"
TYPES = ("entitlements.recovery_stopped", "settlement.paid", "settlement.failed", "settlement.returned")


def react() -> None:
    """What follows from everything so far: a worker may do it more than once."""
    for fact in Fact.objects.filter(type__in=TYPES, echo_of=None).order_by("id"):
        for name in wanted([(fact.type, fact.pk)]):
            if name.startswith("settlement."):
                named(name).handler([fact])


def agreed(award: Award) -> Case:
    """500 yuan of the year were too much, says the system; 300 may be set off each time, says the person."""
    case = recovering.open_recovery(SYSTEM, award.uid, cause="overpaid", periods=[recovering.Overpaid("2026", 400_000, 350_000)])
    recovering.consent(Viewer(f"resident:{award.person}", subject=str(award.person), level="card"), case.uid, 30_000)
    casework.answer(ONE, case.uid, "offset", "本人同意，分次扣回")
    open_fund(SYSTEM, slug=CITY, purpose=("助学", "aid"), programme=AID, promises=[Promise("city", ("市级", "city"), 10**9)])
    return case


def sent(folder: Path, award: Award) -> tuple[Treasury, Payment, Asked]:
    """A lessened payment that is at the bank."""
    desk = listed(award, CITY, "2027")
    (payment,) = desk.payments()
    _, (asked,) = desk.sent(folder)
    assert asked.fen == payment.amount_fen == 370_000
    return desk, payment, asked


def unfounded(case: Case) -> None:
    """An objection was right."""
    recovering.not_overpaid(SYSTEM, Case.objects.get(pk=case.pk), "")
    react()


def made_good() -> list[tuple[str, int, int]]:
    rows = Payment.objects.filter(part="made_good").order_by("id")
    return [(one.state, one.amount_fen, sum(one.shares)) for one in rows]


def got(award: Award) -> int:
    """Fen that the person has, says the bank."""
    return sum(Payment.objects.filter(award=award.uid, state="paid").values_list("amount_fen", flat=True))


@pytest.mark.django_db
def test_what_was_kept_back_in_a_file_at_the_bank_is_owed_again_and_paid_once(paid: list[Award], tmp_path: Path) -> None:
    award = paid[0]
    case, spent = agreed(award), fund_figures(FUND).spent_fen
    desk, payment, asked = sent(tmp_path, award)
    unfounded(case)
    assert made_good() == []  # the bank has not paid it yet
    tell(tmp_path, "transfer", [(asked, PAID["transfer"])])
    for _ in range(2):
        react()
    assert (made_good(), fund_figures(FUND).spent_fen) == ([("ready", 30_000, 30_000)], spent - 30_000)
    assert (Recovery.objects.get().returned_fen, queries.batch_of(MAKER, desk.batch).number("ready")) == (0, 1)
    order, (again,) = desk.sent(tmp_path)
    assert order.made_by != order.released_by
    tell(tmp_path, "transfer", [(again, PAID["transfer"])], name="made good")
    react()
    assert (got(award), fund_figures(FUND).spent_fen, fund_figures(CITY).spent_fen) == (800_000, spent, 400_000)
    tell(tmp_path, "transfer", [(asked, RETURNED["transfer"])], name="returned")
    react()
    payment.refresh_from_db()
    assert (payment.state, payment.amount_fen, got(award)) == ("failed", 370_000, 430_000)
    acts.correct_account(MAKER, payment=payment.uid, given=given(Resident.objects.get(uid=award.person).name, 77))
    _, (second,) = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(second, PAID["transfer"])], name="second")
    react()
    assert (got(award), made_good(), Recovery.objects.get().returned_fen) == (800_000, [("paid", 30_000, 30_000)], 0)
    assert (fund_figures(FUND).spent_fen, fund_figures(CITY).spent_fen) == (spent, 400_000)
    assert list(verify_book()) == []


@pytest.mark.django_db
def test_what_the_bank_was_asked_for_keeps_its_sum_and_what_stood_in_a_dropped_file_is_whole_again(
    paid: list[Award], tmp_path: Path
) -> None:
    award = paid[0]
    case = agreed(award)
    desk, payment, asked = sent(tmp_path, award)
    unfounded(case)
    tell(tmp_path, "transfer", [(asked, CLOSED["transfer"])])
    react()
    payment.refresh_from_db()
    assert (payment.state, payment.amount_fen, payment.offset_fen, made_good()) == ("failed", 370_000, 30_000, [])
    acts.correct_account(MAKER, payment=payment.uid, given=given(Resident.objects.get(uid=award.person).name, 77))
    _, (asked,) = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(asked, PAID["transfer"])], name="second")
    react()
    assert (got(award), made_good()) == (770_000, [("ready", 30_000, 30_000)])
    other = agreed_again(paid[1])
    desk = listed(paid[1], CITY, "2028")
    (payment,) = desk.payments()
    order = desk.order()
    unfounded(other)
    acts.drop_order(MAKER, order=order.uid)
    order = desk.order()
    payment.refresh_from_db()
    assert (order.total_fen, payment.amount_fen, payment.offset_fen) == (400_000, 400_000, None)
    assert list(verify_book()) == []


def agreed_again(award: Award) -> Case:
    case = recovering.open_recovery(SYSTEM, award.uid, cause="overpaid", periods=[recovering.Overpaid("2026", 500_000, 450_000)])
    recovering.consent(Viewer(f"resident:{award.person}", subject=str(award.person), level="card"), case.uid, 30_000)
    casework.answer(ONE, case.uid, "offset", "本人同意，分次扣回")
    return case


@pytest.mark.django_db
def test_what_the_person_transferred_is_theirs_again_and_waits_while_the_fund_has_nothing(paid: list[Award], tmp_path: Path) -> None:
    award = paid[0]
    case = recovering.open_recovery(SYSTEM, award.uid, cause="overpaid", periods=[recovering.Overpaid("2026", 400_000, 350_000)])
    back(ONE, TWO, case, 20_000, "回单1")
    other = commit(SYSTEM, fund=FUND, fen=20_000, key="somebody else's")
    recovering.propose(ONE, case.uid, "unfounded", "学籍没有变化")
    casework.answer(TWO, case.uid, "unfounded", "核实没有多发")
    react()
    (row,) = Payment.objects.filter(part="made_good")
    assert (row.state, row.reason, row.amount_fen, row.holds, row.period) == ("waiting", "no_money", 20_000, [], "2026")
    with refused("settlement.the_persons"):
        acts.withdraw(MAKER, payment=row.uid, reason="given up")
    account, spent = given(Resident.objects.get(uid=award.person).name, 0), fund_figures(FUND).spent_fen
    with refused("ledger.floor"):
        acts.correct_account(MAKER, payment=row.uid, given=account)
    release(SYSTEM, holds=[other.uid])
    row = acts.correct_account(MAKER, payment=row.uid, given=account)
    desk = Treasury([], queries.payers()[0], row.batch)
    _, (asked,) = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(asked, PAID["transfer"])], name="made good")
    react()
    assert (got(award), fund_figures(FUND).spent_fen, made_good()) == (420_000, spent + 20_000, [("paid", 20_000, 20_000)])
    assert list(verify_book()) == []


@pytest.mark.django_db
def test_what_waits_for_money_goes_on_by_itself_when_it_arrives_or_is_given_back_and_once_only(paid: list[Award]) -> None:
    for number, award in enumerate(paid[:2]):
        case = recovering.open_recovery(SYSTEM, award.uid, cause="overpaid", periods=[recovering.Overpaid("2026", 400_000, 350_000)])
        back(ONE, TWO, case, 20_000, f"回单{number}")
        recovering.propose(ONE, case.uid, "unfounded", "学籍没有变化")
        casework.answer(TWO, case.uid, "unfounded", "核实没有多发")
    other = commit(SYSTEM, fund=FUND, fen=40_000, key="somebody else's")
    react()
    assert made_good() == [("waiting", 20_000, 20_000)] * 2
    jobs.take_up(0)
    assert [row.reason for row in Payment.objects.filter(part="made_good")] == ["no_money"] * 2
    promise_more(SYSTEM, fund=FUND, promise=Promise("more", ("追加", "more"), 10**6))
    for _ in range(2):
        enter_arrived(MAKER, slug=FUND, fen=20_000, document="运财社〔2026〕9号", source="more")
        work()
    assert [state for state, _, _ in made_good()] == ["ready", "waiting"]
    release(SYSTEM, holds=[other.uid])
    for _ in range(2):
        jobs.take_up(0)
    assert (made_good(), fund_figures(FUND).committed_fen) == ([("ready", 20_000, 20_000)] * 2, 40_000)
    assert list(verify_book()) == []


def work() -> None:
    """What a worker does now that money has arrived."""
    for name in ProcrastinateJob.objects.filter(task_name="settlement.go_on").values_list("task_name", flat=True):
        app.tasks[name]()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_banks_word_and_the_objection_in_one_moment_owe_it_once(paid: list[Award], tmp_path: Path) -> None:
    first = agreed(paid[0])
    cases = [first, *(agreed_again(award) for award in paid[1:3])]
    for number, (award, case) in enumerate(zip(paid, cases, strict=False)):
        desk = listed(award, CITY, f"{2027 + number}")
        _, (asked,) = desk.sent(tmp_path)
        outcome = received(tmp_path, f"answer{number}", [(asked, PAID["transfer"])])
        at_once(partial(drained, outcome), partial(unfounded, case), partial(unfounded, case))
        at_once(react, react, partial(drained, outcome))
        rows = Payment.objects.filter(part="made_good", award=award.uid)
        assert [(one.state, one.amount_fen) for one in rows] == [("ready", 30_000)]
        assert Recovery.objects.get(case=case).returned_fen == 0
        made = at_once(*[partial(desk_order, who, desk) for who in (MAKER, CHECKER, THIRD)])
        assert len({one.uid for one in made if isinstance(one, Order) and one.count == 1}) == 1
    assert [*verify_book(), *verify_chains(), *(one for one in verify_rows() if "settlement.payment" in (one.row or ""))] == []


def desk_order(who: Viewer, desk: Treasury) -> object:
    return desk.order(maker=who)
