"""What somebody would try with the pages of money: a bank's report that lies or explodes, and names that a spreadsheet would calculate."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from bank_examples import CLOSED, PAID, answer
from django.core.files.uploadedfile import SimpleUploadedFile
from settle_examples import FUND, Treasury, money
from test_payees import paid
from test_payments import colleague, text, treasury

from linli.kernel.viewer import Grant, Viewer
from linli.ledger.verify import verify_book
from linli.papers import write_table
from linli.registers.models import Organisation, Resident
from linli.settlement import acts
from linli.settlement.acts import funding
from linli.settlement.models import Instruction, Outcome, OutcomeRow, Payment
from linli.web.tables import moneyexports, officeexports

__all__ = ["paid", "treasury"]
pytestmark = pytest.mark.django_db
SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝")
SECOND = Viewer("staff:00000000-0000-7000-8000-000000000092", (Grant("officer"),))
OFFICER = Viewer("staff:00000000-0000-7000-8000-000000000091", (Grant("officer"),))


def test_a_report_that_lies_pays_nobody_and_one_that_explodes_is_refused(treasury: Treasury, tmp_path: Path) -> None:
    order, found = treasury.sent(tmp_path, "iso20022")
    address, reader = f"/office/payments/orders/{order.uid}/", colleague("reader")

    def send(data: bytes, name: str = "answer.xml") -> tuple[int, str]:
        response = reader.post(address, {"file": SimpleUploadedFile(name, data)})
        for outcome in Outcome.objects.filter(state="applying"):
            while acts.apply_some(outcome=outcome.uid):
                pass
        return response.status_code, text(reader, response["Location"]) if response.status_code == 302 else response.content.decode()

    honest = answer("iso20022", [(one, PAID["iso20022"]) for one in found])
    start = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    bombs = {
        "文档类型": start + honest.replace(b"N1", b"&b;&c;"),
        "层次过深": b"<a>" * 1_000,
        "不是银行的支付状态报文": b"PK\x03\x04" * 999,
    }
    for said, bomb in bombs.items():
        status, page = send(bomb)
        assert (status, said in page) == (400, True)
    assert (Outcome.objects.count(), Instruction.objects.exclude(state="open").count()) == (0, 0)
    first = answer("iso20022", [(found[0], PAID["iso20022"])])
    lies = {
        "没有这个流水号": first.replace(found[0].reference.encode(), b"LL20991231000100001"),
        "金额与发放文件不同": first.replace(b"6000.00", b"6000.01"),
        "账号尾号与发放文件不同": first.replace(found[0].account.encode(), b"6217000000009999"),
        "这一行读不懂": first.replace(b'Ccy="CNY"', b'Ccy="USD"'),
        "同一流水号出现多次": answer("iso20022", [(found[0], PAID["iso20022"]), (found[0], CLOSED["iso20022"])]),
        "银行代码没有约定": first.replace(b"ACCC", b"=1+1"),
    }
    for number, (said, lie) in enumerate(lies.items()):
        assert lie != first, said
        status, page = send(lie, f"lie{number}.xml")
        assert (status, said in page) == (302, True), said
    assert [one.state for one in treasury.payments()] == ["ordered"] * 2
    assert money()[2] == 0
    for _ in range(2):
        assert send(honest)[0] == 302
    assert [one.state for one in treasury.payments()] == ["paid"] * 2
    assert OutcomeRow.objects.filter(verdict="paid").count() == 2
    assert "银行说" not in text(reader, f"/office/payments/payment/{Payment.objects.earliest('id').uid}/")
    assert list(verify_book()) == []


@pytest.mark.parametrize("sign", SIGNS)
def test_no_list_of_money_has_a_formula_in_it(paid: tuple[Treasury, Organisation, list], tmp_path: Path, sign: str) -> None:
    made, school, _cases = paid
    bad = f"{sign}HYPERLINK(1;2)"
    Organisation.objects.filter(pk=school.pk).update(name=bad)
    Resident.objects.filter(pk__in=[one.pk for one in made.people]).update(name=bad)
    word = funding.propose_more(OFFICER, slug=FUND, source=bad, fen=100, document=bad)
    funding.end_promise(SECOND, promise=word.uid, confirm=True)
    batch = {"batch": str(made.batch)}
    days = {"start": str(date(2026, 1, 1)), "end": str(date(2026, 12, 31))}
    office = {"payees": batch, "payee": {**batch, "organisation": str(school.uid)}, "funds": {}, "recoveries": {}, "paying": {}}
    sheets = [officeexports.LISTINGS[name](OFFICER, asked) for name, asked in office.items()]
    sheets += [moneyexports.LISTINGS[name](OFFICER, asked) for name, asked in {"payments": batch, "fund": {"fund": FUND, **days}}.items()]
    seen = 0
    for sheet in sheets:
        rows = [tuple(row) for row in sheet.rows]
        seen += sum(bad.strip() in str(cell) for row in rows for cell in row)
        book, table = tmp_path / "x.xlsx", tmp_path / "x.csv"
        for path in (book, table):
            write_table(path, sheet.headers, rows, sheet=sheet.name)
        with zipfile.ZipFile(book) as package:
            parts = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/")]
            assert not any(re.search(rb"<f[ >]", part) for part in parts)
            assert package.read("xl/styles.xml").count(b'quotePrefix="1"') >= 1
        with table.open(encoding="utf-8-sig", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert not [cell for cell in cells if cell.startswith(SIGNS) and not re.fullmatch(r"-?[\d.]+", cell)]
    assert seen
