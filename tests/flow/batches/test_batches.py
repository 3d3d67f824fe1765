"""Batches: gathered once each, frozen, drawn in public, checked by others; and what the database itself refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from batch_examples import (
    AID,
    CHECKER,
    COUNTY,
    GIVEN,
    HOUR,
    MAKER,
    NOW,
    OUTSIDER,
    POSTGRADUATE,
    THIRD,
    UNDERGRADUATE,
    VILLAGES,
    Roll,
    committed,
    frozen,
    item_of,
    to_checking,
    works_in,
)
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from linli.agreements.models import Award, Rest
from linli.batches import blocks, queries
from linli.batches.acts import checking, drawing, gathering
from linli.batches.models import Batch, Check, Draw, Excluded, Item
from linli.casework.models import StepTaken
from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Resident
from linli.sampling import read_draw, verify
from linli.trace.deep import verify_rows

pytestmark = pytest.mark.django_db
MOMENTS = (NOW, NOW + HOUR)


def refusal(code: str):
    return pytest.raises(LinliError, check=lambda error: error.code == code)


def test_a_batch_lists_every_award_that_is_due_once(roll: Roll):
    batch = roll.batch()
    assert set(queries.listed(batch).values_list("award", flat=True)) == {award.pk for award in roll.awards}
    assert gathering.gather(MAKER, batch=batch.uid) == 0
    other = gathering.open_batch(MAKER, programme=AID, period="2026", area="140802", given=GIVEN)
    assert gathering.gather(MAKER, batch=other.uid) == 0  # in one open batch at most


def test_the_planner_knows_the_list_that_was_gathered(roll: Roll, django_capture_on_commit_callbacks):
    """Else it plans for an empty table until autovacuum has looked, which after a crash it does not: minutes for a page of a long list."""
    with CaptureQueriesContext(connection) as asked, django_capture_on_commit_callbacks(execute=True):
        gathering.gather(MAKER, batch=gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN).uid)
    looked_at = " ".join(query["sql"] for query in asked.captured_queries if "pg_relation_size" in query["sql"])
    assert "batches_item'" in looked_at


def test_an_item_says_what_the_award_said_when_it_was_listed(roll: Roll):
    award = roll.awards[3]
    item = item_of(roll.batch(), award)
    assert (item.amount_fen, item.county, item.category, item.person) == (POSTGRADUATE, "140802", "postgraduate", award.person)


@pytest.mark.long
def test_what_is_not_due_is_left_out(roll: Roll):
    for award, columns in zip(
        roll.awards,
        (
            {"state": "ended", "ending": "annulled"},
            {"ends_on": NOW.date() - timedelta(days=400)},
            {"begins_on": NOW.date() + timedelta(days=90)},
            {"amount_fen": None},
        ),
        strict=False,
    ):
        type(award).objects.filter(pk=award.pk).update(**({"begins_on": "2025-01-01"} | columns))
    assert queries.listed(roll.batch()).count() == len(roll.awards) - 4


def test_what_has_ended_or_rests_by_the_time_of_gathering_is_owed_for_the_period_in_which_it_stood(roll: Roll):
    """Gathered early or late, a list comes to the same; who is left out stands beside it with the reason."""
    ended, rests, before, died, doubtful, annulled = roll.awards[:6]
    change(ended, state="ended", ending="moved_away", ends_on=NOW.date() - timedelta(days=13))
    change(rests, state="suspended")
    Rest.objects.create(award=rests, from_day=NOW.date(), reason="no_longer_eligible")
    change(before, state="suspended")
    Rest.objects.create(award=before, from_day=date(2025, 12, 1), reason="no_longer_eligible")
    change(died, state="ended", ending="died", ends_on=NOW.date() - timedelta(days=13))
    Resident.objects.filter(uid=died.beneficiary).update(deceased_on=NOW.date() - timedelta(days=13))
    change(doubtful, state="suspended")
    Rest.objects.create(award=doubtful, from_day=NOW.date(), reason="finding")
    change(annulled, state="ended", ending="annulled")
    batch = roll.batch()
    listed = set(queries.listed(batch).values_list("award", flat=True))
    assert {ended.pk, rests.pk} <= listed
    assert len(listed) == len(roll.awards) - 4
    left = dict(batch.left_out.values_list("award", "reason"))
    assert left == {before.pk: "no_day", died.pk: "died", doubtful.pk: "finding"}
    assert not blocks.items_with(batch, "award_ended", queries.programme_of(batch)).exists()
    for award in (rests, roll.awards[6]):
        Excluded.objects.create(item=item_of(batch, award), version="2023", day=clock.today())
    assert [one.award_id for one in blocks.items_with(batch, "excluded", queries.programme_of(batch))] == [roll.awards[6].pk]
    change(ended, ends_on=date(2025, 12, 31), begins_on=date(2025, 1, 1))
    assert [one.award_id for one in blocks.items_with(batch, "award_ended", queries.programme_of(batch))] == [ended.pk]


def change(award: Award, **columns: object) -> None:
    Award.objects.filter(pk=award.pk).update(**columns)


@pytest.mark.long
def test_a_batch_of_one_county_lists_that_county(roll: Roll):
    batch = gathering.open_batch(COUNTY["140882"], programme=AID, period="2026", area="140882", given=GIVEN)
    assert gathering.gather(COUNTY["140882"], batch=batch.uid) == 4
    assert set(queries.listed(batch).values_list("county", flat=True)) == {"140882"}


def test_what_the_programme_leaves_open_is_asked_for_with_the_document_that_says_it(roll: Roll):
    for given in (
        {},
        {"notice_days": {"value": 5, "document": " "}},
        {"notice_days": {"value": 0, "document": "x"}},
        {**GIVEN, "colour": {}},
    ):
        with pytest.raises(Problems):
            gathering.open_batch(MAKER, programme=AID, period="2026", given=given)
    with refusal("batches.period"):
        gathering.open_batch(MAKER, programme=AID, period="2026-11", given=GIVEN)


def test_only_officers_of_the_programme_and_area_see_and_change_a_batch(roll: Roll):
    batch = roll.batch()
    with pytest.raises(Refused):
        gathering.open_batch(COUNTY["140882"], programme=AID, period="2026", area="140802", given=GIVEN)
    for viewer in (OUTSIDER, COUNTY["140802"]):
        with refusal("batches.no_batch"):
            gathering.gather(viewer, batch=batch.uid)
    assert list(queries.batches(OUTSIDER)) == []
    assert list(queries.batches(CHECKER)) == [batch]


def test_what_is_taken_off_can_be_listed_again_and_the_total_follows(roll: Roll):
    batch = roll.batch()
    item = item_of(batch, roll.awards[0])
    gathering.remove(MAKER, item=item.uid, reason="mistake")
    assert queries.listed(batch).count() == 11
    assert gathering.gather(MAKER, batch=batch.uid) == 1
    with refusal("batches.not_listed"):
        gathering.remove(MAKER, item=item.uid, reason="mistake")
    with refusal("batches.reason"):
        gathering.remove(MAKER, item=item_of_listed(batch).uid, reason="because")


def item_of_listed(batch: Batch) -> Item:
    item = queries.listed(batch).first()
    assert item is not None
    return item


@pytest.mark.long
def test_a_dissolved_batch_sets_its_awards_free(roll: Roll):
    batch = roll.batch()
    gathering.dissolve(MAKER, batch=batch.uid, reason="重新收录")
    assert queries.listed(roll.batch()).count() == 12
    with refusal("batches.state"):
        gathering.gather(MAKER, batch=batch.uid)


def test_a_list_is_drawn_in_public_and_whoever_keeps_the_digest_can_recompute_it(roll: Roll):
    batch = roll.batch(given={**GIVEN, "rate": {"value": [1, 2], "document": "x"}})
    draw, secrets = frozen(MOMENTS, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.count, batch.total_fen) == ("frozen", 12, 3 * (400_000 + 2 * UNDERGRADUATE + POSTGRADUATE))
    published = draw.digest
    with clock.frozen(NOW + 2 * HOUR):
        drawing.reveal_secret(MAKER, draw=draw.uid, department="disabled-federation", secret=secrets["disabled-federation"])
        drawing.reveal_secret(CHECKER, draw=draw.uid, department="finance", secret=secrets["finance"])
    draw.refresh_from_db()
    batch.refresh_from_db()
    file = read_draw(draw.document.encode())
    assert verify(file, published=published).holds
    assert (draw.state, batch.state) == ("drawn", "checking")
    checks = Check.objects.filter(item__batch=batch)
    assert checks.filter(kind="every").count() == 12
    assert checks.filter(kind="random").count() == 6  # half of four in each county
    for check in checks.filter(kind="random").select_related("item"):
        assert check.desk_code in VILLAGES
        assert check.desk_code != check.item.county


def test_without_a_rate_the_counties_review_all_of_each_others_files(roll: Roll):
    batch = roll.batch()
    draw, secrets = frozen(MOMENTS, batch)
    with clock.frozen(NOW + 2 * HOUR):
        for department, secret in secrets.items():
            drawing.reveal_secret(MAKER, draw=draw.uid, department=department, secret=secret)
    reviewing = dict(Check.objects.filter(item__batch=batch, kind="cross").values_list("item__county", "desk_code"))
    assert len(reviewing) == 3
    for county, reviewer in reviewing.items():
        assert reviewer != county
        assert reviewing[reviewer] != county  # nobody swaps with its reviewer


def test_a_commitment_is_made_in_the_name_of_ones_own_department(roll: Roll):
    draw = drawing.open_draw(MAKER, batch=roll.batch().uid, reveal_by=clock.now() + HOUR)
    told = {"salt": "00" * 16, "length": 32, "digest": f"sha256:{'1' * 64}"}
    with refusal("batches.no_department"):
        drawing.commit(THIRD, draw=draw.uid, department="finance", **told)
    with refusal("batches.other_department"):
        drawing.commit(MAKER, draw=draw.uid, department="finance", **told)
    drawing.commit(MAKER, draw=draw.uid, department="disabled-federation", **told)
    with pytest.raises(Refused):
        drawing.commit(MAKER, draw=draw.uid, department="disabled-federation", **told)
    works_in(THIRD, "盐湖区残疾人联合会", "140802")  # a county's branch is the same department
    with refusal("batches.department_twice"):
        drawing.commit(THIRD, draw=draw.uid, department="disabled-federation", **told)


def test_a_secret_that_is_not_the_one_promised_is_refused_and_nothing_is_drawn(roll: Roll):
    batch = roll.batch()
    draw, secrets = frozen(MOMENTS, batch)
    with clock.frozen(NOW + 2 * HOUR), refusal("sampling.mismatch"):
        drawing.reveal_secret(MAKER, draw=draw.uid, department="disabled-federation", secret=secrets["finance"][:64])
    with clock.frozen(NOW + 100 * HOUR), refusal("sampling.reveal_time"):
        drawing.reveal_secret(MAKER, draw=draw.uid, department="disabled-federation", secret=secrets["disabled-federation"])
    assert not Check.objects.exists()


def test_two_departments_with_the_same_secret_are_told_who_may_break_the_draw_off(roll: Roll):
    batch = roll.batch()
    with clock.frozen(NOW):
        draw, secrets = committed(batch, NOW + 48 * HOUR, finance=bytes(range(32)))
    with clock.frozen(NOW + HOUR):
        drawing.freeze_list(MAKER, batch=batch.uid)
    with clock.frozen(NOW + 2 * HOUR):
        drawing.reveal_secret(MAKER, draw=draw.uid, department="disabled-federation", secret=secrets["disabled-federation"])
        with refusal("sampling.same_secret") as told:
            drawing.reveal_secret(CHECKER, draw=draw.uid, department="finance", secret=secrets["finance"])
    assert "没有参与的经办人员" in told.value.remedy_zh
    assert "by an officer who had no part in it" in told.value.remedy_en


def test_a_step_in_the_second_of_the_one_before_waits_for_that_second_to_pass(roll: Roll):
    batch = roll.batch()
    with clock.frozen(NOW):
        draw, secrets = committed(batch, NOW + 48 * HOUR)
    with clock.frozen(NOW + timedelta(milliseconds=400)), refusal("batches.same_second"):
        drawing.freeze_list(MAKER, batch=batch.uid)
    with clock.frozen(NOW + timedelta(seconds=1)):
        drawing.freeze_list(MAKER, batch=batch.uid)
    own = {"draw": draw.uid, "department": "finance", "secret": secrets["finance"]}
    with clock.frozen(NOW + timedelta(milliseconds=1_900)), refusal("batches.same_second"):
        drawing.reveal_secret(CHECKER, **own)
    with clock.frozen(NOW + timedelta(seconds=2)):
        drawing.reveal_secret(CHECKER, **own)
    draw.refresh_from_db()
    assert (draw.state, draw.secrets.filter(secret="").count()) == ("frozen", 1)


@pytest.mark.long
def test_a_draw_whose_secret_is_not_revealed_is_void_and_the_next_one_says_so(roll: Roll):
    batch = roll.batch()
    draw, _ = frozen(MOMENTS, batch)
    with clock.frozen(NOW + 60 * HOUR):
        drawing.break_off(MAKER, draw=draw.uid, reason="残联逾期未公布")
        again, secrets = committed(batch)
    with clock.frozen(NOW + 61 * HOUR):
        drawing.publish_again(MAKER, batch=batch.uid)
    with clock.frozen(NOW + 62 * HOUR):
        for department, secret in secrets.items():
            drawing.reveal_secret(MAKER, draw=again.uid, department=department, secret=secret)
    again.refresh_from_db()
    replaced = read_draw(again.document.encode()).frozen.plan.replaces
    assert replaced is not None
    assert (replaced.draw, replaced.reason.zh) == (draw.code, "残联逾期未公布")


def test_who_was_drawn_does_not_get_away_by_being_listed_anew(roll: Roll):
    batch = to_checking(roll.batch(given={**GIVEN, "rate": {"value": [1, 4], "document": "x"}}))
    drawn = list(Check.objects.filter(item__batch=batch, kind="random").select_related("item"))
    assert len(drawn) == 3  # one in each county
    for check in drawn:
        with refusal("batches.same_person"):
            gathering.remove(MAKER, item=check.item.uid, reason="mistake")
        gathering.remove(THIRD, item=check.item.uid, reason="mistake")
    again = roll.batch()
    assert {one.award_id for one in queries.listed(again)} == {check.item.award_id for check in drawn}
    to_checking(again)
    anew = Check.objects.filter(item__batch=again, kind="key")
    assert [one.conditions for one in anew] == [["left_unchecked"]] * 3
    one = anew.first()
    assert one is not None
    checking.record_result(COUNTY[one.desk_code], check=one.uid, result="finding", words="不在读")
    with refusal("batches.finding_open"):
        gathering.remove(THIRD, item=one.item.uid, reason="mistake")


def test_a_draw_of_which_a_secret_is_out_is_not_broken_off_until_one_suits(roll: Roll):
    batch = roll.batch(given={**GIVEN, "rate": {"value": [1, 4], "document": "x"}})
    draw, secrets = frozen(MOMENTS, batch)
    with clock.frozen(NOW + 2 * HOUR):
        drawing.reveal_secret(MAKER, draw=draw.uid, department="disabled-federation", secret=secrets["disabled-federation"])
        for one in (MAKER, CHECKER):
            with refusal("batches.same_person"):
                drawing.break_off(one, draw=draw.uid, reason="技术原因")
    with clock.frozen(NOW + 50 * HOUR):
        drawing.break_off(CHECKER, draw=draw.uid, reason="逾期未公布")
        gathering.dissolve(MAKER, batch=batch.uid, reason="重来")
        again = gathering.open_batch(MAKER, programme=AID, period="2026", given=GIVEN | {"rate": {"value": [1, 4], "document": "x"}})
        assert gathering.gather(MAKER, batch=again.uid) == len(roll.awards)
    second, _ = frozen((NOW + 51 * HOUR, NOW + 52 * HOUR), again)
    file = read_draw(second.document.encode())
    assert file.frozen.plan.replaces is not None
    assert file.frozen.plan.replaces.draw == draw.code
    assert all(one.reasons == ("left_unchecked",) for one in file.frozen.items)


def test_nothing_is_listed_for_a_period_that_has_not_begun(roll: Roll):
    row = gathering.open_batch(MAKER, programme=AID, period=str(clock.today().year + 1), given=GIVEN)
    with refusal("batches.period_to_come"):
        gathering.gather(MAKER, batch=row.uid)


def test_whoever_made_the_list_or_decided_does_not_check_it(roll: Roll):
    batch = to_checking(roll.batch())
    whole = Viewer(MAKER.actor, (Grant("officer"),))
    check = Check.objects.filter(item__batch=batch, kind="every").first()
    assert check is not None
    with refusal("batches.same_person"):
        checking.record_result(whole, check=check.uid, result="passed")
    decider = Viewer(THIRD.actor, (Grant("officer"),))
    StepTaken.objects.create(
        case=check.item.award.case, position=0, step="decide", kind="decide", level="city", opened_at=NOW, done_at=NOW, result="passed",
        signatures=[{"actor": THIRD.actor, "at": NOW.isoformat(), "outcome": "granted", "words": ""}],
    )  # fmt: skip
    with refusal("batches.same_person"):
        checking.record_result(decider, check=check.uid, result="passed")
    checking.record_result(Viewer(CHECKER.actor, (Grant("officer"),)), check=check.uid, result="passed")


def test_a_list_that_is_to_be_drawn_is_not_frozen_without_commitments(roll: Roll):
    batch = roll.batch()
    with refusal("batches.no_draw"):
        drawing.freeze_list(MAKER, batch=batch.uid)
    batch.refresh_from_db()
    assert batch.state == "gathering"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE batches_item SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM batches_item)",
        "UPDATE batches_item SET award_id = award_id + 1 WHERE id = (SELECT min(id) FROM batches_item)",
        "UPDATE batches_item SET state = 'paid', ended_at = now() WHERE id = (SELECT min(id) FROM batches_item)",
        "UPDATE batches_batch SET state = 'approved', count = 12, total_fen = 6000000, frozen_at = now(), approved_at = now(),"
        " approved_by = 'x'",
        "UPDATE batches_batch SET period = '2027'",
    ],
)
def test_the_database_itself_refuses_to_change_a_list_or_skip_a_step(roll: Roll, statement: str):
    roll.batch()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_trace_knows_every_row_of_a_batch(roll: Roll):
    batch = roll.batch()
    draw, secrets = frozen(MOMENTS, batch)
    gathering.remove(THIRD, item=item_of_listed(batch).uid, reason="died")
    with clock.frozen(NOW + 2 * HOUR):
        for department, secret in secrets.items():
            drawing.reveal_secret(MAKER, draw=draw.uid, department=department, secret=secret)
    assert Draw.objects.get().state == "drawn"
    assert [one for one in verify_rows() if "batches" in str(one)] == []
