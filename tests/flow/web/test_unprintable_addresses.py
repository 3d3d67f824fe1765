"""A control character in an address is an address that there is not, for whoever asks: nothing of it reaches the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.converters import StringConverter
from place_examples import FIRST_DAY, SYSTEM
from web_examples import AID, PASSWORD, SmallCity

from linli.registers import acts
from linli.web.urls.promises import VersionConverter

pytestmark = pytest.mark.django_db
MARK = "zzz"


def addresses(small_city: SmallCity, resolver: Any = None, namespace: str = "") -> Iterator[str]:
    """Every page's address with a text in it, with MARK for the text."""
    values = {"slug": AID, "uid": small_city.found.uid}
    for one in (resolver or get_resolver()).url_patterns:
        if hasattr(one, "url_patterns"):
            yield from addresses(small_city, one, namespace + (f"{one.namespace}:" if one.namespace else ""))
            continue
        kinds = one.pattern.converters
        texts = {name for name, kind in kinds.items() if type(kind) in (StringConverter, VersionConverter)}
        if texts and not namespace.startswith("api-"):
            yield reverse(namespace + one.name, kwargs={name: MARK if name in texts else values[name] for name in kinds})


def test_no_address_brings_a_nul_to_the_database(small_city: SmallCity, office: Client):
    """A clerk, a steward and an officer ask for each, by both methods."""
    browsers = [office]
    for role in ("clerk", "steward"):
        staff = acts.add_staff(SYSTEM, login=role, name=f"岗位{role}", password=PASSWORD)
        acts.place_grant(SYSTEM, staff=staff, role=role, area_code="140802" if role == "clerk" else "140802002001", valid_from=FIRST_DAY)
        browsers.append(Client())
        browsers[-1].post("/office/sign-in/", {"login": role, "password": PASSWORD})
    found = list(addresses(small_city))
    assert len(found) >= 7
    for address in found:
        for browser in browsers:
            for ask in (browser.get, browser.post):
                response: Any = ask(address.replace(MARK, "%00"))
                assert response.status_code < 500, address
