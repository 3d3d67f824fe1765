"""A resident's and a member of staff's session stand side by side in one browser, and neither is taken for the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from place_examples import identity, person
from web_examples import PASSWORD, SmallCity

from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.web.entrance import sessions
from linli.web.models import ResidentSession

pytestmark = pytest.mark.django_db
WINDOW = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("clerk", "140882"),))
STAFF, RESIDENT = settings.SESSION_COOKIE_NAME, settings.LINLI_RESIDENT_COOKIE


def resident_in(client: Client) -> None:
    """Somebody whose card was checked signs in here with the code that the window printed."""
    number = identity()
    account = acts.check_card(WINDOW, resident=person("测试老人", identity=number), identity=number)
    fields = {"contact": number, "code": acts.issue_code(WINDOW, account=account, identity=number)}
    assert client.post("/my/sign-in/code/", fields)["Location"] == "/my/"


def officer_in(client: Client) -> None:
    assert client.post("/office/sign-in/", {"login": "officer", "password": PASSWORD}).status_code == 302


def opens(client: Client, address: str) -> bool:
    return client.get(address).status_code == 200


@pytest.mark.parametrize("order", [(resident_in, officer_in), (officer_in, resident_in)])
def test_both_stand_side_by_side_and_end_apart(small_city: SmallCity, client: Client, order: Any):
    for sign_in in order:
        sign_in(client)
    assert [opens(client, "/my/"), opens(client, "/office/inbox/")] == [True, True]
    assert "测试员" not in client.get("/my/").content.decode()
    client.post("/my/sign-out/")
    assert [opens(client, "/my/"), opens(client, "/office/inbox/")] == [False, True]
    resident_in(client)
    client.post("/office/sign-out/")
    assert [opens(client, "/my/"), opens(client, "/office/inbox/")] == [True, False]


def test_neither_key_opens_the_other_door(small_city: SmallCity):
    """Stolen or swapped: under the other name a key is nobody's, and even the other's row is not readable as one's own."""
    one, other = Client(), Client()
    resident_in(one)
    officer_in(other)
    resident, staff = one.cookies[RESIDENT].value, other.cookies[STAFF].value
    swapped = Client()
    swapped.cookies[STAFF], swapped.cookies[RESIDENT] = resident, staff
    assert [opens(swapped, "/my/"), opens(swapped, "/office/inbox/")] == [False, False]

    row = Session.objects.get(session_key=staff)
    ResidentSession.objects.create(session_key=staff, session_data=row.session_data, expire_date=row.expire_date)
    assert dict(sessions.ResidentSessions(staff).items()) == {}


def test_on_the_public_site_no_session_is_an_officers(small_city: SmallCity, client: Client, settings: Any):
    officer_in(client)
    settings.LINLI_SITE, settings.ROOT_URLCONF = "public", "linli.site.urls.public"
    for address in ("/", "/programmes/", "/my/sign-in/"):
        response = client.get(address)
        assert response.status_code == 200
        assert not response.wsgi_request.user.is_authenticated
    resident_in(client)
    assert opens(client, "/my/")


def test_what_has_expired_is_forgotten(small_city: SmallCity, client: Client):
    resident_in(client)
    officer_in(client)
    past = clock.now() - timedelta(minutes=1)
    assert ResidentSession.objects.update(expire_date=past) * Session.objects.update(expire_date=past) > 0
    sessions.clear_expired()
    assert ResidentSession.objects.count() + Session.objects.count() == 0
