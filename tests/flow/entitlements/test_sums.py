"""What a payment comes to where the rule's amount isn't paid as it stands: by bills up to a ceiling, a yearly sum by the quarter."""

from __future__ import annotations

from datetime import date

import pytest
from award_examples import City
from award_examples import asked as applied
from case_examples import later, on, refused
from paper_examples import taken
from place_examples import FIRST_DAY, SYSTEM
from walk_examples import FIRST, WINDOW, asked, gathered, publish_draft, somebody, walked
from web_examples import AID

from linli.agreements import bills
from linli.agreements.acts import state_slip
from linli.agreements.models import Award
from linli.batches import blocks, queries
from linli.batches.acts import gathering
from linli.batches.explained import explanation
from linli.batches.models import Batch, LeftOut
from linli.casework.documents import acts as documents
from linli.casework.models import Document
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers.acts.records import record_change
from linli.registers.models import Resident

pytestmark = pytest.mark.django_db
OFFICER = Viewer("staff:00000000-0000-7000-8000-000000000065", (Grant("officer"),))
NURSING = "disability-nursing-subsidy"
STANDING = (
    "standing: {renews: year, until: null, stops: [died, moved_away, no_longer_eligible], "
    "resumes: [moved_back, eligible_again], prorate: none}\n"
)
NEWER = [('version: "2026"', 'version: "2026-2"'), ("effective_from: 2026-01-01", "effective_from: 2026-02-01")]
INSTANT = "  instant: {cap: 200 yuan, fresh_days: 31, sample: 5/100}\n"


@pytest.fixture(autouse=True)
def _papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)


def nursed(name: str) -> Resident:
    """Of level 2, which comes to 90 yuan."""
    who = somebody(30, name)
    record_change(SYSTEM, subject=who, list_slug="disability-certificate", valid_from=FIRST_DAY, present=True, data={"disability_level": 2})
    record_change(SYSTEM, subject=who, list_slug="extreme-hardship", valid_from=FIRST_DAY, present=False)
    return who


def paper_of(who: Resident) -> Document:
    """A bill in the case of somebody's award, accepted."""
    award = Award.objects.select_related("case").get(beneficiary=who.uid)
    paper = documents.give(WINDOW, award.case.uid, "", f"bill of {who.uid}".encode(), part="evidence", ended=True)
    documents.check(FIRST, paper.uid, "accepted")
    return paper


def spoken(row: Batch) -> set[str]:
    return {one.code for one in blocks.reconciliation(row).blocks} - {"overdrawn"}


@pytest.mark.parametrize("cycle", ["once", "month"])
def test_what_documents_show_is_paid_up_to_the_rules_amount_and_nothing_without_them(city: City, cycle: str) -> None:
    """Paid by invoice up to 90 yuan, without works, a loan or pictures."""
    changes = [*NEWER, ("cycle: month, payees", f"cycle: {cycle}, reckoned: ceiling, payees"), (INSTANT, "")]
    with on(later(date(2026, 10, 19))):
        publish_draft(NURSING, [*changes, *([(STANDING, "")] if cycle == "once" else [])])
        little, much, none = (nursed(name) for name in ("测试甲", "测试乙", "测试丙"))
        for who in (little, much, none):
            assert walked(asked(who, NURSING)).outcome == "granted"
    with on(later(date(2026, 12, 2))):
        period = "once" if cycle == "once" else "2026-11"
        row = gathered(NURSING, period)
        assert queries.listed(row).count() == 0
        assert set(LeftOut.objects.filter(batch=row).values_list("reason", flat=True)) == {"no_slip"}
        for who, fen in ((little, 5_000), (much, 12_000)):
            award = Award.objects.get(beneficiary=who.uid)
            state_slip(OFFICER, award.uid, period=period, fen=fen, document=f"发票{fen}", paper=paper_of(who).uid)
        assert gathering.gather(OFFICER, batch=row.uid) == 2
        found = {item.beneficiary: item for item in queries.listed(row)}
        assert {uid: item.amount_fen for uid, item in found.items()} == {little.uid: 5_000, much.uid: 9_000}
        assert [one.zh for one in explanation(found[much.uid])] == ["发票12000：120.00 元", "每次至多 90.00 元，取较小者"]
        assert spoken(row) == set()
        assert list(LeftOut.objects.filter(batch=row).values_list("award__beneficiary", "reason")) == [(none.uid, "no_slip")]
        Document.objects.filter(case__award__beneficiary=little.uid).update(checked_by=OFFICER.actor)
        assert spoken(row) == {"slip_without_paper"}


