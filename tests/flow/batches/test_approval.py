"""From checks to paid: findings keep items back, notices stand and come down, nothing wrong is approved, nothing is paid twice."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from batch_examples import (
    AID,
    CHECKER,
    COUNTY,
    GIVEN,
    HOUR,
    MAKER,
    NOW,
    POSTGRADUATE,
    THIRD,
    Roll,
    checked,
    frozen,
    item_of,
    staff,
    to_checking,
)
from django.db import IntegrityError, connection, transaction
from place_examples import SYSTEM

from linli.agreements.models import Award
from linli.batches import blocks, queries
from linli.batches.acts import approving, checking, gathering, noticing, objecting, paid, unpaid
from linli.batches.acts.noticing import Hanging
from linli.batches.checks import latest_rate
from linli.batches.declared import Declared, Level
from linli.batches.models import AnnouncedLine, Announcement, Batch, Check, Item
from linli.casework import acts as casework
from linli.casework.models import Case
from linli.casework.queries import may_work
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.ledger import queries as ledger
from linli.ledger.acts import Promise, allocate, open_fund
from linli.registers import acts
from linli.registers.models import Resident
from linli.sampling import Findings
from linli.trace.deep import verify_rows

pytestmark = pytest.mark.django_db
FUND = f"{AID}.provincial"
TOTAL = 3 * (400_000 + 2 * 500_000 + 600_000)
SUPERVISION = {"supervision": "0359-0000000", "objections_to": "市残联教就部"}


def refusal(code: str):
    return pytest.raises(LinliError, check=lambda error: error.code == code)


def fund(fen: int = TOTAL) -> None:
    promise = Promise("province", ("省级资金", "province"), fen)
    open_fund(SYSTEM, slug=FUND, purpose=("助学", "aid"), programme=AID, promises=[promise])
    allocate(SYSTEM, fund=FUND, source="province", fen=fen, key="a")


def at_notice(roll: Roll) -> tuple[Batch, Announcement]:
    """A batch whose checks are done and whose notice stands."""
    batch = to_checking(roll.batch())
    checked(batch)
    with clock.frozen(NOW + 3 * HOUR):
        notice = noticing.put_up(MAKER, batch=batch.uid, **SUPERVISION)
    batch.refresh_from_db()
    return batch, notice


def shown(roll: Roll) -> Batch:
    """A batch whose notice has stood for its days."""
    batch, notice = at_notice(roll)
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        assert noticing.take_down_due() == 1
    batch.refresh_from_db()
    return batch


def blocked(batch: Batch) -> set[str]:
    return {block.code for block in blocks.reconciliation(batch).blocks}


def test_a_batch_goes_from_checks_to_paid_and_every_fen_is_accounted_for(roll: Roll):
    fund()
    batch = shown(roll)
    approving.approve(CHECKER, batch=batch.uid)
    batch.refresh_from_db()
    assert (batch.state, batch.count, batch.total_fen) == ("approved", 12, TOTAL)
    assert ledger.fund_figures(FUND).committed_fen == TOTAL
    due = list(queries.payable(batch))
    assert sum(one.amount_fen for one in due) == TOTAL
    assert all(one.fund == FUND and isinstance(one.hold, UUID) for one in due)
    assert paid(SYSTEM, [one.uid for one in due[:10]]) == 10
    assert paid(SYSTEM, [one.uid for one in due[:10]]) == 0
    batch.refresh_from_db()
    assert batch.state == "paying"
    assert unpaid(SYSTEM, [one.uid for one in due[10:]]) == 2
    batch.refresh_from_db()
    assert batch.state == "closed"
    again = gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN)
    assert gathering.gather(MAKER, batch=again.uid) == 2  # those whose payment failed, and nobody else
    altered = [one.row for one in verify_rows() if one.row.startswith("batches.")]
    assert [row for row in altered if not row.startswith("batches.check:")] == []  # `checked` is the test's short way


def test_nobody_approves_what_they_opened_and_nothing_is_approved_before_it_was_shown(roll: Roll):
    fund()
    batch = to_checking(roll.batch())
    checked(batch)
    with refusal("batches.notice_first"):
        approving.approve(CHECKER, batch=batch.uid)
    with pytest.raises(Refused):
        approving.approve(MAKER, batch=batch.uid)


def test_a_total_that_is_not_what_was_handed_in_can_not_be_approved_by_act_or_by_sql(roll: Roll):
    fund()
    batch = shown(roll)
    gathering.declare(MAKER, batch=batch.uid, declared=Declared(total_fen=TOTAL - 1))
    with pytest.raises(Problems) as told:
        approving.approve(CHECKER, batch=batch.uid)
    assert [one.code for one in told.value.problems] == ["batches.block.total"]
    statement = "UPDATE batches_batch SET state = 'approved', approved_at = now(), approved_by = 'x' WHERE id = %s"
    with pytest.raises(IntegrityError, match="handed in"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [batch.pk])
    gathering.declare(MAKER, batch=batch.uid, declared=Declared((Level(POSTGRADUATE, 3),), TOTAL, 12))
    assert "declared_levels_total" in blocked(batch_again(batch))
    gathering.declare(MAKER, batch=batch.uid, declared=None)
    approving.approve(CHECKER, batch=batch.uid)


def batch_again(batch: Batch) -> Batch:
    return Batch.objects.get(pk=batch.pk)


@pytest.mark.long
def test_a_fund_is_never_overdrawn(roll: Roll):
    fund(TOTAL - 1)
    batch = shown(roll)
    assert blocked(batch) == {"overdrawn"}
    with pytest.raises(Problems):
        approving.approve(CHECKER, batch=batch.uid)
    assert ledger.fund_figures(FUND).committed_fen == 0


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("died", lambda item: Resident.objects.filter(uid=item.person).update(deceased_on="2026-10-01")),
        pytest.param("no_account", lambda item: Award.objects.filter(pk=item.award_id).update(account_cipher=""), marks=pytest.mark.long),
        pytest.param(
            "award_ended",
            lambda item: Award.objects.filter(pk=item.award_id).update(state="ended", ending="annulled"),
            marks=pytest.mark.long,
        ),
        pytest.param("award_ended", lambda item: Award.objects.filter(pk=item.award_id).update(amount_fen=1), marks=pytest.mark.long),
        pytest.param("check_open", lambda item: Check.objects.filter(item=item).update(result="", done_at=None), marks=pytest.mark.long),
        pytest.param("finding_open", lambda item: Check.objects.filter(item=item).update(result="finding"), marks=pytest.mark.long),
    ],
)
def test_what_speaks_against_one_item_stops_the_batch_until_it_is_taken_off(roll: Roll, code: str, change):
    fund()
    batch = shown(roll)
    item = item_of(batch, roll.awards[5])
    assert change(item)
    assert blocked(batch) == {code}
    assert list(blocks.items_with(batch, code, queries.programme_of(batch))) == [item]
    if code == "finding_open":
        with refusal("batches.finding_open"):
            gathering.remove(THIRD, item=item.uid, reason="mistake")
        Check.objects.filter(item=item).update(settled="cleared", settled_at=clock.now(), settled_by="x")
    gathering.remove(THIRD, item=item.uid, reason="mistake")
    assert blocked(batch_again(batch)) == set()


def test_somebody_who_was_paid_for_the_period_under_another_award_is_stopped(roll: Roll):
    fund()
    batch = shown(roll)
    approving.approve(CHECKER, batch=batch.uid)
    paid(SYSTEM, [one.uid for one in queries.payable(batch)])
    old = roll.awards[0]
    Award.objects.filter(pk=old.pk).update(state="ended")
    case = Case.objects.create(
        receipt="2611020000001", kind="application", subject=f"resident:{old.person}", status="closed", outcome="granted",
        closed_at=clock.now(), opened_at=clock.now(), opened_by="x", due_at=clock.now(),
    )  # fmt: skip
    same = ["programme", "programme_version", "beneficiary_kind", "beneficiary", "person", "area_code", "amount_fen", "cycle"]
    told = {name: getattr(old, name) for name in [*same, "begins_on", "payee", "account_cipher"]}
    Award.objects.create(case=case, state="active", state_since=clock.now(), **told)
    again = gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN)
    assert gathering.gather(MAKER, batch=again.uid) == 1
    assert "person_twice" in blocked(again)


@pytest.mark.parametrize("code", ["person_twice", "household_twice"])
def test_whoever_is_listed_twice_is_looked_for_once_a_list_not_once_an_item(roll: Roll, code: str):
    """Also where the planner knows nothing of the tables, as after a crash: 20,000 items took an hour of one processor."""
    batch = roll.batch()
    plan = blocks.items_with(batch, code, queries.programme_of(batch)).explain()
    assert "InitPlan" in plan
    assert "SubPlan" not in plan


def test_a_check_is_done_by_its_office_and_a_finding_is_settled_by_somebody_else(roll: Roll):
    batch = to_checking(roll.batch())
    check = Check.objects.filter(item__batch=batch, kind="cross", desk_code="140882").first()
    assert check is not None
    with refusal("batches.no_check"):
        checking.record_result(
            COUNTY[next(code for code in COUNTY if code not in ("140882", check.item.county))], check=check.uid, result="passed"
        )
    with refusal("batches.no_reasons"):
        checking.record_result(COUNTY["140882"], check=check.uid, result="finding")
    checking.record_result(COUNTY["140882"], check=check.uid, result="finding", words="学籍已注销")
    with refusal("batches.checked_already"):
        checking.record_result(COUNTY["140882"], check=check.uid, result="passed")
    check.refresh_from_db()
    assert "学籍" not in check.cipher
    checking.settle_finding(MAKER, check=check.uid, how="upheld", words="已停发")
    check.refresh_from_db()
    assert check.item.state == "removed"
    assert Award.objects.get(pk=check.item.award_id).state == "suspended"


def test_a_notice_shows_what_the_programme_declares_and_nothing_of_minors_online(roll: Roll):
    Award.objects.filter(pk=roll.awards[0].pk).update(minor=True)
    batch, notice = at_notice(roll)
    assert notice.columns == ["name", "township", "category", "amount"]
    assert (notice.count, AnnouncedLine.objects.count()) == (12, 11)
    line = AnnouncedLine.objects.filter(item__award=roll.awards[3]).get()
    name = Resident.objects.get(uid=roll.awards[3].person).name
    assert line.cells == [name, "东城街道", "研究生", "6,000.00"]
    assert not AnnouncedLine.objects.filter(item__award=roll.awards[0]).exists()
    assert batch.state == "notice"


def test_a_notice_comes_down_by_itself_and_leaves_nothing_of_what_it_showed(roll: Roll):
    batch, notice = at_notice(roll)
    assert notice.ends_on == (NOW + timedelta(days=7)).date()  # five working days after a Monday
    with clock.frozen(clock.midnight(notice.ends_on) + timedelta(hours=23)):
        assert noticing.take_down_due() == 0
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        assert noticing.take_down_due() == 1
        assert noticing.take_down_due() == 0
    assert not AnnouncedLine.objects.exists()
    with refusal("batches.state"):
        noticing.put_up(MAKER, batch=batch.uid, **SUPERVISION)


@pytest.mark.long
def test_a_notice_that_was_withdrawn_does_not_count(roll: Roll):
    batch, notice = at_notice(roll)
    noticing.withdraw(MAKER, announcement=notice.uid)
    assert not AnnouncedLine.objects.exists()
    with refusal("batches.notice_first"):
        approving.approve(CHECKER, batch=batch.uid)
    with clock.frozen(NOW + 4 * HOUR):
        assert noticing.put_up(MAKER, batch=batch.uid, masked=True, **SUPERVISION).masked
    assert all("*" in line.cells[0] for line in AnnouncedLine.objects.all())


@pytest.mark.long
def test_a_poster_hung_on_a_day_of_the_notice_is_recorded(roll: Roll):
    _, notice = at_notice(roll)
    with clock.frozen(NOW + 5 * HOUR):
        noticing.hung(MAKER, announcement=notice.uid, hanging=Hanging("槐东社区公示栏", NOW.date()))
        with refusal("batches.hung_on"):
            noticing.hung(MAKER, announcement=notice.uid, hanging=Hanging("槐东社区公示栏", NOW.date() - timedelta(days=1)))


def desks() -> list[Viewer]:
    """Officers of the item's county: of the federation, of another department, of the programme, of another programme."""
    found = []
    for login, name in (("one", "河津市残疾人联合会"), ("two", "河津市民政局")):
        works = acts.register_organisation(SYSTEM, name=name, area_code="140882", kind="department", key=login)
        person = acts.add_staff(SYSTEM, login=login, name=login, password="a long enough phrase 7", organisation=works)
        found.append(Viewer(person.actor, (Grant("officer", "140882"),)))
    return [*found, staff(50, Grant("officer", "140882", AID)), staff(51, Grant("officer", "140882", "home-adaptation"))]


