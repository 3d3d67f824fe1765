"""Every shipped programme from an application to its end: an amount on a batch's list, a row on a register's list, or a confirmation."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from award_examples import City
from case_examples import later, on, refused
from paper_examples import taken
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from walk_examples import (
    ACCOUNT,
    DOCUMENT,
    FIRST,
    WINDOW,
    asked,
    decided,
    gathered,
    on_list,
    opened,
    paid_out,
    publish_draft,
    somebody,
    walked,
)
from web_examples import certify

from linli.agreements.acts import state_slip
from linli.agreements.models import Award
from linli.batches import blocks, queries
from linli.batches.acts import gathering
from linli.batches.explained import explanation
from linli.batches.models import Batch, Check, LeftOut
from linli.casework.documents import acts as documents
from linli.casework.models import Case, Document
from linli.entitlements import acts, overpaid, recovering, standing
from linli.entitlements.models import Recovery
from linli.kernel.errors import LinliError
from linli.kernel.identity import credit_check_character
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts as registers
from linli.registers.acts.records import record_authorisation, record_change
from linli.registers.models import Organisation, Resident
from linli.registers.queries.rosters import hires

pytestmark = pytest.mark.django_db
OFFICER = Viewer("staff:00000000-0000-7000-8000-000000000065", (Grant("officer"),))
RATES = ("values: []", 'values: [{from: 2026-01-01, rows: {"一类": 10 yuan, "二类": 7 yuan}}]')
NOTICE = {"notice_days": {"value": 5, "document": DOCUMENT}}


@pytest.fixture(autouse=True)
def _papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)


def teacher(name: str, grade: str) -> Resident:
    who = somebody(38, name, "insured")
    on_list(who, "teacher-post", school_grade=grade)
    return who


def test_a_teacher_is_paid_for_each_day_at_the_rate_of_that_days_school(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        publish_draft("rural-teaching-allowance", [RATES])
        moved, stayed, unclear = teacher("测试甲", "一类"), teacher("测试乙", "二类"), teacher("测试丙", "一类")
        for who in (moved, stayed, unclear):
            assert walked(asked(who, "rural-teaching-allowance")).outcome == "granted"
    assert set(Award.objects.values_list("amount_fen", "state")) == {(None, "active")}
    with on(later(date(2026, 11, 20))):
        on_list(moved, "teacher-post", date(2026, 11, 11), school_grade="二类")
        on_list(unclear, "teacher-post", date(2026, 11, 21), school_grade="三类")
    with on(later(date(2026, 12, 2))):
        row = gathered("rural-teaching-allowance", "2026-11", NOTICE)
        found = {item.beneficiary: item for item in queries.listed(row)}
        assert {uid: item.amount_fen for uid, item in found.items()} == {moved.uid: 10 * 1000 + 20 * 700, stayed.uid: 30 * 700}
        assert [one.zh for one in explanation(found[moved.uid])] == [
            "2026年11月1日至2026年11月10日：10 天 × 10.00 元 = 100.00 元",
            "2026年11月11日至2026年11月30日：20 天 × 7.00 元 = 140.00 元",
        ]
        assert [(one.award.beneficiary, one.reason) for one in LeftOut.objects.filter(batch=row)] == [(unclear.uid, "unknown")]


def loan(who: Resident, since: date, until: date, repaid: date | None = None) -> None:
    told: dict[str, Any] = {"loan_principal": 20_000_000, "loan_from": since, "loan_to": until}
    on_list(who, "startup-loan", date(2026, 3, 1), **(told | ({"loan_repaid_on": repaid} if repaid else {})))


def slip(beneficiary: Any, period: str, fen: int, name: str, page: bytes = b"bill") -> None:
    """The slip's paper given by a clerk, accepted by one officer and stated by another."""
    row = Award.objects.select_related("case").get(beneficiary=beneficiary)
    paper = documents.give(WINDOW, row.case.uid, "", page, part="evidence", ended=True)
    documents.check(FIRST, paper.uid, "accepted")
    state_slip(OFFICER, row.uid, period=period, fen=fen, document=name, paper=paper.uid)


