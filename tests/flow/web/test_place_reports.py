"""“已关门”, “这里新开了”: anybody says so, the grid worker looks, and what is confirmed stands in the register at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from map_examples import at, shops, use_town
from place_examples import BUILDING, FIRST_DAY, OTHER_BUILDING, SYSTEM, VILLAGE
from test_every_object import employed, signed_in

from linli.circles.acts.reports import MOST_A_DAY, confirm_report, dismiss_report, report_place
from linli.circles.models import PlaceReport
from linli.circles.reports import report_for, reported_by
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.positions import Position
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.models import Place
from linli.registers.queries.places import open_places
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
GRID = f"{VILLAGE}G001"
WORKER = Viewer("staff:00000000-0000-7000-8000-000000000071", (Grant("steward", GRID),))
STRANGER = Viewer("staff:00000000-0000-7000-8000-000000000072", (Grant("steward", f"{VILLAGE}G002"),))
RESIDENT = Viewer("resident:00000000-0000-7000-8000-000000000073")


@pytest.fixture(autouse=True)
def _town(small_city: Any) -> None:
    shops()
    acts.position_areas(SYSTEM, positions={BUILDING: Position(*at(10, 5)), OTHER_BUILDING: Position(*at(40, 40))}, source="test")


def shop(code: str = "P-1") -> Place:
    return Place.objects.get(code=code)


def key_of(page: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def say(client: Client, address: str, **told: str) -> Any:
    page = client.get(address).content.decode()
    token = client.cookies["csrftoken"].value
    return client.post(address, {"key": key_of(page), "csrfmiddlewaretoken": token, **told})


def test_anybody_says_that_a_shop_has_closed_and_reads_what_became_of_it(client: Client) -> None:
    answer = say(client, f"/map/report/?place={shop().uid}", kind="closed", words="卷帘门一直关着")
    page = client.get(answer["Location"]).content.decode()
    assert "等网格员去看" in page
    assert "好又多便利店" in page
    assert "卷帘门" not in page
    report = PlaceReport.objects.get()
    assert report.area_code == BUILDING
    confirm_report(WORKER, report.uid, note="已经搬空")
    page = client.get(answer["Location"]).content.decode()
    assert "已核实，登记已更新" in page
    assert "已经搬空" in page
    assert shop().closed is not None
    assert "P-1" not in {row.code for row in open_places(clock.today()).rows}
    types = list(Fact.objects.filter(subject=str(report)).values_list("type", flat=True).order_by("id"))
    assert types == ["circles.place_reported", "circles.report_answered"]
    assert Fact.objects.filter(type="registers.place_recorded", actor=WORKER.actor).count() == 1
    assert list(verify_rows()) == []


def test_a_new_shop_goes_into_the_register_under_the_name_on_its_sign(client: Client) -> None:
    report = report_place(RESIDENT, kind="new", category="pharmacy", name="", at=Position(*at(10.2, 5)), key="a")
    confirm_report(WORKER, report.uid, name="新药房", category="pharmacy")
    (row,) = (row for row in open_places(clock.today(), ["pharmacy"]).rows if row.name_zh == "新药房")
    assert (row.area_code, round(row.lon, 5)) == (VILLAGE, round(at(10.2, 5)[0], 5))
    assert PlaceReport.objects.get().place == Place.objects.get(name_zh="新药房").uid


def test_what_isnt_so_is_answered_with_the_reason_and_changes_nothing() -> None:
    report = report_place(RESIDENT, kind="closed", place=shop().uid, key="a")
    with pytest.raises(LinliError, match="Say what you found"):
        dismiss_report(WORKER, report.uid, note=" ")
    dismiss_report(WORKER, report.uid, note="只是换了招牌")
    assert shop().closed is None
    assert PlaceReport.objects.get().state == "dismissed"
    with pytest.raises(LinliError, match="looked into it already"):
        confirm_report(WORKER, report.uid)


def test_only_who_looks_after_the_place_answers() -> None:
    report = report_place(RESIDENT, kind="closed", place=shop().uid, key="a")
    for viewer in (STRANGER, RESIDENT, Viewer("staff:x", (Grant("officer", "140821"),))):
        with pytest.raises(Refused):
            confirm_report(viewer, report.uid)
    confirm_report(Viewer("staff:y", (Grant("officer", "140802"),)), report.uid)


def test_the_same_said_twice_is_one_report_that_counts_and_sent_again_it_is_the_same() -> None:
    one = report_place(RESIDENT, kind="closed", place=shop().uid, key="a")
    assert report_place(RESIDENT, kind="closed", place=shop().uid, key="a").uid == one.uid
    assert report_place(RESIDENT, kind="closed", place=shop().uid, key="b").times == 1
    for key in ("a", "c"):
        assert report_place(Viewer("public:1"), kind="closed", place=shop().uid, key=key).times == 2
    assert Fact.objects.filter(type="circles.place_reported").count() == 2
    assert PlaceReport.objects.count() == 1
    confirm_report(WORKER, one.uid, key="device-1")
    assert confirm_report(WORKER, one.uid, key="device-1").state == "confirmed"


def test_a_key_that_comes_again_with_other_words_loses_nothing_and_says_so(client: Client) -> None:
    one = report_place(RESIDENT, kind="closed", place=shop().uid, words="卷帘门关着", key="a")
    with pytest.raises(LinliError, match="sent before with other content"):
        report_place(RESIDENT, kind="closed", place=shop().uid, words="门上贴着转让", key="a")
    for _ in range(2):
        report_place(RESIDENT, kind="closed", place=shop().uid, words="门上贴着转让", key="b")
    found = report_for(WORKER, one.uid, clock.today())
    assert (found.report.times, found.said) == (1, ["卷帘门关着", "门上贴着转让"])
    dismiss_report(WORKER, one.uid, note="还开着", key="device-1")
    assert dismiss_report(WORKER, one.uid, note="还开着", key="device-1").state == "dismissed"
    with pytest.raises(LinliError, match="found “not so”"):
        confirm_report(WORKER, one.uid, key="device-1")
    assert shop().closed is None
    assert list(verify_rows()) == []
    address = f"/map/report/?place={shop().uid}"
    sent = {"key": key_of(client.get(address).content.decode()), "kind": "closed", "words": "早上没开"}
    assert client.post(address, sent).status_code == 302
    page = client.post(address, {**sent, "words": "下午也没开"})
    assert page.status_code == 400
    assert "这次写的不一样" in page.content.decode()
    assert "下午也没开" in page.content.decode()
    again = client.post(address, {**sent, "words": "下午也没开", "key": key_of(page.content.decode())})
    assert again.status_code == 302
    assert [*PlaceReport.objects.latest("id").voices.values_list("words", flat=True)] == ["下午也没开"]


def test_each_who_said_the_same_has_said_it_in_words_of_their_own_and_finds_it_among_theirs() -> None:
    neighbour = Viewer("resident:00000000-0000-7000-8000-000000000074")
    one = report_place(RESIDENT, kind="closed", place=shop().uid, words="卷帘门关着", key="a")
    report_place(neighbour, kind="closed", place=shop().uid, words="上周就搬走了", key="b")
    found = report_for(WORKER, one.uid, clock.today())
    assert found is not None
    assert found.said == ["卷帘门关着", "上周就搬走了"]
    assert [each.report.uid for viewer in (RESIDENT, neighbour) for each in reported_by(viewer)] == [one.uid, one.uid]
    confirm_report(WORKER, one.uid)
    assert [each.report.state for each in reported_by(neighbour)] == ["confirmed"]
    assert list(verify_rows()) == []


def test_what_is_wrong_of_a_place_reaches_the_officer_with_the_words_and_is_settled_by_putting_it_right(client: Client) -> None:
    said = say(client, f"/map/report/?place={shop('P-3').uid}", kind="wrong", words="电话换成 2111111 了")["Location"]
    report = PlaceReport.objects.get()
    confirm_report(WORKER, report.uid, note="招牌上是新号码")
    assert "等工作人员改登记" in client.get(said).content.decode()
    with pytest.raises(LinliError, match="looked into it already"):
        confirm_report(WORKER, report.uid)
    officer = signed_in("officer")
    assert "等工作人员改登记" in officer.get("/steward/reports/").content.decode()
    assert "1 处场所经核实信息不对，等着改登记" in officer.get("/office/inbox/").content.decode()
    assert f'/steward/reports/{report.uid}/">居民报告：信息不对' in officer.get(f"/office/places/{shop('P-3').uid}/").content.decode()
    page = officer.get(f"/steward/reports/{report.uid}/").content.decode()
    address = re.search(rf'href="(/office/places/{shop("P-3").uid}/\?report=[^"]+)"', page)[1]
    form = officer.get(address)
    assert "电话换成 2111111 了" in form.content.decode()
    told = {name: "" if value is None else value for name, value in form.context["form"].initial.items()}
    told |= {f"on_{part}": getattr(clock.today(), name) for part, name in enumerate(("year", "month", "day"))}
    same = officer.post(address, told)
    assert "登记没有变化" in same.content.decode()
    assert officer.post(address, {**told, "phone": "0359-2111111"})["Location"] == "/steward/reports/"
    assert shop("P-3").phone == "0359-2111111"
    assert "已核实，登记已更新" in client.get(said).content.decode()
    assert report_for(WORKER, report.uid, clock.today()).report.state == "confirmed"
    assert "经核实信息不对" not in officer.get("/office/inbox/").content.decode()
    assert "居民报告：" not in officer.get(f"/office/places/{shop('P-3').uid}/").content.decode()
    assert list(verify_rows()) == []


def test_so_many_a_day_and_no_more(client: Client) -> None:
    spots = [Position(*at(10, 5 + number / 10)) for number in range(MOST_A_DAY + 1)]
    for number, spot in enumerate(spots[:-1]):
        report_place(RESIDENT, kind="new", category="repair", at=spot, key=str(number))
    with pytest.raises(Refused, match="tomorrow"):
        report_place(RESIDENT, kind="new", category="repair", at=spots[-1], key="more")
    report_place(Viewer("public:2"), kind="new", category="repair", at=spots[-1], key="more")


def test_a_new_place_without_a_position_or_far_from_everything_is_asked_again(client: Client, tmp_path: Path) -> None:
    use_town(tmp_path)
    page = say(client, "/map/report/", category="repair", name="修鞋", where="飞机场").content.decode()
    assert "没有找到这个地方" in page
    page = say(client, "/map/report/", category="repair", lon="112.5", lat="37.8").content.decode()
    assert "不在本市登记的社区附近" in page
    assert not PlaceReport.objects.exists()
    assert say(client, "/map/report/", category="repair", where="好又多").status_code == 302


def test_the_grid_worker_finds_it_on_the_telephone_and_answers_there(small_city: Any, settings: Any) -> None:
    from web_examples import PASSWORD

    settings.LINLI_SECOND_FACTOR = "optional"
    staff = acts.add_staff(SYSTEM, login="grid", name="网格员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=staff, role="steward", area_code=GRID, valid_from=FIRST_DAY)
    report = report_place(RESIDENT, kind="closed", place=shop().uid, words="门锁着", key="a")
    client = signed_in("grid")
    assert "好又多便利店" in client.get("/steward/reports/").content.decode()
    address = f"/steward/reports/{report.uid}/"
    page = client.get(address).content.decode()
    assert "门锁着" in page
    empty = client.post(address, {"key": key_of(page), "outcome": "dismissed", "note": ""})
    assert "请写明看到了什么" in empty.content.decode()
    done = client.post(address, {"key": key_of(page), "outcome": "confirmed", "note": ""})
    assert done["Location"] == "/steward/reports/"
    assert shop().closed is not None
    assert "好又多便利店" not in client.get("/steward/reports/").content.decode().split("现在没有等着看的")[-1]


def test_one_address_is_told_from_another_without_being_kept(client: Client) -> None:
    say(client, f"/map/report/?place={shop().uid}", kind="closed")
    actor = PlaceReport.objects.get().said_by
    assert actor.startswith("public:")
    assert "127.0.0.1" not in actor


def test_nothing_is_chosen_for_who_reports_and_sending_it_so_is_no_report(client: Client) -> None:
    address = f"/map/report/?place={shop().uid}"
    page = client.get(address).content.decode()
    assert 'value="closed"' in page
    assert "checked" not in page
    say(client, address, words="")
    assert not PlaceReport.objects.exists()


def test_the_device_of_an_officer_fetches_no_page_that_is_a_stewards(client: Client) -> None:
    def fetched(login: str) -> list[str]:
        page = signed_in(login).get("/steward/reports/").content.decode()
        return re.search(r'data-queue-pages="([^"]*)"', page)[1].split()

    employed("guanjia", "steward", VILLAGE)
    assert fetched("officer") == ["/steward/reports/"]
    assert fetched("guanjia") == ["/steward/", "/steward/places/", "/steward/lacking/", "/steward/reports/"]
    waiting = signed_in("officer").get("/steward/waiting/")
    assert waiting.status_code == 200
    assert 'href="/steward/"' not in waiting.content.decode()


def test_a_place_that_had_closed_and_is_open_again_stands_in_the_register_as_it_was(client: Client) -> None:
    confirm_report(WORKER, report_place(RESIDENT, kind="closed", place=shop().uid, key="a").uid)
    address = f"/map/report/?place={shop().uid}"
    page = client.get(address).content.decode()
    assert "好又多便利店又开门了？" in page
    assert "起停业" in page
    assert 'name="category"' not in page
    before = shop()
    said = say(client, address, words="换了招牌又开了")["Location"]
    report = PlaceReport.objects.get(kind="again")
    assert "又开门了" in client.get(said).content.decode()
    with pytest.raises(LinliError, match="no such place"):
        report_place(RESIDENT, kind="closed", place=shop().uid, key="b")
    confirm_report(WORKER, report.uid)
    assert (shop().closed, shop().code, shop().opened) == (None, before.code, before.opened)
    assert [row.code for row in open_places(clock.today()).rows].count("P-1") == 1
    with pytest.raises(LinliError, match="has this place as open"):
        report_place(RESIDENT, kind="again", place=shop().uid, key="c")
    assert list(verify_rows()) == []


def test_what_is_wrong_has_to_be_said(client: Client) -> None:
    answer = say(client, f"/map/report/?place={shop().uid}", kind="wrong", words=" ")
    assert answer.status_code == 400
    assert "请写明哪里不对" in answer.content.decode()
    assert not PlaceReport.objects.exists()
    assert say(client, f"/map/report/?place={shop().uid}", kind="closed", words="").status_code == 302


def test_what_was_typed_beside_a_tap_reaches_who_looks(client: Client) -> None:
    lon, lat = at(10, 5)
    say(client, "/map/report/", category="repair", where="3 号楼东侧", words="修鞋", lon=str(lon), lat=str(lat))
    assert PlaceReport.objects.get().words == "3 号楼东侧，修鞋"
