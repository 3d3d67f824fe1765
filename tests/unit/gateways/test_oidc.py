"""A token of the identity service is believed for exactly one client, journey and time, and by keys published now."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from linli.gateways import oidc
from linli.kernel.errors import LinliError
from linli.registers.ports import Journey

ISSUER, CLIENT, BACK = "https://id.example", "linli", "https://office.example/office/sign-in/identity/back/"
OPTIONS = {"issuer": ISSUER, "client": CLIENT, "secret": "shared"}


class Provider:
    """An identity service in memory: what it publishes, and the token that its next exchange gives."""

    def __init__(self) -> None:
        self.key = self.new_key("one")
        self.published = [self.key]
        self.token = ""
        self.asked: list[str] = []
        self.form: dict[str, str] = {}
        self.person: dict[str, Any] = {}

    @staticmethod
    def new_key(name: str) -> ECKey:
        return ECKey.generate_key("P-256", {"kid": name, "use": "sig"})

    def __call__(self, address: str, form: Any = None, headers: Any = None) -> dict[str, Any]:
        self.asked.append(address)
        if address.endswith("openid-configuration"):
            return {
                "issuer": ISSUER,
                **{f"{name}": f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")},
            }
        if address.endswith("userinfo_endpoint"):
            assert headers["Authorization"] == "Bearer access"
            return self.person
        if address.endswith("jwks_uri"):
            return {"keys": [key.as_dict(private=False) for key in self.published]}
        self.form = form
        return {"id_token": self.token, "access_token": "access"}

    def sign(self, journey: Journey, *, key: Any = None, algorithm: str = "ES256", **changed: Any) -> None:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300, "nonce": journey.nonce, **changed}
        claims = {name: value for name, value in claims.items() if value is not None}
        signer = key or self.key
        self.token = jwt.encode({"alg": algorithm, "kid": signer.kid}, claims, signer, algorithms=[algorithm])


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setattr(oidc, "_published", {})
    return Provider()


def finish(provider: Provider, journey: Journey, **answer: str) -> Any:
    return oidc.OpenIdService(OPTIONS, provider).finish(journey, BACK, {"state": journey.state, "code": "c", **answer})


def begun(provider: Provider) -> Journey:
    return oidc.OpenIdService(OPTIONS, provider).begin(BACK)


def test_a_journey_takes_a_challenge_along_and_keeps_its_secrets(provider: Provider):
    journey = begun(provider)
    query = {name: values[0] for name, values in parse_qs(urlsplit(journey.address).query).items()}
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == BACK
    assert query["state"] == journey.state
    assert journey.verifier not in journey.address
    other = begun(provider)
    assert len({journey.state, journey.nonce, journey.verifier, other.state, other.nonce, other.verifier}) == 6
    provider.sign(journey)
    found = finish(provider, journey)
    assert (found.issuer, found.subject, found.several_factors) == (ISSUER, "7", False)
    assert provider.form["code_verifier"] == journey.verifier


@pytest.mark.parametrize(
    ("methods", "more_than_one"),
    [
        (["mfa"], True), (["pwd", "otp"], True), (["pin", "hwk"], True), (["face", "sc"], True), ("mfa", True),
        (["otp"], False), (["face"], False), (["sc"], False), (["hwk", "otp"], False), (["pwd", "pin"], False), (["fpt", "face"], False),
        (["user", "geo"], False), ([], False), (None, False), ({"mfa": 1}, False),
    ],
)  # fmt: skip
def test_two_methods_of_one_kind_are_one_factor(provider: Provider, methods: Any, more_than_one: bool):
    journey = begun(provider)
    provider.sign(journey, amr=methods)
    assert finish(provider, journey).several_factors is more_than_one


@pytest.mark.parametrize("subject", ["x\x00y", "x" * 201, "", "a\nb", 5, None])
def test_a_subject_that_no_link_could_name_is_refused(provider: Provider, subject: Any):
    journey = begun(provider)
    provider.sign(journey, sub=subject)
    with pytest.raises(LinliError) as refusal:
        finish(provider, journey)
    assert refusal.value.code == "identity.refused"


def test_several_factors_are_believed_when_the_token_names_them(provider: Provider):
    journey = begun(provider)
    provider.sign(journey, amr=["pwd", "otp"])
    assert finish(provider, journey).several_factors


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"}, {"aud": "another"}, {"aud": ["another"]}, {"aud": [CLIENT, "another"]}, {"azp": "another"},
        {"nonce": "another"}, {"nonce": None}, {"sub": None}, {"exp": 1}, {"exp": None}, {"iat": 1}, {"iat": None},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_for_someone_else_or_another_time_is_refused(provider: Provider, changed: dict[str, Any]):
    journey = begun(provider)
    provider.sign(journey, **changed)
    with pytest.raises(LinliError, match="refused"):
        finish(provider, journey)


@pytest.mark.parametrize(
    "answer", [{"state": "another"}, {"state": ""}, {"error": "access_denied"}, {"code": ""}, {"iss": "https://other.example"}], ids=str
)
def test_an_answer_that_is_not_this_journeys_is_refused_without_asking_for_a_token(provider: Provider, answer: dict[str, str]):
    journey = begun(provider)
    provider.sign(journey)
    with pytest.raises(LinliError, match="refused"):
        finish(provider, journey, **answer)
    assert not any(address.endswith("token_endpoint") for address in provider.asked)


def test_keys_rotate_and_a_withdrawn_one_no_longer_signs(provider: Provider):
    journey = begun(provider)
    provider.sign(journey)
    finish(provider, journey)
    old, new = provider.key, Provider.new_key("two")
    provider.key, provider.published = new, [new]
    provider.sign(journey)
    assert finish(provider, journey).subject == "7"
    provider.sign(journey, key=old)
    with pytest.raises(LinliError):
        finish(provider, journey)


def test_a_foreign_signature_no_signature_and_a_shared_secret_are_refused(provider: Provider):
    journey = begun(provider)
    provider.sign(journey, key=ECKey.generate_key("P-256", {"kid": "one"}))
    with pytest.raises(LinliError):
        finish(provider, journey)
    provider.sign(journey, key=OctKey.import_key("shared" * 8, {"kid": "one"}), algorithm="HS256")
    with pytest.raises(LinliError):
        finish(provider, journey)
    provider.sign(journey)
    head, body, _signature = provider.token.split(".")
    provider.token = f"{head}.{body}."
    with pytest.raises(LinliError):
        finish(provider, journey)


def test_an_rsa_key_serves_as_well(provider: Provider):
    journey = begun(provider)
    provider.key = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
    provider.published = [provider.key]
    provider.sign(journey, algorithm="RS256")
    assert finish(provider, journey).subject == "7"


@pytest.mark.parametrize("address", ["http://id.example/x", "file:///etc/passwd", "ftp://id.example/"])
def test_only_https_is_asked(address: str):
    with pytest.raises(LinliError, match="can't be used"):
        oidc.fetch(address)


def numbered(provider: Provider, **claims: Any) -> Any:
    service = oidc.OpenIdService({**OPTIONS, "claim": "id_number"}, provider)
    journey = service.begin(BACK)
    provider.sign(journey, **claims)
    return service.finish(journey, BACK, {"state": journey.state, "code": "c"}).number


def test_the_number_is_taken_from_the_token_else_from_the_userinfo_of_the_same_subject(provider: Provider):
    assert numbered(provider, id_number="from the token") == "from the token"
    assert not any("userinfo" in address for address in provider.asked)
    provider.person = {"sub": "7", "id_number": "from userinfo"}
    assert numbered(provider) == "from userinfo"


@pytest.mark.parametrize(
    "person", [{"sub": "8", "id_number": "x"}, {"sub": "7"}, {"sub": "7", "id_number": 5}, {"sub": "7", "id_number": " "}], ids=str
)
def test_no_number_or_somebody_elses_is_refused(provider: Provider, person: dict[str, Any]):
    provider.person = person
    with pytest.raises(LinliError, match="refused"):
        numbered(provider)
