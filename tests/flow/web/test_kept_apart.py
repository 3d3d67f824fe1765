"""What keeps a stolen cookie and a known password from being enough: sessions stay in their browser, first passwords are changed first,
and factors start afresh only by two people."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from click.testing import CliRunner
from django.test import Client
from own_browser import own_browser
from place_examples import FIRST_DAY, SYSTEM
from web_examples import PASSWORD, SmallCity

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.acts import factors, resetting
from linli.registers.models import RecoveryCode, RefusedAttempt, Staff, StaffSession
from linli.site.command import staff as command
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
NEW = "another-long-password-8"


def text(response: Any) -> str:
    return str(response.content.decode())


def staff(login: str, role: str, **more: Any) -> Staff:
    added = acts.add_staff(SYSTEM, login=login, name=f"测试{login}", password=PASSWORD, **more)
    acts.place_grant(SYSTEM, staff=added, role=role, valid_from=FIRST_DAY)
    return added


def signed_in(login: str, password: str = PASSWORD, **more: Any) -> Client:
    client = Client(**more)
    assert client.post("/office/sign-in/", {"login": login, "password": password}).status_code == 302
    return client


def stolen(cookies: Client, **more: Any) -> Client:
    """Another browser with the same cookies."""
    thief = Client(**more)
    thief.cookies = cookies.cookies
    return thief


def test_a_cookie_of_staff_in_another_browser_ends_the_session_and_is_noted(small_city: SmallCity):
    owner = signed_in("officer", headers={"User-Agent": "Desk/1"})
    assert owner.get("/office/").status_code == 200
    assert stolen(owner, headers={"User-Agent": "Thief/1"}).get("/office/")["Location"].startswith("/office/sign-in/")
    assert owner.get("/office/").status_code == 302
    assert StaffSession.objects.get(staff=small_city.officer).ended_at is not None
    (note,) = RefusedAttempt.objects.all()
    assert (note.kind, note.actor) == ("session.other_browser", small_city.officer.actor)


def test_a_cookie_of_a_resident_in_another_browser_ends_the_session_and_is_noted(small_city: SmallCity):
    owner = own_browser(small_city.found, headers={"User-Agent": "Phone/1"})
    assert owner.get("/my/").status_code == 200
    assert stolen(owner, headers={"User-Agent": "Thief/1"}).get("/my/")["Location"] == "/my/sign-in/"
    assert owner.get("/my/")["Location"] == "/my/sign-in/"
    assert RefusedAttempt.objects.get().actor == f"resident:{small_city.found.uid}"


def test_another_network_is_noted_once_and_ends_nothing(small_city: SmallCity):
    owner = signed_in("officer")
    for _time in range(2):
        assert owner.get("/office/", REMOTE_ADDR="10.9.8.7").status_code == 200
    (note,) = RefusedAttempt.objects.all()
    assert (note.kind, note.address, note.times) == ("session.other_network", "10.9.8.…", 1)


def test_whoever_got_a_password_from_others_chooses_their_own_before_anything_else(small_city: SmallCity, settings: Any):
    settings.LINLI_DEMO = False
    staff("newcomer", "officer", temporary=True)
    client = signed_in("newcomer")
    for page in ("/office/", "/office/residents/", "/admin/account/", "/window/"):
        assert client.get(page)["Location"] == "/admin/account/password/"
    assert "别人替您设的" in text(client.get("/admin/account/password/"))
    assert "不能与现在的相同" in text(client.post("/admin/account/password/", {"password": PASSWORD, "new": PASSWORD}))
    assert client.post("/admin/account/password/", {"password": PASSWORD, "new": NEW}).status_code == 302
    assert client.get("/office/").status_code == 200
    acts.change_password(Viewer("staff:x", (Grant("administrator"),)), staff=Staff.objects.get(login="newcomer"), password=PASSWORD)
    assert signed_in("newcomer").get("/office/")["Location"] == "/admin/account/password/"


def test_in_a_demo_the_printed_passwords_stay(small_city: SmallCity, settings: Any):
    settings.LINLI_DEMO = True
    staff("newcomer", "officer", temporary=True)
    assert signed_in("newcomer").get("/office/").status_code == 200


def with_generator(who: Staff) -> tuple[pyotp.TOTP, list[str]]:
    new = factors.new_totp()
    generator = pyotp.TOTP(new.secret())
    factors.add_totp(Viewer(who.actor), staff=who, new=new, label="手机", code=generator.now())
    return generator, factors.make_recovery_codes(Viewer(who.actor), staff=who)


def test_factors_start_afresh_when_security_confirms_at_the_server(small_city: SmallCity):
    lost, guard = staff("lost", "officer"), staff("guard", "security")
    with_generator(lost)
    _generator, codes = with_generator(guard)
    told = f"{PASSWORD}\n{codes[0]}\n"
    result = CliRunner().invoke(command.command, ["reset-factors", "lost", "--confirmed-by", "guard"], input=told)
    assert result.exit_code == 0, result.output
    assert factors.factors_of(lost) == []
    assert not RecoveryCode.objects.filter(staff=lost, ended_at=None).exists()
    fact = Fact.objects.get(type="registers.factors_reset")
    assert (fact.subject, fact.actor) == (lost.actor, "system:staff-command")
    assert fact.payload == {"factors": 1, "codes": 10, "confirmed_by": guard.actor}


def test_nobody_confirms_for_themselves_without_the_role_or_without_their_own_factor(small_city: SmallCity):
    lost, guard, other = staff("lost", "officer"), staff("guard", "security"), staff("other", "administrator")
    with_generator(lost)
    _generator, codes = with_generator(guard)
    for confirmer, refusal in ((lost, Refused), (other, Refused), (guard, LinliError)):
        with pytest.raises(refusal):
            resetting.reset_factors(SYSTEM, staff=lost, confirmed_by=confirmer)
    with pytest.raises(LinliError, match="not a code"):
        resetting.reset_factors(SYSTEM, staff=lost, confirmed_by=guard, code="2345-2345-2345-2345")
    with pytest.raises(Refused):
        resetting.reset_factors(Viewer(other.actor, (Grant("administrator"),)), staff=lost, confirmed_by=guard, code=codes[0])
    assert len(factors.factors_of(lost)) == 1
    result = CliRunner().invoke(command.command, ["reset-factors", "lost", "--confirmed-by", "guard"], input="wrong\n")
    assert result.exit_code != 0
    assert not Fact.objects.filter(type="registers.factors_reset").exists()
