"""Signing in through a real OpenID Connect provider: code with PKCE over HTTP, whoever its token names, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.test import Client, override_settings
from oidc_provider_mock import run_server_in_thread
from web_examples import SmallCity

from linli.gateways import oidc
from linli.registers.acts import sessions
from linli.registers.models import StaffSession
from linli.trace.models import Fact

from place_examples import SYSTEM  # isort: skip

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
    with override_settings(LINLI_OIDC=options, LINLI_IDENTITY_SERVICE="linli.gateways.oidc.OpenIdService"):
        yield provider


def authorised(client: Client, subject: str) -> str:
    """What the browser does: to the provider, sign in there as `subject`, and the address it is sent back to."""
    journey = client.post("/office/sign-in/identity/", {"next": "/office/"})["Location"]
    answer = build_opener(_Stay).open(Request(journey, data=urlencode({"sub": subject}).encode()), timeout=10)
    return str(answer.headers["Location"]).removeprefix("http://testserver")


def test_whom_the_token_names_is_signed_in(issuer: str, small_city: SmallCity, client: Client):
    assert "统一身份认证" in client.get("/office/sign-in/").content.decode()
    sessions.link_identity(SYSTEM, staff=small_city.officer, issuer=issuer, subject="p-7")
    assert client.get(authorised(client, "p-7"))["Location"] == "/office/"
    assert client.get("/office/").status_code == 200
    assert StaffSession.objects.get(staff=small_city.officer).method == "identity"


def test_someone_whom_nobody_linked_gets_in_nowhere(issuer: str, small_city: SmallCity, client: Client):
    answer = client.get(authorised(client, "stranger"))
    assert answer.status_code == 403
    assert "stranger" in answer.content.decode()
    assert client.get("/office/").status_code == 302


def test_an_answer_is_good_once_and_in_one_browser(issuer: str, small_city: SmallCity, client: Client):
    sessions.link_identity(SYSTEM, staff=small_city.officer, issuer=issuer, subject="p-7")
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
    sessions.link_identity(SYSTEM, staff=small_city.officer, issuer=issuer, subject="p-7")
    assert client.get(authorised(client, "p-7"))["Location"] == "/office/sign-in/enrol/"
    assert client.get("/office/").status_code == 302


def test_a_link_that_ended_no_longer_lets_in(issuer: str, small_city: SmallCity, client: Client):
    identity = sessions.link_identity(SYSTEM, staff=small_city.officer, issuer=issuer, subject="p-7")
    sessions.end_identity(SYSTEM, identity=identity)
    assert client.get(authorised(client, "p-7")).status_code == 403
    kinds = list(
        Fact.objects.filter(subject=small_city.officer.actor, type__contains="identity").order_by("id").values_list("type", flat=True)
    )
    assert kinds == ["registers.identity_linked", "registers.identity_ended"]


def test_without_an_identity_service_there_is_no_such_page(small_city: SmallCity, client: Client):
    assert client.post("/office/sign-in/identity/").status_code == 404
    assert client.get(BACK)["Location"] == "/office/sign-in/"
