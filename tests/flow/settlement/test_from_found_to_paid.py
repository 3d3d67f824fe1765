"""The whole way: found by the screening, applied for, decided, drawn, shown, approved, paid; and every yuan leads back to its decision."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from award_examples import AID
from bank_examples import PAID
from batch_examples import CHECKER, COUNTY, FINANCE, GIVEN, HOUR, MAKER, NOW, to_checking, works_in
from batch_examples import FEDERATION as BODY
from case_examples import later, on, resident, staff
from place_examples import SYSTEM, load_small_city
from settle_examples import Treasury, given, tell
from web_examples import certify, publish_programmes, student

from linli.agreements.models import Award
from linli.archives.acts import differences, export_batch
from linli.archives.cases import Wish
from linli.archives.check import problems_of
from linli.archives.folders import Disk
from linli.batches import opened
from linli.batches.acts import approving, checking, gathering, noticing
from linli.batches.models import Batch, Check, Draw
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.entitlements.models import Decision
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.ledger.acts import Promise, allocate, open_fund
from linli.ledger.queries import fund_figures
from linli.ledger.verify import verify_book
from linli.registers.models import Resident
from linli.screening import acts as screening
from linli.screening.queries import Determination
from linli.settlement import acts as settlement
from linli.settlement import jobs, queries, reactions
from linli.settlement.models import Account as PayeeAccount
from linli.settlement.models import Order, Payment
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db
FEDERATION = staff(51, Grant("officer", "", AID))
EACH = 500_000


def found() -> list[Resident]:
    """A student in each of three counties, whom the screening finds."""
    with on(later(date(2026, 10, 12))):
        load_small_city()
        works_in(MAKER, BODY)
        works_in(CHECKER, FINANCE)
        publish_programmes()
        villages = {"测试甲": "140802002001", "测试乙": "140882100201", "测试丙": "140826402"}
        people = [student(name, village) for name, village in villages.items()]
        for who in people:
            certify(who)
        screening.screen(viewer=SYSTEM, slugs=[AID])
    assert Determination.objects.filter(programme=AID, verdict="eligible").count() == 3
    return people


def granted(who: Resident, number: int) -> None:
    """Confirmed by the student, accepted and checked in the county, decided by the city."""
    account = Account(who.name, f"62170000000000{number:03}", "102181000012")
    case = acts.apply(resident(who), who.uid, Wanted(AID, account=account, committed=("kinship",)))
    assert case.origin == "invitation"
    desk = COUNTY[case.area_code[:6]]
    acts.accept(desk, case.uid)
    steps.pass_on(desk, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")


def approved() -> Batch:
    slug = f"{AID}.provincial"
    promises = [Promise("province", ("省级", "province"), 3 * EACH)]
    open_fund(SYSTEM, slug=slug, purpose=("助学", "aid"), programme=AID, promises=promises)
    allocate(SYSTEM, fund=slug, source="province", fen=3 * EACH, key="a")
    row = gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN)
    assert gathering.gather(MAKER, batch=row.uid) == 3
    batch = to_checking(Batch.objects.get(pk=row.pk))
    for check in Check.objects.filter(item__batch=batch):
        desk = COUNTY.get(check.desk_code[:6]) or MAKER
        file = opened.file_of(desk, check)
        assert file is not None
        said = [one.found.zh for one in file.conditions]
        assert "运城市" in "".join(said)
        assert {one.holds for one in file.conditions} == {"true"}
        assert not re.search(r"\d{4}-\d\d-\d\d", "".join(said))  # days in words
        assert not any(code in text for text in said for code in ("1408", "graduate", "college"))  # words, no codes
        checking.record_result(desk, check=check.uid, result="passed")
    with on(NOW + 3 * HOUR):
        notice = noticing.put_up(MAKER, batch=batch.uid, supervision="0359-0000000", objections_to="市残联教就部")
    with on(clock.midnight(notice.ends_on + timedelta(days=1))):
        noticing.take_down_due()
        approving.approve(CHECKER, batch=batch.uid)
    return Batch.objects.get(pk=batch.pk)


def test_three_students_are_found_decided_and_paid(db: None, tmp_path: Path) -> None:
    with on(later(date(2026, 10, 19))):
        for number, who in enumerate(found()):
            granted(who, number)
    batch = approved()
    reactions.take_over(list(Fact.objects.filter(type="batches.approved")))
    jobs.take_over_batch(batch=str(batch.uid))
    payer = settlement.enter_payer(settlement.ordering.MACHINE, name="运城市财政局", number="1400990000001", bank="102181000012")
    _order, asked = Treasury([], payer, batch.uid).sent(tmp_path)
    tell(tmp_path, "transfer", [(asked[0], "13"), *((one, PAID["transfer"]) for one in asked[1:])])
    failed = Payment.objects.get(state="failed")
    settlement.correct_account(MAKER, payment=failed.uid, given=given(Resident.objects.get(uid=failed.person).name, 99))
    _order, again = Treasury([], payer, batch.uid).sent(tmp_path)
    tell(tmp_path, "transfer", [(again[0], PAID["transfer"])], name="second")
    batch.refresh_from_db()
    assert batch.state == "closed"
    for award in Award.objects.all():
        (status,) = queries.of_award(award.uid)
        decision = Decision.objects.get(application__case=award.case)
        assert (status.step, award.amount_fen, decision.amount_fen, decision.outcome) == ("paid", EACH, EACH, "granted")
    assert fund_figures(f"{AID}.provincial").spent_fen == 3 * EACH
    assert [*verify_book(), *verify_chains(), *verify_rows()] == []
    _is_filed(batch, tmp_path / "archive")
    _says_what_became_of_the_money(tmp_path / "archive", Case.objects.get(uid=failed.case).receipt)


def _is_filed(batch: Batch, out: Path) -> None:
    """The whole of it as a folder that says who was paid what by which bank file, and that agrees with the chains."""
    written = export_batch(CHECKER, batch=batch.uid, place=Disk(out), wish=Wish("zh", "https://example.org"))
    assert (written.cases, list(problems_of(out)), differences(out)) == (3, [], [])
    assert "批次核对" in (out / "index.html").read_text()
    assert "15,000.00" in (out / "01-reconciliation.html").read_text()
    assert all(one.file_digest in (out / "04-payments.html").read_text() for one in Order.objects.all())
    assert Draw.objects.get().document == next(out.glob("*-draw.json")).read_text()
    for one in (out / "cases").iterdir():
        assert PAID["transfer"] in next(one.glob("*-payments.html")).read_text()
        assert len(list(one.glob("*-letter.pdf"))) >= 2


def _says_what_became_of_the_money(out: Path, receipt: str) -> None:
    """Which fund bore it, to which accounts, who gave another one after the bank's refusal and when, and that in the history: an auditor
    without the system found none of this."""
    assert "<td>助学</td>" in (out / "04-payments.html").read_text()
    case = out / "cases" / receipt
    paid, history = (next(case.glob(f"*-{name}.html")).read_text() for name in ("payments", "history"))
    assert "助学 5,000.00" in paid
    first, second = (paid.index(f"…{tail}") for tail in _tails(receipt))
    assert first < second
    assert "账户已销户" in paid
    told = [history.index(words) for words in ("更正收款账户（2026年，5,000.00元）", "已到账（2026年，5,000.00元）")]
    assert told == sorted(told)
    assert "resident:" not in "".join(one.read_text() for one in case.glob("*.html"))


def _tails(receipt: str) -> list[str]:
    award = Award.objects.get(case__receipt=receipt)
    return list(PayeeAccount.objects.filter(award=award.uid).order_by("id").values_list("tail", flat=True))
