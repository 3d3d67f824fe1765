"""The public site and the officers' site as two processes: neither has an address of the other, and no link on either leads nowhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from site_examples import whole_site
from web_examples import PASSWORD, SmallCity

from linli.web.frame.portals import site_of

pytestmark = pytest.mark.django_db
HOSTS = {"public": "https://public.test", "office": "https://office.test"}
OFFICERS = ("/office/", "/admin/", "/window/", "/steward/", "/city/")


@pytest.fixture(params=["public", "office"])
def site(request: pytest.FixtureRequest, settings: Any) -> str:
    """This process is one of the two, and knows the other's address."""
    settings.LINLI_SITE = request.param
    settings.ROOT_URLCONF = f"linli.site.urls.{request.param}"
    settings.LINLI_ADDRESSES = HOSTS
    return str(request.param)


def test_a_site_answers_404_to_every_address_of_the_other(site: str, small_city: SmallCity):
    """Also to a form without its token and to a caller with a key, in the same words as to an address that never was."""
    client = Client(enforce_csrf_checks=True)
    elsewhere = [address for _, address in whole_site(small_city) if site_of(address) not in (site, "both") and address != "/"]
    assert len(elsewhere) > 15
    for address in elsewhere:
        assert [client.get(address).status_code, client.post(address).status_code] == [404, 404], address


def test_what_nobody_placed_is_the_officers(small_city: SmallCity):
    """A portal that is added later is not public by accident."""
    assert {site_of(one) for one in ("/brand-new/", "/office/", "/admin/staff/", "/steward/", "/city/")} == {"office"}
    assert {site_of(address) for _, address in whole_site(small_city) if address.startswith(OFFICERS)} == {"office"}


def test_the_public_site_has_the_public_api_only(settings: Any, small_city: SmallCity, client: Client):
    settings.LINLI_SITE, settings.ROOT_URLCONF = "public", "linli.site.urls.public"
    assert client.get("/api/v1/programmes").status_code == 200
    assert client.get("/api/v1/me").status_code == 404
    assert client.get("/api/v1/residents/search", headers={"Authorization": "Bearer linli_x"}).status_code == 404
    schema = client.get("/api/v1/openapi.json").json()
    for path in schema["paths"]:
        resolve(re.sub(r"\{\w+\}", "some", path), urlconf="linli.site.urls.public")
    assert len(schema["paths"]) >= 6
    assert client.get("/api/docs").status_code == 200


def test_every_link_of_a_site_leads_somewhere(site: str, small_city: SmallCity):
    """Each page that opens, as an officer and as anyone: a link is to this site, or to the other with its host before it."""
    client, links = Client(), set()
    if site == "office":
        assert client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD}).status_code == 302
    for _, address in whole_site(small_city):
        response = client.get(address)
        if response.status_code in (200, 404) and "text/html" in response.headers["Content-Type"]:
            links |= set(re.findall(r'(?:href|action|hx-get|hx-post)="([^"]+)"', response.content.decode()))
    assert len(links) > 15
    for link in links:
        path = link.partition("?")[0].partition("#")[0]
        if link.startswith(("#", "tel:", "/static/", "?")) or not path:
            continue
        other = next((name for name, host in HOSTS.items() if path.startswith(host)), "")
        place = path.removeprefix(HOSTS[other]) if other else path
        assert site_of(place) in ((other,) if other else (site, "both")) or (site, place) == ("office", "/"), link
        try:
            resolve(place, urlconf=f"linli.site.urls.{other or site}")
        except Resolver404:
            pytest.fail(f"{link} leads nowhere")


def test_the_public_site_tells_of_the_officers_only_where_it_is_told(settings: Any, small_city: SmallCity, client: Client):
    settings.LINLI_SITE, settings.ROOT_URLCONF = "public", "linli.site.urls.public"
    settings.LINLI_ADDRESSES = {"public": "", "office": ""}
    assert "工作人员入口" not in client.get("/").content.decode()
    settings.LINLI_ADDRESSES = HOSTS
    assert 'href="https://office.test/office/"' in client.get("/").content.decode()


def test_the_officers_front_door_leads_to_their_work(settings: Any, small_city: SmallCity, client: Client):
    settings.LINLI_SITE, settings.ROOT_URLCONF, settings.LINLI_ADDRESSES = "office", "linli.site.urls.office", HOSTS
    assert client.get("/")["Location"] == reverse("office:runs")
    assert 'href="/office/"' in client.get("/nowhere/").content.decode()
    assert client.post("/nowhere/").status_code in (403, 404)
