"""A programme of somebody else's walks from the window to its award by what the pages offer each office, and by nothing else."""

from __future__ import annotations

import pytest
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from reading_order import wrong_for_listeners
from stranger_examples import BOARDING, publish_stranger
from walking import Browser, at_work
from web_examples import PASSWORD, SmallCity, born, officer
from works_examples import CODE

from linli.agreements.models import Award
from linli.casework.models import Case, StepTaken
from linli.casework.steps import acts as steps
from linli.entitlements.acts import apply
from linli.entitlements.acts.applying import Wanted
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.acts.records import record_change
from linli.registers.models import Organisation, Resident, Staff
from linli.registers.queries.staff import viewer_of

pytestmark = pytest.mark.django_db
OFFICES = {"village": VILLAGE, "township": "140802002", "county": "140802", "second": "140802"}


def pupil() -> Resident:
    """At a junior school, of age to speak at a window."""
    lives = [acts.Lives(kind, VILLAGE, FIRST_DAY) for kind in ("registered", "lives")]
    who = person("测试生", identity=identity(born(19)), birth_date=born(19), situations=lives, relations_known=True)
    record_change(SYSTEM, subject=who, list_slug="student-status", valid_from=FIRST_DAY, data={"student_level": "junior_secondary"})
    return who


def window() -> Browser:
    clerk = acts.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
    return at_work("window")


def taken_in(clerk: Browser, who: Resident) -> Case:
    """By a window of another county, the school registered there and named on the form, its account typed in."""
    clerk.open("/window/").follow("/window/organisations/")
    told = {"name": "测试中学", "kind": "provider", "area": "140802002"}
    assert "不是统一社会信用代码" in clerk.send(clerk.form("credit_code"), 400, credit_code=f"{CODE[:-1]}X", **told).page
    assert "测试中学 已登记" in clerk.send(clerk.form("credit_code"), credit_code=CODE, **told).page
    assert wrong_for_listeners(clerk.page) == []
    clerk.open(f"/window/people/{who.uid}/")
    clerk.send(clerk.form("matter", "evidence"), matter="benefits", evidence="present")
    clerk.follow(f"/apply/{BOARDING}/")
    account = {"holder": "测试中学", "number": "6217000000000000004"}
    assert "登记中没有这个单位" in clerk.send(clerk.form("page", "holder"), 400, payee_named="测试小学", **account).page
    account |= {"payee_named": "测试中学"}
    form = clerk.form("page", "holder")
    assert "户名要与收款人" in clerk.send(form, 400, **account | {"holder": who.name}).page
    clerk.send(clerk.form("page", "holder"), **account)
    assert "尾号 0004" in clerk.page
    clerk.send(clerk.form("page"))
    assert "/receipt/" in clerk.at
    return Case.objects.get(kind="application", programme=BOARDING)


def test_it_is_taken_in_anywhere_and_done_by_each_level_in_turn(small_city: SmallCity, db: None) -> None:
    publish_stranger()
    for login, area in OFFICES.items():
        officer(login, f"测试{login}", area_code=area)
    desks = {login: at_work(login) for login in OFFICES}
    case, who = taken_in(window(), pupil()), Organisation.objects.get(credit_code=CODE)
    here = f"/office/cases/{case.uid}/"
    for login, verb, following in (("village", "accept", "see"), ("village", "pass", "again"), ("township", "pass", "confirm")):
        desk = desks[login].open(here)
        desk.send(desk.form("verb", value=verb), verb=verb)
        assert StepTaken.objects.get(case=case, done_at__isnull=True).step == following
    below = desks["township"].open(here)
    assert "这一步由县（市、区）一级办理" in below.page
    assert not below.offers("verb")
    township = viewer_of(Staff.objects.get(login="township"))
    for act in (steps.send_back, lambda viewer, uid, words: steps.pass_on(viewer, uid)):
        with pytest.raises(Refused, match="level of the county"):
            act(township, case.uid, "退回")
    for login in ("county", "second"):
        assert not Award.objects.filter(case=case).exists()
        desk = desks[login].open(here)
        desk.send(desk.form("verb", value="granted"), verb="granted")
    award = Award.objects.get(case=case)
    assert (award.payee, award.payee_uid, award.amount_fen, bool(award.account_cipher)) == ("school", who.uid, 62_500, True)


def test_money_for_a_school_goes_to_nobody_until_one_is_chosen(small_city: SmallCity, db: None) -> None:
    publish_stranger()
    clerk = Viewer("staff:00000000-0000-7000-8000-000000000091", (Grant("clerk", "140802"),))
    with pytest.raises(LinliError, match="No organisation to be paid was chosen"):
        apply(clerk, pupil().uid, Wanted(BOARDING, payee="school", window=VILLAGE))
