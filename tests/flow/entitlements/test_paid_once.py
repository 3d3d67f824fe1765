"""What is paid once: it ends with the bank's word, another event may be applied for, and the same one isn't paid twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from award_examples import City
from batch_examples import MAKER
from case_examples import later, on, refused
from paper_examples import taken
from place_examples import FIRST_DAY, SYSTEM
from walk_examples import asked, gathered, paid_out, publish_draft, somebody, walked

from linli.agreements import acts as agreements
from linli.agreements.models import Award
from linli.batches import blocks, queries
from linli.batches.acts import gathering, settling
from linli.batches.models import Batch, Item
from linli.casework.documents import acts as documents
from linli.entitlements import standing
from linli.entitlements.reactions import completed
from linli.insight import counting
from linli.insight.models import Unpaid
from linli.kernel import clock
from linli.kernel.viewer import Grant
from linli.registers.acts.records import record_change
from linli.registers.models import Resident
from linli.screening.models import Determination
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
NURSING = "disability-nursing-subsidy"
OFFICER = MAKER.__class__(MAKER.actor, (Grant("officer"),))
INSTANT = "  instant: {cap: 200 yuan, fresh_days: 31, sample: 5/100}\n"
STANDING = (
    "standing: {renews: year, until: null, stops: [died, moved_away, no_longer_eligible], "
    "resumes: [moved_back, eligible_again], prorate: none}\n"
)
ONCE = [
    ("cycle: month, payees", "cycle: once, payees"),
    (STANDING, ""),
    ("  random: {rate: 5/100, strata: county, raise: [{findings: 2/100, rate: 20/100}]}\n", ""),
    ("every: false", "every: true"),
    ('version: "2026"', 'version: "once"'),
    ("effective_from: 2026-01-01", "effective_from: 2026-10-01"),
]
EVENT = ("objection:\n", "event: {zh: 受伤日期, en: day of the injury, claim_within: {days: null, unit: calendar}}\nobjection:\n")


@pytest.fixture(autouse=True)
def _papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)


def published(*more: tuple[str, str]) -> None:
    """The nursing subsidy as a single payment without a draw."""
    publish_draft(NURSING, [*ONCE, *more], "once")


def disabled(name: str = "测试戊") -> Resident:
    who = somebody(40, name)
    record_change(SYSTEM, subject=who, list_slug="disability-certificate", valid_from=FIRST_DAY,
                  data={"disability_kind": "physical", "disability_level": 2})  # fmt: skip
    record_change(SYSTEM, subject=who, list_slug="extreme-hardship", valid_from=FIRST_DAY, present=False)
    return who


def spoken(row: Batch) -> set[str]:
    return {one.code for one in blocks.reconciliation(row).blocks} - {"overdrawn", "check_open"}


def stands(who: Resident) -> str:
    """Where somebody who is entitled stands after a new count; "paid" for who is on no list of those who are not."""
    counting.count()
    row = Unpaid.objects.filter(programme=NURSING, subject=who.uid).first()
    return row.state if row else "paid"


def paid_for(who: Resident, **more: Any) -> Award:
    award = Award.objects.get(case=walked(asked(who, NURSING, **more)))
    paid_out(gathered(NURSING, "once"), "county")
    completed(list(Fact.objects.filter(type="batches.paid")))
    award.refresh_from_db()
    return award


def test_what_is_paid_once_ends_when_it_is_paid_and_another_event_is_paid_too(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        published((INSTANT, ""))
        who = disabled()
        first = paid_for(who)
        assert (first.state, first.ending, first.ends_on) == ("ended", "completed", date(2026, 10, 19))
        assert standing.follow() == 0
    with on(later(date(2026, 11, 16))):
        second = Award.objects.get(case=walked(asked(who, NURSING)))
        assert second.state == "active"
        row = gathered(NURSING, "once")
        assert [one.award_id for one in queries.listed(row)] == [second.pk]
        assert spoken(row) == set()
        gathering.dissolve(OFFICER, batch=row.uid, reason="only looked at")


def test_what_was_paid_once_before_there_was_an_end_to_it_ends_the_next_night(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        published((INSTANT, ""))
        award = paid_for(disabled())
        Award.objects.filter(pk=award.pk).update(state="active", ending="", ends_on=None)
        assert standing.follow() == 1
        award.refresh_from_db()
        assert (award.state, award.ending) == ("ended", "completed")


def test_a_decision_is_annulled_also_when_it_was_paid_in_full(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        published((INSTANT, ""))
        award = paid_for(disabled())
        assert agreements.change(SYSTEM, award.uid, "ended", "annulled")
        award.refresh_from_db()
        assert award.ending == "annulled"
        assert not agreements.change(SYSTEM, award.uid, "ended", "annulled")


def test_the_day_that_was_paid_for_is_not_applied_for_again_and_another_is(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        published((INSTANT, ""), EVENT)
        who = disabled()
        paid_for(who, event=date(2026, 10, 12))
    with on(later(date(2026, 11, 16))):
        with refused("entitlements.same_event"):
            asked(who, NURSING, event=date(2026, 10, 12))
        assert asked(who, NURSING, event=date(2026, 11, 10)).status == "open"


def test_what_came_back_was_not_had_and_may_be_applied_for_again_and_is_owed(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        published((INSTANT, ""), EVENT)
        who = disabled()
        award = paid_for(who, event=date(2026, 10, 12))
        Determination.objects.create(
            programme=NURSING, subject=who.uid, subject_kind="person", area_code=award.area_code, verdict="eligible",
            as_of=date(2026, 10, 19), since=clock.now(),
        )  # fmt: skip
        assert stands(who) == "paid"
        item = Item.objects.get(award=award)
        settling.returned([item.uid])
        assert stands(who) == "unbatched"
        settling.unpaid(SYSTEM, [item.uid])
        assert stands(who) == "unbatched"
        row = gathered(NURSING, "once")
        assert [one.award_id for one in queries.listed(row)] == [award.pk]
        gathering.dissolve(OFFICER, batch=row.uid, reason="only looked at")
    with on(later(date(2026, 11, 16))):
        assert asked(who, NURSING, event=date(2026, 10, 12)).status == "open"


def test_who_had_it_before_is_looked_at_by_an_officer(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        published()
        who = disabled()
        paid_for(who)
        again = asked(who, NURSING)
    assert {"code": "had_before"} in again.application.held_up
