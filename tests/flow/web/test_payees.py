"""A school that is paid for its pupils has its list: whole receipt numbers, masked names, and everybody on it reads who looked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from openpyxl import load_workbook
from place_examples import FIRST_DAY, SYSTEM
from settle_examples import PROGRAMME, Treasury, given
from walking import at_work
from web_examples import PASSWORD, SmallCity

from linli.batches.shown import masked_name
from linli.casework.models import Case
from linli.casework.receipts import grouped, new_receipt
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.ledger.acts import Promise, open_fund
from linli.registers import acts as registers
from linli.registers.models import Organisation, Resident
from linli.settlement import acts, payees
from linli.settlement.banking.layouts import layout_of
from linli.settlement.files import _note
from linli.vault.models import Access
from linli.web.models import Download
from linli.web.tables import downloads
from linli.web.tables.officeexports import LISTINGS

pytestmark = pytest.mark.django_db


def organisation(name: str) -> Organisation:
    return registers.register_organisation(SYSTEM, name=name, area_code="140802002", kind="provider")


def case_of(who: Resident) -> Case:
    return Case.objects.create(
        receipt=new_receipt(clock.today()), kind="application", subject=f"resident:{who.uid}", area_code="140802002001",
        programme=PROGRAMME, opened_at=clock.now(), opened_by="staff:test", due_at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def paid(small_city: SmallCity, db: None) -> tuple[Treasury, Organisation, list[Case]]:
    """A school is paid for two people, another organisation for one of them, and one of the two gets something themself."""
    promises = [Promise("province", ("省级", "province"), 10**9)]
    open_fund(
        acts.ordering.MACHINE, slug="disabled-student-aid.provincial", purpose=("助学", "aid"), programme=PROGRAMME, promises=promises
    )
    payer = acts.enter_payer(acts.ordering.MACHINE, name="运城市财政局", number="1400990000001", bank="102181000012")
    people = [small_city.found, small_city.undecided]
    made, school, other = Treasury(people, payer), organisation("测试学校"), organisation("测试中心")
    cases = [case_of(who) for who in people]
    for who, case in zip(people, cases, strict=True):
        made.owe(who, given(school.name, 7), payee="school", payee_uid=school.uid, case=case.uid)
    made.owe(people[0], given(other.name, 8), payee="provider", payee_uid=other.uid)
    made.owe(people[1], given(people[1].name, 9))
    made.take_over()
    return made, school, cases


def clerk(login: str, area: str = "", programme: str = "") -> Client:
    who = registers.add_staff(SYSTEM, login=login, name="测试窗口员", password=PASSWORD)
    registers.place_grant(SYSTEM, staff=who, role="clerk", area_code=area, programme=programme, valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return client


def test_a_school_reads_for_whom_its_money_is_and_whoever_is_on_it_who_looked(paid: tuple[Treasury, Organisation, list[Case]]) -> None:
    made, school, cases = paid
    finance = at_work("officer").open(f"/office/payments/batches/{made.batch}/")
    finance.follow("/payees/")
    assert "测试中心" in finance.page
    finance.follow(f"/payees/{school.uid}/")
    for who, case in zip(made.people, cases, strict=True):
        assert grouped(case.receipt) in finance.page
        assert who.name not in finance.page
        assert masked_name(who.name) in finance.page
    read = Access.objects.filter(purpose=payees.PURPOSE)
    assert {one.subject for one in read} == {who.uid for who in made.people}
    assert "12,000" in finance.page
    assert "测试中心" not in finance.page


def test_a_window_opens_it_within_its_area_and_programme_alone(paid: tuple[Treasury, Organisation, list[Case]]) -> None:
    made, school, cases = paid
    page, address = f"/window/organisations/{school.uid}/", f"/office/payments/batches/{made.batch}/payees/{school.uid}/"
    here = clerk("here", "140802")
    assert address in here.get(page).content.decode()
    assert grouped(cases[0].receipt) in here.get(address).content.decode()
    assert here.get(f"/office/payments/batches/{made.batch}/payees/").status_code == 200
    assert here.get(f"/office/payments/batches/{made.batch}/").status_code == 403  # nor does the list lead there
    aid = clerk("aid", "140802", PROGRAMME)
    assert aid.get(address).status_code == 200
    assert 'href="/office/inbox/"' in aid.get(f"/office/payments/batches/{made.batch}/payees/").content.decode()
    before = Access.objects.count()
    for elsewhere in (clerk("next", "140882"), clerk("other", "140802", "old-age-allowance")):
        assert address not in elsewhere.get(page).content.decode()
        assert elsewhere.get(address).status_code == 404
        assert elsewhere.post("/office/lists/payee/export/", {"batch": made.batch, "organisation": school.uid}).status_code == 404
    steward = Viewer("staff:00000000-0000-7000-8000-0000000000e9", (Grant("steward", "140802"),))
    assert payees.of_batch(steward, made.batch) == []
    assert Access.objects.count() == before


def test_the_table_to_take_along_has_its_rows_and_each_reading_is_recorded(
    paid: tuple[Treasury, Organisation, list[Case]], tmp_path: Path, settings: Any
) -> None:
    settings.LINLI_STATE = tmp_path
    made, school, cases = paid
    here = clerk("here", "140802")
    here.post("/office/lists/payee/export/", {"batch": made.batch, "organisation": school.uid})
    assert not Access.objects.filter(purpose=payees.PURPOSE).exists()
    wanted = Download.objects.get()
    downloads.make(wanted.uid)
    sheet = load_workbook(downloads.file_of(Download.objects.get())).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[:3] for row in rows] == [
        (grouped(case.receipt), masked_name(who.name), 6000) for who, case in zip(made.people, cases, strict=True)
    ]
    assert Access.objects.filter(purpose=payees.PURPOSE).count() == 2
    for listing, given_with, number in (("payees", {"batch": made.batch}, 3), ("payee-batches", {"organisation": school.uid}, 1)):
        viewer = Viewer("staff:00000000-0000-7000-8000-0000000000e9", (Grant("clerk", "140802"),))
        parameters = {name: str(value) for name, value in given_with.items()}
        assert len(list(LISTINGS[listing](viewer, parameters).rows)) == number


def test_the_table_of_all_payees_has_a_row_for_each_payment(paid: tuple[Treasury, Organisation, list[Case]]) -> None:
    """It had one row of totals for a company that was paid for several households."""
    made, school, cases = paid
    viewer = Viewer("staff:00000000-0000-7000-8000-0000000000e9", (Grant("clerk", "140802"),))
    rows = [row[:4] for row in LISTINGS["payees"](viewer, {"batch": str(made.batch)}).rows]
    known = [(school.name, grouped(case.receipt), masked_name(who.name), 6000) for who, case in zip(made.people, cases, strict=True)]
    assert [(*row[:3], int(row[3])) for row in rows] == [*known, ("测试中心", "", masked_name(made.people[0].name), 6000)]
    assert Access.objects.filter(purpose=payees.PURPOSE).count() >= 2


def test_the_banks_file_tells_an_organisation_which_receipt_each_payment_is_for(
    paid: tuple[Treasury, Organisation, list[Case]], tmp_path: Path
) -> None:
    """Rows to one company differed by our reference alone; whoever is paid themself has no more on their statement than before."""
    made, _school, cases = paid
    order, _ = made.sent(tmp_path)
    told = (tmp_path / order.number).read_bytes().decode("gb18030")
    assert [told.count(f"|补助资金 回执尾号{case.receipt[-7:]}") for case in cases] == [1, 1]
    assert told.count("补助资金") == 4


def test_a_narrow_column_has_the_note_without_a_receipt() -> None:
    pay = layout_of(Path(site.LINLI_CITY), "transfer").pay
    note = next(one for one in pay.row if one.of == "note")
    narrow = replace(pay, row=tuple(replace(one, most=23) if one is note else one for one in pay.row))
    assert [_note(one, "2611239492313") for one in (pay, narrow)] == ["补助资金 回执尾号9492313", "补助资金"]
    assert _note(pay, "") == "补助资金"
