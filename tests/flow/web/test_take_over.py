"""Nobody takes over an account alone: every way that one administrator has been found to try ends before the victim's pages."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from django.test import Client
from web_examples import PASSWORD, SmallCity

from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.registers import acts, queries
from linli.registers.acts import factors, resetting, sessions
from linli.registers.acts.independence import hands_on
from linli.registers.models import ProposedGrant, SecondFactor, Staff, StaffGrant, StaffSession
from linli.registers.queries.staff import staff_of_identity
from linli.trace.models import Fact

from place_examples import FIRST_DAY, SYSTEM  # isort: skip

pytestmark = pytest.mark.django_db
NEW = "another-long-password-8"


def staff(login: str, role: str = "") -> Staff:
    added = acts.add_staff(SYSTEM, login=login, name=f"测试{login}", password=PASSWORD)
    if role:
        acts.place_grant(SYSTEM, staff=added, role=role, valid_from=FIRST_DAY)
    return added


def signed_in(login: str, password: str = PASSWORD) -> Client:
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": password}).status_code == 302
    return client


def guarded(who: Staff) -> pyotp.TOTP:
    """Somebody with a second factor."""
    new = factors.new_totp()
    generator = pyotp.TOTP(new.secret())
    factor = factors.add_totp(queries.viewer_of(who), staff=who, new=new, label="手机", code=generator.now())
    SecondFactor.objects.filter(pk=factor.pk).update(last_step=0)
    return generator


def removed(by: Staff, whose: Staff) -> None:
    for factor in factors.factors_of(whose):
        factors.remove_factor(queries.viewer_of(by), factor=SecondFactor.objects.select_related("staff").get(pk=factor.pk))


def reset(by: Staff, whose: Staff) -> None:
    acts.change_password(queries.viewer_of(by), staff=Staff.objects.get(pk=whose.pk), password=NEW)


@pytest.fixture
def root(small_city: SmallCity, db: None) -> Staff:
    return staff("root", "administrator")


@pytest.fixture
def victim(small_city: SmallCity, db: None) -> Staff:
    who = staff("victim", "officer")
    guarded(who)
    return who


def puppet(root: Staff, role: str = "security", login: str = "sock") -> Staff:
    """An account that root made and holds the password of; its grant as if a second person had been talked into confirming it."""
    made = acts.add_staff(queries.viewer_of(root), login=login, name="测试", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=made, role=role, valid_from=FIRST_DAY)
    return made


def given(role: str, area: str = "") -> dict[str, Any]:
    return {"role": role, "area": area, "programme": "", "valid_from": str(clock.today())}


@pytest.mark.parametrize("role", ["administrator", "security", "auditor", "officer"])
def test_a_grant_that_takes_two_is_in_force_once_a_second_person_confirms_it(root: Staff, role: str):
    admin, watch = signed_in("root"), staff("watch", "security")
    new = acts.add_staff(queries.viewer_of(root), login="new", name="测试新", password=PASSWORD)
    page = f"/admin/staff/{new.uid}/"
    assert admin.post(f"{page}grants/", given(role)).status_code == 302
    proposal = ProposedGrant.objects.get(staff=new)
    assert queries.viewer_of(new).grants == ()
    with pytest.raises(Refused):
        acts.place_grant(queries.viewer_of(root), staff=new, role=role, valid_from=FIRST_DAY)
    assert "待确认的授权" in admin.get(page).content.decode()
    assert f"{page}proposals/{proposal.uid}/confirm/" not in admin.get(page).content.decode()
    for client in (admin, signed_in("new")):
        assert client.post(f"{page}proposals/{proposal.uid}/confirm/").status_code in (403, 404)
    second = signed_in("watch")
    assert f"{page}proposals/{proposal.uid}/confirm/" in second.get(page).content.decode()
    assert "测试新" in second.get("/admin/staff/").content.decode()
    assert second.post(f"{page}proposals/{proposal.uid}/confirm/").status_code == 302
    assert [one.role for one in queries.viewer_of(new).grants] == [role]
    facts = list(Fact.objects.filter(subject=new.actor, type__startswith="registers.grant").order_by("id").values_list("type", "actor"))
    assert facts == [("registers.grant_proposed", root.actor), ("registers.grant_given", watch.actor)]


def test_an_administrator_alone_makes_officers_of_one_county_at_most(root: Staff):
    new, admin = staff("new"), signed_in("root")
    page = f"/admin/staff/{new.uid}/grants/"
    for area in ("1408", "14"):
        with pytest.raises(Refused):
            acts.place_grant(queries.viewer_of(root), staff=new, role="officer", area_code=area, valid_from=FIRST_DAY)
    assert admin.post(page, given("officer", "1408")).status_code == 302
    assert queries.viewer_of(new).grants == ()
    assert admin.post(page, given("officer", "140802")).status_code == 302
    assert [(one.role, one.area) for one in queries.viewer_of(new).grants] == [("officer", "140802")]


def test_a_proposal_can_be_turned_down_and_an_administrators_own_puppet_confirms_none(root: Staff):
    new = staff("new")
    acts.propose_grant(queries.viewer_of(root), staff=new, role="security", valid_from=FIRST_DAY)
    again = acts.propose_grant(queries.viewer_of(root), staff=new, role="security", valid_from=FIRST_DAY)
    assert ProposedGrant.objects.count() == 1
    with pytest.raises(Refused, match="behind both"):
        acts.confirm_grant(queries.viewer_of(puppet(root, "administrator")), proposal=again)
    page = f"/admin/staff/{new.uid}/proposals/{again.uid}/"
    assert signed_in("root").post(f"{page}decline/").status_code == 302
    staff("second", "administrator")
    signed_in("second").post(f"{page}confirm/")
    assert not StaffGrant.objects.filter(staff=new).exists()


def test_first_way_a_puppet_of_security_removes_the_factor_and_its_maker_cannot_reset_the_password(root: Staff, victim: Staff):
    removed(puppet(root), victim)
    with pytest.raises(Refused, match="behind both"):
        reset(root, victim)
    assert signed_in("root").post(f"/admin/staff/{victim.uid}/password/").status_code == 403
    reset(staff("other", "administrator"), victim)


def test_second_way_the_password_is_reset_and_the_puppet_cannot_remove_the_factor(root: Staff, victim: Staff):
    reset(root, victim)
    sock = puppet(root)
    with pytest.raises(Refused, match="behind both"):
        removed(sock, victim)
    with pytest.raises(Refused, match="behind both"):
        resetting.reset_factors(SYSTEM, staff=Staff.objects.get(pk=victim.pk), confirmed_by=sock)
    removed(staff("watch", "security"), victim)


def test_two_puppets_of_one_maker_are_one_person_and_so_is_who_was_reset_before_their_first_factor(root: Staff, victim: Staff):
    reset(puppet(root, "administrator", "sock-a"), victim)
    with pytest.raises(Refused, match="behind both"):
        removed(puppet(root, "security", "sock-s"), victim)
    watch = staff("watch", "security")
    reset(root, watch)  # it has no factor yet: whoever knows the password is in
    assert hands_on(watch.actor) == {watch.actor, root.actor}
    guarded(Staff.objects.get(pk=watch.pk))
    careful = staff("careful", "security")
    guarded(careful)
    reset(root, careful)  # its own factor kept root out
    assert hands_on(careful.actor) == {careful.actor}
    removed(staff("third", "security"), careful)  # and no longer does
    assert hands_on(careful.actor) == {careful.actor, root.actor}


def test_third_way_an_identity_that_an_administrator_links_lets_nobody_in_before_its_owner_confirms_it(root: Staff, small_city: SmallCity):
    victim = staff("victim", "officer")
    generator = guarded(victim)
    link = sessions.link_identity(queries.viewer_of(root), staff=victim, issuer="https://id.example", subject="roots-own")
    assert staff_of_identity("https://id.example", "roots-own") is None
    page = f"/admin/account/identities/{link.uid}/"
    assert signed_in("root").post(page, {"password": PASSWORD}).status_code == 404
    with pytest.raises(Refused):
        sessions.confirm_identity(queries.viewer_of(root), identity=link)
    own = signed_in("victim")
    own.post("/office/sign-in/factor/", {"code": generator.now()})
    assert "待本人确认" in own.get("/admin/account/").content.decode()
    assert own.post(page, {"password": "no"}).status_code == 200
    StaffSession.objects.filter(staff=victim).update(method="identity")
    assert "重新登录" in own.post(page, {"password": PASSWORD}).content.decode()
    assert staff_of_identity("https://id.example", "roots-own") is None
    StaffSession.objects.filter(staff=victim).update(method="totp")
    assert own.post(page, {"password": PASSWORD}).status_code == 302
    assert staff_of_identity("https://id.example", "roots-own") == victim


def test_a_link_that_ends_ends_its_sessions(root: Staff, small_city: SmallCity):
    own, elsewhere = signed_in("officer"), signed_in("officer")
    admin = queries.viewer_of(root)
    link = sessions.link_identity(admin, staff=small_city.officer, issuer="https://id.example", subject="p-7")
    assert own.post(f"/admin/account/identities/{link.uid}/end/").status_code == 302
    assert (own.get("/office/").status_code, elsewhere.get("/office/").status_code) == (200, 302)
    link = sessions.link_identity(admin, staff=small_city.officer, issuer="https://id.example", subject="p-7")
    assert signed_in("root").post(f"/admin/staff/{small_city.officer.uid}/identities/{link.uid}/end/").status_code == 302
    assert own.get("/office/").status_code == 302
