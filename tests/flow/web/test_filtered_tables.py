"""A list narrowed on its page is as narrow in the spreadsheet: the page's own form is sent, and the rows are counted in the file."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from award_examples import ACCOUNT, COMMITTED
from case_examples import resident
from django.test import Client
from place_examples import FIRST_DAY, SYSTEM
from walking import Browser
from web_examples import AID, PASSWORD, SmallCity, dispute

from linli.entitlements.acts import apply
from linli.entitlements.acts.applying import Wanted
from linli.insight import counting
from linli.registers import acts
from linli.web.models import Download
from linli.web.tables import downloads

pytestmark = pytest.mark.django_db
BODY = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)


def rows_of(browser: Browser, address: str, form: str) -> tuple[int, int]:
    """How many rows a page shows, and how many its spreadsheet has: that of the form whose address has this part."""
    browser.open(address)
    (body,) = BODY.findall(browser.page)
    shown = body.count("<tr")
    (offered,) = [one for one in browser.read.forms if form in one.action]
    answer: Any = browser.client.post(offered.action, {name: values[0] for name, values in offered.values.items()})
    if answer.status_code == 302:
        download = Download.objects.latest("id")
        downloads.make(download.uid)
        content = downloads.file_of(download).read_bytes()
    else:
        assert answer.status_code == 200, (address, answer.status_code)
        content = b"".join(answer.streaming_content)
    return shown, openpyxl.load_workbook(io.BytesIO(content)).active.max_row - 1


def test_what_narrows_a_page_narrows_its_spreadsheet(small_city: SmallCity, office: Client) -> None:
    dispute(small_city.found)
    apply(resident(small_city.away), small_city.away.uid, Wanted(AID, account=ACCOUNT, committed=COMMITTED))
    for login, role in (("keeper", "administrator"), ("helper", "clerk")):
        who = acts.add_staff(SYSTEM, login=login, name="测试员", password=PASSWORD)
        acts.place_grant(SYSTEM, staff=who, role=role, valid_from=FIRST_DAY)
    counting.count()
    keeper, reader = Browser(Client()), Browser(office)
    keeper.client.post("/office/sign-in/", {"login": "keeper", "password": PASSWORD})
    for browser, address, narrowed, form in (
        (reader, f"/office/runs/{small_city.run.uid}/found/", "county=140802", "/found/export/"),
        (reader, "/office/inbox/", "kind=fact_dispute", "/lists/inbox/export/"),
        (reader, f"/city/way/{AID}/unpaid/", "county=140802", "/city-unpaid/"),
        (reader, f"/city/way/{AID}/unpaid/", "state=received", "/city-unpaid/"),
        (keeper, "/admin/staff/", "role=clerk", "/lists/staff/export/"),
    ):
        whole, few = rows_of(browser, address, form), rows_of(browser, f"{address}?{narrowed}", form)
        assert (address, whole[0], few[0]) == (address, whole[1], few[1])
        assert 0 < few[1] < whole[1], (address, whole, few)
