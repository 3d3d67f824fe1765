"""What is kept back from a contractor, whatever the bank does afterwards: nobody loses it, nobody gets it twice, it is nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, RETURNED, Asked
from settle_examples import FEN, FUND, MAKER, PROGRAMME, THIRD, Treasury, all_paid, given, refused, tell

from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer
from linli.ledger.queries import fund_figures, standing
from linli.ledger.verify import verify_book
from linli.programmes.procedure.declaration import Retention
from linli.registers.models import Organisation, Staff, StaffPerson
from linli.rules.declare import Label
from linli.settlement import acts
from linli.settlement.models import Payment
from linli.trace.deep import verify_rows

RETENTION = Retention(Fraction(1, 10), Fraction(3, 100), 365, Label("示例", "example"))
PRICE, KEPT = 1_000_000, 30_000


def works(treasury: Treasury, folder: Path, *, number: int = 9) -> tuple[Payment, Payment, Asked]:
    """A contractor's price, of which the main part was paid; and the line that paid it."""
    firm = Organisation.objects.create(name="示例施工队", area_code="140802", kind="provider")
    source = replace(treasury.source, retention=RETENTION, batch=uuid7())
    work = treasury.owe(treasury.people[0], given(firm.name, number), fen=PRICE, payee="provider", payee_uid=firm.uid)
    treasury.batch = source.batch
    acts.take_over(MAKER, source=source, payables=[work])
    main, rest = treasury.payments()
    _, found = treasury.sent(folder)
    tell(folder, "transfer", all_paid("transfer", found), name=f"main{number}")
    return main, rest, found[0]


def release(rest: Payment, viewer: Viewer = THIRD) -> Payment:
    return acts.release_retention(viewer, payment=rest.uid, accepted_on=clock.today() - timedelta(days=365), retention=RETENTION)


def kept() -> int:
    return standing(f"retained:{PROGRAMME}").posted


def test_who_is_near_to_the_person_releases_nothing(treasury: Treasury, tmp_path: Path) -> None:
    _, rest, _ = works(treasury, tmp_path)
    staff = Staff.objects.create(name="测试员", login="near", password="!")
    StaffPerson.objects.create(staff=staff, resident=treasury.people[0], checked_by="x", checked_at=clock.now())
    with refused("registers.too_near"):
        release(rest, Viewer(staff.actor, (Grant("officer"),)))


def state_of(*rows: Payment) -> list[str]:
    return [Payment.objects.get(pk=one.pk).state for one in rows]


def test_a_main_part_that_the_bank_returns_takes_what_was_released_along(treasury: Treasury, tmp_path: Path) -> None:
    main, rest, line = works(treasury, tmp_path)
    spent = fund_figures(FUND).spent_fen
    release(rest)
    tell(tmp_path, "transfer", [(line, RETURNED["transfer"])], name="returned")
    assert (state_of(main, rest), kept(), spent - fund_figures(FUND).spent_fen) == (["failed", "retained"], 0, PRICE)
    with refused("settlement.nothing"):
        treasury.sent(tmp_path)
    acts.correct_account(MAKER, payment=main.uid, given=given("示例施工队", 77))
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", found), name="again")
    release(rest)
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", found), name="rest")
    assert (state_of(main, rest), kept(), fund_figures(FUND).spent_fen) == (["paid", "paid"], 0, spent)
    assert list(verify_book()) == []


@pytest.mark.parametrize("arrived", [True, False])
def test_what_was_kept_back_of_one_contractor_is_not_anothers(treasury: Treasury, tmp_path: Path, arrived: bool) -> None:
    works(treasury, tmp_path, number=8)
    main, rest, line = works(treasury, tmp_path)
    spent = fund_figures(FUND).spent_fen
    release(rest)
    _, found = treasury.sent(tmp_path)
    if arrived:
        tell(tmp_path, "transfer", all_paid("transfer", found), name="rest")
    tell(tmp_path, "transfer", [(line, RETURNED["transfer"])], name="returned")
    assert (kept(), spent - fund_figures(FUND).spent_fen) == (KEPT if arrived else 2 * KEPT, PRICE - KEPT)
    if not arrived:
        with refused("settlement.wrong_state"):  # what was kept back is at the bank
            acts.withdraw(MAKER, payment=main.uid, reason="x")
        tell(tmp_path, "transfer", all_paid("transfer", found), name="rest")
    assert (state_of(main, rest), kept()) == (["failed", "paid"], KEPT)
    acts.correct_account(MAKER, payment=main.uid, given=given("示例施工队", 77))
    _, (again,) = treasury.sent(tmp_path)
    assert again.fen == PRICE - KEPT
    for name, says, back in (("again", PAID, 0), ("back", RETURNED, PRICE - KEPT)):
        tell(tmp_path, "transfer", [(again, says["transfer"])], name=name)
        assert (kept(), spent - fund_figures(FUND).spent_fen) == (KEPT, back)
    acts.withdraw(MAKER, payment=main.uid, reason="x")
    assert (state_of(main, rest), kept(), fund_figures(FUND).committed_fen) == (["withdrawn", "paid"], KEPT, 4 * FEN)
    assert [*verify_book(), *(one for one in verify_rows() if "settlement." in (one.row or ""))] == []


def test_what_was_kept_back_and_is_given_up_is_the_funds_again(treasury: Treasury, tmp_path: Path) -> None:
    _, rest, _ = works(treasury, tmp_path)
    release(rest)
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", [(found[0], CLOSED["transfer"])], name="rest")
    spent = fund_figures(FUND).spent_fen
    acts.withdraw(MAKER, payment=rest.uid, reason="x")
    assert (state_of(rest), kept(), spent - fund_figures(FUND).spent_fen) == (["withdrawn"], 0, KEPT)
    assert list(verify_book()) == []


def test_what_was_kept_back_is_not_given_up_once_the_main_part_came_back_without_it(treasury: Treasury, tmp_path: Path) -> None:
    main, rest, line = works(treasury, tmp_path)
    release(rest)
    _, found = treasury.sent(tmp_path)
    for name, row in (("returned", (line, RETURNED["transfer"])), ("closed", (found[0], CLOSED["transfer"]))):
        tell(tmp_path, "transfer", [row], name=name)
    with refused("settlement.kept_apart"):
        acts.withdraw(MAKER, payment=rest.uid, reason="x")
    acts.withdraw(MAKER, payment=main.uid, reason="x")
    acts.correct_account(MAKER, payment=rest.uid, given=given("示例施工队", 77))
    _, found = treasury.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", found), name="rest")
    assert (state_of(main, rest), kept()) == (["withdrawn", "paid"], 0)
    assert list(verify_book()) == []
