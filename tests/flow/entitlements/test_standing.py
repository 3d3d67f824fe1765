"""Awards that go on: stopped by what happens to the person, resumed, renewed; approved by rule alone where the programme lets it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from award_examples import COUNTY, FEDERATION, OTHER_COUNTY, City, asked
from batch_examples import MAKER
from case_examples import later, on, staff
from place_examples import FIRST_DAY, SYSTEM, VILLAGE
from walk_examples import FIRST, decided, gathered, opened, publish_draft, somebody
from walk_examples import asked as asked_for
from web_examples import AID

from linli.agreements.models import Award, Rest
from linli.batches import queries
from linli.batches.acts import gathering
from linli.casework import acts as casework
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.entitlements import acts, standing
from linli.entitlements.models import Decision
from linli.entitlements.reactions import follow
from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts as registers
from linli.registers.acts.records import record_authorisation, record_change
from linli.registers.models import Resident
from linli.screening import acts as screening
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
NURSING = "disability-nursing-subsidy"


def granted(who: Resident, county: Viewer = COUNTY) -> Award:
    case = asked(who)
    acts.accept(county, case.uid)
    steps.pass_on(county, case.uid)
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
        assert (award.state, Rest.objects.get(award=award).reason) == ("suspended", "on_leave")
    with on(later(date(2026, 11, 16))):
        enrolled(city.found, True, date(2026, 11, 16))
        screening.screen(viewer=SYSTEM, slugs=[AID])
        standing.follow()
        award.refresh_from_db()
        rest = Rest.objects.get(award=award)
        assert (award.state, rest.from_day, rest.until_day) == ("active", date(2026, 11, 2), date(2026, 11, 15))


def test_an_award_that_can_t_be_followed_holds_up_none_of_the_others(
    city: City, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with on(later(date(2026, 10, 19))):
        broken, other = granted(city.found), granted(city.away, OTHER_COUNTY)
        enrolled(city.away, True, FIRST_DAY)
    real = standing.agreements.change

    def change(viewer: Viewer, award: UUID, *told: Any, **more: Any) -> bool:
        if award == broken.uid:
            raise ArithmeticError("secret")
        return real(viewer, award, *told, **more)

    monkeypatch.setattr(standing.agreements, "change", change)
    with on(later(date(2026, 11, 2))):
        for who in (city.found, city.away):
            enrolled(who, False, date(2026, 11, 1))
        assert standing.follow() == 1
        for award, state in ((broken, "active"), (other, "suspended")):
            award.refresh_from_db()
            assert award.state == state
        assert str(broken.uid) in caplog.text
        monkeypatch.undo()
        assert standing.follow() == 1


def test_a_programme_that_can_t_be_asked_holds_up_none_of_the_others(
    city: City, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with on(later(date(2026, 10, 19))):
        granted(city.found)
        late = granted(city.away, OTHER_COUNTY)
        Award.objects.filter(pk=late.pk).update(renew_on=date(2026, 11, 1))
        enrolled(city.away, True, FIRST_DAY)
    monkeypatch.setattr(standing, "flags_of", lambda *_asked: 1 / 0)
    with on(later(date(2026, 11, 2))):
        assert standing.follow() == 1, "the renewal"
        assert AID in caplog.text


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


def allowance(resumes: str = "[moved_back]") -> tuple[Resident, Award]:
    """An old-age allowance, approved at once; nobody is ever screened. resumes: what takes it up again."""
    with on(later(date(2026, 10, 12))):
        changed = [("resumes: [moved_back]", f"resumes: {resumes}"), ('version: "2026"', 'version: "x"')]
        publish_draft("old-age-allowance", [*changed, ("effective_from: 2026-01-01", "effective_from: 2026-10-01")], "x")
        who = somebody(82)
        return who, Award.objects.get(case=asked_for(who, "old-age-allowance"))


def registered(who: Resident, area: str, since: date) -> None:
    registers.record_situation(SYSTEM, resident=who, kind="registered", area_code=area, valid_from=since)


def test_who_moves_away_is_not_paid_and_is_again_when_they_have_come_back(city: City) -> None:
    who, award = allowance()
    with on(later(date(2026, 11, 2))):
        registered(who, "320102", date(2026, 11, 1))
        assert (standing.follow(), standing.follow()) == (1, 0)
        award.refresh_from_db()
        assert (award.state, Rest.objects.get(award=award).reason) == ("suspended", "moved_away")
    with on(later(date(2026, 11, 16))):
        registered(who, VILLAGE, date(2026, 11, 15))
        assert standing.follow() == 1
        award.refresh_from_db()
        assert award.state == "active"


def test_what_nothing_takes_up_again_ends(city: City) -> None:
    who, award = allowance("[]")
    with on(later(date(2026, 11, 2))):
        registered(who, "320102", date(2026, 11, 1))
        assert (standing.follow(), standing.follow()) == (1, 0)
        award.refresh_from_db()
        assert (award.state, award.ending) == ("ended", "moved_away")


def family(*names: str) -> list[Resident]:
    """A household that is topped up; the first of them asked for it."""
    with on(later(date(2026, 10, 12))):
        people = [somebody(40, name) for name in names]
        members = list(zip(people, ("head", "spouse", "child"), strict=True))
        home = registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
        for one in people:
            told = {"monthly_income": 40_000, "assets": 0}
            record_authorisation(SYSTEM, resident=one, list_slug="economic-check", valid_from=FIRST_DAY, evidence="x")
            record_change(SYSTEM, subject=one, list_slug="economic-check", valid_from=FIRST_DAY, data=told)
            record_change(SYSTEM, subject=one, list_slug="extreme-hardship", valid_from=FIRST_DAY, present=False)
    case = asked_for(people[0], "subsistence-allowance")
    Award.objects.create(
        case=case, programme=case.programme, programme_version=case.programme_version, beneficiary_kind="household", beneficiary=home.uid,
        person=people[0].uid, area_code=VILLAGE, amount_fen=1, cycle="month", begins_on=date(2026, 10, 19), payee="self", state="active",
        state_since=clock.now(), renew_on=date(2027, 9, 19),
    )  # fmt: skip
    return people


def test_a_household_is_looked_at_anew_when_one_dies_and_ends_with_who_answers_for_it(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        head, other, _third = family("测试甲", "测试乙", "测试丙")
        award = Award.objects.get(person=head.uid)
    with on(later(date(2026, 11, 2))):
        registers.record_death(SYSTEM, resident=other, deceased_on=date(2026, 10, 30))
        assert standing.follow() == 1
        award.refresh_from_db()
        assert (award.state, award.amount_fen) == ("active", 58_000)
    with on(later(date(2026, 11, 16))):
        registers.record_death(SYSTEM, resident=head, deceased_on=date(2026, 11, 10))
        assert standing.follow() == 1
        award.refresh_from_db()
        assert (award.state, award.ending, award.ends_on) == ("ended", "died", date(2026, 11, 10))
        assert Case.objects.get(kind="award_look").fact == award.case.receipt


def test_who_nobody_can_decide_about_is_given_to_an_officer_whose_word_counts(city: City) -> None:
    with on(later(date(2026, 10, 19))):
        award = granted(city.found)
        Award.objects.filter(pk=award.pk).update(beneficiary=city.undecided.uid, renew_on=date(2026, 11, 1))
    for day in (2, 10, 18, 26):
        with on(later(date(2026, 11, day))):
            standing.follow()
    assert not Case.objects.filter(kind="award_look").exists()
    with on(later(date(2026, 12, 7))):
        standing.follow()
        standing.renew(award.uid)
        (case,) = Case.objects.filter(kind="award_look")
        officer = staff(77, Grant("officer", "140802"))
        casework.take(officer, case.uid)
        casework.answer(officer, case.uid, "stopped", "查不到残疾人证")
        follow(list(Fact.objects.filter(type="casework.closed", subject=case.subject).order_by("-id")[:1]))
        award.refresh_from_db()
        assert (award.state, award.ending) == ("ended", "no_longer_eligible")


def test_what_an_office_found_out_still_counts_when_it_is_looked_at_anew(city: City) -> None:
    """No register holds it: the award was put off from week to week for ever."""
    with on(later(date(2026, 10, 19))):
        fact = "rule:\n  subject: person\n  facts:\n    needs_care: {type: boolean, zh: 需要护理, en: needs care}\n"
        asked = "  conditions:\n    - {id: care, zh: 需要护理, en: needs care, when: needs_care}\n"
        instant = "  instant: {cap: 200 yuan, fresh_days: 31, sample: 5/100}\n"
        dated = [('version: "2026"', 'version: "x"'), ("effective_from: 2026-01-01", "effective_from: 2026-10-01"), (instant, "")]
        publish_draft(NURSING, [("rule:\n  subject: person\n", fact), ("  conditions:\n", asked), *dated], "x")
        who = somebody(40)
        level = {"disability_kind": "physical", "disability_level": 2}
        record_change(SYSTEM, subject=who, list_slug="disability-certificate", valid_from=FIRST_DAY, data=level)
        record_change(SYSTEM, subject=who, list_slug="extreme-hardship", valid_from=FIRST_DAY, present=False)
        case = asked_for(who, NURSING)
        opened(case)
        acts.state_facts(FIRST, case.uid, {"needs_care": True})
        award = Award.objects.get(case=decided(case))
        Award.objects.filter(pk=award.pk).update(renew_on=date(2026, 11, 1))
    with on(later(date(2026, 11, 2))):
        assert standing.follow() == 1
        award.refresh_from_db()
        assert (award.state, award.renew_on) == ("active", date(2027, 10, 3))
