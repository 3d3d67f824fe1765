"""Where each role's day begins, and that a menu has only what is open to whoever sees it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from place_examples import FIRST_DAY, GROUP, SYSTEM
from web_examples import PASSWORD, SmallCity

from linli.registers import acts

# role: area, where sign-in ends, and a tab that others have and this role has not
ROLES = {
    "officer": ("", "/office/", "/window/"),
    "clerk": ("140802", "/window/", "/office/imports/"),
    "planner": ("", "/city/", "/office/"),
    "steward": (GROUP, "/steward/", "/office/"),
    "administrator": ("", "/admin/", "/office/"),
    "security": ("", "/admin/", "/office/"),
    "auditor": ("", "/admin/", "/office/inbox/"),
}


def as_role(role: str) -> tuple[Client, str]:
    """A client of a new member of staff, and where the sign-in led."""
    added = acts.add_staff(SYSTEM, login=f"new-{role}", name=f"新{role}", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=added, role=role, area_code=ROLES[role][0], valid_from=FIRST_DAY)
    client = Client()
    return client, client.post("/office/sign-in/", {"login": f"new-{role}", "password": PASSWORD})["Location"]


def tabs_of(page: str) -> list[str]:
    """Addresses of the main navigation, in order."""
    return re.findall(r'class="menu-link" href="([^"]+)"', page)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_begins_on_its_own_page_and_every_tab_opens(small_city: SmallCity, db: None, role: str):
    client, begun = as_role(role)
    _area, start, other = ROLES[role]
    assert begun == start
    page = client.get(begun, follow=True).content.decode()
    tabs = tabs_of(page)
    assert tabs[0] == start
    assert other not in tabs
    assert tabs[-1] == "/admin/account/"
    for address in tabs:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        assert tabs_of(answer.content.decode())[-1] == "/admin/account/"
        assert answer.content.decode().count('class="menu-link" href="' + address + '" aria-current="page"') <= 1


def test_a_clerk_gets_from_the_window_to_the_inbox_the_residents_and_the_own_account(small_city: SmallCity, db: None):
    client, begun = as_role("clerk")
    tabs = tabs_of(client.get(begun).content.decode())
    assert {"/office/inbox/", "/office/residents/", "/admin/account/", "/window/lacking/"} <= set(tabs)


def test_the_officers_front_door_leads_a_clerk_to_the_window(small_city: SmallCity, db: None):
    client, _begun = as_role("clerk")
    assert client.get("/office/")["Location"] == "/window/"


def test_somebody_with_no_grant_has_an_account_and_nothing_else(small_city: SmallCity, db: None):
    acts.add_staff(SYSTEM, login="nobody", name="新人", password=PASSWORD)
    client = Client()
    assert client.post("/office/sign-in/", {"login": "nobody", "password": PASSWORD})["Location"] == "/admin/account/"
    assert tabs_of(client.get("/admin/account/").content.decode()) == ["/admin/account/"]
