"""Whoever an exclusion holds for blocks the batch, whether or not anybody is invited or was ever screened; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from award_examples import City
from case_examples import later, on
from django.db import connection
from django.test.utils import CaptureQueriesContext
from paper_examples import taken
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from test_organisations import firm
from walk_examples import FIRST, SECOND, asked, decided, gathered, on_list, opened, publish_draft, somebody, walked

from linli.agreements.models import Award
from linli.batches import blocks, queries
from linli.batches.acts import approving, drawing, excluding, gathering
from linli.batches.models import Batch
from linli.casework.documents import acts as documents
from linli.entitlements import acts, holding, standing
from linli.kernel.errors import Problems
from linli.registers import acts as registers
from linli.registers.acts.records import end_record, record_authorisation, record_change, record_holding
from linli.registers.models import Organisation, Resident
from linli.screening import acts as screening

pytestmark = pytest.mark.django_db
NURSING, FAMILIES, FIRMS = "disability-nursing-subsidy", "subsistence-allowance", "employer-insurance-subsidy"
BEGUN, FROZEN, CHANGED = (later(date(2026, 11, day)) for day in (2, 9, 16))
RANDOM = "  random: {rate: 5/100, strata: county, raise: [{findings: 2/100, rate: 20/100}]}\n"
TOWNSHIP = "  random: {rate: 30/100, strata: township, raise: [{findings: 5/100, rate: 60/100}]}\n"
INSTANT = "  instant: {cap: 200 yuan, fresh_days: 31, sample: 5/100}\n"
SHOW = "    - {id: show, kind: notice, zh: 村（社区）公示, en: notice in the village, level: village}\n"
NOTICE = (
    "public_notice: {fields: [name, village, members, amount], days: 7, unit: calendar, place: before_decision, minors_online: false}\n"
)
STANDING = (
    "standing: {renews: year, until: null, stops: [died, moved_away, no_longer_eligible], "
    "resumes: [moved_back, eligible_again], prorate: none}\n"
)
NEW = [('version: "2026"', 'version: "x"'), ("effective_from: 2026-01-01", "effective_from: 2026-10-01"), ("every: false", "every: true")]
PLAIN = {
    NURSING: [*NEW, (RANDOM, ""), (INSTANT, "")],
    FAMILIES: [*NEW, (TOWNSHIP, ""), (SHOW, ""), (NOTICE, "")],
    FIRMS: [("values: []", "values: [{from: 2026-01-01, value: 1}]"), ("values: []", "values: [{from: 2026-01-01, value: 1000 yuan}]")],
}
"""Nothing drawn and nothing shown, so that a list is frozen and approved in a test's two lines."""


@pytest.fixture(autouse=True)
def _papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "take_in", taken)


@dataclass(frozen=True)
class Kind:
    """A programme for one kind of beneficiary: who is granted it, and what excludes them since a day."""

    slug: str
    period: str
    granted: Callable[[], tuple[Award, Callable[[date], None]]]


def hardship(who: Resident, since: date, *, present: bool = True) -> None:
    on_list(who, "extreme-hardship", since, present=present)


def certified(name: str = "测试戊") -> Resident:
    who = somebody(40, name)
    on_list(who, "disability-certificate", disability_kind="physical", disability_level=2)
    hardship(who, FIRST_DAY, present=False)
    return who


def person(**more: Any) -> tuple[Award, Callable[[date], None]]:
    who = certified()
    award = Award.objects.get(case=walked(asked(who, NURSING, **more)))
    return award, lambda since: hardship(who, since)


def household() -> tuple[Award, Callable[[date], None]]:
    people = [somebody(45, "测试甲"), somebody(44, "测试乙")]
    registers.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=list(zip(people, ("head", "spouse"), strict=True)), valid_from=FIRST_DAY
    )
    for one in people:
        record_authorisation(SYSTEM, resident=one, list_slug="economic-check", valid_from=FIRST_DAY, evidence="x")
        on_list(one, "economic-check", monthly_income=40_000, assets=0)
        hardship(one, FIRST_DAY, present=False)
    return Award.objects.get(case=walked(asked(people[0], FAMILIES))), lambda since: hardship(people[1], since)


def staffed(one: Organisation, hires: int, since: date) -> None:
    data = {"insured_by_roster": 5, "net_hires_12m": hires}
    record_change(SYSTEM, subject=one, list_slug="employer-hires", valid_from=since, data=data)


def organisation() -> tuple[Award, Callable[[date], None]]:
    shop = firm()
    staffed(shop, 5, FIRST_DAY)
    case = asked(somebody(40), FIRMS, beneficiary=shop.uid, authority="representative")
    return Award.objects.get(case=walked(case)), lambda since: staffed(shop, 0, since)


KINDS = {"person": Kind(NURSING, "2026-11", person), "household": Kind(FAMILIES, "2026-11", household),
         "organisation": Kind(FIRMS, "2026", organisation)}  # fmt: skip


def published(slug: str, *more: tuple[str, str]) -> None:
    publish_draft(slug, [*PLAIN[slug], *more], "x")


