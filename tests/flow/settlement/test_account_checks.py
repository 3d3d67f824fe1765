"""Accounts are confirmed by the bank before anything is paid to them: the file that asks, hostile answers row by row, what then may go."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from settle_examples import CHECKER, ELSEWHERE, MAKER, Treasury, given, refused

from linli.settlement import acts
from linli.settlement.models import AccountAnswer, AccountAnswerRow, Inquiry, Instruction, Payment
from linli.site.command.bank import command
from linli.trace.deep import verify_rows
from linli.vault.models import Access

pytestmark = pytest.mark.django_db
LAYOUT = "transfer-checked"


def asked(treasury: Treasury, folder: Path) -> list[list[str]]:
    """The rows of a file that was made, filled and handed over."""
    inquiry = acts.make_inquiry(MAKER, batch=treasury.batch, layout=LAYOUT)
    acts.fill_inquiry(inquiry=inquiry.uid)
    path = folder / inquiry.number
    acts.hand_over_inquiry(MAKER, inquiry=inquiry.uid, path=path)
    head, *rows, tail = [line.split("|") for line in path.read_bytes().decode("gb18030").strip().split("\r\n")]
    assert (head[0], head[3], tail) == ("H", str(len(rows)), ["T", str(len(rows))])
    return rows


def told(folder: Path, lines: list[str], *, count: int | None = None, name: str = "answer") -> AccountAnswer:
    """The bank's answer, received and dealt with."""
    number = len(lines) if count is None else count
    path = folder / name
    path.write_bytes("\r\n".join([f"H|N|20261123|{number}", *lines, f"T|{number}", ""]).encode("gb18030"))
    answer = acts.receive_accounts(MAKER, layout=LAYOUT, path=path, name=name)
    while acts.apply_account_answers(answer=answer.uid):
        pass
    return AccountAnswer.objects.get(pk=answer.pk)


def said(row: list[str], code: str) -> str:
    return f"D|{row[2]}|{row[3]}|{code}|"


def verdicts(answer: AccountAnswer) -> list[str]:
    return list(AccountAnswerRow.objects.filter(answer=answer).order_by("line").values_list("verdict", flat=True))


def test_only_what_the_bank_confirmed_is_paid(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    with refused("settlement.unconfirmed"):
        treasury.order(LAYOUT)
    rows = asked(treasury, tmp_path)
    assert [row[4] for row in rows] == [one.name for one in treasury.people]
    assert Access.objects.filter(purpose="settlement.pay", actor=MAKER.actor).count() == len(rows)
    with refused("settlement.nothing"):
        acts.make_inquiry(MAKER, batch=treasury.batch, layout=LAYOUT)  # the bank is asked about all of them already
    codes = ["00", "12", "99", "13"]
    assert verdicts(told(tmp_path, [said(row, code) for row, code in zip(rows, codes, strict=True)])) == ["good", "bad", "pending", "bad"]
    found = [(one.state, one.reason) for one in treasury.payments()]
    assert found == [("ready", ""), ("waiting", "name_differs"), ("ready", ""), ("waiting", "closed")]
    treasury.order(LAYOUT)
    assert [one.payment.state for one in Instruction.objects.select_related("payment")] == ["ordered"]
    assert Inquiry.objects.get().state == "handed_over"
    told(tmp_path, [said(rows[2], "00")], name="later")
    assert Inquiry.objects.get().state == "settled"
    assert Payment.objects.filter(account__checked_by=f"bank:{LAYOUT}").count() == 4
    assert list(verify_rows()) == []


def test_another_account_is_asked_about_anew(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    rows = asked(treasury, tmp_path)
    told(tmp_path, [said(row, "11") for row in rows])
    payment = treasury.payments()[0]
    acts.correct_account(MAKER, payment=payment.uid, given=given(treasury.people[0].name, 77))
    with refused("settlement.unconfirmed"):
        treasury.order(LAYOUT)
    (row,) = asked(treasury, tmp_path)
    assert row[3].endswith("77")
    told(tmp_path, [said(row, "00")], name="second")
    assert treasury.order(LAYOUT).count == 1


def test_hostile_rows_are_refused_one_by_one_and_the_rest_applies(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    rows = asked(treasury, tmp_path)
    lines = [
        said(rows[0], "00"),
        f"D|LC1|{rows[1][3]}|00|",  # not ours
        f"D|{rows[1][2]}|6217999999|00|",  # another account
        said(rows[2], "77"),  # a code that was not agreed
        "D|too|few",
        said(rows[3], "00"),
        said(rows[3], "13"),  # the same twice, differently
    ]
    answer = told(tmp_path, lines, count=99)
    assert verdicts(answer) == ["good", "unknown", "account", "code", "unreadable", "duplicate", "duplicate"]
    assert answer.warnings == ["count"]
    assert Payment.objects.filter(account__checked_by=f"bank:{LAYOUT}").count() == 1
    assert told(tmp_path, lines, count=99).pk == answer.pk  # the same file again is the one that was read
    assert verdicts(told(tmp_path, [said(rows[0], "00"), said(rows[0], "00")], name="b")) == ["repeated", "duplicate"]
    assert verdicts(told(tmp_path, [said(rows[0], "13")], name="c")) == ["contradicted"]
    assert treasury.payments()[0].state == "ready"


def test_nothing_counts_that_was_not_handed_over_and_nobody_else_may(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    with refused("settlement.no_account_check"):
        acts.make_inquiry(MAKER, batch=treasury.batch, layout="transfer")
    with refused("viewer.not_granted"):
        acts.make_inquiry(ELSEWHERE, batch=treasury.batch, layout=LAYOUT)
    inquiry = acts.fill_inquiry(inquiry=acts.make_inquiry(MAKER, batch=treasury.batch, layout=LAYOUT).uid)
    question = inquiry.questions.select_related("account").first()
    row = ["D", "1", question.reference, question.tail]
    assert verdicts(told(tmp_path, [said(row, "00")])) == ["not_handed_over"]
    acts.drop_inquiry(CHECKER, inquiry=inquiry.uid)
    assert verdicts(told(tmp_path, [said(row, "00")], count=2, name="b")) == ["unknown"]
    assert len(asked(treasury, tmp_path)) == 4


def test_the_command_asks_and_reads(treasury: Treasury, tmp_path: Path) -> None:
    treasury.take_over()
    out = tmp_path / "ask"
    done = CliRunner().invoke(command, ["ask-accounts", str(treasury.batch), "--layout", LAYOUT, "--out", str(out)])
    assert done.exit_code == 0, done.output
    rows = [line.split("|") for line in out.read_bytes().decode("gb18030").split("\r\n") if line.startswith("D")]
    (tmp_path / "answer").write_bytes("\r\n".join([*(said(row, "00") for row in rows), "D|LC1|1|00|", "T|5", ""]).encode())
    read = CliRunner().invoke(command, ["read-accounts", str(tmp_path / "answer"), "--layout", LAYOUT], env={"LINLI_LANG": "zh"})
    assert "5: LC1 没有这个流水号" in read.output
    assert treasury.order(LAYOUT).count == 4


def test_what_the_layout_has_no_room_for_waits(treasury: Treasury, tmp_path: Path) -> None:
    long = treasury.people[0]
    long.name = "买" * 61
    long.save()
    treasury.payables.clear()
    treasury.owe(long, given(long.name, 5))
    treasury.owe(treasury.people[1], given(treasury.people[1].name, 6))
    treasury.take_over()
    assert len(asked(treasury, tmp_path)) == 1
    assert [(one.state, one.reason) for one in treasury.payments()] == [("waiting", "unwritable"), ("ready", "")]