def test_a_bill_that_came_with_the_application_is_offered_for_the_slip_and_counts_as_its_paper(city: City) -> None:
    bill = (
        "  - {id: account,",
        "  - {id: invoice, zh: 发票, en: invoice, source: {zh: 本人, en: self}, form: original, exempt: none}\n  - {id: account,",
    )
    with on(later(date(2026, 10, 19))):
        publish_draft(NURSING, [*NEWER, ("cycle: month, payees", "cycle: month, reckoned: ceiling, payees"), (INSTANT, ""), bill])
        who = nursed("测试甲")
        case = asked(who, NURSING)
        paper = documents.give(WINDOW, case.uid, "invoice", b"invoice")
        documents.check(FIRST, paper.uid, "accepted")
        assert walked(case).outcome == "granted"
    award = Award.objects.get(beneficiary=who.uid)
    identity = Document.objects.create(
        case=award.case, subject=who.uid, material="identity", digest="x", media="m", bytes=1, given_at=clock.now(), given_by="staff:x",
        check_result="accepted", checked_at=clock.now(), checked_by="staff:y",
    )  # fmt: skip
    assert [one.uid for one in bills.bills_of(award, "2026-11")] == [paper.uid]
    with on(later(date(2026, 12, 2))):
        row = gathered(NURSING, "2026-11")
        told = {"period": "2026-11", "fen": 5_000, "document": "发票1"}
        with refused("agreements.slip_paper"):
            state_slip(OFFICER, award.uid, **told, paper=identity.uid)
        state_slip(OFFICER, award.uid, **told, paper=paper.uid)
        assert gathering.gather(OFFICER, batch=row.uid) == 1
        assert spoken(row) == set()
        assert bills.bills_of(award, "2026-12") == []


@pytest.mark.parametrize(("cycle", "period", "fen"), [("month", "2026-11", 41_667), ("quarter", "2026-Q4", 125_000)])
def test_a_yearly_sum_is_paid_by_the_month_or_quarter(city: City, cycle: str, period: str, fen: int) -> None:
    """5,000 yuan a year: a part of a fen is rounded up to the person's good, and that is one of the programme's amounts."""
    with on(later(date(2026, 10, 19))):
        newer = [('version: "2023"', 'version: "2026"'), ("effective_from: 2023-01-01", "effective_from: 2026-01-01")]
        publish_draft(AID, [*newer, ("cycle: year", f"cycle: {cycle}")])
        case = applied(city.found)
        assert walked(case).outcome == "granted"
    award = Award.objects.get(case=case)
    assert (award.amount_fen, award.cycle) == (fen, cycle)
    with on(later(date(2026, 11, 20))):
        row = gathered(AID, period, {"notice_days": {"value": 5, "document": "测试文〔2026〕1号"}})
        (item,) = queries.listed(row)
        assert (item.period, item.amount_fen, item.level_fen) == (period, fen, fen)
        assert not blocks.items_with(row, "not_a_level", queries.programme_of(row)).exists()
        with refused("batches.period"):
            gathered(AID, "2026")


def test_what_was_granted_on_a_paper_that_is_rejected_afterwards_waits_for_another(city: City) -> None:
    """The batch says so; the paper is given again though the case has ended, and then it goes on."""
    with on(later(date(2026, 10, 19))):
        case = applied(city.found)
        first = documents.give(WINDOW, case.uid, "account", b"page")
        documents.check(FIRST, first.uid, "accepted")
        assert walked(case).outcome == "granted"
    with on(later(date(2026, 11, 20))):
        row = gathered(AID, "2026", {"notice_days": {"value": 5, "document": "测试文〔2026〕1号"}})
        assert spoken(row) == set()
        documents.check(FIRST, first.uid, "rejected", "看不清")
        assert spoken(row) == {"rejected_document"}
        with refused("documents.closed"):
            documents.give(WINDOW, case.uid, "identity", b"another")
        again = documents.give(WINDOW, case.uid, first.material, b"page again")
        assert spoken(row) == {"unchecked_document"}
        documents.check(FIRST, again.uid, "accepted")
        assert spoken(row) == set()
