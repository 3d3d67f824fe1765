"""An application travels by program: made for a person at a window, accepted, passed, decided, seen by those whose it is."""

from __future__ import annotations

import pytest
from linli_client import Refused
from web_examples import AID

ACCOUNT = {"holder": "测试甲", "number": "6217000000000000001", "bank": "测试银行"}


@pytest.fixture
def county(city, db, caller, tokens):
    return caller(tokens.secret(tokens.staff("county-office", ("officer", "140802", ""))))


@pytest.fixture
def window(city, db, caller, tokens):
    return caller(tokens.secret(tokens.staff("other-window", ("clerk", "140882", ""))))


@pytest.fixture
def elsewhere(city, db, caller, tokens):
    return caller(tokens.secret(tokens.staff("other-county", ("officer", "140882", ""))))


def wanted(who, **more):
    return {"programme": AID, "person": str(who.uid), "account": ACCOUNT, "committed": ["kinship"], **more}


def refusal(call, **given):
    with pytest.raises(Refused) as caught:
        call(**given)
    return caught.value.status, caught.value.problem["code"]


def test_an_application_is_made_accepted_passed_and_decided_by_programs(city, window, county, elsewhere, officer):
    body = wanted(city.found, window="140882")
    made = window.apply(body=body, key="apply-key-1")
    assert window.apply(body=body, key="apply-key-1") == made
    uid = made["id"]
    seen = window.get_application(uid=uid)
    assert (seen["origin"], seen["verdict"], seen["amount_fen"], seen["step"]) == ("window", "eligible", 500000, None)
    assert {one["material"]: one["state"] for one in seen["needs"]}["certificate"] == "exempt"
    assert "6217" not in str(seen)
    assert refusal(elsewhere.get_application, uid=uid) == (404, "casework.no_case")
    assert refusal(elsewhere.accept_application, uid=uid) == (404, "casework.no_case")
    assert county.accept_application(uid=uid)["step"] == "check"
    assert county.get_application(uid=uid)["verbs"] == ["pass", "ask"]
    assert county.pass_application(uid=uid, body={})["step"] == "decide"
    assert county.return_application(uid=uid, body={"words": "请核对学籍"})["step"] == "check"
    county.pass_application(uid=uid, body={"words": "已核对"})
    assert refusal(officer.decide_application, uid=uid, body={"outcome": "refused"})[1] == "entitlements.against_the_rule"
    assert officer.decide_application(uid=uid, body={"outcome": "granted"})["outcome"] == "granted"
    decision = county.get_application(uid=uid)["decision"]
    assert (decision["outcome"], decision["amount_fen"], decision["automatic"]) == ("granted", 500000, False)


def test_what_is_missing_is_asked_for_once(city, window, county):
    uid = window.apply(body=wanted(city.undecided))["id"]
    asked = {"materials": ["certificate"], "words": "请提供残疾人证"}
    assert refusal(county.accept_application, uid=uid) == (422, "casework.items_missing")
    county.supplement_application(uid=uid, body=asked)
    assert county.get_application(uid=uid)["stopped_at"] is not None
    assert refusal(county.supplement_application, uid=uid, body=asked) == (422, "casework.asked_once")


def test_the_list_has_what_is_the_callers(city, window, county, elsewhere, officer):
    uid = window.apply(body=wanted(city.found))["id"]

    def ids(one, **choice):
        return [row["id"] for row in one.list_applications(**choice)["items"]]

    assert ids(window) == ids(county, status="open", programme=AID) == ids(officer, area="140802") == [uid]
    assert ids(elsewhere) == ids(officer, area="140882") == ids(county, status="closed") == ids(county, programme="no-such") == []


def test_a_window_is_the_callers_own_and_a_wrong_fact_is_refused(city, window):
    assert refusal(window.apply, body=wanted(city.found, window="140802"))[0] == 403
    rent = {"programme": "unemployment-registration", "person": str(city.found.uid), "facts": {"unemployed_since": "gestern"}}
    assert refusal(window.apply, body=rent)[0] == 422