def frozen(slug: str, period: str, given: dict[str, Any] | None = None) -> Batch:
    row = gathered(slug, period, given)
    drawing.freeze_list(FIRST, batch=row.uid)
    return row


def against(row: Batch) -> list[int]:
    """Awards that an exclusion holds for."""
    return [one.award_id for one in blocks.items_with(row, "excluded", queries.programme_of(row))]


def approved(row: Batch) -> set[str]:
    """What an approval is refused for."""
    with pytest.raises(Problems) as refused:
        approving.approve(SECOND, batch=row.uid)
    return {one.code.removeprefix("batches.block.") for one in refused.value.problems}


@pytest.mark.parametrize("screened", [False, True], ids=["never screened", "screened"])
@pytest.mark.parametrize("invited", [False, True], ids=["by window alone", "invited"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_exclusion_blocks_whoever_it_holds_for(city: City, kind: str, invited: bool, screened: bool) -> None:
    one = KINDS[kind]
    with on(BEGUN):
        published(one.slug, *([] if invited else [("start: [invitation, ", "start: [")]))
        award, exclude = one.granted()
        if screened:
            screening.screen(viewer=SYSTEM, slugs=[one.slug])
    with on(FROZEN):
        row = frozen(one.slug, one.period)
        assert against(row) == []
        assert "excluded" not in approved(row)
    with on(CHANGED):
        exclude(date(2026, 11, 10))
        if screened:
            screening.screen(viewer=SYSTEM, slugs=[one.slug])
        assert "excluded" in approved(row)
        assert against(row) == [award.pk], "what the approval found stays on the page though it was refused"
        (found,) = queries.listed(row)
        assert found.excluded.conditions


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_looked_at_when_it_is_frozen_and_every_night(city: City, kind: str) -> None:
    one = KINDS[kind]
    with on(BEGUN):
        published(one.slug, ("start: [invitation, ", "start: ["))
        award, exclude = one.granted()
    with on(FROZEN):
        row = frozen(one.slug, one.period)
        assert against(row) == []
    with on(CHANGED):
        exclude(date(2026, 11, 10))
        excluding.look_at_all()
        assert against(row) == [award.pk]
        gathering.dissolve(FIRST, batch=row.uid, reason="made anew")
        assert against(frozen(one.slug, one.period)) == [award.pk]


def test_what_was_mended_blocks_no_more_and_what_is_not_known_never_did(city: City) -> None:
    with on(BEGUN):
        published(NURSING)
        award, exclude = person()
    with on(FROZEN):
        exclude(date(2026, 11, 3))
        row = frozen(NURSING, "2026-11")
        assert against(row) == [award.pk]
        who = Resident.objects.get(uid=award.beneficiary)
        hardship(who, date(2026, 11, 3), present=False)
        assert "excluded" not in approved(row)
        end_record(SYSTEM, subject=who, list_slug="extreme-hardship", on=FIRST_DAY)
        assert "excluded" not in approved(row)
        assert against(row) == []


def test_a_list_that_can_t_be_looked_at_holds_up_no_other(city: City, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    with on(BEGUN):
        published(NURSING)
        published(FAMILIES)
        (_one, exclude_one), (other, exclude_other) = person(), household()
    with on(FROZEN):
        first, second = frozen(NURSING, "2026-11"), frozen(FAMILIES, "2026-11")
        exclude_one(date(2026, 11, 3))
        exclude_other(date(2026, 11, 3))
        real = excluding.excluded
        monkeypatch.setattr(excluding, "excluded", lambda row: 1 / 0 if row.pk == first.pk else real(row))
        assert excluding.look_at_all() == 1
        assert (against(first), against(second)) == ([], [other.pk])
        assert str(first.uid) in caplog.text


ONCE = [("cycle: month, payees", "cycle: once, payees"), (STANDING, "")]
EVENT = ("objection:\n", "event: {zh: 受伤日期, en: day of the injury, claim_within: {days: null, unit: calendar}}\nobjection:\n")
SINCE = [(date(2026, 11, 1), True), (date(2026, 11, 3), False)]
"""Since when they are excluded, of whom it was decided on the second, and whether that blocks."""


@pytest.mark.parametrize(("since", "blocks_it"), SINCE)
def test_what_is_paid_once_is_owed_by_the_day_on_which_it_was_decided(city: City, since: date, blocks_it: bool) -> None:
    with on(BEGUN):
        published(NURSING, *ONCE)
        award, exclude = person()
    with on(FROZEN):
        exclude(since)
        row = frozen(NURSING, "once")
        assert against(row) == ([award.pk] if blocks_it else [])


@pytest.mark.parametrize(("since", "blocks_it"), [(date(2026, 10, 19), True), (date(2026, 10, 21), False)])
def test_what_is_for_an_event_is_owed_by_its_day(city: City, since: date, blocks_it: bool) -> None:
    with on(BEGUN):
        published(NURSING, *ONCE, EVENT)
        award, exclude = person(event=date(2026, 10, 20))
    with on(FROZEN):
        exclude(since)
        row = frozen(NURSING, "once")
        assert against(row) == ([award.pk] if blocks_it else [])


FIRST_TIME = (
    "  amount: CASE WHEN disability_level = 1",
    "    - {id: first_time, zh: 此前没有享受过, en: has not had it before, when: NOT holds('disability-nursing-subsidy')}\n"
    "  amount: CASE WHEN disability_level = 1",
)


@pytest.mark.parametrize("period", ["once", "2026-11"])
def test_what_the_decision_itself_gives_excludes_nobody_from_it(city: City, period: str) -> None:
    with on(BEGUN):
        published(NURSING, FIRST_TIME, *(ONCE if period == "once" else [(STANDING, "")]))
        award, _exclude = person()
        holding.record(SYSTEM, award.case)
    with on(FROZEN):
        row = frozen(NURSING, period)
        assert against(row) == []
        who = Resident.objects.get(uid=award.beneficiary)
        record_holding(SYSTEM, subject=who, programme_slug=NURSING, valid_from=date(2026, 1, 1), origin="another city's")
        assert "excluded" in approved(row), "they had it before"


def test_what_was_told_counts_where_no_register_says_it(city: City) -> None:
    """Needs care by the office's word: it keeps them on the list, and what it denies takes them off once the registers do as well."""
    fact = "rule:\n  subject: person\n  facts:\n    needs_care: {type: boolean, zh: 需要护理, en: needs care}\n"
    more = "  conditions:\n    - {id: care, zh: 需要护理, en: needs care, when: needs_care OR disability_level = 1}\n"
    told = {}
    with on(BEGUN):
        published(NURSING, ("rule:\n  subject: person\n", fact), ("  conditions:\n", more))
        for name, needs in (("测试甲", True), ("测试乙", False)):
            who = certified(name)
            on_list(who, "disability-certificate", disability_kind="physical", disability_level=2 if needs else 1)
            case = asked(who, NURSING)
            opened(case)
            acts.state_facts(FIRST, case.uid, {"needs_care": needs})
            told[needs] = who, Award.objects.get(case=decided(case))
    with on(FROZEN):
        row = frozen(NURSING, "2026-11")
        assert against(row) == []
        on_list(told[False][0], "disability-certificate", date(2026, 11, 3), disability_kind="physical", disability_level=2)
        assert "excluded" in approved(row)
        assert against(row) == [told[False][1].pk]


@pytest.mark.parametrize(("since", "blocks_it"), SINCE)
def test_what_its_file_stops_nothing_for_was_to_be_met_when_it_was_decided(city: City, since: date, blocks_it: bool) -> None:
    with on(BEGUN):
        published(NURSING, (STANDING, "standing: {renews: year, until: null, stops: [died], prorate: none}\n"))
        award, exclude = person()
    with on(FROZEN):
        exclude(since)
        row = frozen(NURSING, "2026-11")
        assert against(row) == ([award.pk] if blocks_it else [])


@pytest.mark.parametrize(("since", "period", "blocks_it"), [
    (date(2026, 11, 20), "2026-11", False), (date(2026, 11, 20), "2026-12", True), (date(2026, 11, 1), "2026-11", True),
])  # fmt: skip
def test_a_month_that_is_over_is_owed_where_its_first_day_was(city: City, since: date, period: str, blocks_it: bool) -> None:
    """Without a standing nothing ever stops the award: only the list does, from the next month on."""
    with on(BEGUN):
        published(NURSING, (STANDING, ""))
        award, exclude = person()
    with on(later(date(2027, 1, 11))):
        exclude(since)
        row = frozen(NURSING, period)
        assert against(row) == ([award.pk] if blocks_it else [])


def test_an_award_that_was_stopped_for_it_is_owed_for_the_time_before(city: City) -> None:
    with on(BEGUN):
        published(NURSING)
        award, exclude = person()
    with on(FROZEN):
        row = frozen(NURSING, "2026-11")
        exclude(date(2026, 11, 8))
        assert "excluded" in approved(row)
        assert standing.follow() == 1
        assert against(row) == []
        assert "excluded" not in approved(row)
        assert award.state == "active"


def test_a_longer_list_takes_no_more_queries(city: City) -> None:
    with on(BEGUN):
        published(NURSING)
        for name in ("测试甲", "测试乙", "测试丙", "测试丁"):
            award = Award.objects.get(case=walked(asked(certified(name), NURSING)))
            hardship(Resident.objects.get(uid=award.beneficiary), date(2026, 11, 3))
    with on(FROZEN):
        row = frozen(NURSING, "2026-11")
        with CaptureQueriesContext(connection) as four:
            assert excluding.look(FIRST, batch=row.uid) == 4
        gathering.remove(SECOND, item=queries.listed(row).get(award=award).uid, reason="mistake")
        with CaptureQueriesContext(connection) as three:
            assert excluding.look(FIRST, batch=row.uid) == 3
        assert len(four) == len(three)
