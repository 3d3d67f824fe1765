"""Whatever is done to the book behind the system, a verification finds it and names it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.db import connection
from ledger_examples import CLERK, account, found, pay
from trace_examples import switch_guards

from linli.ledger.acts import Posting, hold, post_all
from linli.ledger.facts import TRANSFERS
from linli.ledger.jobs import witness_transfers
from linli.ledger.verify import WORDS, Discrepancy
from linli.site.command.ledger import command
from linli.site.command.trace import command as trace
from linli.trace.facts import LOG_WITNESSED
from linli.trace.models import Fact
from linli.trace.witness import verify_logs

pytestmark = pytest.mark.django_db

FUND = "(SELECT id FROM ledger_account WHERE code = 'fund')"
PAID = "(SELECT id FROM ledger_transfer WHERE key = 'paid')"
TAMPERED = {
    f"UPDATE ledger_entry SET amount = amount - 1 WHERE account_id = {FUND} AND version = 2": "entry_sum",
    f"UPDATE ledger_entry SET transfer_id = transfer_id - 1 WHERE account_id = {FUND} AND version = 2": "entry_altered",
    f"DELETE FROM ledger_entry WHERE account_id = {FUND} AND version = 2": "entry_gap",
    f"DELETE FROM ledger_entry WHERE transfer_id = {PAID}; DELETE FROM ledger_transfer WHERE key = 'paid'": "entry_gap",
    "DELETE FROM ledger_transfer WHERE key = 'paid'": "entry_stray",
    "UPDATE ledger_transfer SET reference = 'else' WHERE key = 'paid'": "entry_altered",
    "UPDATE ledger_transfer SET event_at = event_at - interval '1 day' WHERE key = 'paid'": "entry_altered",
    "UPDATE ledger_transfer SET actor = 'system:else' WHERE key = 'paid'": "entry_altered",
    "UPDATE ledger_transfer SET unit = 'minute' WHERE key = 'paid'": "entry_unit",
    f"UPDATE ledger_balance SET posted = posted + 1 WHERE account_id = {FUND}": "balance_differs",
    f"UPDATE ledger_balance SET held = held - 1 WHERE account_id = {FUND}": "held_differs",
    f"UPDATE ledger_account SET floor = 900 WHERE id = {FUND}": "below_floor",
    f"DELETE FROM ledger_balance WHERE account_id = {FUND}": "balance_missing",
    "UPDATE ledger_hold SET amount = amount + 1": "hold_altered",
    "UPDATE ledger_hold SET status = 'released', ended_at = held_at": "hold_altered",
    "DELETE FROM ledger_hold": "hold_missing",
    "UPDATE ledger_transfer SET reverses = (SELECT uid FROM ledger_transfer WHERE key = 'paid') WHERE key = 'b1'": "reversal_differs",
    "UPDATE ledger_transfer SET kind = 'fund.spend' WHERE key = 'past'": "fund_unclear",
}


@pytest.fixture
def book() -> None:
    account("world", floor=None, kind="source")
    account("fund", kind="fund")
    account("payee")
    pay("world", "fund", 1000, key="in")
    pay("fund", "payee", 100, key="paid")
    pay("world", "payee", 1, key="past")
    legs = (("fund", -50), ("payee", 50))
    post_all(CLERK, postings=[Posting(key=f"b{number}", unit="fen", kind="pay", legs=legs) for number in range(3)])
    hold(CLERK, key="held", account="fund", unit="fen", amount=30)
    assert found() == []


def witnessed() -> list[str]:
    """What is no longer as the trace has witnessed it."""
    return [one.code for one in verify_logs(only=TRANSFERS)]


def behind(statement: str) -> None:
    """As the owner of the tables, with the guards switched off."""
    switch_guards(on=False)
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("statement", TAMPERED)
def test_what_is_altered_behind_the_system_is_found(statement: str) -> None:
    behind(statement)
    assert TAMPERED[statement] in {one.code for one in found()}


@pytest.mark.usefixtures("book")
def test_a_whole_chain_rewritten_with_right_hashes_does_not_fit_its_facts() -> None:
    """Who can switch guards off can compute hashes: what the trace has witnessed is elsewhere."""
    witness_transfers(0)
    assert witnessed() == []
    behind("UPDATE ledger_transfer SET reference = 'else' WHERE key = 'b2'")
    behind("""
        DO $$ DECLARE e record; a record; h text; BEGIN FOR a IN SELECT id, uid FROM ledger_account LOOP
            h := 'linli-account:' || a.uid;
            FOR e IN SELECT x.version, x.amount, x.balance_after, t.* FROM ledger_entry x JOIN ledger_transfer t ON t.id = x.transfer_id
                     WHERE x.account_id = a.id ORDER BY x.version LOOP
                h := ledger_link(h, a.id, e.version, e.amount, e.balance_after,
                    ledger_text(e.uid, e.key, e.digest, e.unit, e.kind, e.reverses, e.hold, e.event_at, e.posted_at, e.actor, e.reference));
                UPDATE ledger_entry SET hash = h WHERE account_id = a.id AND version = e.version;
            END LOOP;
            UPDATE ledger_balance SET head = h WHERE account_id = a.id;
        END LOOP; END $$""")
    assert found() == []
    assert witnessed() == ["log_altered"]


@pytest.mark.usefixtures("book")
def test_the_last_transfer_taken_out_with_all_that_shows_it_is_missed() -> None:
    witness_transfers(0)
    behind("""
        DELETE FROM ledger_entry WHERE transfer_id = (SELECT max(id) FROM ledger_transfer);
        DELETE FROM ledger_transfer WHERE id = (SELECT max(id) FROM ledger_transfer);
        UPDATE ledger_balance b SET (posted, version, head) = (SELECT balance_after, version, hash FROM ledger_entry e
            WHERE e.account_id = b.account_id ORDER BY version DESC LIMIT 1) WHERE posted <> 0""")
    assert found() == []
    assert witnessed() == ["log_removed"]
    assert CliRunner().invoke(command, ["verify"]).exit_code == 1


@pytest.mark.usefixtures("book")
def test_what_is_posted_later_is_witnessed_later_and_nothing_twice() -> None:
    witness_transfers(0)
    before = Fact.objects.filter(type=LOG_WITNESSED.name).count()
    witness_transfers(0)
    assert Fact.objects.filter(type=LOG_WITNESSED.name).count() == before
    pay("fund", "payee", 1)
    witness_transfers(0)
    assert Fact.objects.filter(type=LOG_WITNESSED.name).latest("id").payload["count"] == 1
    assert witnessed() == []


@pytest.mark.usefixtures("book")
def test_the_command_says_so_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_LANG", "zh")
    sound = CliRunner().invoke(command, ["verify"])
    assert (sound.exit_code, sound.output.strip()) == (0, "核验 6 笔账（其中 6 笔尚未见证）：发现 0 处问题")
    behind(f"UPDATE ledger_balance SET posted = posted + 1 WHERE account_id = {FUND}")
    broken = CliRunner().invoke(command, ["verify"])
    assert broken.exit_code == 1
    assert "fund" in broken.output
    assert "余额不等于分录之和" in broken.output
    assert "unit_sum" in CliRunner().invoke(trace, ["verify", "--deep"]).output


def test_every_finding_has_both_languages() -> None:
    for code, (zh, en) in WORDS.items():
        assert zh in Discrepancy(code, "fund", 3).text("zh")
        assert en in Discrepancy(code, "fund").text("en")
