"""What plain SQL would do to money on its way: more of it, to somebody else, to another account, or asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest
from bank_examples import PAID
from django.db import IntegrityError, connection, transaction
from settle_examples import CHECKER, MAKER, THIRD, Treasury, all_paid, given, tell
from test_other_hands import anew, failed_once

from linli.kernel.ids import uuid7
from linli.settlement import acts
from linli.settlement.models import Payment

WHOLE = "amount_fen = amount_fen + 1", "shares = ARRAY[1]", "retained_fen = 5", "offset_fen = -1, amount_fen = amount_fen + 1"
WHOM = (
    "payee = 'provider'",
    f"payee_uid = '{uuid7()}'",
    f"person = '{uuid7()}'",
    f"award = '{uuid7()}'",
    "period = '2027'",
    "part = 'refund'",
)
ASKED = "amount_fen = 1", "tail = '0000'", "reference = 'LL202611230001000099'", "sequence = 9"
GIVEN = "cipher = 'x'", "tail = '0000'", f"award = '{uuid7()}'", "entered_by = ''"


def rewritten(table: str, change: str, where: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change} WHERE {where}")
        return int(cursor.rowcount)


def keeps(table: str, change: str, where: str = "true") -> None:
    """It is refused, though there are rows to change."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        assert cursor.fetchone()[0], (table, where)
    with pytest.raises(IntegrityError, match=r"payment|bank"), transaction.atomic():
        rewritten(table, change, where)


def test_money_on_its_way_is_not_rewritten(treasury: Treasury, tmp_path: Path) -> None:
    found, payment = failed_once(treasury, tmp_path)
    anew(treasury, payment)
    others = "account_id = (SELECT max(id) FROM settlement_account)"
    for change in (*WHOLE, *WHOM):
        keeps("settlement_payment", change)
    keeps("settlement_payment", others, "state = 'ordered'")
    for change in (*ASKED, others, "order_id = (SELECT max(id) FROM settlement_order)"):
        keeps("settlement_instruction", change, "state = 'open' AND sequence > 1")
    for change in GIVEN:
        keeps("settlement_account", change)
    tell(tmp_path, "transfer", [(one, PAID["transfer"]) for one in found[1:]], name="paid")
    for change in ("state = 'open', outcome_id = NULL", "state = 'failed'", "state = 'dropped'"):
        keeps("settlement_instruction", change, "state = 'paid'")
    keeps("settlement_instruction", "state = 'returned'", "state = 'failed'")


def test_what_an_officer_entered_is_not_rewritten(treasury: Treasury, tmp_path: Path) -> None:
    found, payment = failed_once(treasury, tmp_path)
    tell(tmp_path, "transfer", [(found[0], PAID["transfer"])], name="paid after all")
    word = acts.say_paid(MAKER, payment=payment.uid, reference="银行函〔2026〕1号")
    for change in ("fen = fen + 1", "reference = 'x'", f"entered_by = '{THIRD.actor}'", f"person = '{uuid7()}'"):
        keeps("settlement_bankword", change)
    acts.drop_word(CHECKER, word=word.uid)
    keeps("settlement_bankword", "state = 'confirmed'")
    assert Payment.objects.get(pk=payment.pk).state == "waiting"


def test_what_is_done_by_the_acts_goes_through(treasury: Treasury, tmp_path: Path) -> None:
    _, payment = failed_once(treasury, tmp_path)
    for number in (81, 82):
        row = acts.correct_account(MAKER, payment=payment.uid, given=given(treasury.people[0].name, number))
        assert row.state == "ready"
        _, found = treasury.sent(tmp_path)
        tell(tmp_path, "transfer", all_paid("transfer", found), name=f"paid{number}")
        tell(tmp_path, "transfer", [(found[0], "90")], name=f"back{number}")
