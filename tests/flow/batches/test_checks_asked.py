"""Who is looked at: a raised rate outlasts other counties' batches, cross review finds three units, conditions draw organisations too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction

import pytest
from batch_examples import (
    AID,
    CHECKER,
    COLLEGE,
    FEDERATION,
    FINANCE,
    HOUR,
    MAKER,
    NOW,
    THIRD,
    VILLAGES,
    checked,
    committed,
    granted,
    publish,
    staff,
    works_in,
)
from case_examples import refused
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, load_small_city
from test_approval import fund
from walk_examples import publish_draft, somebody

from linli.agreements.models import Award
from linli.batches import queries
from linli.batches.acts import approving, checking, drawing, gathering, settling
from linli.batches.models import Batch, Check, Draw
from linli.casework.models import Case
from linli.casework.receipts import new_receipt
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.registers.acts.records import record_change
from linli.registers.models import Organisation
from linli.sampling import Size, read_draw, verify

pytestmark = pytest.mark.django_db
RAISED = "verification:\n  every: false\n  random: {rate: 25/100, strata: county, raise: [{findings: 0/100, rate: 50/100}]}\n"
CROSS = "verification:\n  every: false\n  cross: county\n"
AFTER = "place: after_payment"
GIVEN = {"notice_days": {"value": 5, "document": "x"}}


def city(verification: str, **changed: str) -> None:
    load_small_city()
    works_in(MAKER, FEDERATION)
    works_in(CHECKER, FINANCE)
    publish(verification=verification, notice=AFTER, **changed)


def frozen(area: str, period: str, begin: datetime) -> tuple[Batch, Draw]:
    """A county's list, drawn."""
    with clock.frozen(begin):
        row = gathering.open_batch(MAKER, programme=AID, period=period, area=area, given=GIVEN)
        gathering.gather(MAKER, batch=row.uid)
        draw, secrets = committed(row)
    with clock.frozen(begin + HOUR):
        drawing.freeze_list(MAKER, batch=row.uid)
    with clock.frozen(begin + 2 * HOUR):
        for department, secret in secrets.items():
            drawing.reveal_secret(MAKER, draw=draw.uid, department=department, secret=secret)
    row.refresh_from_db()
    draw.refresh_from_db()
    return row, draw


def approved(row: Batch, begin: datetime, faulty: int = 0) -> None:
    """Every check done, so many with a finding that was upheld."""
    with clock.frozen(begin + 3 * HOUR):
        for one in Check.objects.filter(item__batch=row)[:faulty]:
            checking.record_result(THIRD, check=one.uid, result="finding", words="不符")
            checking.settle_finding(CHECKER, check=one.uid, how="upheld", words="属实")
        checked(row)
        approving.approve(CHECKER, batch=row.uid)
        settling.paid(SYSTEM, list(queries.listed(row).values_list("uid", flat=True)))


def size_of(draw: Draw, stratum: str) -> Size:
    return read_draw(draw.document.encode()).frozen.plan.strata[stratum]


def test_findings_raise_the_rate_of_their_county_whatever_is_drawn_elsewhere_in_between(db: None) -> None:
    city(RAISED)
    fund(10**9)
    for county in ("140802", "140882"):
        for number in range(8):
            granted(f"学生{county}{number}", COLLEGE, county)
    first, draw = frozen("140802", "2026", NOW)
    assert (size_of(draw, "140802").rate, size_of(draw, "140802").raised) == (Fraction(1, 4), None)
    assert Check.objects.filter(item__batch=first, kind="random").count() == 2
    approved(first, NOW, faulty=1)
    then = datetime(2026, 12, 1, 9, tzinfo=clock.SHANGHAI)
    second, draw = frozen("140882", "2026", then)
    assert size_of(draw, "140882").rate == Fraction(1, 4), "nothing was found there"
    approved(second, then)
    later = datetime(2027, 2, 1, 9, tzinfo=clock.SHANGHAI)
    third, draw = frozen("140802", "2027", later)
    assert size_of(draw, "140802").rate == Fraction(1, 2)
    assert size_of(draw, "140802").raised is not None
    assert Check.objects.filter(item__batch=third, kind="random").count() > 2


