"""Funds: every yuan has a source and a purpose, what is approved is kept, nothing is spent twice or beyond."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from click.testing import CliRunner
from ledger_examples import CLERK, account, found, pay

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.ledger.acts import Promise, Spending, allocate, commit, fund_of, open_fund, release, reverse, spend
from linli.ledger.queries import fund_figures, open_holds, standing, statement, trial_balance
from linli.site.command.ledger import command

pytestmark = pytest.mark.django_db
PROVINCE, LOTTERY = 46_000_000, 96_000_000
PROMISES = [
    Promise("province", ("省级专项资金", "the province's special money"), PROVINCE),
    Promise("lottery", ("市级福彩公益金", "the city's welfare lottery"), LOTTERY),
]


def opened(shards: int = 0) -> None:
    open_fund(
        CLERK, slug="home", purpose=("居家适老化改造", "home adaptation"), programme="home-adaptation", promises=PROMISES, shards=shards
    )
    account("contractor")


@pytest.fixture
def fund() -> None:
    opened()
    allocate(CLERK, fund="home", source="province", fen=PROVINCE, key="p")
    allocate(CLERK, fund="home", source="lottery", fen=LOTTERY, key="l")


@pytest.mark.usefixtures("fund")
def test_money_comes_from_its_sources_and_no_more_than_they_promised() -> None:
    figures = fund_figures("home")
    assert [(one.slug, one.allocated_fen) for one in figures.sources] == [("lottery", LOTTERY), ("province", PROVINCE)]
    assert (figures.promised_fen, figures.allocated_fen, figures.free_fen) == (142_000_000, 142_000_000, 142_000_000)
    with pytest.raises(LinliError, match="0 available"):
        allocate(CLERK, fund="home", source="province", fen=1, key="more")
    assert fund_of("home").purpose_zh == "居家适老化改造"


@pytest.mark.usefixtures("fund")
def test_what_is_approved_is_kept_until_it_is_paid_or_given_back() -> None:
    approved = commit(CLERK, fund="home", fen=141_999_000, key="a1", reference="case:1").uid
    with pytest.raises(LinliError, match="1000 available"):
        commit(CLERK, fund="home", fen=1001, key="a2")
    with pytest.raises(LinliError, match="1000 available"):
        spend(CLERK, fund="home", spendings=[Spending(key="s0", to="contractor", fen=1001)])
    (paid,) = spend(CLERK, fund="home", spendings=[Spending(key="s1", to="contractor", fen=53_224, committed=approved, reference="case:1")])
    figures = fund_figures("home")
    assert (figures.spent_fen, figures.committed_fen, figures.free_fen) == (53_224, 0, 142_000_000 - 53_224)
    reverse(CLERK, transfer=paid.uid, key="returned")
    assert fund_figures("home").spent_fen == 0
    assert found() == []


@pytest.mark.usefixtures("fund")
def test_a_batch_is_spent_as_one_and_once() -> None:
    held = [commit(CLERK, fund="home", fen=60_000, key=f"a{number}").uid for number in range(5)]
    assert [one.uid for one in open_holds("fund:home")] == held
    batch = [Spending(key=f"s{number}", to="contractor", fen=60_000, committed=hold) for number, hold in enumerate(held[:4])]
    first, again = spend(CLERK, fund="home", spendings=batch), spend(CLERK, fund="home", spendings=batch)
    assert [one.uid for one in first] == [one.uid for one in again]
    assert standing("contractor").posted == 240_000
    release(CLERK, holds=held[4:])
    assert open_holds("fund:home") == []
    assert found() == []


def test_a_split_fund_says_the_same() -> None:
    opened(shards=5)
    allocate(CLERK, fund="home", source="lottery", fen=1000, key="l")
    held = commit(CLERK, fund="home", fen=999, key="a").uid
    spend(CLERK, fund="home", spendings=[Spending(key="s", to="contractor", fen=900, committed=held)])
    figures = fund_figures("home")
    assert (figures.allocated_fen, figures.spent_fen, figures.committed_fen, figures.free_fen) == (1000, 900, 0, 100)
    assert found() == []


def test_a_fund_needs_sources_and_its_slug_is_its_own() -> None:
    with pytest.raises(LinliError, match="source"):
        open_fund(CLERK, slug="x", purpose=("无", "none"), programme="", promises=[])
    opened()
    with pytest.raises(LinliError, match="taken"):
        open_fund(CLERK, slug="home", purpose=("无", "none"), programme="", promises=PROMISES)
    with pytest.raises(LinliError, match="no such fund"):
        commit(CLERK, fund="nothing", fen=1, key="a")


def _moved_on(day: int, amount: int, key: str, event: int | None = None) -> UUID:
    with clock.frozen(datetime(2026, 3, day, 4, tzinfo=UTC)):
        at = None if event is None else datetime(2026, 3, event, 4, tzinfo=UTC)
        return spend(CLERK, fund="home", spendings=[Spending(key=key, to="contractor", fen=amount, event_at=at)])[0].uid


def test_a_statement_of_any_days_by_either_date() -> None:
    with clock.frozen(datetime(2026, 3, 1, 4, tzinfo=UTC)):
        opened()
        allocate(CLERK, fund="home", source="province", fen=1000, key="p")
    _moved_on(5, 10, "s1")
    _moved_on(9, 20, "s2", event=3)
    told = statement("fund:home", start=date(2026, 3, 3), end=date(2026, 3, 4))
    assert (told.opening, [line.amount for line in told.lines], told.closing) == (1000, [-20], 980)
    told = statement("fund:home", start=date(2026, 3, 3), end=date(2026, 3, 8), when="posted_at")
    assert (told.opening, [line.amount for line in told.lines], told.closing) == (1000, [-10], 990)
    told = statement("fund:home", start=date(2026, 3, 10), end=date(2026, 3, 10))
    assert (told.opening, told.closing) == (970, 970)
    whole = statement("fund:home", start=date(2026, 3, 1), end=date(2026, 3, 31))
    assert (whole.count, whole.received, whole.paid, whole.closing) == (3, 1000, 30, 970)
    page = statement("fund:home", start=date(2026, 3, 1), end=date(2026, 3, 31), skip=1, limit=1)
    assert (page.lines, page.count, page.closing) == (whole.lines[1:2], 3, 970)
    assert statement("fund:home", start=date(2026, 3, 4), end=date(2026, 3, 31), skip=5).lines == []
    rows = {row.code: row.balance for row in trial_balance(end=date(2026, 3, 8))}
    assert rows == {"contractor": 10, "fund:home": 990, "fund:home:lottery": 0, "fund:home:province": -1000}
    printed = CliRunner().invoke(command, ["statement", "fund:home", "--from", "2026-03-01", "--to", "2026-03-31"])
    assert "9.70" in printed.output
    assert "0.00" in CliRunner().invoke(command, ["trial"]).output.splitlines()[-1]


def test_days_are_those_of_the_city() -> None:
    account("world", floor=None, kind="source")
    account("a")
    with clock.frozen(datetime(2026, 3, 31, 16, 0, tzinfo=UTC)):
        pay("world", "a", 5)
    assert statement("a", start=date(2026, 3, 31), end=date(2026, 3, 31)).closing == 0
    assert statement("a", start=date(2026, 4, 1), end=date(2026, 4, 1)).closing == 5


def test_an_unknown_account_is_said_to_be_unknown() -> None:
    with pytest.raises(LinliError, match="no such account"):
        statement("nobody", start=date(2026, 4, 1), end=date(2026, 4, 1))
