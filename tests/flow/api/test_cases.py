"""A dispute travels by program: opened for a person, seen in the inbox, taken, answered once."""

from __future__ import annotations

from datetime import date

import pytest
from linli_client import Refused
from place_examples import CLERK, identity, person

from linli.casework.guardianships import open_guardianship
from linli.registers.acts.guardianships import Paper
from linli.registers.guardians import is_guarded

FACT = "has_disability_certificate"


def test_a_dispute_is_opened_seen_taken_and_answered_once(city, db, officer, local, caller, tokens):
    asked = {"kind": "fact_dispute", "resident": str(city.undecided.uid), "fact": FACT, "words": "证件去年已办"}
    opened = officer.open_case(body=asked, key="case-key-1")
    assert officer.open_case(body=asked, key="case-key-1") == opened
    uid = opened["id"]
    assert uid in [one["case"] for one in officer.list_inbox(kind="fact_dispute")["items"]]
    assert [one["id"] for one in officer.list_cases(uid=str(city.undecided.uid))["items"]] == [uid]
    assert officer.take_case(uid=uid)["taken_by"] == city.officer.actor
    stranger = caller(tokens.secret(tokens.staff("far-away", ("officer", "140882", ""))))
    with pytest.raises(Refused) as caught:
        stranger.get_case(uid=uid)
    assert caught.value.status == 404
    with pytest.raises(Refused) as caught:
        officer.answer_case(uid=uid, body={"outcome": "kept", "words": "无记录", "version": 99})
    assert caught.value.problem["code"] == "casework.changed_meanwhile"
    version = officer.get_case(uid=uid)["version"]
    assert officer.answer_case(uid=uid, body={"outcome": "kept", "words": "档案中没有", "version": version})["status"] == "closed"
    with pytest.raises(Refused) as caught:
        officer.answer_case(uid=uid, body={"outcome": "kept", "words": "档案中没有", "version": version})
    assert caught.value.status == 422


def test_a_guardianship_on_paper_is_confirmed_by_a_program_as_by_a_page(city, db, officer, caller, tokens):
    shown = Paper("certificate", "测1号", "测试居委会", date(2025, 1, 1), date(2025, 1, 1))
    ward = city.undecided
    case = open_guardianship(CLERK, ward=ward, guardian=person("测试监护人", identity=identity()), paper=shown)
    confirmed = {"outcome": "confirmed", "words": "", "version": case.version}
    assert [one["case"] for one in officer.list_inbox(kind="guardianship")["items"]] == [str(case.uid)]
    stranger = caller(tokens.secret(tokens.staff("other-county", ("officer", "140882", ""))))
    with pytest.raises(Refused) as caught:
        stranger.answer_case(uid=str(case.uid), body=confirmed)
    assert caught.value.status == 404
    assert not is_guarded(ward)
    assert officer.answer_case(uid=str(case.uid), body=confirmed)["outcome"] == "confirmed"
    assert is_guarded(ward)


def test_a_place_in_the_inbox_that_was_not_given_out_is_refused(city, db, officer):
    for wrong in ("MQ", "WyIxZTQwMH4wfjAiXQ"):
        with pytest.raises(Refused) as caught:
            officer.list_inbox(after=wrong)
        assert caught.value.status == 400