@pytest.mark.parametrize(("area", "counties"), [("140802", ("140802",)), ("", ("140802", "140882"))])
def test_counties_without_files_review_too_where_fewer_than_three_have_some(db: None, area: str, counties: Sequence[str]) -> None:
    city(CROSS)
    for county in counties:
        granted(f"学生{county}", COLLEGE, county)
    row, draw = frozen(area, "2026", NOW)
    assert row.state == "checking"
    review = read_draw(draw.document.encode()).frozen.plan.cross_review
    assert review is not None
    assert set(review.counties) == set(VILLAGES)
    reviewed = dict(Check.objects.filter(item__batch=row, kind="cross").values_list("item__county", "desk_code"))
    assert set(reviewed) == set(counties)
    assert all(desk not in ("", county) for county, desk in reviewed.items()), "by another county"


ALONE = 'area: "140826", zh: 绛县, en: Jiangxian'
BOTH = "verification:\n  every: false\n  random: {rate: 25/100, strata: county, raise: []}\n  cross: county\n"


def test_the_city_reviews_where_the_programmes_area_has_too_few_counties_for_a_cycle(db: None) -> None:
    """There was no way out: the list could not be frozen."""
    city(CROSS, area=ALONE, level="level: county")
    fund(10**9)
    for number in range(4):
        granted(f"学生{number}", COLLEGE, "140826")
    row = gathering.open_batch(MAKER, programme=AID, period="2026", area="140826", given=GIVEN)
    with clock.frozen(NOW):
        gathering.gather(MAKER, batch=row.uid)
        with refused("batches.no_draw_needed"):
            drawing.open_draw(MAKER, batch=row.uid, reveal_by=NOW + HOUR)
        drawing.freeze_list(MAKER, batch=row.uid)
    row.refresh_from_db()
    assert row.state == "checking"
    asked = Check.objects.filter(item__batch=row)
    assert set(asked.values_list("kind", "desk_code")) == {("cross", "1408")}
    assert [one.conditions for one in asked] == [["upper_review"]] * 4
    approved(row, NOW)
    row.refresh_from_db()
    assert row.approved_at is not None


def test_who_was_drawn_is_reviewed_by_the_city_and_the_draws_file_says_why(db: None) -> None:
    city(BOTH, area=ALONE, level="level: county")
    for number in range(8):
        granted(f"学生{number}", COLLEGE, "140826")
    row, draw = frozen("140826", "2026", NOW)
    file = read_draw(draw.document.encode())
    assert file.frozen.plan.cross_review is None
    assert "能互审的单位不足三个" in file.frozen.plan.title.zh
    assert verify(file, published=draw.digest).holds
    assert list(Check.objects.filter(item__batch=row).values_list("kind", "desk_code")) == [("random", "1408")] * 2


FIGURES = (
    ("verification: {every: true, cross: null}",
     "verification: {every: false, cross: null, key: [{id: old, zh: 老字号, en: time-honoured, when: time_honoured}]}"),
)  # fmt: skip


def test_a_condition_draws_organisations(db: None) -> None:
    load_small_city()
    publish_draft("merchant-upgrade", FIGURES)
    officer = staff(61, Grant("officer"))
    with clock.frozen(NOW):
        for old in (True, False):
            shop(time_honoured=old)
        row = gathering.open_batch(officer, programme="merchant-upgrade", period="once", given=GIVEN)
        assert gathering.gather(officer, batch=row.uid) == 2
        drawing.freeze_list(officer, batch=row.uid)
    row.refresh_from_db()
    found = Check.objects.filter(item__batch=row)
    assert [(one.kind, one.conditions, one.item.category) for one in found] == [("key", ["old"], "True")]


def shop(*, time_honoured: bool) -> None:
    """A merchant with an award."""
    owner = somebody(45)
    firm = Organisation.objects.create(name=f"测试店{time_honoured}", area_code=VILLAGE, kind="employer")
    record_change(SYSTEM, subject=firm, list_slug="merchants", valid_from=FIRST_DAY, data={"time_honoured": time_honoured})
    case = Case.objects.create(
        receipt=new_receipt(clock.today()), kind="application", subject=f"resident:{owner.uid}", area_code=VILLAGE,
        programme="merchant-upgrade", status="closed", outcome="granted", closed_at=clock.now(), opened_at=clock.now(),
        opened_by="system:test", due_at=clock.now(),
    )  # fmt: skip
    Award.objects.create(
        case=case, programme="merchant-upgrade", programme_version="draft-1", beneficiary_kind="organisation", beneficiary=firm.uid,
        person=owner.uid, area_code=VILLAGE, amount_fen=5_000, cycle="once", payee="self", category=str(time_honoured),
        state="active", begins_on=date(2026, 10, 1), state_since=clock.now(), account_cipher="x",
    )  # fmt: skip
