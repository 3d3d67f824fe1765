"""What if in a browser: every page looked at, and a figure tried by somebody who watches the page until it is worked out."""

from __future__ import annotations

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, for_officers
from playwright.sync_api import Page
from web_examples import AID, SmallCity

from linli.kernel.viewer import Grant, Viewer
from linli.programmes.editing import put
from linli.screening import acts
from linli.screening.models import Scenario

HOME = f"/office/programmes/{AID}/whatif/"
GRANT = "rule.parameters.undergraduate_grant.values[0].value"


def tried(city: SmallCity, name: str, amount: str) -> Scenario:
    planner = Viewer(city.officer.actor, (Grant("officer"),))
    row = acts.begin_scenario(viewer=planner, programme=AID, version="2023", name=name)
    row = acts.try_scenario(viewer=planner, scenario=row.uid, revision=1, text=put(row.text, GRANT, amount, "value"))
    acts.work_out_scenario(uid=row.uid, revision=row.revision)
    return row


@pytest.mark.long
@for_officers
def test_the_pages_of_a_what_if(opened: Opener, small_city: SmallCity, edition: str, language: str):
    one, other = tried(small_city, "本科生五千五百元", "5500 yuan"), tried(small_city, "本科生四千五百元", "4500 yuan")
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page)
        for name, address in (
            ("what-if", HOME),
            ("what-if-scenario", f"{HOME}{one.uid}/"),
            ("what-if-compared", f"{HOME}compare/?one={one.uid}&other={other.uid}"),
            ("what-if-draft", f"{HOME}{one.uid}/draft/"),
        ):
            page.goto(address)
            inspector.look(name)
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


def worked_out(page: Page) -> None:
    """What the worker does meanwhile."""
    page.get_by_text("排队等待").wait_for()
    row = Scenario.objects.get(state="waiting")
    acts.work_out_scenario(uid=row.uid, revision=row.revision)


@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False])
def test_an_officer_tries_a_figure_with_scripts_and_without(opened: Opener, small_city: SmallCity, scripts: bool):
    with opened(java_script_enabled=scripts) as page:
        sign_in(page)
        page.goto(f"/office/programmes/{AID}/versions/")
        page.get_by_role("link", name="试算：改几个数会怎样").click()
        page.get_by_label("试算名称").fill("本科生五千五百元")
        page.get_by_role("button", name="开始试算").click()
        page.locator("input[name=rule__parameters__undergraduate_grant__values-0__value]").fill("5,500")
        page.get_by_role("button", name="试算", exact=True).click()
        worked_out(page)
        if not scripts:
            page.get_by_role("link", name="看看进度").click()
        page.get_by_role("cell", name="+1,000 元").first.wait_for()
        page.get_by_role("link", name="用这些数值起草新版本").click()
        page.fill("input[name=version]", "2027")
        for part, text in enumerate(("2027", "1", "1")):
            page.fill(f"input[name=first_{part}]", text)
        page.get_by_role("button", name="开始起草").click()
        page.get_by_role("link", name="标准").click()
        assert page.locator("input[name=rule__parameters__undergraduate_grant__values-0__value]").input_value() == "5,500.00"
