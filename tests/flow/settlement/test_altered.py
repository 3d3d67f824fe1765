"""A row that was altered behind the trace moves no money, and no lawful act makes the trace forget it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from settle_examples import CHECKER, DAY, MAKER, THIRD, Treasury, all_paid, build, given, refused, tell

from linli.kernel.viewer import Grant, Viewer
from linli.settlement import acts
from linli.settlement.models import Account, Order, OutcomeRow, Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db: None) -> Treasury:
    made = build()
    made.take_over()
    return made


def on_record() -> list[tuple[str, str]]:
    rows = Fact.objects.filter(type="trace.altered_refused").order_by("id").values_list("payload", flat=True)
    return [(one["row"], one["act"]) for one in rows]


@contextmanager
def guards_off(cursor: Any) -> Iterator[None]:
    """As by somebody who owns the tables."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("ALTER TABLE settlement_outcomerow DISABLE TRIGGER USER")
    yield
    cursor.execute("ALTER TABLE settlement_outcomerow ENABLE TRIGGER USER")


def found() -> set[str]:
    return {one.row for one in verify_rows()}


def test_a_payment_goes_to_no_account_but_of_its_own_award_whatever_its_state(desk: Treasury) -> None:
    first, second, *_ = desk.payments()
    for state, reason in (("waiting", "other"), ("failed", "other"), ("ready", "")):
        with pytest.raises(IntegrityError, match="its own award"), transaction.atomic():
            Payment.objects.filter(pk=first.pk).update(state=state, reason=reason, account=second.account)
    assert first.account is not None
    one = Account.objects.create(award=first.award, person=second.person, entered_at=first.state_since)
    with pytest.raises(IntegrityError, match="its own award"), transaction.atomic():
        Payment.objects.filter(pk=first.pk).update(state="waiting", account=one)


def test_an_altered_payment_comes_into_no_file_and_the_refusal_stays(desk: Treasury) -> None:
    first = desk.payments()[0]
    row = f"settlement.payment:{first.pk}"
    Payment.objects.filter(pk=first.pk).update(attempts=7)
    with refused("trace.altered") as told:
        desk.order()
    assert row in told.value.found
    assert "verify --deep" in told.value.remedy_zh
    assert (on_record(), found()) == ([(row, "make_order")], {row})
    Payment.objects.filter(pk=first.pk).update(state="waiting", reason="other")
    with refused("trace.altered"):
        acts.correct_account(MAKER, payment=first.uid, given=given(desk.people[0].name, 77))
    with refused("trace.altered"):
        acts.withdraw(MAKER, payment=first.uid, reason="other")
    assert found() == {row}
    assert desk.order().count == 3  # what waits is not asked about


def test_what_is_altered_while_the_file_is_made_drops_it(desk: Treasury) -> None:
    first = desk.payments()[0]
    order = acts.make_order(MAKER, batch=desk.batch, layout="transfer", day=DAY, payer=desk.payer.uid, project_code="YC0001")
    Payment.objects.filter(pk=first.pk).update(attempts=7)
    for _ in range(2):
        assert acts.fill_order(order=order.uid).state == "dropped"
    assert [name for _, name in on_record()] == ["filled"]
    assert found() == {f"settlement.payment:{first.pk}"}
    assert Payment.objects.filter(state="ready").count() == 4


@pytest.mark.parametrize("table", ["payment", "instruction", "order"])
def test_an_altered_file_is_neither_released_nor_handed_over(desk: Treasury, tmp_path: Path, table: str) -> None:
    order = desk.order()
    rows = {
        "payment": (Payment.objects.filter(pk=desk.payments()[0].pk), {"attempts": 9}),
        "instruction": (order.instructions.filter(sequence=1), {"code": "X"}),
        "order": (Order.objects.filter(pk=order.pk), {"project_code": "X"}),
    }
    which, change = rows[table]
    before = dict(which.values(*change)[0])
    which.update(**change)
    with refused("trace.altered"):
        acts.release_order(CHECKER, order=order.uid)
    which.update(**before)
    acts.release_order(CHECKER, order=order.uid)
    which.update(**change)
    with refused("trace.altered"):
        acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "file")
    assert [name for _, name in on_record()] == ["release_order", "hand_over"]
    which.update(**before)
    assert acts.hand_over(CHECKER, order=order.uid, path=tmp_path / "file").state == "handed_over"
    assert found() == set()


def test_what_a_bank_said_is_neither_rewritten_nor_deleted_once_it_was_dealt_with(desk: Treasury, tmp_path: Path) -> None:
    _, asked = desk.sent(tmp_path)
    tell(tmp_path, "transfer", all_paid("transfer", asked))
    rows = OutcomeRow.objects.all()
    for change in ({"verdict": "repeated"}, {"verdict": ""}, {"code": "X"}, {"amount_fen": 1}, {"found": "X"}):
        with pytest.raises(IntegrityError, match="not rewritten"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="not deleted"), transaction.atomic():
        rows.delete()


def test_who_hands_in_what_another_handed_in_is_told_so(desk: Treasury, tmp_path: Path) -> None:
    _, asked = desk.sent(tmp_path)
    first = tell(tmp_path, "transfer", all_paid("transfer", asked))
    again = {"layout": "transfer", "path": tmp_path / "answer", "name": "answer"}
    assert acts.receive(THIRD, **again) == first
    county = Viewer("staff:00000000-0000-7000-8000-000000000077", (Grant("officer", "140802"),))
    with refused("settlement.handed_in_before"):
        acts.receive(county, **again)


def test_the_deep_verification_names_what_a_bank_said_that_is_gone(desk: Treasury, tmp_path: Path) -> None:
    _, asked = desk.sent(tmp_path)
    outcome = tell(tmp_path, "transfer", all_paid("transfer", asked))
    assert found() == set()
    with connection.cursor() as cursor, guards_off(cursor):
        cursor.execute("DELETE FROM settlement_outcomerow WHERE line = (SELECT min(line) FROM settlement_outcomerow)")
        cursor.execute("UPDATE settlement_outcomerow SET code = 'X' WHERE line = (SELECT max(line) FROM settlement_outcomerow)")
    gone = [str(row) for row in Payment.objects.filter(state="paid").order_by("id").values_list("instructions__pk", flat=True)]
    told = {(one.code, one.row) for one in verify_rows()}
    named = {("named_missing", f"settlement.instruction:{gone[0]}"), ("named_missing", f"settlement.instruction:{gone[-1]}")}
    assert told == named | {("count_differs", f"settlement.outcome:{outcome.pk}")}
    assert all(one.text("zh") and one.text("en") for one in verify_rows())
