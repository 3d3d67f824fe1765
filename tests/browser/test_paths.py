"""What people do, step by step: by keyboard, without scripts, with the biggest letters."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from conftest import PHONE, Opener, sign_in
from web_examples import SmallCity, dispute


def test_from_home_to_a_programme_by_keyboard_alone(opened: Opener):
    with opened() as page:
        page.goto("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        page.keyboard.press("Enter")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "search"
        page.keyboard.type("zhuxue")
        page.wait_for_selector("#suggestions a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/programmes/?q=zhuxue")
        assert "扶残助学圆梦工程" in page.inner_text("main")
        page.locator("main .card-link a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/programmes/disabled-student-aid/")


def test_without_scripts_search_questions_and_switches_work(opened: Opener):
    with opened(size=PHONE, java_script_enabled=False) as page:
        page.goto("/")
        page.fill("#search", "低保")
        page.click(".search-button")
        assert "最低生活保障" in page.inner_text("main")
        page.goto("/check/")
        page.click("button[value=person]")
        for part, text in enumerate(("1948", "3", "5")):
            page.locator("#question input").nth(part).fill(text)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        second = page.inner_text("h1")
        assert "出生" not in second
        page.click(".switch-elder")
        assert page.inner_text("h1") == second
        assert page.locator("html").get_attribute("data-edition") == "elder"
        page.click("button[name=back]")
        assert "出生" in page.inner_text("h1")


@pytest.mark.long
def test_the_biggest_letters_are_thirty_pixels_and_are_remembered(opened: Opener):
    with opened(size=PHONE) as page:
        page.goto("/programmes/")
        page.click(".switch-elder")
        page.click(".sizes .switch >> nth=2")
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 30
        page.goto("/")
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.card p:nth-child(2)')).fontSize)") == 30
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_an_error_takes_the_reader_to_its_field(opened: Opener):
    with opened() as page:
        page.goto("/check/")
        page.click("button[value=person]")
        page.click("#visit button.button-large >> nth=0")
        assert page.evaluate("document.activeElement.className") == "error-summary"
        page.click(".error-summary a")
        assert page.evaluate("document.activeElement.name") == "answer_0"


def test_an_officer_finds_why_and_takes_the_list_along(opened: Opener, small_city: SmallCity, tmp_path: Path):
    with opened() as page:
        sign_in(page)
        page.click("a[data-row]:has-text('扶残助学')")
        page.click(".tabs a:has-text('找到的人')")
        page.wait_for_url("**/found/")
        page.wait_for_load_state()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('测试')")
        assert "满足" in page.inner_text(".conditions")
        page.click("button:has-text('显示完整号码')")
        assert "12500000000" in page.inner_text("aside")
        page.goto(f"/office/runs/{small_city.run.uid}/found/")
        page.select_option("#county", "140802")
        page.wait_for_url("**county=140802**")
        assert "测试乙" not in page.inner_text("main")
        with page.expect_download() as download:
            page.click("button:has-text('不含身份证号')")
        path = tmp_path / "list.xlsx"
        download.value.save_as(path)
        names = [row[1] for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True)]
        assert names == ["测试甲"]


@pytest.mark.long
def test_an_officer_walks_from_person_to_person_and_back_to_the_list(opened: Opener, small_city: SmallCity):
    with opened() as page:
        sign_in(page)
        found = f"/office/runs/{small_city.run.uid}/found/"
        page.goto(found)
        names = page.locator("[data-row]").all_inner_texts()
        assert len(names) == 2
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"h1:has-text('{names[0]}')")
        assert "1 / 2" in page.inner_text("[data-walk]")
        assert not page.locator("[data-walk-previous]").is_visible()
        page.keyboard.press("j")
        page.wait_for_selector(f"h1:has-text('{names[1]}')")
        assert not page.locator("[data-walk-next]").is_visible()
        page.keyboard.press("k")
        page.wait_for_selector(f"h1:has-text('{names[0]}')")
        page.click("[data-walk-back]")
        page.wait_for_url(f"**{found}")
        page.goto("/office/sign-in/")
        page.goto(f"/office/runs/{small_city.run.uid}/subjects/{small_city.found.uid}/")
        assert not page.locator("[data-walk]").is_visible()


def test_the_inbox_is_ticked_by_keyboard(opened: Opener, small_city: SmallCity):
    dispute(small_city.found)
    with opened() as page:
        sign_in(page)
        page.goto("/office/inbox/")
        page.keyboard.press("j")
        for ticked in (True, False):
            page.keyboard.press("Space")
            assert page.locator("input[name=case]").first.is_checked() is ticked


@pytest.mark.long
def test_the_head_of_a_long_table_stays_in_sight(opened: Opener):
    with opened(size={"width": 1440, "height": 200}) as page:
        sign_in(page)
        page.evaluate("document.querySelector('table').scrollIntoView()")
        page.evaluate("window.scrollBy(0, 80)")
        tops = page.evaluate("['thead th', 'tbody'].map(each => document.querySelector(each).getBoundingClientRect().top)")
        assert tops[0] >= -1
        assert tops[1] < 0


def test_signing_out_leaves_nothing_behind_the_back_button(opened: Opener, small_city: SmallCity):
    with opened() as page:
        sign_in(page)
        page.goto(f"/office/runs/{small_city.run.uid}/found/")
        page.click("button:has-text('退出')")
        page.wait_for_url("**/office/sign-in/")
        page.go_back()
        page.wait_for_url("**/office/sign-in/**")
        assert "测试甲" not in page.content()
