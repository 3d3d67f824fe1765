"""The pages of payments as the Inspector measures every page: a batch with an account to be corrected, a file, an answer with a bad row."""

from __future__ import annotations

from pathlib import Path

import pytest
from bank_examples import answer
from conftest import Opener
from inspecting import Inspector, for_officers
from playwright.sync_api import Page
from settle_examples import FUND, Treasury, given, tell_bytes
from web_examples import PASSWORD, SmallCity

from linli.kernel.viewer import system
from linli.ledger.acts import Promise, open_fund
from linli.settlement import acts


def paid(city: SmallCity, folder: Path) -> list[tuple[str, str]]:
    """Names and addresses of the pages, once one has been paid and one has failed."""
    promise = Promise("province", ("省级", "province"), 10**9)
    open_fund(system("test"), slug=FUND, purpose=("助学", "aid"), programme="disabled-student-aid", promises=[promise])
    payer = acts.enter_payer(system("test"), name="运城市财政局", number="1400990000001", bank="102181000012")
    desk = Treasury([], payer)
    for number, who in enumerate((city.found, city.undecided, city.away)):
        desk.owe(who, given(who.name, number), area_code="140802002001")
    desk.take_over()
    order, found = desk.sent(folder)
    rows = answer("transfer", [(found[0], "00"), (found[1], "13")]) + b"D|LL1|1|1.00|00|20261123|\r\n"
    outcome = tell_bytes(folder, "transfer", rows)
    failed = desk.payments()[1]
    acts.correct_account(system("test"), payment=failed.uid, given=given("别人", 4))
    checked = accounts_checked(desk, city, folder)
    return [
        *checked, ("funds", "funds/"),
        ("home", ""), ("payers", "payers/"), ("batch", f"batches/{desk.batch}/"), ("order", f"orders/{order.uid}/"),
        ("answer", f"answers/{outcome.uid}/"), ("payment", f"payment/{failed.uid}/"), ("give-up", f"payment/{failed.uid}/give-up/"),
    ]  # fmt: skip


def accounts_checked(desk: Treasury, city: SmallCity, folder: Path) -> list[tuple[str, str]]:
    """An account check with a row that was refused, and payments that are still to be checked."""
    desk.payables.clear()
    desk.owe(city.found, given(city.found.name, 7), area_code="140802002001")
    desk.take_over()
    inquiry = acts.fill_inquiry(inquiry=acts.make_inquiry(system("test"), batch=desk.batch, layout="transfer-checked").uid)
    acts.hand_over_inquiry(system("test"), inquiry=inquiry.uid, path=folder / "asked")
    path = folder / "told"
    path.write_bytes(b"D|LC1|1|00|\r\nT|1\r\n")
    answered = acts.receive_accounts(system("test"), layout="transfer-checked", path=path, name="told")
    while acts.apply_account_answers(answer=answered.uid):
        pass
    desk.payables.clear()
    desk.owe(city.undecided, given(city.undecided.name, 8), area_code="140802002001")
    desk.take_over()
    return [("inquiry", f"accounts/{inquiry.uid}/"), ("account-answer", f"accounts/answers/{answered.uid}/")]


def as_officer(page: Page) -> None:
    page.goto("/office/sign-in/")
    page.fill("input[name=login]", "officer")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/office/")


@pytest.mark.long
@for_officers
def test_every_page_of_payments(opened: Opener, small_city: SmallCity, tmp_path: Path, edition: str, language: str) -> None:
    addresses = paid(small_city, tmp_path)
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        as_officer(page)
        for name, address in addresses:
            page.goto(f"/office/payments/{address}")
            inspector.look(f"payments-{name}")
    assert inspector.problems == []
