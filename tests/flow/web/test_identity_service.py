"""Signing in through a real OpenID Connect provider: code with PKCE over HTTP, whoever its token names, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.test import Client, override_settings
from oidc_provider_mock import run_server_in_thread
from own_browser import number_of
from web_examples import SmallCity

from linli.gateways import oidc
from linli.registers import acts
from linli.registers.acts import sessions
from linli.registers.models import ExternalIdentity, RefusedAttempt, ResidentAccount, Staff, StaffSession
from linli.registers.queries import viewer_of
from linli.registers.queries.accounts import viewer_of_resident
from linli.trace.models import Fact

from place_examples import SYSTEM, identity, person  # isort: skip

pytestmark = pytest.mark.django_db
BACK = "/office/sign-in/identity/back/"


class _Stay(HTTPRedirectHandler):
    """Where the provider sends the browser is the answer."""

    def http_error_302(self, _request, answer, *_args):  # type: ignore[no-untyped-def]
        return answer


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Its address; nothing leaves the machine."""
    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def issuer(provider: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(oidc, "_published", {})
    options = {"issuer": provider, "client": "linli", "secret": "a shared secret: %"}
    own = {**options, "claim": "id_number", "scope": "openid profile"}
    with override_settings(
        LINLI_OIDC=options,
        LINLI_IDENTITY_SERVICE="linli.gateways.oidc.OpenIdService",
        LINLI_RESIDENT_OIDC=own,
        LINLI_RESIDENT_IDENTITY_SERVICE="linli.gateways.oidc.residents",
    ):
        yield provider


def authorised(client: Client, subject: str) -> str:
    """What the browser does: to the provider, sign in there as `subject`, and the address it is sent back to."""
    journey = client.post("/office/sign-in/identity/", {"next": "/office/"})["Location"]
    answer = build_opener(_Stay).open(Request(journey, data=urlencode({"sub": subject}).encode()), timeout=10)
    return str(answer.headers["Location"]).removeprefix("http://testserver")


def linked(staff: Staff, issuer: str, subject: str = "p-7") -> ExternalIdentity:
    """A link that its owner has confirmed."""
    identity = sessions.link_identity(SYSTEM, staff=staff, issuer=issuer, subject=subject)
    sessions.confirm_identity(viewer_of(staff), identity=identity)
    return identity


def test_whom_the_token_names_is_signed_in(issuer: str, small_city: SmallCity, client: Client):
    assert "统一身份认证" in client.get("/office/sign-in/").content.decode()
    linked(small_city.officer, issuer)
    assert client.get(authorised(client, "p-7"))["Location"] == "/office/"
    assert client.get("/office/").status_code == 200
    assert StaffSession.objects.get(staff=small_city.officer).method == "identity"


def test_someone_whom_nobody_linked_gets_in_nowhere(issuer: str, small_city: SmallCity, client: Client):
    answer = client.get(authorised(client, "stranger"))
    assert answer.status_code == 403
    assert "stranger" in answer.content.decode()
    assert client.get("/office/").status_code == 302


def test_an_answer_is_good_once_and_in_one_browser(issuer: str, small_city: SmallCity, client: Client):
    linked(small_city.officer, issuer)
    back = authorised(client, "p-7")
    other = Client()
    authorised(other, "p-7")
    assert other.get(back).status_code == 403
    assert other.get("/office/").status_code == 302
    assert client.get(back).status_code == 302
    assert Client().get(back)["Location"] == "/office/sign-in/"
    client.post("/office/sign-out/")
    assert client.get(back)["Location"] == "/office/sign-in/"


@override_settings(LINLI_SECOND_FACTOR="required")
def test_a_password_elsewhere_is_not_the_second_factor_here(issuer: str, small_city: SmallCity, client: Client):
    linked(small_city.officer, issuer)
    assert client.get(authorised(client, "p-7"))["Location"] == "/office/sign-in/enrol/"
    assert client.get("/office/").status_code == 302


def test_a_link_that_ended_no_longer_lets_in(issuer: str, small_city: SmallCity, client: Client):
    identity = linked(small_city.officer, issuer)
    sessions.end_identity(SYSTEM, identity=identity)
    assert client.get(authorised(client, "p-7")).status_code == 403
    kinds = list(
        Fact.objects.filter(subject=small_city.officer.actor, type__contains="identity").order_by("id").values_list("type", flat=True)
    )
    assert kinds == ["registers.identity_linked", "registers.identity_confirmed", "registers.identity_ended"]


def test_without_an_identity_service_there_is_no_such_page(small_city: SmallCity, client: Client):
    assert client.post("/office/sign-in/identity/").status_code == 404
    assert client.get(BACK)["Location"] == "/office/sign-in/"


def test_a_link_that_its_owner_has_not_confirmed_lets_nobody_in(issuer: str, small_city: SmallCity, client: Client):
    sessions.link_identity(SYSTEM, staff=small_city.officer, issuer=issuer, subject="p-7")
    assert client.get(authorised(client, "p-7")).status_code == 403
    assert client.get("/office/").status_code == 302
    assert RefusedAttempt.objects.get(place="office:identity_back").kind == "identity.unknown"


@pytest.mark.parametrize("began", ["/my/sign-in/city/", "/office/sign-in/identity/"])
@pytest.mark.parametrize("said", ["é", "\x00", "状态"])
def test_a_state_of_any_letters_is_a_refusal_that_is_noted(issuer: str, small_city: SmallCity, client: Client, began: str, said: str):
    client.post(began)
    assert client.get(f"{began}back/", {"code": "x", "state": said}).status_code == 403
    assert RefusedAttempt.objects.filter(kind="identity.refused").count() == 1


# Residents: found by the identity number that a declared claim carries.


def known_there(issuer: str, subject: str, **claims: str) -> None:
    """The provider knows somebody of these claims."""
    body = json.dumps(claims).encode()
    request = Request(f"{issuer}/users/{subject}", data=body, headers={"Content-Type": "application/json"}, method="PUT")
    build_opener().open(request, timeout=10).close()


def resident_authorised(client: Client, subject: str) -> str:
    journey = client.post("/my/sign-in/city/")["Location"]
    answer = build_opener(_Stay).open(Request(journey, data=urlencode({"sub": subject}).encode()), timeout=10)
    return str(answer.headers["Location"]).removeprefix("http://testserver")


def test_a_resident_whom_the_service_names_sees_what_was_found_in_this_session_only(issuer: str, small_city: SmallCity, client: Client):
    who = small_city.found
    known_there(issuer, "r-1", id_number=number_of(who).lower())
    assert "统一身份认证" in client.get("/my/sign-in/").content.decode()
    assert client.get(resident_authorised(client, "r-1"))["Location"] == "/my/"
    assert "扶残助学圆梦工程" in client.get("/my/").content.decode()
    assert client.get("/my/mandates/").status_code == 200
    account = ResidentAccount.objects.get(resident=who)
    assert account.level == "phone"
    assert "通过统一身份认证登录" in client.get("/my/readings/").content.decode()
    assert viewer_of_resident(account).level == "phone"
    assert not any(number_of(who) in fact.payload.values() for fact in Fact.objects.filter(subject=f"resident:{who.uid}"))


def test_a_number_that_is_nobodys_or_no_number_opens_nothing_and_is_noted(issuer: str, small_city: SmallCity, client: Client):
    for subject, claims in (("r-2", {"id_number": identity()}), ("r-3", {"id_number": "110"}), ("r-4", {"name": "没有号码"})):
        known_there(issuer, subject, **claims)
        assert client.get(resident_authorised(client, subject)).status_code == 403
        assert client.get("/my/")["Location"] == "/my/sign-in/"
    assert RefusedAttempt.objects.filter(place="my:identity_back").count() == 3


def test_a_residents_answer_is_good_once_and_in_one_browser(issuer: str, small_city: SmallCity, client: Client):
    known_there(issuer, "r-5", id_number=number_of(small_city.found))
    back = resident_authorised(client, "r-5")
    other = Client()
    resident_authorised(other, "r-5")
    assert other.get(back).status_code == 403
    assert Client().get(back)["Location"] == "/my/sign-in/"
    assert client.get(back)["Location"] == "/my/"
    client.post("/my/sign-out/")
    assert client.get(back)["Location"] == "/my/sign-in/"


def test_a_telephone_joins_the_account_that_the_service_opened(issuer: str, small_city: SmallCity, client: Client):
    """And opens no more than a telephone does."""
    who = person("测试市民", identity=identity(), phone="12500009191")
    known_there(issuer, "r-6", id_number=number_of(who))
    client.get(resident_authorised(client, "r-6"))
    texts: list[str] = []
    sender = type("Sender", (), {"send": lambda _self, _phone, text: texts.append(text)})()
    acts.request_code(contact="12500009191", address="10.0.0.1", sender=sender, hotline="12345")
    code = next(part for part in texts[0].replace("，", " ").split() if part.isdecimal() and len(part) == 6)
    account = acts.confirm_code(contact="12500009191", code=code)
    assert (account.resident, account.level) == (who, "phone")
    assert ResidentAccount.objects.filter(resident=who).count() == 1


def test_forms_may_lead_to_the_service_and_nowhere_else(issuer: str, small_city: SmallCity, client: Client):
    policy = client.get("/my/sign-in/").headers["Content-Security-Policy"]
    assert f"form-action 'self' {issuer}" in policy
