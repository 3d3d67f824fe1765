"""Delivering a list in a browser: every page of the wizard looked at, and the whole errand in few clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import Opener, sign_in
from counting import Hand
from import_examples import HEADERS, HOME, LIST, file, neighbours, row
from inspecting import Inspector, for_officers
from place_examples import VILLAGE
from playwright.sync_api import Page
from web_examples import SmallCity

from linli.registers.imports import uploads
from linli.registers.models import Doubtful, ListImport, Upload


def files(folder: Path, city: SmallCity) -> tuple[Path, Path]:
    """The month's list with three wrong cells and a name that differs, and the same mended."""
    rows = [[*row(who, "肢体", "二级"), VILLAGE] for who in (city.found, city.away, *neighbours(4))]
    rows[4][1] = "另名"
    mended, wrong = [list(cells) for cells in rows], rows
    wrong[2][3], wrong[3][2], wrong[5][0] = "五级", "手脚", "99000019"
    headers = (*HEADERS, "行政区划代码")
    names = (folder / "残疾人证11月.csv", folder / "残疾人证11月改.csv")
    for name, cells in zip(names, (wrong, mended), strict=True):
        name.write_bytes(file(cells, headers).read())
    return names


def upload(page: Page, path: Path) -> None:
    page.set_input_files("input[type=file]", path)
    page.click("main form button:below(input[type=file]) >> nth=0")


@for_officers
def test_the_pages_of_a_delivery(opened: Opener, small_city: SmallCity, tmp_path: Path, edition: str, language: str, monkeypatch: Any):
    wrong, mended = files(tmp_path, small_city)
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page)
        page.goto("/office/imports/")
        inspector.look("imports")
        page.goto(HOME)
        inspector.look("imports-send")
        upload(page, wrong)
        inspector.look("imports-columns")
        page.click("main button.button-large")
        inspector.look("imports-checked-wrong")
        upload(page, mended)
        inspector.look("imports-checked")
        page.goto(page.url + "people/opened/")
        inspector.look("imports-people")
        page.go_back()
        page.click("main button.button-large")
        inspector.look("imports-delivery")
        delivery, doubt = ListImport.objects.get(), Doubtful.objects.get()
        for name, address in {
            "imports-undo": f"/office/imports/deliveries/{delivery.uid}/undo/",
            "imports-doubts": f"/office/imports/deliveries/{delivery.uid}/doubts/",
            "imports-doubt": f"/office/imports/doubts/{doubt.uid}/",
            "imports-history": "/office/imports/deliveries/",
        }.items():
            page.goto(address)
            inspector.look(name)
        page.goto(HOME)
        (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
        upload(page, tmp_path / "picture.png")
        inspector.look("imports-refused")
        monkeypatch.setattr(uploads, "LARGE", 3)
        page.goto(HOME)
        upload(page, wrong)
        page.wait_for_selector("progress")
        inspector.look("imports-working")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


def test_a_months_list_with_three_wrong_cells_takes_a_dozen_clicks(opened: Opener, small_city: SmallCity, tmp_path: Path):
    wrong, mended = files(tmp_path, small_city)
    with opened() as page:
        hand = Hand(page)
        sign_in(page)
        hand.click("a[href='/office/imports/']")
        hand.click(f"a[href='{HOME}']")
        hand.choose(wrong)
        hand.click("main button.button-large")
        hand.click("main button.button-large")  # the columns are right as guessed
        page.wait_for_selector("text=D4")
        hand.choose(mended)
        hand.click("text=上传改好的文件")
        hand.click("main button.button-large")
        page.wait_for_selector("text=已经写入。")
    assert ListImport.objects.get(list_slug=LIST).rows == 6
    assert Upload.objects.filter(state="applied").count() == 1
    assert hand.clicks <= 12


def test_a_doubt_is_settled_by_keyboard_alone(opened: Opener, small_city: SmallCity, tmp_path: Path):
    _wrong, mended = files(tmp_path, small_city)
    with opened() as page:
        sign_in(page)
        page.goto(HOME)
        upload(page, mended)
        page.click("main button.button-large")
        page.click("main button.button-large")
        page.goto(f"/office/imports/deliveries/{ListImport.objects.get().uid}/doubts/")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector("kbd")
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=已处理")
    assert Doubtful.objects.get().resolution == "matched"
