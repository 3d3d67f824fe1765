"""An application travels by program: made for a person at a window, accepted, passed, decided, seen by those whose it is."""

from __future__ import annotations

from uuid import UUID

import pytest
from bank_examples import PAID, Asked, answer
from linli_client import Refused
from web_examples import AID

from linli.casework.models import Case, Requirement
from linli.kernel import clock
from linli.notices.recipients import of_answers
from linli.settlement import acts as settlement
from linli.trace.models import Fact

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
    assert refusal(county.return_application, uid=uid, body={"words": "请核对学籍"}) == (403, "casework.higher_desk")
    assert officer.return_application(uid=uid, body={"words": "请核对学籍"})["step"] == "check"
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


def test_another_systems_number_finds_the_case_and_names_no_other(city, window, county):
    number = {"system": "12345", "number": "T-77"}
    uid = window.apply(body=wanted(city.found, number=number))["id"]
    assert [one["id"] for one in county.list_applications(**number)["items"]] == [uid]
    assert county.get_application(uid=uid)["numbers"] == [number]
    assert county.number_application(uid=uid, body=number)["id"] == uid
    other = window.apply(body=wanted(city.away))["id"]
    assert refusal(window.number_application, uid=other, body=number) == (422, "casework.number_taken")


def test_what_the_other_system_decided_comes_back(city, window, county, officer, elsewhere):
    asked = {"programme": "medical-reimbursement", "person": str(city.found.uid), "account": ACCOUNT, "event": str(clock.today())}
    uid = window.apply(body=asked)["id"]
    assert refusal(officer.answer_application_elsewhere, uid=uid, body={"outcome": "reimbursed"}) == (422, "entitlements.not_forwarded")
    case = Case.objects.get(uid=uid)
    Requirement.objects.filter(case=case).update(state="given")
    officer.accept_application(uid=uid)
    while (step := officer.get_application(uid=uid))["status"] == "open":
        act = officer.decide_application if "forwarded" in step["verbs"] else officer.pass_application
        act(uid=uid, body={"outcome": "forwarded"} if "forwarded" in step["verbs"] else {})
    assert refusal(officer.answer_application_elsewhere, uid=uid, body={"outcome": "maybe"}) == (422, "entitlements.no_such_answer")
    assert refusal(elsewhere.answer_application_elsewhere, uid=uid, body={"outcome": "partly"}) == (404, "casework.no_case")
    officer.answer_application_elsewhere(uid=uid, body={"outcome": "partly"})
    assert county.get_application(uid=uid)["answer"] == "partly"
    (told,) = of_answers(list(Fact.objects.filter(type="entitlements.answered_elsewhere", subject=case.subject)))
    assert told.values["answer"].zh == "部分费用报销"


def test_a_banks_answer_is_taken_from_officers_and_told_row_by_row(city, officer, elsewhere):
    unknown = Asked(reference="NO-SUCH", name="测试甲", account="6217000000000000001", fen=600_000)
    sent = {"file": answer("transfer", [(unknown, PAID["transfer"])]), "file_name": "answer.csv", "layout": "transfer"}
    assert refusal(elsewhere.send_bank_answer, **sent)[0] == 403
    assert refusal(officer.send_bank_answer, **(sent | {"layout": "no-such"})) == (422, "settlement.no_layout")
    uid = officer.send_bank_answer(**sent)["id"]
    assert officer.send_bank_answer(**sent)["id"] == uid
    while settlement.apply_some(outcome=UUID(uid)):
        pass
    assert officer.get_bank_answer(uid=uid)["verdicts"] == {"unknown": 1}
    assert [one["verdict"] for one in officer.list_bank_answer_rows(uid=uid)["items"]] == ["unknown"]
    assert refusal(elsewhere.get_bank_answer, uid=uid) == (404, "settlement.not_found")
