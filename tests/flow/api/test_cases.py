"""A dispute travels by program: opened for a person, seen in the inbox, taken, answered once."""

from __future__ import annotations

import pytest
from linli_client import Refused

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


def test_a_place_in_the_inbox_that_was_not_given_out_is_refused(city, db, officer):
    for wrong in ("MQ", "WyIxZTQwMH4wfjAiXQ"):
        with pytest.raises(Refused) as caught:
            officer.list_inbox(after=wrong)
        assert caught.value.status == 400
