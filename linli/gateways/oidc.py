"""Signing in through the city's identity service: OpenID Connect 1.0, authorization code with PKCE (RFC 7636, S256).

A token is believed when its signature is by a key that the issuer publishes now, with an asymmetric algorithm, and issuer, audience,
time and nonce are those of this journey. An unknown key id fetches the published keys once more: that is how keys rotate.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.registers.ports import Identified, Journey

ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512"]
LEEWAY = 60  # seconds that two clocks may differ
OLDEST = 600  # seconds since a token was issued
TIMEOUT = 10
LARGEST = 1_000_000
# Authentication methods (RFC 8176) by what they show: something known, something held, something of the body. One of each kind is one
# factor, however many there are of it.
KINDS = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "swk", "sc", "sms", "tel"}),
    frozenset({"face", "fpt", "iris", "retina", "vbm"}),
)
LONGEST_SUBJECT = 200
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_published: dict[str, dict[str, Any]] = {}


class _NoRedirect(HTTPRedirectHandler):
    """An endpoint that sends us elsewhere is not the one that was configured."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def fetch(address: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A JSON object from the identity service: https only (plain http on this machine alone), no redirects, at most 1 MB."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise _unusable(f"not an https address: {address[:100]}")
    request = Request(address, data=urlencode(form).encode() if form is not None else None, headers=dict(headers or {}))
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            found = json.loads(answer.read(LARGEST))
    except (URLError, OSError, ValueError) as problem:
        raise _unusable(type(problem).__name__) from problem
    if not isinstance(found, dict):
        raise _unusable("not a JSON object")
    return found


class OpenIdService:
    """The identity service of settings.LINLI_OIDC, or of other options with the same names (issuer, client, secret; claim, scope).

    fetch: how it is asked, replaceable in tests.
    """

    def __init__(self, options: Mapping[str, str] | None = None, ask: Callable[..., dict[str, Any]] = fetch) -> None:
        given = options or settings.LINLI_OIDC
        self.issuer, self.client, self.secret = given["issuer"], given["client"], given["secret"]
        self.claim, self.scope = given.get("claim", ""), given.get("scope") or "openid"
        self._ask = ask

    def begin(self, back: str) -> Journey:
        """A new journey with 256-bit state, nonce and verifier."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self.client,
                "redirect_uri": back,
                "scope": self.scope,
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        address = self._about()["authorization_endpoint"]
        return Journey(f"{address}{'&' if '?' in address else '?'}{query}", state, nonce, verifier)

    def finish(self, journey: Journey, back: str, answer: Mapping[str, str]) -> Identified:
        """Exchange the code and check the token. A foreign state, an error, a token with anything wrong is refused."""
        if not hmac.compare_digest(answer.get("state", "").encode(), journey.state.encode()):
            raise _refused("state")
        if answer.get("iss", self.issuer) != self.issuer:  # RFC 9207: an answer of another service
            raise _refused("iss")
        if "error" in answer or not answer.get("code"):
            raise _refused(answer.get("error", "code")[:60])
        token, access = self._exchange(answer["code"], back, journey.verifier)
        claims = self._checked(token, journey.nonce)
        number = self._number(claims, access) if self.claim else ""
        return Identified(self.issuer, claims["sub"], several(_listed(claims.get("amr"))), number)

    def _number(self, claims: Mapping[str, Any], access: str) -> str:
        """The identity number by the configured claim: in the token, else from the userinfo endpoint, whose answer must be about the
        same subject (OpenID Connect Core, 5.3.2)."""
        found = claims.get(self.claim)
        if found is None and access and self._about().get("userinfo_endpoint"):
            about = self._ask(self._about()["userinfo_endpoint"], None, {"Authorization": f"Bearer {access}", "Accept": "application/json"})
            if about.get("sub") != claims["sub"]:
                raise _refused("sub")
            found = about.get(self.claim)
        if not isinstance(found, str) or not found.strip():
            raise _refused(self.claim)
        return found.strip()

    def _exchange(self, code: str, back: str, verifier: str) -> tuple[str, str]:
        """The ID token and the access token."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"Accept": "application/json"}
        if self.secret:
            basic = f"{quote(self.client, safe='')}:{quote(self.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(basic.encode()).decode()}"
        else:
            form["client_id"] = self.client
        answer = self._ask(self._about()["token_endpoint"], form, headers)
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str):
            raise _refused("id_token")
        return token, access if isinstance(access, str) else ""

    def _checked(self, token: str, nonce: str) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = dict(self._decoded(token).claims)
            registry.validate(claims)
        except (JoseError, ValueError) as problem:
            raise _refused(getattr(problem, "claim", "") or type(problem).__name__) from problem
        audience = _listed(claims["aud"])
        if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != self.client:
            raise _refused("azp")
        if claims["iat"] < now - OLDEST:
            raise _refused("iat")
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise _refused("sub")
        return claims

    def _decoded(self, token: str) -> jwt.Token:
        """The token, its signature checked; with keys fetched anew if no known key fits."""
        try:
            return jwt.decode(token, self._keys(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            return jwt.decode(token, self._keys(anew=True), algorithms=ALGORITHMS)

    def _keys(self, *, anew: bool = False) -> KeySet:
        about = self._about()
        if anew or "keys" not in about:
            about["keys"] = KeySet.import_key_set(self._ask(about["jwks_uri"]))  # type: ignore[arg-type]
        keys: KeySet = about["keys"]
        return keys

    def _about(self) -> dict[str, Any]:
        """What the service publishes about itself, asked once per process; of another issuer it is refused."""
        if self.issuer not in _published:
            found = self._ask(f"{self.issuer}/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer", "").rstrip("/") != self.issuer or not all(isinstance(found.get(name), str) for name in wanted):
                raise _unusable("its description")
            _published[self.issuer] = {name: found[name] for name in (*wanted, "userinfo_endpoint") if isinstance(found.get(name), str)}
        return _published[self.issuer]


def residents() -> OpenIdService:
    """The service that says who a resident is: settings.LINLI_RESIDENT_OIDC."""
    return OpenIdService(settings.LINLI_RESIDENT_OIDC)


def several(methods: Sequence[str]) -> bool:
    """Whether these authentication methods (RFC 8176) are two factors: it says so ("mfa"), or two of different kinds were shown."""
    return "mfa" in methods or sum(bool(kind & set(methods)) for kind in KINDS) > 1


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [value] if isinstance(value, str) else []


def _refused(what: str) -> LinliError:
    return LinliError(
        "identity.refused",
        zh="统一身份认证没有通过",
        en="The identity service's answer was refused.",
        place=Place(field=what),
        remedy_zh="请重新登录；仍不成功请联系系统管理员",
        remedy_en="sign in again; if it still fails, ask an administrator",
    )


def _unusable(found: str) -> LinliError:
    return LinliError(
        "identity.unusable",
        zh="统一身份认证服务暂时无法使用",
        en="The identity service can't be used now.",
        found=found,
        remedy_zh="请稍后再试，或用登录名和密码登录",
        remedy_en="try again later, or sign in with login and password",
    )
