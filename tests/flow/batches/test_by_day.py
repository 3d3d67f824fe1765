"""Batches that count days: an award's part of a period, what changed once it was paid, and that the statement and Python agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from batch_examples import GIVEN, MAKER, UNDERGRADUATE, granted, publish
from case_examples import refused
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from place_examples import load_small_city

from linli.agreements.models import Award, Rest
from linli.agreements.reckoning import amount_for
from linli.batches import blocks, due, queries
from linli.batches.acts import gathering
from linli.batches.coming import coming
from linli.batches.models import Announcement, Batch, Item, LeftOut
from linli.kernel import clock
from linli.programmes.queries import pinned
from linli.web.money.coming import said

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
OVER = datetime(2027, 1, 4, 9, tzinfo=clock.SHANGHAI)
DAYS = st.dates(date(2025, 10, 1), date(2027, 3, 1))


@pytest.fixture
def by_day(db: None) -> Iterator[None]:
    """The student aid as one that is paid by the day, after the year is over."""
    load_small_city()
    publish(prorate="prorate: day")
    with clock.frozen(OVER):
        yield


def rest(award: Award, first: date, last: date | None) -> Rest:
    return Rest.objects.create(award=award, from_day=first, until_day=last, reason="left_school")


def batch() -> Batch:
    row = gathering.open_batch(MAKER, programme="disabled-student-aid", period="2026", given=GIVEN)
    gathering.gather(MAKER, batch=row.uid)
    return row


def test_each_is_paid_for_the_days_that_the_award_stood(by_day: None):
    whole = granted("学生甲", UNDERGRADUATE, begins_on=FIRST)
    away = granted("学生乙", UNDERGRADUATE, begins_on=FIRST)
    left = granted("学生丙", UNDERGRADUATE, begins_on=FIRST, ends_on=date(2026, 3, 31), state="ended", ending="left_school")
    rested = granted("学生丁", UNDERGRADUATE, begins_on=FIRST, state="suspended")
    annulled = granted("学生戊", UNDERGRADUATE, begins_on=FIRST, state="ended", ending="annulled")
    rest(away, date(2026, 7, 1), date(2026, 7, 10))
    rest(rested, FIRST, None)
    row = batch()
    found = {item.award_id: item for item in queries.listed(row)}
    assert {pk: item.amount_fen for pk, item in found.items()} == {
        whole.pk: 500_000,
        away.pk: -(-500_000 * 355 // 365),
        left.pk: -(-500_000 * 90 // 365),
    }
    assert (found[left.pk].reckoning["stood"], found[left.pk].reckoning["of"], found[left.pk].level_fen) == (90, 365, 123_288)
    assert list(LeftOut.objects.filter(batch=row).values_list("award", "reason")) == [(rested.pk, "no_day")]
    sums = blocks.reconciliation(row)
    assert [(one.fen, one.count) for one in sums.levels] == [(500_000, 1), (486_302, 1), (123_288, 1)]
    assert {one.code for one in sums.blocks} == {"overdrawn"}
    assert annulled.pk not in found


def test_who_changes_after_being_listed_is_listed_anew_and_nobody_before_the_period_is_over(by_day: None):
    award = granted("学生甲", UNDERGRADUATE, begins_on=FIRST)
    row = batch()
    assert not blocks.items_with(row, "award_ended", queries.programme_of(row)).exists()
    with clock.frozen(OVER + timedelta(hours=1)):
        rest(award, date(2026, 7, 1), date(2026, 7, 10))
        Award.objects.filter(pk=award.pk).update(state_since=clock.now())
        (listed,) = blocks.items_with(row, "award_ended", queries.programme_of(row))
        gathering.remove(MAKER, item=listed.uid, reason="award_ended")
        assert gathering.gather(MAKER, batch=row.uid) == 1
        assert queries.listed(row).get().amount_fen == 486_302
    for last in (OVER - timedelta(days=5), OVER - timedelta(days=4)):  # the last day of the year is a day of it
        with clock.frozen(last), refused("batches.period_open"):
            gathering.gather(MAKER, batch=row.uid)


def test_the_next_payment_is_foretold_until_it_is_made(by_day: None):
    programme = pinned("disabled-student-aid", "2023")
    with clock.frozen(OVER - timedelta(days=60)):
        award = granted("学生甲", UNDERGRADUATE, begins_on=date(2026, 7, 1))
        (found,) = coming([(award, programme)]).values()
        told = said(found, programme)
    assert (found.period, found.ready_on, found.fen, found.partial) == ("2026", date(2027, 1, 1), -(-500_000 * 184 // 365), True)
    assert told.title == "第一次发放"
    assert "（2026年1月1日至2026年12月31日），待遇从2026年7月1日起算" in told.period
    assert told.amount == "2,520.55 元（不足一期，按天折算）；满一期的每次 5,000 元"
    assert "这一期结束后核算，2027年1月1日起列入发放名单" in told.when
    with clock.frozen(OVER - timedelta(days=60)):
        ahead = said(replace(found, ready_on=date(2027, 1, 1), begins=date(2027, 1, 1), ends=date(2027, 3, 31)), programme)
    assert ahead.when.startswith("2027年1月1日起列入发放名单"), "what is paid in advance waits for no end"
    row = batch()
    until = date(2027, 1, 8)
    Announcement.objects.create(
        batch=row, programme=row.programme, days=5, unit="working", starts_on=date(2027, 1, 4), ends_on=until, supervision="1",
        objections_to="x", count=1, digest="x", put_up_at=clock.now(), put_up_by="staff:test",
    )  # fmt: skip
    (found,) = coming([(award, programme)]).values()
    assert found.shown_until == until
    assert said(found, programme).when == "正在公示，到2027年1月8日（含当天）为止。没有异议的，接着批准发放。"
    stages = {"gathering": "正在核对", "frozen": "正在核对", "checking": "正在核查", "notice": "公示期已满", "approved": "已经批准"}
    for stage, word in stages.items():
        assert word in said(replace(found, stage=stage, shown_until=None), programme).when
    places = {"before_decision": "接着作决定", "after_payment": "钱照常发放"}
    assert programme.public_notice is not None
    for place, word in places.items():
        other = replace(programme, public_notice=replace(programme.public_notice, place=place))
        assert word in said(found, other).when
    with connection.cursor() as cursor:  # paid, as the bank would say at the end of a way that other tests go
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE batches_item DISABLE TRIGGER USER")
        Item.objects.filter(award=award).update(state="paid", ended_at=clock.now())
        cursor.execute("ALTER TABLE batches_item ENABLE TRIGGER USER")
    (found,) = coming([(award, programme)]).values()
    assert (found.period, found.first, found.fen, said(found, programme).title) == ("2027", False, 500_000, "下一次发放")
    award.ends_on = date(2026, 12, 31)
    assert coming([(award, programme)]) == {}


def test_what_is_paid_once_and_by_the_term_says_so_and_what_rests_says_nothing(by_day: None):
    programme = pinned("disabled-student-aid", "2023")
    once, term, rested = (granted(name, UNDERGRADUATE) for name in ("学生甲", "学生乙", "学生丙"))
    once.cycle, term.cycle, rested.state = "once", "term", "suspended"
    found = coming([(one, programme) for one in (once, term, rested)])
    assert (found[once.uid].period, found[term.uid].period) == ("once", "")
    assert said(found[once.uid], programme).period == "一次性"
    assert "学期从哪天到哪天由经办单位公布" in said(found[term.uid], programme).period
    assert rested.uid not in found


RESTS = st.lists(st.tuples(DAYS, st.integers(0, 200)), max_size=2)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(awards=st.lists(st.tuples(DAYS, st.none() | st.integers(0, 400), RESTS), min_size=1, max_size=3))
def test_the_statement_and_python_reckon_the_same(by_day: None, awards: list[tuple[date, int | None, list[tuple[date, int]]]]):
    made = []
    for begins, length, rests in awards:
        award = granted("学生", UNDERGRADUATE, begins_on=begins, ends_on=None if length is None else begins + timedelta(days=length))
        made.append((award, [rest(award, day, day + timedelta(days=long)) for day, long in rests]))
    programme = pinned("disabled-student-aid", "2023")
    foretold = coming([(award, programme) for award, _rests in made])
    row = batch()
    for item in queries.listed(row).select_related("award"):
        before = foretold[item.award.uid]
        if before.period == "2026":
            (now,) = coming([(item.award, programme)]).values()
            assert (before.fen, before.first, before.stage) == (item.amount_fen, True, "")
            assert (now.fen, now.stage, now.ready_on) == (item.amount_fen, "gathering", None)
    found = {item.award_id: (item.amount_fen, item.reckoning) for item in queries.listed(row)}
    owed = {award.pk: amount_for(award, rests, FIRST, LAST, prorate="day") for award, rests in made}
    assert {pk: fen for pk, (fen, _) in found.items()} == {pk: fen for pk, fen in owed.items() if fen}
    listed = [award for award, _ in made if award.pk in found]
    again = due.reckoned(queries.programme_of(row), "2026", listed, FIRST, LAST)
    assert {one.award: (one.fen, one.told) for one in again} == found
    gathering.dissolve(MAKER, batch=row.uid, reason="again")
    Award.objects.update(state="dropped")
