"""Delivering a list through the pages: columns remembered, every wrong cell named, applied as tried and once, taken back."""

from __future__ import annotations

import io
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from import_examples import HEADERS, HOME, LIST, apply, confirm_columns, file, neighbours, newest, row, send
from own_browser import number_of
from place_examples import SYSTEM
from web_examples import PASSWORD, SmallCity, officer

from linli.kernel import clock
from linli.registers import acts, jobs
from linli.registers.imports import shelf, uploads
from linli.registers.models import ListImport, Organisation, Record, RememberedColumns, Resident, Upload
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


def text(page: Any) -> str:
    return str(page.content.decode())


@pytest.fixture
def people(small_city: SmallCity, db: None) -> list[Resident]:
    return neighbours(4)


@pytest.fixture
def rows(small_city: SmallCity, people: list[Resident]) -> list[list[str]]:
    """Everybody who is on the list already, and four more."""
    return [row(small_city.found), row(small_city.away), *[row(who, "肢体", "二级") for who in people]]


def test_three_wrong_cells_are_named_mended_and_the_list_is_applied(office: Client, rows: list[list[str]]):
    wrong = [list(cells) for cells in rows]
    wrong[2][3], wrong[3][2], wrong[4][0] = "五级", "手脚", wrong[4][0][:-1] + ("1" if wrong[4][0][-1] != "1" else "2")
    columns = send(office, file(wrong))
    assert "各列是什么" in text(columns)
    result = text(confirm_columns(office, columns))
    for wanted in ("D4", "C5", "A6", "核对结果", "有错的 3 行不写入"):
        assert wanted in result
    assert "五级" not in result  # what a sensitive list says is masked
    assert "五•" in result
    assert ListImport.objects.count() == 0
    mended = send(office, file(rows))  # the columns are known: no page asks again
    assert "核对结果" in text(mended)
    assert "有错的 " not in text(mended)
    done = text(apply(office, mended))
    assert "已经写入。" in done
    assert "邻居0" in done
    delivery = ListImport.objects.get()
    assert (delivery.rows, delivery.opened, delivery.closed, delivery.error_rows) == (6, 4, 0, 0)
    assert delivery.file_name == "名单.csv"


def test_what_is_applied_is_what_was_tried_and_once(office: Client, rows: list[list[str]]):
    checked = confirm_columns(office, send(office, file(rows)))
    address = checked.request["PATH_INFO"]
    again = apply(office, checked)
    assert "已经写入" in text(again)
    before = Fact.objects.count(), Record.objects.count()
    assert "已经写入" in text(apply(office, checked))
    assert (Fact.objects.count(), Record.objects.count()) == before
    assert ListImport.objects.count() == 1
    assert office.post(address, {"verb": "apply", "plan": "sha256:other"}, follow=True).status_code == 200
    assert ListImport.objects.count() == 1


def test_a_file_or_a_list_that_changed_after_the_check_is_not_applied(office: Client, rows: list[list[str]]):
    checked = confirm_columns(office, send(office, file(rows[:4])))
    tried = newest()
    shelf.file_of(tried.uid).write_bytes(file(rows[:5]).read())
    assert "核对之后情况有变化" in text(apply(office, checked))
    assert ListImport.objects.count() == 0
    second = send(office, file(rows[:4]))
    other = send(office, file(rows))
    apply(office, other)
    assert "核对之后情况有变化" in text(apply(office, second))
    assert ListImport.objects.count() == 1
    assert "核对结果" in text(office.post(second.request["PATH_INFO"], {"verb": "check"}, follow=True))


def test_wrong_rows_stay_doubtful_only_where_somebody_says_so(office: Client, rows: list[list[str]]):
    rows[5][3] = "九级"
    checked = confirm_columns(office, send(office, file(rows)))
    refused = apply(office, checked)
    assert refused.status_code == 400
    assert "请先确认" in text(refused)
    assert ListImport.objects.count() == 0
    apply(office, checked, leave="1")
    delivery = ListImport.objects.get()
    assert (delivery.opened, delivery.doubtful_rows, delivery.error_rows) == (3, 1, 1)


