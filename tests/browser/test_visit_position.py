"""The device is asked where it is only when the steward presses the button; it may refuse, and nothing hangs on it."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import PHONE, Opener, shot
from place_examples import BUILDING
from test_rounds import FINE, elder, sign_in, steward
from web_examples import SmallCity

from linli.casework.models import Visit
from linli.casework.visits.whereabouts import place_of
from linli.kernel.viewer import Grant, Viewer

WHERE = {"latitude": 35.0221198, "longitude": 110.9935412, "accuracy": 14}
READER = Viewer("staff:00000000-0000-7000-8000-000000000091", (Grant("officer"),))
WORDS = {
    "zh": ("附上我现在的位置", "误差约 14 米", "设备没有给出位置"),
    "en": ("Add where I am now", "right to about 14 metres", "The device gave no position"),
}
BOX = "[data-whereabouts]"


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_a_position_is_added_by_a_button_and_saved_with_the_call(
    opened: Opener, small_city: SmallCity, language: str, settings: Any
) -> None:
    settings.LINLI_SECOND_FACTOR = "optional"
    steward("guanjia", BUILDING)
    who = elder("测试老人甲")
    press, found, _refused = WORDS[language]
    with opened(size=PHONE, language=language, geolocation=WHERE, permissions=["geolocation"]) as page:
        sign_in(page)
        page.goto(f"/steward/people/{who.uid}/")
        assert page.input_value("input[name=lon]") == ""
        page.click(f"text={press}")
        page.wait_for_selector(f"{BOX} >> text={found}")
        shot(page, f"visit-position-{language}")
        page.click(FINE)
        page.wait_for_url("**/steward/")
    place = place_of(READER, Visit.objects.get(subject=who.uid))
    assert (place.at.lat, place.at.lon, place.accuracy) == (35.0221198, 110.9935412, 14)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.long
def test_a_device_that_refuses_is_said_so_and_the_call_is_kept_without(
    opened: Opener, small_city: SmallCity, language: str, settings: Any
) -> None:
    settings.LINLI_SECOND_FACTOR = "optional"
    steward("guanjia", BUILDING)
    who = elder("测试老人甲")
    press, _found, refused = WORDS[language]
    with opened(size=PHONE, language=language, permissions=[]) as page:
        sign_in(page)
        page.goto(f"/steward/people/{who.uid}/")
        page.click(f"text={press}")
        page.wait_for_selector(f"{BOX} >> text={refused}")
        page.click(FINE)
        page.wait_for_url("**/steward/")
    assert Visit.objects.get(subject=who.uid).place_cipher is None


def test_without_scripts_there_is_no_button_and_the_call_is_recorded(opened: Opener, small_city: SmallCity, settings: Any) -> None:
    settings.LINLI_SECOND_FACTOR = "optional"
    steward("guanjia", BUILDING)
    who = elder("测试老人甲")
    with opened(size=PHONE, java_script_enabled=False) as page:
        page.goto(f"/office/sign-in/?next=/steward/people/{who.uid}/")
        page.fill("input[name=login]", "guanjia")
        page.fill("input[name=password]", "a-long-test-password-7")
        page.click("main button[type=submit]")
        assert not page.locator(BOX).is_visible()
        page.click(FINE)
    assert Visit.objects.get(subject=who.uid).place_cipher is None
