"""Home adaptation to its end: a list that all sign before anything begins, pictures before and after, paid for what was accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from award_examples import City, own
from case_examples import refused, staff
from paper_examples import taken as as_given
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from walk_examples import asked, gathered, opened, publish_draft, somebody
from works_examples import (
    ADAPTATION,
    ASSESSOR,
    CODE,
    DECIDER,
    LINES,
    OFFICER,
    PLANNED,
    again,
    applied,
    builder,
    drawn,
    elder,
    looked_at,
    pictured,
    signed,
    signed_off,
    taken,
)

from linli.agreements.models import Award
from linli.batches.acts import approving, checking, drawing, gathering, noticing
from linli.batches.models import Batch, Check, Item
from linli.casework import acts as casework
from linli.casework.documents import acts as documents
from linli.casework.models import Case, Document, Letter, StepTaken
from linli.casework.steps import acts as steps
from linli.casework.withdrawing import withdraw
from linli.entitlements import acts
from linli.entitlements.acts.forgetting import forget
from linli.entitlements.models import Acceptance, WorksList, WorksSignature
from linli.entitlements.queries import progress
from linli.entitlements.reactions import follow
from linli.entitlements.works import acts as works
from linli.entitlements.works.acts import Result
from linli.entitlements.works.lines import Line
from linli.entitlements.works.standing import current_list
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.identity import credit_check_character
from linli.kernel.viewer import Grant, Viewer
from linli.ledger.acts import Promise, allocate, open_fund
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Organisation, Resident
from linli.trace import act
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db
FINANCE, CHECKER = (Viewer(f"staff:00000000-0000-7000-8000-{n:012d}", (Grant("officer", "", ADAPTATION),)) for n in (61, 62))
CEILINGS = (("zh: 每户补助上限, en: most for one merchant", 5_000), ("zh: 老字号补助上限, en: most for a time-honoured brand", 8_000))
GIVEN = {"notice_days": {"value": 5, "document": "运民发〔2026〕1号"}}


@pytest.fixture(autouse=True)
def _pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", as_given)


@pytest.fixture
def who(city: City) -> Resident:
    builder()
    return elder()


def assessed(who: Resident) -> Case:
    """Assessed, drawn up and signed, with a picture before; waiting for its notice."""
    case = applied(who)
    drawn(who, case)
    signed(who, case)
    pictured(case, "before")
    steps.pass_on(ASSESSOR, case.uid)
    return again(case)


def at_works(who: Resident) -> Case:
    """Shown, decided and signed off."""
    case = assessed(who)
    steps.finish_notice(SYSTEM, case.uid)
    acts.decide(DECIDER, case.uid, "granted")
    signed_off(case)
    return again(case)


def at_acceptance(who: Resident) -> Case:
    case = at_works(who)
    steps.pass_on(OFFICER, case.uid)
    return again(case)


def batch(first: str = "once") -> Batch:
    row = gathering.open_batch(FINANCE, programme=ADAPTATION, period=first, given=GIVEN)
    gathering.gather(FINANCE, batch=row.uid)
    drawing.freeze_list(FINANCE, batch=row.uid)
    for check in Check.objects.filter(item__batch=row):
        checking.record_result(OFFICER, check=check.uid, result="passed")
    return Batch.objects.get(pk=row.pk)


def test_an_adapted_home_is_paid_for_what_was_accepted(who: Resident) -> None:
    case = assessed(who)
    assert case.step == "show"
    award = Award.objects.get(case=case)
    assert (award.state, award.amount_fen) == ("proposed", PLANNED)
    notice = noticing.put_up(FINANCE, batch=batch().uid, supervision="0359-0000000", objections_to="盐湖区民政局")
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        noticing.take_down_due()
        assert again(case).step == "decide"
        assert Batch.objects.get().state == "dissolved"  # it showed what was planned; what is paid is known later
        acts.decide(DECIDER, case.uid, "granted")
        assert again(case).step == "sign"
        signed_off(case)
        steps.pass_on(OFFICER, case.uid)
        pictured(case, "after")
        works.accept(OFFICER, case.uid, Result(clock.today(), taken(5, 2, 0)))
        steps.pass_on(OFFICER, case.uid)
        looked_at(case)
        follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject)))
        award.refresh_from_db()
        accepted = 5 * 12_000 + 2 * 26_000
        firm = Organisation.objects.get(credit_code=CODE).uid
        assert (award.state, award.amount_fen, award.payee, award.payee_uid) == ("active", accepted, "provider", firm)
        for fund, source in (("provincial", "province"), ("lottery", "lottery")):
            promises = [Promise(source, (fund, fund), 50_000_000)]
            open_fund(SYSTEM, slug=f"{ADAPTATION}.{fund}", purpose=("改造", "works"), programme=ADAPTATION, promises=promises)
        allocate(SYSTEM, fund=f"{ADAPTATION}.provincial", source="province", fen=46_000_000, key="a")
        paid = batch()
        approving.approve(CHECKER, batch=paid.uid)
        item = Item.objects.get(batch=paid)
        assert (item.amount_fen, item.payee_uid, item.fund) == (accepted, award.payee_uid, f"{ADAPTATION}.provincial")
        assert list(Acceptance.objects.filter(replaced_at=None).values_list("case", "amount_fen")) == [(award.case_id, accepted)]
    assert [*verify_chains(), *verify_rows()] == []


def test_nothing_begins_before_all_have_signed_and_every_place_is_pictured(who: Resident) -> None:
    case = applied(who)
    with refused("works.no_list"):
        steps.pass_on(ASSESSOR, case.uid)
    drawn(who, case)
    signed(who, case, "applicant", "contractor")
    steps.pass_on(ASSESSOR, case.uid)
    steps.finish_notice(SYSTEM, case.uid)
    with pytest.raises(LinliError, check=lambda problem: problem.found_zh == "缺 评估人员"):
        acts.decide(DECIDER, case.uid, "granted")
    signed(who, case, "assessor")
    with refused("works.unpictured"):
        acts.decide(DECIDER, case.uid, "granted")
    pictured(case, "before")
    with refused("works.assessor_decides"):
        acts.decide(ASSESSOR, case.uid, "granted")
    acts.decide(DECIDER, case.uid, "granted")
    assert (again(case).step, Case.objects.filter(parent=case, kind="sign_off").count()) == ("sign", 4)


def changed(case: Case, *, lines: list[Line] | None = None, contractor: works.Contractor | None = None) -> Case:
    works.draw_up(OFFICER, case.uid, lines or LINES, contractor or works.Contractor(CODE))
    return again(case)


def test_a_changed_list_is_signed_anew_and_goes_to_the_four_departments_again(who: Resident) -> None:
    case = at_works(who)
    assert changed(case).step == "works"
    assert WorksList.objects.count() == 1  # the same list
    old = current_list(case)
    assert old is not None
    dearer = [replace(LINES[0], quantity=8), *LINES[1:]]
    assert changed(case, lines=dearer).step == "sign"
    assert WorksSignature.objects.filter(works=old, voided_at__isnull=False).count() == 3
    asked = Case.objects.filter(parent=case, kind="sign_off", status="open")
    assert asked.count() == 4
    with refused("works.elsewhere"):
        changed(case)
    with refused("casework.not_this_step"):
        steps.pass_on(OFFICER, case.uid)
    with refused("works.not_yet"):
        works.accept(OFFICER, case.uid, Result(clock.today(), taken(6, 2, 1)))
    with refused("works.changed"):
        works.sign(own(who), case.uid, "applicant", old.uid)
    for number, child in enumerate(asked.order_by("id")):
        assert again(case).step == "sign"
        casework.answer(staff(30 + number, Grant("officer", "140802")), child.uid, "signed")
    assert again(case).step == "works"
    with refused("works.unsigned"):
        steps.pass_on(OFFICER, case.uid)
    signed(who, case)
    steps.pass_on(OFFICER, case.uid)
    assert again(case).step == "accept"
    lapsed = StepTaken.objects.get(case=case, result="returned")
    assert (lapsed.kind, lapsed.signatures[-1]["actor"]) == ("works", OFFICER.actor)
    assert [*verify_chains(), *verify_rows()] == []


@pytest.mark.long
def test_no_order_of_small_and_great_changes_gets_past_the_departments(who: Resident) -> None:
    """What is signed off, accepted and paid agree, whatever was changed on the way; smaller stays measured by what they signed."""
    case = at_works(who)
    assert changed(case, lines=[replace(LINES[0], quantity=4), *LINES[1:]]).step == "works"
    assert changed(case).step == "works"  # as much as they signed
    other = "91140800000000002" + credit_check_character("91140800000000002")
    registers.register_organisation(SYSTEM, name="另一施工单位", area_code=VILLAGE, kind="provider", credit_code=other)
    assert changed(case, contractor=works.Contractor(other)).step == "sign"
    signed_off(case)
    less = [replace(LINES[0], unit_price_fen=10_000), *LINES[1:]]
    assert changed(case, lines=less, contractor=works.Contractor(other)).step == "works"
    signed(who, case)
    steps.pass_on(OFFICER, case.uid)
    pictured(case, "after")
    works.accept(OFFICER, case.uid, Result(clock.today(), taken(6, 2, 1, price=10_000)))
    assert changed(case, lines=[*less, Line("aids", "洗澡椅", 1, "件", 9_000)], contractor=works.Contractor(other)).step == "sign"
    signed_off(case)
    signed(who, case)
    steps.pass_on(OFFICER, case.uid)
    with refused("works.not_accepted"):
        steps.pass_on(OFFICER, case.uid)
    works.accept(OFFICER, case.uid, Result(clock.today(), [*taken(6, 2, 1, price=10_000), works.Taken(1, 9_000)]))
    steps.pass_on(OFFICER, case.uid)
    current = current_list(case)
    assert current is not None
    firm = Organisation.objects.get(credit_code=other).uid
    award = Award.objects.get()
    assert (again(case).outcome, award.amount_fen, award.payee_uid) == ("granted", current.total_fen, firm)
    assert StepTaken.objects.filter(case=case, kind="sign", result="passed").count() == 3


def test_what_is_accepted_is_never_more_or_dearer_than_was_signed(who: Resident) -> None:
    case = at_acceptance(who)
    with refused("works.unpictured"):
        works.accept(OFFICER, case.uid, Result(clock.today(), taken(6, 2, 1)))
    pictured(case, "after")
    with refused("works.not_accepted"):
        steps.pass_on(OFFICER, case.uid)
    for wrong in (taken(7, 2, 1), taken(6, 2, 1, price=12_001)):
        with refused("works.dearer"):
            works.accept(OFFICER, case.uid, Result(clock.today(), wrong))
    with refused("works.nothing"):
        works.accept(OFFICER, case.uid, Result(clock.today(), taken(0, 0, 0)))
    with refused("works.day"):
        works.accept(OFFICER, case.uid, Result(clock.today() + timedelta(days=1), taken(6, 2, 1)))
    works.accept(OFFICER, case.uid, Result(clock.today(), taken(6, 2, 1)))
    works.accept(OFFICER, case.uid, Result(clock.today(), taken(6, 1, 1)))
    assert Award.objects.get().amount_fen == PLANNED - 26_000
    steps.pass_on(OFFICER, case.uid)
    assert again(case).outcome == "granted"


def test_a_signature_is_given_by_whom_it_is_of(who: Resident) -> None:
    case = applied(who)
    drawn(who, case)
    current = current_list(case)
    assert current is not None
    neighbour = elder("测试戊", 70)
    with refused("casework.no_case"):
        works.sign(own(neighbour), case.uid, "applicant", current.uid)
    with refused("casework.no_case"):
        works.sign(own(who), case.uid, "contractor", current.uid)
    with refused("works.paper"):
        works.sign(OFFICER, case.uid, "contractor", current.uid)
    works.sign(own(who), case.uid, "applicant", current.uid, key="k")
    assert works.sign(own(who), case.uid, "applicant", current.uid, key="k") is None
    with refused("works.signed_already"):
        works.sign(OFFICER, case.uid, "applicant", current.uid, content=b"paper")


def test_one_who_takes_it_back_is_owed_nothing_leaves_no_open_signature_and_gets_a_paper(who: Resident) -> None:
    case = assessed(who)
    steps.finish_notice(SYSTEM, case.uid)
    acts.decide(DECIDER, case.uid, "granted")
    withdraw(own(who), case.uid)
    assert not Case.objects.filter(parent=case, status="open").exists()
    assert again(case).stopped_at is None
    for _time in range(2):
        follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject, payload__case=str(case.uid))))
    assert Letter.objects.filter(case=case, kind="ending").count() == 1
    assert Award.objects.get().state == "dropped"


def test_something_asked_for_during_the_appraisal_brings_the_case_back_to_it(who: Resident) -> None:
    case = applied(who)
    drawn(who, case)
    since = again(case).stopped_at
    assert since is not None  # the appraisal is not counted
    acts.ask_supplement(OFFICER, case.uid, ["dwelling"], "请补住房声明")
    acts.give_word(own(who), case.uid, "dwelling")
    row = again(case)
    assert (row.stopped_at, row.task.done_at, row.step) == (since, None, "assess")
    assert list(row.pauses.order_by("id").values_list("reason", flat=True)) == ["appraisal", "supplement", "appraisal"]
    steps.pass_on(OFFICER, case.uid)
    assert again(case).step == "show"


def test_nothing_goes_on_until_all_four_departments_have_signed(who: Resident) -> None:
    case = assessed(who)
    steps.finish_notice(SYSTEM, case.uid)
    acts.decide(DECIDER, case.uid, "granted")
    signs = list(Case.objects.filter(parent=case, kind="sign_off").order_by("id"))
    assert [one.department for one in signs] == ["运城市民政局", "运城市财政局", "运城市住房和城乡建设局", "运城市残疾人联合会"]
    signers = [staff(30 + number, Grant("officer", "140802")) for number in range(4)]
    for one, signer in zip(signs[:3], signers, strict=False):
        casework.answer(signer, one.uid, "signed")
    with refused("casework.signed_for_another"):
        casework.answer(signers[0], signs[3].uid, "signed")
    assert again(case).step == "sign"
    casework.answer(signers[3], signs[3].uid, "signed")
    assert again(case).step == "works"
    assert progress(again(case)).verbs == ("pass", "return")
    with refused("casework.asked_too_late"):  # silence can't end what was granted
        acts.ask_supplement(OFFICER, case.uid, ["dwelling"], "请补住房声明")


def merchant(*, time_honoured: bool) -> Organisation:
    """On the list of small merchants."""
    code = "91140800000000001" + credit_check_character("91140800000000001")
    row = registers.register_organisation(SYSTEM, name="测试老字号", area_code=VILLAGE, kind="employer", credit_code=code)
    record_change(SYSTEM, subject=row, list_slug="merchants", valid_from=FIRST_DAY, data={"time_honoured": time_honoured})
    return row


def test_a_merchant_gets_what_invoices_show_up_to_the_ceiling_after_pictures_before_and_after(city: City) -> None:
    """8,000 yuan for a time-honoured brand, 5,000 for others: figures that this test states, since no document does."""
    figures = [(f"{kind}, values: []", f"{kind}, values: [{{from: 2026-01-01, value: {yuan} yuan}}]") for kind, yuan in CEILINGS]
    publish_draft("merchant-upgrade", figures)
    shop = merchant(time_honoured=False)
    case = asked(somebody(45), "merchant-upgrade", beneficiary=shop.uid, payee="employer", authority="representative")
    opened(case)
    pictured(case, "before", "front")
    steps.pass_on(DECIDER, case.uid)
    with pytest.raises(LinliError, check=lambda problem: problem.found_zh == "缺 店内现状 1 张"):
        acts.decide(DECIDER, case.uid, "granted")
    pictured(case, "before", "inside")
    for officer in (DECIDER, OFFICER):
        acts.decide(officer, case.uid, "granted")
    steps.pass_on(OFFICER, case.uid)
    pictured(case, "after", "front", "inside")
    with refused("works.nothing"):
        works.accept(OFFICER, case.uid, Result(clock.today()))
    bills = Document.objects.get(case=case, material="bills")
    for fen in (900_000, 432_100):  # read anew: the first was a slip of the pen
        works.state_bill(OFFICER, case.uid, bills.uid, fen)
    works.accept(OFFICER, case.uid, Result(clock.today()))
    award = Award.objects.get(case=case)
    assert (award.state, award.amount_fen, award.payee, award.payee_uid) == ("proposed", 432_100, "employer", shop.uid)
    works.state_bill(OFFICER, case.uid, bills.uid, 900_000)
    works.accept(OFFICER, case.uid, Result(clock.today()))
    steps.pass_on(OFFICER, case.uid)
    follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject)))
    row = gathered("merchant-upgrade", "once", {"notice_days": {"value": 7, "document": "测试文〔2026〕1号"}})
    assert [(one.beneficiary, one.amount_fen) for one in Item.objects.filter(batch=row)] == [(shop.uid, 500_000)]


@pytest.mark.long
def test_an_erased_persons_lists_say_nothing_any_more(who: Resident) -> None:
    case = applied(who)
    drawn(who, case)
    with act(SYSTEM):
        forget(SYSTEM, who.uid)
    (row,) = WorksList.objects.all()
    assert (row.items_cipher, row.account_cipher, row.total_fen) == ("", "", PLANNED)
    assert list(verify_rows()) == []
