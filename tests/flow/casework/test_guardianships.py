"""A guardianship shown on paper: nothing before somebody else of the county has confirmed it, and after that a guardian like any other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from case_examples import CLERK, COUNTY, OTHER_COUNTY, Town, later, on, refused, staff
from own_browser import number_of
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person

from linli.casework import acts as casework
from linli.casework.guardianships import open_guardianship
from linli.casework.inbox import inbox
from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.dates import add_years
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.notices.models import Notice
from linli.notices.reactions import write
from linli.registers import acts
from linli.registers.acts.guardianships import Paper
from linli.registers.guardians import guarded, is_guarded
from linli.registers.models import Guardianship, Mandate, Resident, ResidentAccount
from linli.registers.queries.accounts import agents_of, decides_for, viewer_of_resident
from linli.trace.models import Fact
from linli.trace.queries import timeline

pytestmark = pytest.mark.django_db
SHOWN = Paper("judgment", "（2025）测0802民特1号", "测试人民法院", date(2025, 3, 1), date(2025, 3, 1))


def own(who: Resident) -> Viewer:
    """The person as they are signed in with a checked card."""
    number = number_of(who)
    return viewer_of_resident(acts.check_card(CLERK, resident=who, identity=number))


@pytest.fixture
def guardian(town: Town) -> Resident:
    return person("测试监护人", identity=identity(), situations=[acts.Lives("registered", VILLAGE, FIRST_DAY)])


@pytest.fixture
def ward(town: Town) -> Resident:
    return person(
        "测试被监护人", identity=identity(), birth_date=date(1950, 3, 7), situations=[acts.Lives("registered", VILLAGE, FIRST_DAY)]
    )


def opened(ward: Resident, guardian: Resident, paper: Paper = SHOWN, **more: Any) -> Case:
    return open_guardianship(CLERK, ward=ward, guardian=guardian, paper=paper, **more)


def test_without_confirmation_there_is_no_effect(ward: Resident, guardian: Resident):
    case = opened(ward, guardian, key="k")
    assert opened(ward, guardian, key="k") == case
    assert not is_guarded(ward)
    assert own(guardian).acts_for == ()
    with pytest.raises(LinliError, match="no such guardianship"):
        acts.grant_mandate(CLERK, principal=ward, kind="guardian", agent=guardian, evidence="凭文件")
    with refused("guardianships.waiting"):
        opened(ward, guardian)
    casework.answer(COUNTY, case.uid, "refused", "判决书与当事人对不上")
    assert not is_guarded(ward)
    row = Guardianship.objects.get()
    assert (row.state, row.reasons) == ("refused", "判决书与当事人对不上")
    with refused("casework.answered_already"):
        casework.answer(COUNTY, case.uid, "confirmed")


def test_once_confirmed_the_guardian_acts_as_one_of_the_register_and_both_are_told(ward: Resident, guardian: Resident):
    case = opened(ward, guardian)
    (waiting,) = [one for one in inbox(COUNTY).items if one.kind == "guardianship"]
    assert (waiting.case, waiting.person, waiting.level) == (case.uid, ward.name, "county")
    assert not [one for one in inbox(OTHER_COUNTY).items if one.kind == "guardianship"]
    casework.answer(COUNTY, case.uid, "confirmed")
    viewer = own(guardian)
    assert viewer.acts_for_resident(ward.uid)
    assert decides_for(viewer, ward)
    assert is_guarded(ward)
    assert [one.kind for one in agents_of(COUNTY, ward, [VILLAGE]) or ()] == ["guardian"]
    write(list(Fact.objects.filter(type__in=("registers.guardianship", "registers.mandate_granted"), echo_of=None).order_by("id")))
    told = {(one.recipient, one.template) for one in Notice.objects.all()}
    assert told == {
        (ward.uid, "guardianship-asked"),
        (guardian.uid, "guardianship-received"),
        (ward.uid, "guardian-recorded"),
        (guardian.uid, "mandate-received"),
    }


def test_nobody_confirms_what_they_recorded_or_what_is_near_them(ward: Resident, guardian: Resident, settings: Any):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    both = staff(21, Grant("clerk", "140882"), Grant("officer", "140802"))
    case = open_guardianship(both, ward=ward, guardian=guardian, paper=SHOWN)
    with pytest.raises(Refused, match="they recorded"):
        casework.answer(both, case.uid, "confirmed")
    township = staff(22, Grant("officer", VILLAGE))
    for stranger in (OTHER_COUNTY, township, CLERK, own(guardian), own(ward)):
        with pytest.raises(LinliError):
            casework.answer(stranger, case.uid, "confirmed")
    daughter = person("测试外孙女", identity=identity())
    acts.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(guardian, "head"), (daughter, "child")], valid_from=FIRST_DAY
    )
    for name in (guardian.name, ward.name, daughter.name):
        worker = acts.add_staff(SYSTEM, login=f"near-{name}", name=name, password="a-long-test-password-7")
        near = Viewer(worker.actor, (Grant("officer", "140802"), Grant("clerk", "140802")))
        with pytest.raises(Refused, match="colleague has to do"):
            casework.answer(near, case.uid, "confirmed")
        with pytest.raises(Refused, match="colleague has to do"):
            open_guardianship(near, ward=ward, guardian=guardian, paper=SHOWN)
    assert not is_guarded(ward)
    # One who chose the other's password could be both.
    chief = acts.add_staff(SYSTEM, login="chief", name="测试科长", password="a-long-test-password-7")
    made = Viewer(chief.actor, (Grant("administrator", ""),))
    junior = acts.add_staff(made, login="junior", name="测试科员", password="a-long-test-password-7")
    acts.refuse_guardianship(SYSTEM, guardianship=Guardianship.objects.get(), reasons="重新登记")
    again = open_guardianship(Viewer(chief.actor, (Grant("clerk", "1408"),)), ward=ward, guardian=guardian, paper=SHOWN)
    with pytest.raises(Refused, match="could be behind"):
        casework.answer(Viewer(junior.actor, (Grant("officer", "140802"),)), again.uid, "confirmed")


def test_it_ends_on_its_day_and_on_the_wards_majority(ward: Resident, guardian: Resident):
    today = clock.today()
    child = person("测试孩子", identity=identity(today - timedelta(days=6000)), birth_date=today - timedelta(days=6000))
    majority = add_years(today - timedelta(days=6000), 18)
    for who, ends in ((ward, today + timedelta(days=40)), (child, majority)):
        named = Paper("appointment", "测民监〔2025〕2号", "测试村民委员会", FIRST_DAY, FIRST_DAY, ends if who is ward else None)
        casework.answer(SYSTEM, opened(who, guardian, named).uid, "confirmed")
        mandate = Mandate.objects.get(principal=who)
        assert mandate.valid_to == ends
    account = own(guardian).subject
    for who, ends in ((ward, today + timedelta(days=40)), (child, majority)):
        for day, acting in ((ends - timedelta(days=1), True), (ends, False)):
            with on(later(day)):
                assert viewer_of_resident(ResidentAccount.objects.get(resident__uid=account)).acts_for_resident(who.uid) == acting
                assert is_guarded(who, day) == acting


def test_revoked_with_reasons_it_opens_nothing_more_and_both_are_told(ward: Resident, guardian: Resident):
    casework.answer(COUNTY, opened(ward, guardian, Paper(**{**_fields(SHOWN), "valid_from": clock.today()})).uid, "confirmed")
    helper = person("测试志愿者", identity=identity())
    acts.grant_mandate(
        own(guardian), principal=ward, kind="single_matter", agent=helper, matter="visit", evidence="监护人委托", guardian=guardian
    )
    row = Guardianship.objects.get()
    for stranger in (OTHER_COUNTY, CLERK, own(guardian), own(ward)):
        with pytest.raises(LinliError):
            acts.revoke_guardianship(stranger, guardianship=row, reasons="不行")
    with refused("guardianships.no_reasons"):
        acts.revoke_guardianship(COUNTY, guardianship=row, reasons=" ")
    since = Fact.objects.latest("id").id
    acts.revoke_guardianship(COUNTY, guardianship=row, reasons="人民法院已撤销监护人资格")
    assert acts.revoke_guardianship(COUNTY, guardianship=row, reasons="又一次").reasons == "人民法院已撤销监护人资格"
    assert own(guardian).acts_for == ()
    assert not is_guarded(ward)
    assert not Mandate.objects.filter(ended_at=None).exists()
    write(list(Fact.objects.filter(id__gt=since, type="registers.guardianship")))
    told = set(Notice.objects.filter(template="guardianship-revoked").values_list("recipient", flat=True))
    assert told == {ward.uid, guardian.uid}
    # Recorded anew it is confirmed anew.
    casework.answer(COUNTY, opened(ward, guardian).uid, "confirmed")
    assert own(guardian).acts_for_resident(ward.uid)


def _fields(paper: Paper) -> dict[str, Any]:
    return {name: getattr(paper, name) for name in Paper.__dataclass_fields__}


def test_the_trace_ties_nobody_to_anybody_and_an_erasure_takes_the_papers_along(ward: Resident, guardian: Resident):
    casework.answer(COUNTY, opened(ward, guardian).uid, "confirmed")
    other = person("测试兄弟", identity=identity())
    open_case = opened(ward, other)
    for one, another in ((ward, guardian), (guardian, ward)):
        for fact in timeline(f"resident:{one.uid}"):
            assert str(another.uid) not in str(fact.payload)
            assert SHOWN.number not in str(fact.payload)
            assert SHOWN.organ not in str(fact.payload)
    acts.erase_resident(SYSTEM, resident=other, reason="测试")
    assert not Guardianship.objects.filter(guardian=other).exists()
    with refused("casework.guardianship_gone"):
        casework.answer(COUNTY, open_case.uid, "confirmed")
    assert casework.answer(COUNTY, open_case.uid, "refused", "一方的资料已经注销").outcome == "refused"
    acts.erase_resident(SYSTEM, resident=ward, reason="测试")
    assert not Guardianship.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": " "}, "guardianships.incomplete"),
        ({"organ": "院" * 121}, "guardianships.incomplete"),
        ({"issued_on": date(2100, 1, 1)}, "guardianships.incomplete"),
        ({"valid_from": date(2100, 1, 1)}, "guardianships.not_now"),
        ({"valid_to": date(2025, 3, 2)}, "guardianships.not_now"),
        ({"valid_to": date(2025, 3, 1)}, "registers.empty_range"),
        ({"document": "letter"}, "registers.unknown_word"),
    ],
)
def test_a_paper_that_says_too_little_or_nothing_today_is_refused(ward: Resident, guardian: Resident, change: dict[str, Any], code: str):
    with refused(code):
        opened(ward, guardian, Paper(**{**_fields(SHOWN), **change}))
    assert not Guardianship.objects.exists()


def test_who_can_be_nobodys_guardian_is_refused(ward: Resident, guardian: Resident):
    child = person("测试孩子", identity=identity(date(2020, 1, 1)), birth_date=date(2020, 1, 1))
    agreed = Paper(**{**_fields(SHOWN), "document": "agreement"})
    for pair, paper in (((ward, ward), SHOWN), ((ward, child), SHOWN), ((child, guardian), agreed)):
        with refused("guardianships.impossible"):
            opened(*pair, paper)
    acts.link_family(SYSTEM, resident=child, relative=guardian, relation="father", valid_from=FIRST_DAY)
    with refused("guardianships.known"):
        opened(child, guardian)
    acts.record_death(SYSTEM, resident=guardian, deceased_on=FIRST_DAY)
    with refused("guardianships.impossible"):
        opened(ward, Resident.objects.get(pk=guardian.pk))


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)])
def test_a_minor_in_a_query_is_the_minor_of_the_law(town: Town, day: date):
    for born in (date(2008, 2, 28), date(2008, 2, 29), date(2008, 3, 1), date(2010, 2, 28), date(2010, 3, 1)):
        Resident.objects.filter(pk=town.who.pk).update(birth_date=born)
        town.who.birth_date = born
        Mandate.objects.all().delete()
        acts_for = Mandate(principal=town.who, agent_resident=town.other, kind="family", evidence="测试", valid_from=FIRST_DAY)
        acts_for.save()
        assert Mandate.objects.filter(guarded("principal", day)).exists() == is_guarded(town.who, day), f"born {born}"
