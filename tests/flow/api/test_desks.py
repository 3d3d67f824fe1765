"""What a person was sent, who works here, whom a steward calls on: each within its grants."""

from __future__ import annotations

from uuid import uuid4

import pytest
from linli_client import Refused
from place_examples import VILLAGE

from linli.casework.models import Visit
from linli.notices.models import Notice


def test_what_was_sent_to_a_person_is_listed_without_opening_it(city, db, officer, caller, tokens):
    Notice.objects.filter(recipient=city.found.uid).delete()
    row = {"template": "screening-found", "area_code": VILLAGE, "office_zh": "测试单位", "office_en": "Test office", "phone": "12500000000"}
    written = city.run.started_at
    for number in (1, 2):
        told = {**row, "code": f"TEST000{number}", "fact": number, "text_cipher": "", "written_at": written}
        Notice.objects.create(recipient=city.found.uid, programme=city.run.programme, **told)
    found = officer.list_notices(uid=str(city.found.uid))
    assert [one["programme"] for one in found["items"]] == [city.run.programme] * 2
    assert found["next"] is None
    stranger = caller(tokens.secret(tokens.staff("notices-elsewhere", ("officer", "140882", ""))))
    assert stranger.list_notices(uid=str(city.found.uid))["items"] == []
    assert officer.list_mailings()["items"] == []


def test_accounts_are_for_those_who_administer_or_watch_them(city, db, officer, caller, tokens):
    administrator = caller(tokens.secret(tokens.staff("an-administrator", ("administrator", "", ""))))
    (row,) = administrator.list_staff(words="local")["items"]
    assert [(one["role"], one["area"]) for one in row["grants"]] == [("officer", "140802")]
    assert administrator.get_staff(uid=row["id"]) == row
    county = caller(tokens.secret(tokens.staff("a-countys", ("administrator", "140882", ""))))
    with pytest.raises(Refused) as caught:
        county.get_staff(uid=row["id"])
    assert caught.value.status == 404
    with pytest.raises(Refused) as caught:
        officer.list_staff()
    assert caught.value.status == 403


def test_a_call_is_recorded_once_however_often_it_is_sent(city, db, caller, tokens):
    steward = caller(tokens.secret(tokens.staff("a-steward", ("steward", VILLAGE, ""))))
    day = steward.list_visits_due()
    assert day["limit"] >= len(day["calls"])
    call = {"id": str(uuid4()), "resident": str(city.found.uid), "outcome": "visited", "words": "一切都好"}
    told = steward.record_visit(body=call, key="visit-key-1")
    assert steward.record_visit(body=call, key="visit-key-1") == told
    assert steward.record_visit(body=call, key="visit-key-2") == told
    assert Visit.objects.filter(subject=city.found.uid).count() == 1
    assert steward.list_visits_due()["done"] == day["done"] + 1
    with pytest.raises(Refused) as caught:
        steward.record_visit(body={**call, "id": str(uuid4()), "resident": str(city.away.uid)})
    assert caught.value.status == 403