def test_anybodys_objection_is_a_case_that_keeps_its_item_from_being_paid(roll: Roll):
    fund()
    batch, notice = at_notice(roll)
    item = item_of(batch, roll.awards[4])
    with clock.frozen(NOW + 5 * HOUR):
        case = objecting.object_to(THIRD, announcement=notice.uid, item=item.uid, words="已经休学")
    assert (case.kind, case.programme, case.department) == ("notice_objection", AID, "运城市残疾人联合会")
    assert [may_work(one, case) for one in desks()] == [True, False, True, False]
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        noticing.take_down_due()
        assert blocked(batch_again(batch)) == {"objection_open"}
        with refusal("batches.notice_over"):
            objecting.object_to(THIRD, announcement=notice.uid, item=item.uid, words="已经休学")
    with pytest.raises(LinliError, match="had a part"):  # who froze the list
        casework.answer(MAKER, case.uid, "unfounded", "已核实")
    Case.objects.filter(pk=case.pk).update(status="closed", outcome="unfounded", closed_at=clock.now())
    assert blocked(batch_again(batch)) == set()
    assert Item.objects.get(pk=item.pk).state == "listed"


@pytest.mark.long
def test_findings_raise_the_rate_of_the_programmes_next_batch(roll: Roll):
    fund()
    batch = to_checking(roll.batch(given={**GIVEN, "rate": {"value": [1, 2], "document": "x"}}))
    checked(batch)
    first = Check.objects.filter(item__batch=batch, kind="random", item__county="140802").first()
    assert first is not None
    Check.objects.filter(pk=first.pk).update(result="finding", settled="upheld", settled_by="x")
    gathering.remove(MAKER, item=first.item.uid, reason="finding")
    with clock.frozen(NOW + 3 * HOUR):
        notice = noticing.put_up(MAKER, batch=batch.uid, **SUPERVISION)
    with clock.frozen(clock.midnight(notice.ends_on + timedelta(days=1))):
        noticing.take_down_due()
    approving.approve(CHECKER, batch=batch.uid)
    other = gathering.open_batch(MAKER, programme=AID, period="2027", given=GIVEN)
    assert latest_rate(other, "140802") == (Fraction(1, 2), Findings(2, 1))
    assert latest_rate(other, "140882") == (Fraction(1, 2), Findings(2, 0))


@pytest.mark.long
def test_a_frozen_list_keeps_its_draw_when_somebody_is_taken_off(roll: Roll):
    batch = roll.batch()
    draw, _ = frozen((NOW, NOW + HOUR), batch)
    item = item_of(batch, roll.awards[7])
    gathering.remove(THIRD, item=item.uid, reason="died")
    batch.refresh_from_db()
    assert (batch.count, batch.total_fen) == (11, TOTAL - item.amount_fen)
    draw.refresh_from_db()
    assert str(item.uid) in draw.document