def test_a_wrong_mapping_is_refused_naming_the_column(office: Client, rows: list[list[str]]):
    columns = send(office, file(rows))
    address = columns.request["PATH_INFO"]
    told = {"column-0": "identity_number", "column-1": "person_name", "column-2": "disability_kind", "column-3": "disability_kind"}
    page = office.post(address, told)
    assert page.status_code == 400
    assert "“残疾类别”选了两次" in text(page)
    page = office.post(address, told | {"column-3": ""})
    assert "缺少“残疾等级”列。请在“名单的列”里给文件中的那一列选上它" in text(page)
    assert "级别)" not in text(page)
    assert not RememberedColumns.objects.exists()
    samples = text(columns)
    assert rows[2][0] not in samples
    assert "邻居0" not in samples


def test_columns_are_remembered_for_the_department_not_for_others(small_city: SmallCity, rows: list[list[str]]):
    department = Organisation.objects.create(name="运城市残疾人联合会", area_code="1408", kind="department")
    clients = []
    for login in ("one", "two"):
        who = acts.add_staff(SYSTEM, login=login, name=login, password=PASSWORD, organisation=department)
        acts.place_grant(SYSTEM, staff=who, role="officer", valid_from=clock.today() - timedelta(days=9))
        client = Client()
        client.post("/office/sign-in/", {"login": login, "password": PASSWORD})
        clients.append(client)
    odd = ("证件", "名字", "哪类", "几级", "备注")
    columns = send(clients[0], file(rows, odd))
    told = {"column-0": "identity_number", "column-1": "person_name", "column-2": "disability_kind", "column-3": "disability_level"}
    clients[0].post(columns.request["PATH_INFO"], told)
    assert "核对结果" in text(send(clients[1], file(rows[:5], odd)))
    assert sorted(text(clients[1].get("/office/imports/")).count(f"/lists/{slug}/") for slug in (LIST, "student-status")) == [0, 1]


def test_merged_cells_and_other_errors_are_marked_together(office: Client, rows: list[list[str]]):
    book = openpyxl.Workbook()
    for cells in (HEADERS, *rows):
        book.active.append(list(cells))
    book.active["D3"].value = "十级"
    book.active.merge_cells("C5:C6")
    stream = io.BytesIO()
    book.save(stream)
    sent = file([], name="../../x/合并.xlsx")
    sent.file = io.BytesIO(stream.getvalue())
    sent.size = len(stream.getvalue())
    result = confirm_columns(office, send(office, sent))
    assert "D3" in text(result)
    assert "C5" in text(result)
    upload = newest()
    assert upload.file_name == "合并.xlsx"
    response = office.post(f"/office/imports/files/{upload.uid}/marked/")
    copy = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    red = {cell.coordinate for line in copy.worksheets[0].iter_rows() for cell in line if cell.fill.fgColor.rgb == "FFF8D7D3"}
    assert {"D3", "C5", "C6"} <= red
    assert Fact.objects.filter(type="registers.upload_read", actor=upload.actor).count() == 1
    office.post(result.request["PATH_INFO"], {"verb": "full"})
    assert Fact.objects.filter(type="registers.upload_read").count() == 2


def test_what_belongs_into_a_cell_is_said_in_both_languages(office: Client, rows: list[list[str]]):
    rows[2][3], rows[3][0] = "五级", "1234"
    page = text(confirm_columns(office, send(office, file(rows))))
    assert "不在可选值之内" in page
    assert "不是整数" not in page
    assert "一级、二级、三级、四级" in page
    assert "4 个字符" in page
    response = office.post(f"/office/imports/files/{newest().uid}/marked/")
    copy = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    listed = {line[0]: line for line in copy.worksheets[-1].iter_rows(min_row=2, values_only=True)}
    assert listed[4][4] == "一级、二级、三级、四级\n一级, 二级, 三级, 四级"
    assert listed[5][4] == "18 位身份证号\nan 18-character identity number"
    assert listed[5][5] == "4 个字符\n4 characters"
    comment = copy.worksheets[0]["D4"].comment
    assert comment is not None
    assert "应为 Expected: 一级、二级、三级、四级" in comment.text


