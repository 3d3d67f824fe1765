"""Awards that go on: stopped by what happens to the person, resumed, renewed; approved by rule alone where the programme lets it."""

from __future__ import annotations

from datetime import date

import pytest
from award_examples import COUNTY, FEDERATION, City, asked
from batch_examples import MAKER
from case_examples import later, on
from place_examples import FIRST_DAY, SYSTEM
from walk_examples import gathered
from web_examples import AID

from linli.agreements.models import Award, Rest
from linli.batches import queries
from linli.batches.acts import gathering
from linli.casework.steps import acts as steps
from linli.entitlements import acts, standing
from linli.entitlements.models import Decision
from linli.registers import acts as registers
from linli.registers.acts.records import record_change
from linli.registers.models import Resident
from linli.screening import acts as screening

pytestmark = pytest.mark.django_db


def granted(who: Resident) -> Award:
    case = asked(who)
    acts.accept(COUNTY, case.uid)
    steps.pass_on(COUNTY, case.uid)
    acts.decide(FEDERATION, case.uid, "granted")
    return Award.objects.get(case=case)


def enrolled(who: Resident, present: bool, since: date) -> None:
    record_change(
        SYSTEM,
        subject=who,
        list_slug="student-status",
        valid_from=since,
        present=present,
        data={"student_level": "undergraduate"} if present else {},
    )


def test_an_award_rests_while_a_student_is_away_and_stands_again_afterwards(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        award = granted(city.found)
        screening.screen(viewer=SYSTEM, slugs=[AID])
        assert standing.follow() == 0
    with on(later(date(2026, 11, 2))):
        enrolled(city.found, False, date(2026, 11, 1))
        screening.screen(viewer=SYSTEM, slugs=[AID])
        assert standing.follow() == 1
        assert standing.follow() == 0
        award.refresh_from_db()
        assert award.state == "suspended"
    with on(later(date(2026, 11, 16))):
        enrolled(city.found, True, date(2026, 11, 16))
        screening.screen(viewer=SYSTEM, slugs=[AID])
        standing.follow()
        award.refresh_from_db()
        rest = Rest.objects.get(award=award)
        assert (award.state, rest.from_day, rest.until_day) == ("active", date(2026, 11, 2), date(2026, 11, 15))


def test_an_award_ends_with_the_person(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        award = granted(city.found)
    with on(later(date(2026, 11, 2))):
        registers.record_death(SYSTEM, resident=city.found, deceased_on=date(2026, 10, 30))
        standing.follow()
        award.refresh_from_db()
        assert (award.state, award.ending, award.ends_on) == ("ended", "died", date(2026, 10, 30))


def test_a_year_later_it_is_looked_at_anew(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        award = granted(city.found)
        assert award.renew_on == date(2027, 9, 19)
        Award.objects.filter(pk=award.pk).update(renew_on=date(2026, 11, 1))
        enrolled(city.found, True, FIRST_DAY)
    with on(later(date(2026, 11, 2))):
        assert standing.renew(award.uid)
        award.refresh_from_db()
        assert (award.state, award.renew_on) == ("active", date(2027, 10, 3))
    assert Decision.objects.count() == 1


def course(who: Resident, until: date, since: date = FIRST_DAY) -> None:
    data = {"student_level": "undergraduate", "expected_graduation": until}
    record_change(SYSTEM, subject=who, list_slug="student-status", valid_from=since, data=data)


def listed(year: int) -> list[tuple[int, int]]:
    """Of a batch of the year: how many are listed, how many left out because no day of it is owed."""
    row = gathered(AID, str(year), {"notice_days": {"value": 5, "document": "测试文〔2026〕1号"}})
    found = queries.listed(row).count(), row.left_out.filter(reason="no_day").count()
    gathering.dissolve(MAKER, batch=row.uid, reason="only looked at")
    return [found]


def test_aid_for_the_whole_course_rests_through_a_leave_and_runs_to_graduation(city: City) -> None:
    """Away from October 2026 to March 2028: nothing for 2027. The course takes a year longer, and so does the aid."""
    with on(later(date(2026, 10, 19))):
        course(city.found, date(2028, 6, 30))
        award = granted(city.found)
        assert award.ends_on == date(2028, 6, 30)
        screening.screen(viewer=SYSTEM, slugs=[AID])
        assert listed(2026) == [(1, 0)]
    with on(later(date(2026, 10, 26))):
        enrolled(city.found, False, date(2026, 10, 25))
        screening.screen(viewer=SYSTEM, slugs=[AID])
        standing.follow()
    with on(later(date(2028, 3, 6))):
        course(city.found, date(2029, 6, 30), date(2028, 3, 1))
        screening.screen(viewer=SYSTEM, slugs=[AID])
        standing.follow()
        award.refresh_from_db()
        assert (award.state, award.ends_on) == ("active", date(2029, 6, 30))
        assert [listed(year) for year in (2026, 2027, 2028)] == [[(1, 0)], [(0, 1)], [(1, 0)]]
    with on(later(date(2029, 7, 2))):
        standing.follow()
        award.refresh_from_db()
        assert (award.state, award.ending) == ("ended", "expired")


def test_a_loan_repaid_early_ends_its_award_the_day_before(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        award = granted(city.found)
        Award.objects.filter(pk=award.pk).update(programme="startup-loan-interest-subsidy", programme_version="2023")
        data = {"loan_principal": 20_000_000, "loan_from": date(2026, 3, 1), "loan_to": date(2028, 3, 1)}
        record_change(SYSTEM, subject=city.found, list_slug="startup-loan", valid_from=date(2026, 3, 1), data=data)
        standing.follow()
        award.refresh_from_db()
        assert (award.state, award.ends_on) == ("active", date(2028, 3, 1))
    with on(later(date(2026, 11, 16))):
        repaid = data | {"loan_repaid_on": date(2026, 11, 10)}
        record_change(SYSTEM, subject=city.found, list_slug="startup-loan", valid_from=date(2026, 3, 1), data=repaid)
        assert standing.follow() == 1
        award.refresh_from_db()
        assert (award.state, award.ending, award.ends_on) == ("ended", "repaid", date(2026, 11, 9))
