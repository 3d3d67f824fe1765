"""A payment out of several funds: drawn in their order, split only where it must be, each yuan naming its fund."""

from __future__ import annotations

import pytest
from ledger_examples import CLERK, account, found
from together import in_threads

from linli.kernel.errors import LinliError
from linli.ledger.acts import Commitment, PartedSpending, Promise, allocate, commit_all, open_fund, release, spend_all
from linli.ledger.queries import Part, fund_figures, parts_of, standing

FUNDS = ("province", "city")


@pytest.fixture
def funds() -> None:
    for slug, shards in (("province", 0), ("city", 3)):
        open_fund(
            CLERK,
            slug=slug,
            purpose=("助学", "student aid"),
            programme="aid",
            promises=[Promise("treasury", ("财政", "treasury"), 10**6)],
            shards=shards,
        )
        allocate(CLERK, fund=slug, source="treasury", fen=1000, key=slug)
    account("payee")


def _commitments(*amounts: int, start: int = 0) -> list[Commitment]:
    return [Commitment(f"item-{number}", fen) for number, fen in enumerate(amounts, start)]


def _drawn(parts: tuple[Part, ...]) -> list[tuple[str, int]]:
    return [(part.fund, part.fen) for part in parts]


@pytest.mark.django_db
@pytest.mark.usefixtures("funds")
def test_the_next_fund_is_drawn_when_the_first_is_used_up_and_a_payment_is_split_only_if_it_must() -> None:
    done = commit_all(CLERK, funds=FUNDS, commitments=_commitments(600, 600, 300, 450))
    assert [_drawn(parts) for parts in done] == [
        [("province", 600)],
        [("city", 600)],
        [("province", 300)],
        [("province", 100), ("city", 350)],
    ]
    assert [fund_figures(slug).free_fen for slug in FUNDS] == [0, 50]
    with pytest.raises(LinliError, match="50 available"):
        commit_all(CLERK, funds=FUNDS, commitments=_commitments(51, start=9))
    assert found() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("funds")
def test_a_retry_is_answered_with_the_parts_that_stand_whatever_has_become_free_since() -> None:
    done = commit_all(CLERK, funds=FUNDS, commitments=_commitments(700, 700, 500))
    assert _drawn(done[2]) == [("province", 300), ("city", 200)]
    release(CLERK, holds=[done[0][0].hold])
    assert commit_all(CLERK, funds=FUNDS, commitments=_commitments(700, 700, 500)) == done
    assert parts_of(["item-2", "item", "nothing"]) == {"item-2": done[2][::-1]}
    with pytest.raises(LinliError, match="entered before"):
        commit_all(CLERK, funds=FUNDS, commitments=_commitments(701))


@pytest.mark.django_db
@pytest.mark.usefixtures("funds")
def test_every_part_is_paid_out_of_its_own_fund() -> None:
    done = commit_all(CLERK, funds=FUNDS, commitments=_commitments(700, 700, 500))
    payments = [PartedSpending(f"pay-{number}", "payee", parts) for number, parts in enumerate(done)]
    first, again = spend_all(CLERK, payments=payments), spend_all(CLERK, payments=payments)
    assert [[one.uid for one in parts] for parts in first] == [[one.uid for one in parts] for parts in again]
    assert [len(parts) for parts in first] == [1, 1, 2]
    assert [fund_figures(slug).spent_fen for slug in FUNDS] == [1000, 900]
    assert (standing("payee").posted, standing("fund:city").held) == (1900, 0)
    assert found() == []
    with pytest.raises(LinliError, match="fund"):
        spend_all(CLERK, payments=[PartedSpending("none", "payee", ())])


@pytest.mark.django_db
@pytest.mark.usefixtures("funds")
def test_what_cannot_be_committed_is_refused() -> None:
    for funds in ((), ("city", "city")):
        with pytest.raises(LinliError, match="fund"):
            commit_all(CLERK, funds=funds, commitments=_commitments(1))
    for fen in (0, -1):
        with pytest.raises(LinliError, match="posted"):
            commit_all(CLERK, funds=FUNDS, commitments=_commitments(fen))
    assert commit_all(CLERK, funds=["city"], commitments=_commitments(1000))[0][0].fund == "city"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("funds")
def test_two_who_commit_at_once_overdraw_nothing_and_commit_a_shared_item_once() -> None:
    """Half of each set is the other's too, and the funds come in another order."""
    refused = []

    def work(funds: tuple[str, ...], start: int) -> None:
        for turn in range(8):
            try:
                commit_all(CLERK, funds=funds, commitments=_commitments(90, 90, start=start + turn))
            except LinliError as error:
                refused.append(error.code)

    in_threads([lambda: work(FUNDS, 0), lambda: work(FUNDS[::-1], 4)])
    keys = [f"item-{number}" for number in range(16)]
    parts = parts_of(keys)
    assert all(sum(part.fen for part in of_one) == 90 for of_one in parts.values())
    assert sum(standing(f"fund:{slug}").held for slug in FUNDS) == 90 * len(parts) <= 2000
    assert set(refused) <= {"ledger.floor"}
    assert found() == []
