"""A real batch, approved by its two officers, is taken over, paid as the bank says, and closes itself when nothing is left of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from bank_examples import PAID
from batch_examples import AID, CHECKER, HOUR, MAKER, NOW, build, checked, to_checking
from place_examples import SYSTEM
from settle_examples import Treasury, given, tell

from linli import vault
from linli.agreements.models import Award
from linli.batches.acts import approving, noticing
from linli.batches.models import Batch, Item
from linli.entitlements import overpaid
from linli.entitlements.models import Recovery
from linli.kernel import clock
from linli.ledger.acts import Promise, allocate, open_fund
from linli.ledger.queries import fund_figures
from linli.ledger.verify import verify_book
from linli.registers.models import Resident
from linli.settlement import acts, jobs, queries, reactions
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
TOTAL = 3 * (400_000 + 2 * 500_000 + 600_000)


def approved() -> Batch:
    """Twelve students in three counties, each with an account of their own."""
    roll = build()
    for number, award in enumerate(roll.awards):
        who = Resident.objects.get(uid=award.person)
        cipher = vault.protect(who.uid, {"account": given(who.name, number).text()})["account"]
        Award.objects.filter(pk=award.pk).update(account_cipher=cipher)
    open_fund(
        SYSTEM,
        slug=f"{AID}.provincial",
        purpose=("助学", "aid"),
        programme=AID,
        promises=[Promise("province", ("省级", "province"), TOTAL)],
    )
    allocate(SYSTEM, fund=f"{AID}.provincial", source="province", fen=TOTAL, key="a")
    batch = to_checking(roll.batch())
    checked(batch)
    with clock.frozen(NOW + 3 * HOUR):
        notice = noticing.put_up(MAKER, batch=batch.uid, supervision="0359-0000000", objections_to="市残联教就部")
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        noticing.take_down_due()
    approving.approve(CHECKER, batch=batch.uid)
    return Batch.objects.get(pk=batch.pk)


def test_every_fen_of_an_approved_batch_reaches_its_student(db: None, tmp_path: Path) -> None:
    batch = approved()
    reactions.take_over(list(Fact.objects.filter(type="batches.approved")))
    jobs.take_over_batch(batch=str(batch.uid))
    jobs.take_over_batch(batch=str(batch.uid))  # once more, as after a kill
    (figures,) = queries.figures(MAKER)
    assert (figures.count, figures.fen, figures.counts) == (12, TOTAL, {"ready": 12})
    payer = acts.enter_payer(acts.ordering.MACHINE, name="运城市财政局", number="1400990000001", bank="102181000012")
    desk = Treasury([], payer, batch.uid)
    _, found = desk.sent(tmp_path)
    tell(tmp_path, "transfer", [(found[0], "13"), *((one, PAID["transfer"]) for one in found[1:])])
    batch.refresh_from_db()
    assert (batch.state, Item.objects.filter(batch=batch, state="paid").count()) == ("paying", 11)
    failed = next(row for row in desk.payments() if row.state == "failed")
    (status,) = queries.of_award(failed.award)
    assert (status.step, status.reason, queries.of_case(failed.case)) == ("failed", "closed", [status])
    acts.correct_account(MAKER, payment=failed.uid, given=given(Resident.objects.get(uid=failed.person).name, 99))
    assert queries.of_award(failed.award)[0].step == "planned"
    _, again = desk.sent(tmp_path)
    assert queries.of_award(failed.award)[0].step == "on_its_way"
    tell(tmp_path, "transfer", [(again[0], PAID["transfer"])], name="second")
    batch.refresh_from_db()
    assert (batch.state, queries.of_award(failed.award)[0].step) == ("closed", "paid")
    money = fund_figures(f"{AID}.provincial")
    assert (money.committed_fen, money.free_fen) == (0, 0)
    assert list(verify_book()) == []


@pytest.mark.long
def test_what_the_bank_had_in_hand_when_the_award_was_annulled_is_recovered(db: None, tmp_path: Path) -> None:
    batch = approved()
    jobs.take_over_batch(batch=str(batch.uid))
    payer = acts.enter_payer(acts.ordering.MACHINE, name="运城市财政局", number="1400990000001", bank="102181000012")
    desk = Treasury([], payer, batch.uid)
    _, found = desk.sent(tmp_path)
    award = Award.objects.get(uid=desk.payments()[0].award)
    award.state, award.ending = "ended", "annulled"
    award.save(update_fields=["state", "ending"])
    overpaid.annulled(acts.ordering.MACHINE, award)  # as objecting.redo() does: nothing is paid yet
    assert not Recovery.objects.exists()
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found])
    for _ in range(2):
        reactions.paid_though_annulled(list(Fact.objects.filter(type="settlement.paid")))
    recovery = Recovery.objects.get()
    assert (recovery.award, recovery.cause, recovery.amount_fen) == (award, "annulled", desk.payments()[0].amount_fen)
    assert desk.payments()[0].state == "paid"
