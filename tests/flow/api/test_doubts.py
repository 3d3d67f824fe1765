"""Rows that wait for a human, by program: listed with whom they may mean, settled once."""

from __future__ import annotations

import pytest
from linli_client import Refused
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from web_examples import born

from linli.registers.acts import Lives, record_situation
from linli.registers.models import Doubtful, ListImport, Record
from linli.vault.models import Access

LIST = "disability-certificate"


@pytest.fixture
def delivery(city, db, officer):
    """Two numbers that the register has under other names; returns the delivery's id and the people."""
    numbers = [identity(born(50)) for _ in range(2)]
    people = [person(f"邻居{place}", identity=number, birth_date=born(50)) for place, number in enumerate(numbers)]
    rows = [f"另名{place},{number},{VILLAGE},肢体,二级,2024-01-01" for place, number in enumerate(numbers)]
    file = "\n".join(["姓名,身份证号码,行政区划代码,残疾类别,残疾等级,发证日期", *rows, ""]).encode()
    return officer.import_list(slug=LIST, file=file, file_name="名册.csv", whole=False)["id"], people


def test_rows_are_listed_read_for_a_purpose_and_settled_once(delivery, officer):
    uid, people = delivery
    before = Access.objects.count()
    rows = officer.list_doubts(uid=uid)["items"]
    assert [(one["reason"], one["candidates"]) for one in rows] == [("name_differs", [str(who.uid)]) for who in people]
    assert Access.objects.count() > before
    assert officer.list_doubts(uid=uid, reason="cell_error")["items"] == []
    first, second = (one["id"] for one in rows)
    same = {"verb": "same", "resident": str(people[0].uid)}
    assert officer.settle_doubt(uid=first, body=same, key="settle-key-1")["resolution"] == "matched"
    assert officer.settle_doubt(uid=first, body=same, key="settle-key-1")["resolution"] == "matched"
    assert Record.objects.filter(resident=people[0], list_slug=LIST, present=True).exists()
    assert officer.settle_doubt(uid=second, body={"verb": "ask"})["resolution"] == ""
    assert [one["asked"] for one in officer.list_doubts(uid=uid)["items"]] == [True]
    assert officer.settle_doubt(uid=second, body={"verb": "dismiss"})["resolution"] == "dismissed"
    with pytest.raises(Refused) as caught:
        officer.settle_doubt(uid=second, body={"verb": "dismiss"})
    assert caught.value.status == 404


def test_nobody_is_slipped_in_and_other_areas_rows_are_not_there(delivery, city, officer, caller, tokens):
    uid, _people = delivery
    row = officer.list_doubts(uid=uid)["items"][0]["id"]
    with pytest.raises(Refused) as caught:
        officer.settle_doubt(uid=row, body={"verb": "same", "resident": str(city.found.uid)})
    assert caught.value.status == 400
    stranger = caller(tokens.secret(tokens.staff("elsewhere", ("officer", "140882", ""))))
    assert stranger.list_doubts(uid=uid)["items"] == []
    with pytest.raises(Refused) as caught:
        stranger.settle_doubt(uid=row, body={"verb": "dismiss"})
    assert caught.value.status == 404
    assert Doubtful.objects.filter(resolved_at=None).count() == 2


def test_a_county_sends_and_reads_nobody_of_another(delivery, caller, tokens):
    """A stranger's row reads as one about nobody; a doubt whose person has moved away is no longer there for the county."""
    number = identity(born(50))
    stranger = person("外县人", identity=number, birth_date=born(50), situations=[Lives("registered", "140882100201", FIRST_DAY)])
    county = caller(tokens.secret(tokens.staff("county", ("officer", "140802", ""))))
    head = "姓名,身份证号码,行政区划代码,残疾类别,残疾等级,发证日期"
    rows = [f"外县人,{number},{VILLAGE},肢体,二级,2024-01-01", f"另名,{number},{VILLAGE},肢体,二级,2024-01-01"]
    told = county.import_list(slug=LIST, file="\n".join([head, *rows, ""]).encode(), file_name="县.csv", whole=False, area="140802")
    assert (told["unknown"], told["opened"], told["doubtful"]) == (2, 0, 0)
    assert "外县人" not in str(told)
    assert county.list_doubts(uid=told["id"])["items"] == []
    assert not Record.objects.filter(resident=stranger).exists()
    uid, people = delivery
    ListImport.objects.filter(uid=uid).update(area_code="140802")
    rows = county.list_doubts(uid=uid)["items"]
    assert len(rows) == 2
    record_situation(SYSTEM, resident=people[0], kind="registered", area_code="140882100201", valid_from=FIRST_DAY)
    record_situation(SYSTEM, resident=people[0], kind="lives", area_code="140882100201", valid_from=FIRST_DAY)
    assert [one["id"] for one in county.list_doubts(uid=uid)["items"]] == [rows[1]["id"]]
    with pytest.raises(Refused) as caught:
        county.settle_doubt(uid=rows[0]["id"], body={"verb": "same", "resident": str(people[0].uid)})
    assert caught.value.status == 404
