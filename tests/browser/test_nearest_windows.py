"""去哪里办: looked at like every page, with and without scripts, and with the device's own position."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import PHONE, Opener, sign_in
from inspecting import Inspector, for_officers, for_residents
from place_examples import FIRST_DAY, SYSTEM
from test_own_pages import resident_signs_in
from web_examples import AID, PASSWORD, SmallCity
from window_examples import TOWNSHIP, open_windows

from linli.registers import acts
from linli.registers.models import ServiceWindow


@for_residents
def test_the_pages_of_windows(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    open_windows()
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        for name, address in (("windows", "/windows/"), ("windows-found", f"/windows/?item={AID}&place={TOWNSHIP}")):
            page.goto(address)
            inspector.look(name)
        resident_signs_in(page, small_city.found)
        page.goto(f"/my/windows/?item={AID}")
        inspector.look("my-windows")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


@pytest.mark.long
@for_officers
def test_the_pages_of_who_keeps_the_windows(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    open_windows()
    staff = acts.add_staff(SYSTEM, login="keeper", name="县级管理员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=staff, role="administrator", area_code="140802", valid_from=FIRST_DAY)
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page, "keeper")
        window = ServiceWindow.objects.get(code="W-1")
        for name, address in (("admin-windows", "/admin/windows/"), ("admin-window", f"/admin/windows/{window.uid}/")):
            page.goto(address)
            inspector.look(name)
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


def test_the_device_is_asked_where_it_is_only_when_the_button_is_pressed(opened: Opener):
    open_windows()
    where = {"latitude": 35.0001, "longitude": 111.0190}
    with opened(size=PHONE, geolocation=where, permissions=["geolocation"]) as page:
        page.goto(f"/windows/?item={AID}")
        assert page.locator("#found").count() == 0
        page.click("text=用我现在的位置")
        page.wait_for_selector("#found")
        assert "测试街道便民服务中心" in page.locator("#found tbody tr").first.inner_text()
        assert page.input_value("#item") == AID
        assert "111" not in page.url
    with opened(size=PHONE) as page:  # refused: the browser asks nobody here
        page.goto("/windows/")
        page.click("text=用我现在的位置")
        page.wait_for_selector("text=没有取到位置")


@pytest.mark.long
def test_without_scripts_the_form_does_it_all(opened: Opener):
    open_windows()
    with opened(size=PHONE, java_script_enabled=False) as page:
        page.goto("/windows/")
        assert not page.locator("text=用我现在的位置").is_visible()
        page.select_option("#item", AID)
        page.select_option("#place", TOWNSHIP)
        page.click("text=找窗口")
        assert page.locator("#found tbody tr").count() == 3
        assert page.locator(".point-map svg").is_visible()
