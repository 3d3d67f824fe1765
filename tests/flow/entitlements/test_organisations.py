"""Programmes for firms and households: who is paid, in whose name, and to whom their letters are written."""

from __future__ import annotations

import io

import pytest
from award_examples import City
from case_examples import refused
from paper_examples import taken
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from pypdf import PdfReader
from walk_examples import FIRST as OFFICER
from walk_examples import WINDOW, asked, on_list, opened, publish_draft, somebody, walked

from linli.agreements.models import Award
from linli.casework.documents import acts as documents
from linli.casework.letters import queries
from linli.casework.models import Letter
from linli.casework.steps.acts import programme_of
from linli.entitlements import acts, letters
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.models import Application
from linli.entitlements.reckoning import reckon
from linli.entitlements.sources import day_words
from linli.kernel import clock
from linli.kernel.identity import credit_check_character
from linli.registers import acts as registers
from linli.registers.acts.records import record_authorisation, record_change
from linli.registers.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)


def firm(name: str = "测试有限公司", number: int = 1, kind: str = "employer") -> Organisation:
    first = f"91990000MA000000{number}"
    code = first + credit_check_character(first)
    return registers.register_organisation(SYSTEM, name=name, area_code=VILLAGE, kind=kind, credit_code=code)


def publish_firms(payees: str) -> None:
    """The subsidy for employers at one hire and 1,000 yuan, figures of this test, paid to whom it says."""
    figures = [("values: []", f"values: [{{from: 2026-01-01, value: {one}}}]") for one in ("1", "1000 yuan")]
    publish_draft("employer-insurance-subsidy", [*figures, ("payees: [employer]", f"payees: {payees}")])


def publish_elders(payees: str) -> None:
    publish_draft("old-age-allowance", [
        ('version: "2026"', 'version: "2026-2"'),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-01"),
        ("payees: [self, guardian]", f"payees: {payees}"),
    ])  # fmt: skip


def text(letter: Letter) -> str:
    content = queries.pdf(OFFICER, queries.letter_for(OFFICER, letter.uid), site="https://linli.example.org")
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")


@pytest.mark.parametrize("payees", ["[self]", "[employer]", "[self, provider]"])
def test_a_firm_is_paid_to_its_own_account_and_its_letters_are_written_to_it(city: City, payees: str) -> None:
    publish_firms(payees)
    clerk, shop = somebody(40), firm()
    record_change(SYSTEM, subject=shop, list_slug="employer-hires", valid_from=FIRST_DAY, data={"insured_by_roster": 5, "net_hires_12m": 5})
    case = asked(clerk, "employer-insurance-subsidy", beneficiary=shop.uid, authority="representative")
    assert walked(case).outcome == "granted"
    award = Award.objects.get(case=case)
    assert (award.payee, award.payee_uid, award.beneficiary) == ("employer", shop.uid, shop.uid)
    for letter in Letter.objects.filter(case=case):
        said = text(letter)
        assert f"测试有限公司（统一社会信用代码{shop.credit_code}）" in said.replace(" ", ""), said
        assert clerk.name not in said
        found = queries.verified(letter.code)
        assert found is not None
        assert found.addressee == "测试有限公司"


def test_the_account_on_record_of_whoever_stands_at_the_window_is_no_firms(city: City) -> None:
    publish_firms("[self]")
    clerk, shop = somebody(40, account="6217000000000000004"), firm()
    wanted = Wanted("employer-insurance-subsidy", window=VILLAGE, beneficiary=shop.uid, authority="representative")
    assert clerk.account_cipher
    assert Application.objects.get(case=acts.apply(WINDOW, clerk.uid, wanted)).account_cipher == ""


def test_an_employer_that_is_paid_for_a_person_is_one_on_record(city: City) -> None:
    publish_elders("[employer]")
    who, shop = somebody(82), firm()
    with refused("entitlements.no_such_payee"):
        asked(who, "old-age-allowance", payee="employer")
    with refused("entitlements.no_such_payee"):
        asked(who, "old-age-allowance", payee="employer", payee_uid=who.uid)
    case = asked(who, "old-age-allowance", payee="employer", payee_uid=shop.uid)
    award = Award.objects.get(case=case)
    assert (award.payee, award.payee_uid, award.beneficiary) == ("employer", shop.uid, who.uid)


def test_letters_to_a_household_say_so(city: City) -> None:
    head, other = somebody(45, "测试甲"), somebody(44, "测试乙")
    registers.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(head, "head"), (other, "spouse")], valid_from=FIRST_DAY
    )
    case = asked(head, "subsistence-allowance")
    opened(case)
    assert "测试甲家庭" in text(Letter.objects.get(case=case, kind="acceptance"))


def test_a_households_letter_says_on_which_list_each_condition_rests_and_never_whose(city: City) -> None:
    """They were blank for whatever rests on members: nobody could tell by which list, of which day, a household was entitled."""
    head, other = somebody(45, "测试甲"), somebody(44, "测试乙")
    registers.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(head, "head"), (other, "spouse")], valid_from=FIRST_DAY
    )
    for who in (head, other):
        on_list(who, "extreme-hardship", present=False)
        record_authorisation(SYSTEM, resident=who, list_slug="economic-check", valid_from=FIRST_DAY, evidence="x")
        on_list(who, "economic-check", monthly_income=40_000, assets=0)
    row = Application.objects.get(case=asked(head, "subsistence-allowance"))
    rows = {one["condition"][0]: one for one in letters.conditions(reckon(programme_of(row.case), row.beneficiary_uid).reasons, {})}
    assert all(one.get("source") for one in rows.values()), rows
    said = " ".join("；".join(one["source"]) for one in rows.values())
    assert "运城市民政局“" in said, said
    assert f"“特困人员名单”，截至{day_words(clock.today())}不在名单中" in said, said
    assert not {"测试甲", "测试乙"} & set(said.split())