def test_interest_is_subsidised_for_the_loans_days_and_no_more_than_the_slip(city: City) -> None:
    """200,000 yuan at 3.5 %, half of it: 3,500 yuan a year."""
    with on(later(date(2026, 10, 19))):
        whole, short, unpaid = (somebody(30, name) for name in ("测试甲", "测试乙", "测试丙"))
        for who in (whole, short, unpaid):
            loan(who, date(2026, 3, 1), date(2028, 3, 1))
            assert walked(asked(who, "startup-loan-interest-subsidy")).outcome == "granted"
    assert set(Award.objects.values_list("amount_fen", "ends_on")) == {(350_000, date(2028, 3, 1))}
    with on(later(date(2027, 1, 4))):
        row = gathered("startup-loan-interest-subsidy", "2026")
        assert set(LeftOut.objects.filter(batch=row).values_list("reason", flat=True)) == {"no_slip"}
        slip(whole.uid, "2026", 400_000, DOCUMENT)
        slip(short.uid, "2026", 123_456, f"{DOCUMENT} 第2行")
        assert gathering.gather(OFFICER, batch=row.uid) == 2
        found = {item.beneficiary: item for item in queries.listed(row)}
        ceiling = (350_000 * 306 * 2 + 365) // 730
        assert {uid: item.amount_fen for uid, item in found.items()} == {whole.uid: ceiling, short.uid: 123_456}
        assert found[whole.uid].reckoning["days"] == 306
        assert f"{DOCUMENT}第2行" in explanation(found[short.uid])[1].zh
        assert spoken(row) == set()
        Document.objects.filter(case__award__beneficiary=short.uid).update(checked_by=OFFICER.actor)
        assert spoken(row) == {"slip_without_paper"}


@pytest.mark.long
@pytest.mark.parametrize("by_hand", [0, 10_000, 49_863])
def test_what_was_subsidised_beyond_an_early_repayment_is_recovered(city: City, by_hand: int) -> None:
    """Repaid on 10 November 2026, as the bank says only after the year was paid: 254 days instead of 306. What an officer stated before
    isn't taken back again."""
    with on(later(date(2026, 10, 19))):
        who = somebody(30)
        loan(who, date(2026, 3, 1), date(2028, 3, 1))
        award = Award.objects.get(case=walked(asked(who, "startup-loan-interest-subsidy", account=ACCOUNT)))
    with on(later(date(2027, 1, 4))):
        slip(award.beneficiary, "2026", 400_000, DOCUMENT)
        row = gathered("startup-loan-interest-subsidy", "2026")
        (item,) = queries.listed(row)
        assert item.amount_fen == 293_425
        paid_out(row, "inclusive-finance")
    with on(later(date(2027, 1, 18))):
        loan(who, date(2026, 3, 1), date(2028, 3, 1), repaid=date(2026, 11, 10))
        if by_hand:
            stated = [recovering.Overpaid("2026", 293_425, 293_425 - by_hand)]
            recovering.open_recovery(OFFICER, award.uid, cause="stated", periods=stated, words="提前还款")
        standing.follow()
        assert (overpaid.reckon_anew(SYSTEM), overpaid.reckon_anew(SYSTEM)) == (1, 0)
        found = [one.periods for one in Recovery.objects.filter(cause="overpaid")]
        assert found == ([[["2026", 293_425 - by_hand, 243_562]]] if by_hand < 49_863 else [])
        award.refresh_from_db()
        assert (award.state, award.ending, award.ends_on) == ("ended", "repaid", date(2026, 11, 9))


def firm(number: int) -> Organisation:
    first = f"91990000MA000000{number}"
    code = first + credit_check_character(first)
    return registers.register_organisation(SYSTEM, name=f"测试公司{number}", area_code=VILLAGE, kind="employer", credit_code=code)


def hired(who: Resident, by: Organisation, since: date, until: date | None = None) -> None:
    data = {"employer_code": by.credit_code, "insured_since": date(2026, 2, 1)}
    record_change(SYSTEM, subject=who, list_slug="social-insurance", valid_from=since, valid_to=until, data=data)


