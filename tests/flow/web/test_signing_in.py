"""Signing in: what slows a guesser and never a colleague, second factors, recovery codes, sessions that end."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from datetime import timedelta
from typing import Any

import cbor2
import pyotp
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from web_examples import PASSWORD, SmallCity

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers.acts import factors
from linli.registers.models import SecondFactor, Staff, StaffSession
from linli.trace.models import Fact
from linli.web.entrance import signin

pytestmark = pytest.mark.django_db
SIGN_IN, SECOND, ACCOUNT = "/office/sign-in/", "/office/sign-in/factor/", "/admin/account/"
SECURITY = Viewer("staff:00000000-0000-7000-8000-000000000009", (Grant("security"),))


def password(client: Client, login: str = "officer", given: str = PASSWORD, **more: Any) -> Any:
    return client.post(SIGN_IN, {"login": login, "password": given}, **more)


def with_totp(staff: Staff) -> tuple[pyotp.TOTP, SecondFactor]:
    """A generator in force, set up a minute ago so that the code of now is still unused."""
    new = factors.new_totp()
    generator = pyotp.TOTP(new.secret())
    factor = factors.add_totp(Viewer(staff.actor), staff=staff, new=new, label="手机", code=generator.now())
    SecondFactor.objects.filter(pk=factor.pk).update(last_step=0)
    return generator, factor


def shown_secret(page: Any) -> str:
    found = re.search(r'<strong class="figures" lang="en">([A-Z2-7 ]+)</strong>', page.content.decode())
    assert found
    return found[1].replace(" ", "")


def test_a_stranger_who_guesses_slows_down_and_the_colleague_does_not(small_city: SmallCity, client: Client):
    password(client, REMOTE_ADDR="10.0.0.5")
    client.post("/office/sign-out/")
    for place in range(1, 9):
        for _guess in range(signin.PER_LOGIN):
            password(Client(), given="no", REMOTE_ADDR=f"192.0.2.{place}")
    assert password(Client(), REMOTE_ADDR="192.0.2.1").status_code == 429
    assert password(Client(), REMOTE_ADDR="192.0.2.77").status_code == 429
    assert password(client, REMOTE_ADDR="10.0.0.5").status_code == 302


def test_waits_double_and_say_how_long(small_city: SmallCity, client: Client):
    with clock.frozen(clock.now()):
        for _guess in range(signin.PER_LOGIN):
            assert password(client, given="no").status_code == 403
        assert "15 秒" in password(client, given="no").content.decode()
    with clock.frozen(clock.now() + timedelta(seconds=16)):
        assert password(client, given="no").status_code == 403
        assert "30 秒" in password(client, given="no").content.decode()
    with clock.frozen(clock.now() + timedelta(seconds=90)):
        assert password(client).status_code == 302


def test_who_has_a_second_factor_is_nobody_until_it_is_shown(small_city: SmallCity, client: Client):
    generator, _factor = with_totp(small_city.officer)
    assert password(client)["Location"] == SECOND
    assert client.get("/office/")["Location"].startswith(SIGN_IN)
    assert client.post(SECOND, {"code": "000000"}).status_code == 403
    assert client.post(SECOND, {"code": generator.now()})["Location"] == "/office/"
    assert client.get("/office/").status_code == 200


def test_a_code_is_good_once(small_city: SmallCity):
    generator, _factor = with_totp(small_city.officer)
    code = generator.now()
    answers = []
    for _try in range(2):
        client = Client()
        password(client)
        answers.append(client.post(SECOND, {"code": code}).status_code)
    assert answers == [302, 403]


def test_guessing_codes_slows_down(small_city: SmallCity, client: Client):
    generator, _factor = with_totp(small_city.officer)
    password(client)
    for _guess in range(signin.PER_LOGIN):
        assert client.post(SECOND, {"code": "000000"}).status_code == 403
    assert client.post(SECOND, {"code": generator.now()}).status_code == 429


def test_the_step_between_the_factors_lasts_ten_minutes_and_ends_with_the_password(small_city: SmallCity, client: Client):
    generator, _factor = with_totp(small_city.officer)
    password(client)
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert client.post(SECOND, {"code": generator.now()})["Location"] == SIGN_IN
    password(client)
    Staff.objects.filter(pk=small_city.officer.pk).update(password="changed")
    assert client.post(SECOND, {"code": generator.now()})["Location"] == SIGN_IN


def test_a_recovery_code_works_once_and_only_its_digest_is_kept(small_city: SmallCity):
    with_totp(small_city.officer)
    codes = factors.make_recovery_codes(Viewer(small_city.officer.actor), staff=small_city.officer)
    assert len(set(codes)) == factors.CODES
    assert not any(code.replace("-", "") in str(list(small_city.officer.recovery_codes.values())) for code in codes)
    answers = []
    for _try in range(2):
        client = Client()
        password(client)
        answers.append(client.post(SECOND, {"code": codes[3].lower()}).status_code)
    assert answers == [302, 403]
    assert Fact.objects.filter(type="registers.recovery_code_used").get().payload == {"left": factors.CODES - 1}


@override_settings(LINLI_SECOND_FACTOR="required")
def test_where_it_is_required_the_first_sign_in_sets_it_up(small_city: SmallCity, client: Client):
    assert password(client)["Location"] == "/office/sign-in/enrol/"
    assert client.get("/office/")["Location"].startswith(SIGN_IN)
    page = client.get("/office/sign-in/enrol/")
    assert 'src="data:image/svg+xml' in page.content.decode()
    generator = pyotp.TOTP(shown_secret(page))
    assert client.post("/office/sign-in/enrol/", {"code": "000000"}).status_code == 200
    assert client.get("/office/").status_code == 302
    done = client.post("/office/sign-in/enrol/", {"code": generator.now()})
    assert len(re.findall(r'<li class="figures">[0-9A-Z-]{19}</li>', done.content.decode())) == factors.CODES
    assert client.get("/office/").status_code == 200
    sealed = SecondFactor.objects.get(staff=small_city.officer).secret_cipher
    assert generator.secret not in sealed


def test_a_secret_can_be_set_up_by_nobody_else(small_city: SmallCity):
    new = factors.new_totp()
    with pytest.raises(Refused):
        factors.add_totp(SECURITY, staff=small_city.officer, new=new, label="x", code=pyotp.TOTP(new.secret()).now())
    with pytest.raises(Refused):
        factors.make_recovery_codes(SECURITY, staff=small_city.officer)


def test_a_lost_telephone_is_taken_out_by_security_and_not_by_an_administrator(small_city: SmallCity):
    _generator, factor = with_totp(small_city.officer)
    with pytest.raises(Refused):
        factors.remove_factor(Viewer("staff:00000000-0000-7000-8000-000000000008", (Grant("administrator"),)), factor=factor)
    factors.remove_factor(SECURITY, factor=factor)
    assert factors.factors_of(small_city.officer) == []
    assert SecondFactor.objects.get(pk=factor.pk).secret_cipher == ""


SITE = factors.Site("testserver", "http://testserver", "Linli")
ASKED = b"c" * 64


def letters(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).decode().rstrip("=")


def answered(attestation: Any, **changed: Any) -> str:
    """What a browser might claim that a new passkey said."""
    said = json.dumps({"type": "webauthn.create", "challenge": letters(ASKED), "origin": SITE.origin}).encode()
    made = attestation if isinstance(attestation, bytes) else cbor2.dumps(attestation)
    response = {"clientDataJSON": letters(said), "attestationObject": letters(made)}
    return json.dumps({"id": letters(b"1" * 16), "rawId": letters(b"1" * 16), "type": "public-key", "response": response, **changed})


def with_key(key: Any, form: Any = "none", statement: Any = None) -> dict[str, Any]:
    about = hashlib.sha256(SITE.host.encode()).digest() + b"\x45" + bytes(4) + bytes(16) + (16).to_bytes(2, "big") + b"1" * 16
    return {"fmt": form, "attStmt": statement or {}, "authData": about + cbor2.dumps(key)}


@pytest.mark.parametrize(
    "credential",
    [
        "null", "[]", '"x"', "{}", "[" * 5000, answered(5), answered({"a": 1}), answered(b"\x9f" * 3000), answered(with_key(3)),
        answered(with_key({1: 99})), answered(with_key({1: 2, 3: -7})), answered(with_key({1: 2}, "packed")), answered(with_key({1: 2}, 7)),
        answered(with_key({1: 2, 3: -7}, "tpm", {"ver": "2.0", "alg": -7, "x5c": [b"a"], "sig": b"1", "certInfo": b"1", "pubArea": b"1"})),
        answered(with_key({1: 2, 3: -7}, "fido-u2f", {"sig": b"1", "x5c": [b"1"]})),
        answered(with_key({1: 2, 3: -7}, "android-safetynet", {"ver": "1", "response": b"a.b.c"})),
        answered(with_key({1: 2, 3: -7}), response=5),
    ],
)  # fmt: skip
def test_whatever_stands_in_place_of_a_passkeys_answer_is_a_refusal(small_city: SmallCity, credential: str):
    viewer = Viewer(small_city.officer.actor)
    with pytest.raises(LinliError, match="passkey"):
        factors.add_passkey(viewer, staff=small_city.officer, label="x", credential=credential, challenge=ASKED, site=SITE)
    assert factors.factors_of(small_city.officer) == []


def test_malformed_answers_of_a_passkey_are_failures_that_slow_down(small_city: SmallCity, client: Client):
    SecondFactor.objects.create(
        staff=small_city.officer, kind="passkey", label="x", credential_id=b"1" * 16, public_key=b"", added_at=clock.now()
    )
    password(client)
    deep = f'{{"rawId":"{letters(b"1" * 16)}","id":{"[" * 5000}'
    for _guess in range(signin.PER_LOGIN):
        client.get(SECOND)
        assert client.post(SECOND, {"credential": deep}).status_code == 403
    assert client.post(SECOND, {"credential": deep}).status_code == 429


def test_signing_in_makes_a_new_session_key_each_time(small_city: SmallCity, client: Client):
    keys = []
    for _time in range(2):
        password(client)
        keys.append(client.session.session_key)
    assert len(set(keys)) == 2
    assert not Session.objects.filter(session_key=keys[0]).exists()
    planted = Client()
    planted.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    password(planted)
    assert planted.cookies[settings.SESSION_COOKIE_NAME].value != "a" * 32


@pytest.mark.parametrize(("steps", "still"), [([20, 20, 20], True), ([31], False), ([25] * 20, False)])
def test_a_session_ends_after_half_an_hour_alone_and_after_a_working_day(
    small_city: SmallCity, client: Client, steps: list[int], still: bool
):
    start = clock.now()
    password(client)
    moment = start
    for minutes in steps:
        moment += timedelta(minutes=minutes)
        with clock.frozen(moment):
            status = client.get("/office/").status_code
    assert (status == 200) is still
    assert StaffSession.objects.filter(ended_at=None).exists() is still


def test_a_session_ended_elsewhere_is_nobodys(small_city: SmallCity, client: Client):
    other = Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/130.0")
    password(other)
    password(client)
    page = client.get(ACCOUNT).content.decode()
    assert "Chrome · Windows" in page
    uid = StaffSession.objects.get(device="Chrome · Windows").uid
    assert client.post(f"/admin/account/sessions/{uid}/end/").status_code == 302
    assert other.get("/office/").status_code == 302
    assert client.get("/office/").status_code == 200
    assert Fact.objects.filter(type="registers.session_ended").get().payload == {"by": "self"}


def test_nobody_ends_a_colleagues_session(small_city: SmallCity, client: Client):
    other = Client()
    password(other, "local")
    password(client)
    uid = StaffSession.objects.get(staff=small_city.local).uid
    assert client.post(f"/admin/account/sessions/{uid}/end/").status_code == 404
    assert client.post(f"/admin/security/sessions/{uid}/end/").status_code == 403
    assert other.get("/office/").status_code == 200


def test_a_new_password_ends_every_other_session(small_city: SmallCity, client: Client):
    other = Client()
    password(other)
    password(client)
    new = "a-newer-test-password-8"
    wrong = client.post("/admin/account/password/", {"password": "no", "new": new})
    assert "密码不对" in wrong.content.decode()
    assert client.post("/admin/account/password/", {"password": PASSWORD, "new": new})["Location"] == ACCOUNT
    assert client.get("/office/").status_code == 200
    assert other.get("/office/").status_code == 302
    assert StaffSession.objects.get(ended_at=None).session_key == client.session.session_key


@override_settings(LINLI_SECOND_FACTOR="required")
def test_the_last_factor_stays_where_one_is_required(small_city: SmallCity, client: Client):
    generator, factor = with_totp(small_city.officer)
    password(client)
    client.post(SECOND, {"code": generator.now()})
    refused = client.post(f"/admin/account/factors/{factor.uid}/remove/", {"password": PASSWORD})
    assert "最后一种" in html.unescape(refused.content.decode())
    assert factors.factors_of(small_city.officer) == [factor]


def test_adding_a_generator_asks_for_the_password_and_gives_recovery_codes(small_city: SmallCity, client: Client):
    password(client)
    generator = pyotp.TOTP(shown_secret(client.get("/admin/account/totp/")))
    assert "密码不对" in client.post("/admin/account/totp/", {"label": "手机", "code": generator.now(), "password": "no"}).content.decode()
    done = client.post("/admin/account/totp/", {"label": "手机", "code": generator.now(), "password": PASSWORD})
    assert "备用码" in done.content.decode()
    assert [one.label for one in factors.factors_of(small_city.officer)] == ["手机"]


def test_a_page_at_a_bare_address_says_where_a_passkey_can_be_added(small_city: SmallCity, client: Client):
    password(client)
    told = client.get(f"{ACCOUNT}passkey/", HTTP_HOST="127.0.0.1:8811").content.decode()
    assert "请打开 http://localhost:8811/admin/account/passkey/ 再添加" in told
    assert "data-passkey" not in told
    assert "data-passkey" in client.get(f"{ACCOUNT}passkey/").content.decode()
