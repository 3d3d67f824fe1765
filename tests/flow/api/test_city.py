"""The city's figures by program: as counted, with when, inside the caller's areas."""

from __future__ import annotations

from datetime import datetime

import pytest
from linli_client import Refused
from web_examples import AID

from linli.insight import counting

LIST = "disability-certificate"


def test_figures_say_when_they_were_counted_and_stay_inside_the_callers_areas(city, db, officer, local):
    before = officer.list_take_up()
    assert (before["items"], before["counted_at"]) == ([], None)
    count = counting.count()
    whole = officer.list_take_up()
    assert (datetime.fromisoformat(whole["counted_at"]).replace(microsecond=0), whole["day"]) == (
        count.made_at.replace(microsecond=0),
        str(count.day),
    )
    aid = next(one for one in whole["items"] if one["programme"] == AID)
    assert (aid["found"], aid["undecided"], aid["taken"]) == (2, 1, None)
    assert [(one["county"], one["found"]) for one in officer.list_take_up_by_county(slug=AID)["items"]] == [("140802", 1), ("140882", 1)]
    assert [(one["county"], one["found"]) for one in local.list_take_up_by_county(slug=AID)["items"]] == [("140802", 1)]
    assert [one["programme"] for one in local.list_take_up()["items"]] == [AID]
    assert [one["found"] for one in officer.list_take_up(county="140882")["items"] if one["programme"] == AID] == [1]


def test_why_people_are_undecided_and_how_the_lists_stand(city, db, officer, local):
    counting.count()
    gaps = [one for one in officer.list_gaps(programme=AID)["items"] if one["list"] == LIST]
    assert gaps
    assert all(one["reasons"] == [{"reason": "never", "counties": ["140802"]}] for one in gaps)
    assert officer.list_gaps(programme=AID, county="140882")["items"] == []
    standing = next(one for one in officer.list_standings()["items"] if one["slug"] == LIST)
    assert (standing["colour"], standing["rows"], standing["age_days"]) == ("red", None, None)
    assert {one["county"]: one["records"] for one in standing["counties"]}["140802"] == 1
    with pytest.raises(Refused) as caught:
        local.list_standings()
    assert caught.value.status == 403