@pytest.mark.long
def test_an_employer_is_paid_for_its_net_hires_and_nobody_counts_for_two(city: City) -> None:
    """Three were taken on by the first firm, of whom one went over to the second: at two hires and 1,000 yuan each it gets 2,000."""
    with on(later(date(2026, 10, 19))):
        figures = [
            ("values: []", "values: [{from: 2026-01-01, value: 2}]"),
            ("values: []", "values: [{from: 2026-01-01, value: 1000 yuan}]"),
        ]
        publish_draft("employer-insurance-subsidy", figures)
        one, other, people = firm(1), firm(2), [somebody(30, f"测试{number}") for number in "甲乙丙"]
        for who in people[:2]:
            hired(who, one, date(2026, 2, 1))
        hired(people[2], one, date(2026, 2, 1), date(2026, 6, 1))
        hired(people[2], other, date(2026, 6, 1))
        counted = {found.employer: found for found in hires(date(2026, 10, 19))}
        for each in (one, other):
            told = counted[str(each.credit_code)]
            data = {"insured_by_roster": told.insured, "net_hires_12m": told.net}
            record_change(SYSTEM, subject=each, list_slug="employer-hires", valid_from=date(2026, 10, 19), data=data)
        assert sum(found.insured for found in counted.values()) == len(people)
        cases = [
            asked(who, "employer-insurance-subsidy", beneficiary=each.uid, payee="employer", authority="representative")
            for who, each in ((somebody(40), one), (somebody(41), other))
        ]
        assert [walked(cases[0]).outcome, walked(cases[1], "refused").outcome] == ["granted", "refused"]
        award = Award.objects.get(case=cases[0])
        assert (award.beneficiary_kind, award.payee_uid, award.area_code, award.amount_fen) == ("organisation", one.uid, VILLAGE, 200_000)
        row = gathered("employer-insurance-subsidy", "2026")
        assert [(item.beneficiary, item.amount_fen) for item in queries.listed(row)] == [(one.uid, 200_000)]


@pytest.mark.long
def test_who_had_no_order_on_the_day_of_the_injury_is_not_covered(city: City) -> None:
    day = date(2026, 10, 17)
    with on(later(date(2026, 10, 19))):
        rider, idle = somebody(25, "测试甲"), somebody(25, "测试乙")
        record_change(SYSTEM, subject=rider, list_slug="platform-orders", valid_from=day, valid_to=date(2026, 10, 18))
        record_change(SYSTEM, subject=idle, list_slug="platform-orders", valid_from=day, present=False)
        cases = [asked(who, "platform-injury-cover", event=day, account=None) for who in (rider, idle)]
        for case in cases:
            assert case.application.verdict != "eligible"
        covered, refused_case = cases
        found = walk_with(covered, hurt_on_duty=True)
        assert (found.outcome, Award.objects.filter(case=covered).exists()) == ("granted", False)
        assert walk_with(refused_case, outcome="refused", hurt_on_duty=True).outcome == "refused"
        with refused("entitlements.event"):
            asked(rider, "platform-injury-cover", event=date(2026, 10, 20), account=None)


def walk_with(case: Case, *, outcome: str = "granted", **facts: Any) -> Case:
    """With what the office found on the papers."""
    opened(case)
    acts.state_facts(FIRST, case.uid, facts)
    return decided(case, outcome)


MONTHLY = [
    ("disability-nursing-subsidy", 40, {"disability-certificate": {"disability_kind": "visual", "disability_level": 2}}, 9_000),
    ("old-age-allowance", 92, {}, 10_000),
]


@pytest.mark.long
@pytest.mark.parametrize(("slug", "years", "lists", "fen"), MONTHLY, ids=[one[0] for one in MONTHLY])
def test_a_monthly_allowance_comes_onto_the_months_list(
    city: City, slug: str, years: int, lists: dict[str, dict[str, Any]], fen: int
) -> None:
    with on(later(date(2026, 10, 19))):
        who = somebody(years)
        on_list(who, "extreme-hardship", present=False)
        for one, data in lists.items():
            on_list(who, one, **data)
        case = asked(who, slug)
        if Award.objects.filter(case=case).first() is None:
            walked(case)
    with on(later(date(2026, 11, 2))):
        row = gathered(slug, "2026-11")
        assert [(item.beneficiary, item.amount_fen, item.reckoning) for item in queries.listed(row)] == [(who.uid, fen, None)]


