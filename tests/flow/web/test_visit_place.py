"""Where the device was during a call: given or left out, kept encrypted with its system and accuracy, seen by whose matter it is alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from place_examples import VILLAGE
from test_steward import BUILDING, elder, form, headers, page_of, signed_in, text
from web_examples import PASSWORD, SmallCity, officer

from linli.casework import acts as cases
from linli.casework.models import Visit
from linli.casework.visits import acts as visits
from linli.casework.visits.whereabouts import measured
from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer
from linli.registers.models import Resident, Staff
from linli.trace.deep import verify_rows
from linli.vault.models import Access

pytestmark = pytest.mark.django_db
HERE = {"lon": "110.9935412", "lat": "35.0221198", "accuracy": "14.2"}


@pytest.fixture
def steward(small_city: SmallCity, db: None) -> Client:
    return signed_in("guanjia", BUILDING)


def of(login: str, **grant: str) -> Client:
    officer(login, f"经办{login}", **grant)
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def asked_for(who: Resident) -> Any:
    """She asks for a visit herself."""
    return cases.open_home_visit(Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card"), who.uid, "走不动", key="k")


def test_a_position_is_kept_encrypted_and_every_look_is_listed_to_the_person(steward: Client) -> None:
    who = elder()
    case = asked_for(who)
    page = steward.get(page_of(who))
    assert "geolocation=(self)" in page.headers["Permissions-Policy"]
    assert "附上我现在的位置" in text(page)
    assert steward.post(page_of(who), form(case=str(case.uid), **HERE)).status_code == 302
    visit = Visit.objects.get()
    assert visit.case == case
    for secret in ("110.99", "35.02"):
        assert secret not in visit.place_cipher
    address = f"/office/visits/{visit.uid}/place/"
    near, far = signed_in("near", VILLAGE), signed_in("far", "140882100201")
    shown = text(near.get(f"/office/cases/{case.uid}/"))
    assert (address in shown, "上门记录" in shown, "110.99" in shown) == (True, True, False)
    assert not Access.objects.filter(subject=who.uid, fields=["position"]).exists()
    told = text(near.get(address))
    for wanted in ("110.99354", "35.02212", "WGS-84", "约 14 米"):
        assert wanted in told
    reads = Access.objects.filter(subject=who.uid, fields=["position"])
    assert [(one.purpose, one.actor) for one in reads] == [("casework.answer", Staff.objects.get(login="near").actor)]
    for other in (far, of("far-officer", area_code="140882")):
        assert other.get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert reads.count() == 1
    assert list(verify_rows()) == []


def test_without_one_the_call_is_recorded_all_the_same(steward: Client) -> None:
    who = elder()
    case = asked_for(who)
    assert steward.post(page_of(who), form("not_home", case=str(case.uid))).status_code == 302
    visit = Visit.objects.get()
    assert visit.place_cipher is None
    near = signed_in("near", VILLAGE)
    assert "没有附位置" in text(near.get(f"/office/cases/{case.uid}/"))
    assert near.get(f"/office/visits/{visit.uid}/place/").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"lon": "2.35", "lat": "48.85"}, {"accuracy": "-1"}, {"accuracy": "nan"}, {"lon": "inf"}, {"accuracy": "1e9"}]
)
def test_what_is_no_position_is_refused_and_says_what_to_do(steward: Client, wrong: dict[str, str]) -> None:
    who = elder()
    answer = steward.post(page_of(who), form(**{**HERE, **wrong}))
    assert answer.status_code == 400
    assert not Visit.objects.exists()


def test_a_kept_form_sent_twice_is_one_call_and_with_another_position_none(steward: Client) -> None:
    who = elder()
    told = form(**HERE)
    for _ in range(2):
        assert steward.post(page_of(who), told, headers=headers(steward)).json()["state"] == "done"
    assert steward.post(page_of(who), {**told, "lat": "35.03"}, headers=headers(steward)).json()["state"] == "refused"
    assert Visit.objects.count() == 1


def test_an_erased_persons_positions_go(steward: Client) -> None:
    who = elder()
    viewer = Viewer("staff:00000000-0000-7000-8000-000000000091", (Grant("steward", BUILDING),))
    visits.call(viewer, who.uid, "visited", uid=uuid7(), at=measured(110.99, 35.02, 9))
    visits.forget(viewer, who.uid)
    assert Visit.objects.get().place_cipher is None


def test_a_measure_says_its_system_and_how_exact_it_is() -> None:
    assert json.loads(measured(110.9935412, 35.0221198, 14.2).text()) == {
        "lon": "110.9935412", "lat": "35.0221198", "accuracy": 14, "system": "WGS-84",
    }  # fmt: skip
    with pytest.raises(LinliError, match=r"inexact|不准确"):
        measured(110.99, 35.02, float("nan"))
