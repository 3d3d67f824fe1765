"""Too many calls are refused, by token and by address; the next minute begins anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from linli_client import Refused

from linli.api import limits
from linli.api.models import Calls
from linli.kernel import clock


def test_the_headers_count_down_and_the_next_call_is_refused(city, db, monkeypatch):
    monkeypatch.setattr(limits, "PER_ADDRESS_WITHOUT_TOKEN", 3)
    browser = Browser()
    left = [browser.get("/api/v1/fact-types").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = browser.get("/api/v1/fact-types")
    assert (refused.status_code, refused.json()["code"]) == (429, "api.too_many")
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    Calls.objects.update(minute=clock.now() - timedelta(minutes=2))
    assert browser.get("/api/v1/fact-types").status_code == 200


def test_a_token_has_a_limit_of_its_own(city, db, monkeypatch, caller, tokens):
    monkeypatch.setattr(limits, "PER_TOKEN", 2)
    one, other = caller(tokens.secret(city.officer)), caller(tokens.secret(city.officer))
    one.whoami(), one.whoami()
    with pytest.raises(Refused) as caught:
        one.whoami()
    assert caught.value.status == 429
    assert other.whoami()


def test_whoever_tries_tokens_is_stopped_even_with_a_right_one(city, db, monkeypatch, tokens):
    monkeypatch.setattr(limits, "WRONG_TOKENS", 3)
    right = {"Authorization": f"Bearer {tokens.secret(city.officer)}"}
    for number in range(4):
        assert Browser().get("/api/v1/me", headers={"Authorization": f"Bearer linli_guess{number}"}).status_code in (401, 429)
    assert Browser().get("/api/v1/me", headers=right).status_code == 429
    assert Browser().get("/api/v1/me", headers=right, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_a_forwarded_address_is_believed_behind_our_own_proxy_only(city, db, settings, rf):
    asked = rf.get("/", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.4"})
    assert limits.address_of(asked) == "127.0.0.1"
    settings.LINLI_HTTPS = True
    assert limits.address_of(asked) == "198.51.100.4"