@pytest.mark.long
def test_a_household_is_topped_up_to_the_standard_of_its_county(city: City) -> None:
    """Two people with 800 yuan a month together, 690 yuan a head: 580 yuan."""
    with on(later(date(2026, 10, 19))):
        head, other = somebody(45, "测试甲"), somebody(44, "测试乙")
        home = registers.form_household(
            SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(head, "head"), (other, "spouse")], valid_from=FIRST_DAY
        )
        for who, income in ((head, 80_000), (other, 0)):
            on_list(who, "extreme-hardship", present=False)
            record_authorisation(SYSTEM, resident=who, list_slug="economic-check", valid_from=FIRST_DAY, evidence=DOCUMENT)
            on_list(who, "economic-check", monthly_income=income, assets=100_000)
        case = walked(asked(head, "subsistence-allowance"))
        assert case.outcome == "granted"
        assert Check.objects.filter(item__award__case=case, kind="random").exists(), "one of the township was drawn"
    row = Batch.objects.get(programme="subsistence-allowance", period="2026-10")
    assert [(item.beneficiary_kind, item.beneficiary, item.amount_fen) for item in queries.listed(row)] == [("household", home.uid, 58_000)]
    assert Award.objects.get(case=case).state == "active"


@pytest.mark.long
def test_a_student_of_the_second_group_is_found_by_the_family(city: City) -> None:
    """No certificate of their own: the mother's, and a household on subsistence allowance."""
    with on(later(date(2026, 10, 19))):
        who, mother = somebody(20, "测试甲"), somebody(47, "测试乙")
        registers.form_household(
            SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(mother, "head"), (who, "child")], valid_from=FIRST_DAY
        )
        on_list(who, "student-status", student_level="postgraduate")
        on_list(who, "disability-certificate", present=False)
        certify(mother)
        on_list(mother, "subsistence-allowance")
        case = walked(asked(who, "disabled-student-aid", committed=("kinship",)))
        assert (case.outcome, Award.objects.get(case=case).amount_fen) == ("granted", 600_000)
        row = gathered("disabled-student-aid", "2026", NOTICE)
        assert [item.amount_fen for item in queries.listed(row)] == [600_000]


@pytest.mark.long
def test_who_is_hard_to_employ_is_on_the_list_that_other_rules_read(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        who = somebody(55, sex="male")
        on_list(who, "unemployment-registration", unemployed_since=date(2026, 5, 1))
        case = walked(asked(who, "hard-to-employ", committed=("difficulty",), account=None), "registered")
        assert (case.outcome, Award.objects.filter(case=case).exists()) == ("registered", False)


def spoken(row: Batch) -> set[str]:
    """What speaks against the items of a batch, of what is about slips."""
    programme = queries.programme_of(row)
    return {code for code in ("not_a_level", "slip_without_paper") if blocks.items_with(row, code, programme).exists()}


@pytest.mark.long
def test_a_childs_provider_is_paid_what_its_checked_bill_shows(city: City) -> None:
    """No rate is laid down: a month without a bill is left out, and who is too old has no aid."""
    with on(later(date(2026, 10, 19))):
        provider = registers.register_organisation(SYSTEM, name="测试康复中心", area_code=VILLAGE, kind="provider")
        billed, without = somebody(9, "测试甲"), somebody(15, "测试乙")
        for child in (billed, without):
            on_list(child, "rehabilitation-assessment")
            told = {"payee": "provider", "payee_uid": provider.uid, "committed": ("guardianship",)}
            assert walked(asked(child, "child-rehabilitation-aid", **told)).outcome == "granted"
    assert set(Award.objects.values_list("payee", "payee_uid", "amount_fen")) == {("provider", provider.uid, None)}
    with on(later(date(2026, 12, 2))):
        slip(billed.uid, "2026-11", 320_050, "结算单 2026-11")
        for child, period, page in ((without, "2026-11", b"other"), (billed, "2026-10", b"another")):
            with pytest.raises(LinliError, match="stated before"):
                slip(child.uid, period, 320_050, "结算单　2026-11 ", page)
        row = gathered("child-rehabilitation-aid", "2026-11", {"slip_cap": {"value": 400_000, "document": DOCUMENT}})
        (item,) = queries.listed(row)
        assert (item.beneficiary, item.payee_uid, item.amount_fen) == (billed.uid, provider.uid, 320_050)
        assert [one.zh for one in explanation(item)] == ["结算单2026-11：3,200.50 元"]
        assert spoken(row) == set()
        Document.objects.filter(check_result="accepted", part="evidence").update(checked_by=OFFICER.actor)
        Batch.objects.filter(pk=row.pk).update(given={"slip_cap": {"value": 320_049, "document": DOCUMENT}})
        row.refresh_from_db()
        assert spoken(row) == {"not_a_level", "slip_without_paper"}
        assert [(one.award.beneficiary, one.reason) for one in row.left_out.all()] == [(without.uid, "no_slip")]