def test_a_merged_header_is_marked_too(office: Client, rows: list[list[str]]):
    book = openpyxl.Workbook()
    for cells in (HEADERS, *rows):
        book.active.append(list(cells))
    book.active.merge_cells("C1:D1")
    stream = io.BytesIO()
    book.save(stream)
    sent = file([])
    sent.file, sent.size = io.BytesIO(stream.getvalue()), len(stream.getvalue())
    page = text(send(office, sent))
    assert "合并单元格" in page
    assert "C1:D1" in page
    response = office.post(f"/office/imports/files/{newest().uid}/marked/")
    copy = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert copy.worksheets[0]["A1"].comment is not None
    assert copy.worksheets[0]["B2"].value == rows[0][1]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04broken", b""], ids=["picture", "broken", "empty"])
def test_a_file_that_is_no_list_is_refused_and_says_why(office: Client, content: bytes):
    sent = file([])
    sent.file, sent.size = io.BytesIO(content), len(content)
    page = send(office, sent)
    assert ("文件不能用" in text(page)) or page.status_code == 400
    assert "下载标注过的文件" not in text(page)
    assert ListImport.objects.count() == 0


def test_a_file_lies_under_a_name_of_ours_and_is_readable_by_nobody_else(office: Client, rows: list[list[str]]):
    send(office, file(rows, name="../../../etc/名单.csv"))
    upload = newest()
    path = shelf.file_of(upload.uid)
    assert path == Path(settings.LINLI_STATE) / "imports" / str(upload.uid) / "file"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(path.parent).st_mode) == 0o700
    assert upload.file_name == "名单.csv"
    assert upload.area_code == "1408"


def test_a_file_beyond_the_limit_is_not_kept(office: Client, rows: list[list[str]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shelf, "LARGEST", 100)
    monkeypatch.setattr("linli.web.imports.receiving.ENVELOPE", 0)
    page = office.post(HOME, {"file": file(rows), "as_of": f"{clock.today():%Y-%m-%d}", "area": "1408", "whole": "1"})
    assert page.status_code == 400
    assert "文件超过" in text(page)
    assert not Upload.objects.exists()


def test_files_are_erased_after_a_week_and_when_they_are_not_wanted(office: Client, rows: list[list[str]]):
    send(office, file(rows))
    first = newest()
    office.post(f"/office/imports/files/{first.uid}/discard/")
    assert not shelf.folder_of(first.uid).exists()
    send(office, file(rows))
    second = newest()
    with clock.frozen(clock.now() + timedelta(days=6)):
        uploads.prune()
        assert shelf.folder_of(second.uid).exists()
    with clock.frozen(clock.now() + timedelta(days=8)):
        uploads.prune()
    assert not shelf.folder_of(second.uid).exists()
    assert not Upload.objects.exists()


def test_a_delivery_shows_whom_it_changed_and_can_be_undone_until_something_depends_on_it(
    office: Client, small_city: SmallCity, people: list[Resident], rows: list[list[str]]
):
    apply(office, confirm_columns(office, send(office, file(rows))))
    first = ListImport.objects.get()
    rows[0][3] = "三级"
    checked = send(office, file(rows[:5]))
    closed = text(office.get(checked.request["PATH_INFO"] + "people/closed/"))
    assert "邻居3" in closed
    assert "测试甲" not in closed
    assert "测试甲" in text(office.get(checked.request["PATH_INFO"] + "people/changed/"))
    apply(office, checked)
    second = ListImport.objects.latest("pk")
    page = f"/office/imports/deliveries/{second.uid}/"
    assert "邻居3" in text(office.get(page, {"change": "closed"}))
    assert "测试甲" in text(office.get(page, {"change": "changed"}))
    assert "现在不能撤销" in text(office.get(f"/office/imports/deliveries/{first.uid}/undo/"))
    office.post(f"/office/imports/deliveries/{first.uid}/undo/")
    assert ListImport.objects.filter(undone_at__isnull=False).count() == 0
    office.post(f"/office/imports/deliveries/{second.uid}/undo/")
    assert "已撤销" in text(office.get(page))
    assert "确认撤销" in text(office.get(f"/office/imports/deliveries/{first.uid}/undo/"))


def test_a_large_file_is_worked_on_by_the_worker_as_the_sender(office: Client, rows: list[list[str]], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "LARGE", 4)
    working = confirm_columns(office, send(office, file(rows)))
    upload = newest()
    assert (upload.large, upload.state) == (True, "checking")
    assert "看看进度" in text(working)
    jobs.check_upload(uid=str(upload.uid))
    assert not shelf.marked_of(upload.uid).exists()  # nothing is to be mended
    checked = office.get(f"/office/imports/files/{upload.uid}/", follow=True)
    assert "核对结果" in text(checked)
    assert "正在写入" in text(apply(office, checked))
    for _again in range(2):
        jobs.apply_upload(uid=str(upload.uid))
    upload.refresh_from_db()
    assert (upload.state, ListImport.objects.get().actor) == ("applied", upload.actor)
    rows[0][3] = "九级"
    send(office, file(rows))
    jobs.check_upload(uid=str(newest().uid))
    assert shelf.marked_of(newest().uid).exists()


def test_an_officer_of_one_county_delivers_for_that_county_only(small_city: SmallCity, rows: list[list[str]]):
    officer("county", "县员", area_code="140802")
    client = Client()
    client.post("/office/sign-in/", {"login": "county", "password": PASSWORD})
    assert send(client, file(rows)).status_code == 400
    columns = send(client, file(rows[:1]), area="140802")
    assert newest().area_code == "140802"
    apply(client, confirm_columns(client, columns))
    delivery = ListImport.objects.get()
    other = Client()
    other.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
    assert other.get(columns.request["PATH_INFO"]).status_code == 404  # somebody else's file
    assert other.get(f"/office/imports/deliveries/{delivery.uid}/").status_code == 200


def test_of_a_larger_areas_delivery_an_officer_of_a_county_reads_the_day_only(office: Client, rows: list[list[str]]):
    apply(office, confirm_columns(office, send(office, file(rows))))
    wide = ListImport.objects.get()
    officer("county", "县员", area_code="140802")
    client = Client()
    client.post("/office/sign-in/", {"login": "county", "password": PASSWORD})
    for address, words in (("/office/imports/", "上级统一提交"), (HOME, "您的地区没有单独提交过")):
        page = text(client.get(address))
        assert words in page
        assert str(wide.uid) not in page
        assert "还没有提交过" not in page
    lost = client.get(f"/office/imports/deliveries/{wide.uid}/")
    assert lost.status_code == 404
    nowhere = client.get("/office/nowhere/at/all/")
    for page in (lost, nowhere):
        assert 'href="/office/imports/"' in text(page)
        assert "县员" in text(page)
    assert 'href="/office/imports/"' not in text(Client().get("/office/nowhere/at/all/"))
    apply(client, confirm_columns(client, send(client, file(rows[:1]), area="140802")), drop="1")
    own = ListImport.objects.latest("pk")
    assert own.area_code == "140802"
    assert str(own.uid) in text(client.get("/office/imports/"))
    assert "上级统一提交" not in text(client.get(HOME))


def test_pages_ask_the_same_number_of_questions_whatever_there_is(
    office: Client, rows: list[list[str]], django_assert_max_num_queries: Any
):
    broken = [[cells[0], cells[1], "没有", "没有", ""] for cells in rows]
    checked = confirm_columns(office, send(office, file(broken)))
    with django_assert_max_num_queries(12):
        office.get(checked.request["PATH_INFO"])
    apply(office, checked, leave="1")
    delivery = ListImport.objects.get()
    assert delivery.doubtful_rows == 6
    for address in (
        "/office/imports/", HOME, f"/office/imports/deliveries/{delivery.uid}/", f"/office/imports/deliveries/{delivery.uid}/doubts/"
    ):  # fmt: skip
        with django_assert_max_num_queries(25):
            assert office.get(address).status_code == 200
    assert number_of(Resident.objects.get(name="邻居0")) not in text(office.get(checked.request["PATH_INFO"], follow=True))
