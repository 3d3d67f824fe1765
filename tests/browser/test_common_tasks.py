"""The most common tasks of all roles, in few enough clicks: counted, compared with docs/tasks.md, and done once without a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from conftest import PHONE, ROOT, Opener, shot, sign_in
from counting import Effort, Hand
from errands import ERRANDS, STAFF, Stage, dispute, prepare
from place_examples import BUILDING, FIRST_DAY, SYSTEM, VILLAGE, person
from playwright.sync_api import Page
from web_examples import AID, PASSWORD, SmallCity, certify

from linli.casework.models import Case
from linli.kernel import clock
from linli.registers import acts
from linli.registers.models import Resident

TALL = {"width": 1440, "height": 900}
AREAS = {"steward": BUILDING, "clerk": "140802", "administrator": "", "colleague": ""}


def told_clicks() -> dict[str, int]:
    """The clicks that docs/tasks.md tells, by slug."""
    rows = re.findall(r"^\| `([\w-]+)` \|[^|]*\|[^|]*\| (\d+) \|", (ROOT / "docs" / "tasks.md").read_text("utf-8"), re.MULTILINE)
    return {slug: int(clicks) for slug, clicks in rows}


@pytest.fixture
def stage(small_city: SmallCity, tmp_path: Path, settings: Any) -> Stage:
    """The small city on the morning of a day: staff, disputes, a mandate, a draft, somebody of over eighty to call on."""
    settings.LINLI_SECOND_FACTOR = "optional"
    for login, area in AREAS.items():
        staff = acts.add_staff(SYSTEM, login=login, name="测试岗位", password=PASSWORD)
        role = "officer" if login == "colleague" else login
        acts.place_grant(SYSTEM, staff=staff, role=role, area_code=area, valid_from=FIRST_DAY)
    alone()
    certify(small_city.undecided)
    made = Stage(
        small_city.found, small_city.away, AID, small_city.officer, (small_city.away, small_city.undecided), tmp_path, worker=False
    )
    prepare(made)
    return made


def alone() -> Resident:
    at = [acts.Lives("registered", VILLAGE, FIRST_DAY), acts.Lives("lives", BUILDING, FIRST_DAY)]
    who = person("测试老人", birth_date=date(clock.today().year - 81, 1, 5), situations=at)
    acts.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(who, "head")], valid_from=FIRST_DAY)
    return who


@contextmanager
def seat(opened: Opener, who: str) -> Iterator[Page]:
    """A role's own browser: residents and the steward on a phone, residents with large letters, the others at a desk."""
    with opened(size=PHONE if who in ("resident", "helper", "steward") else TALL, edition="standard" if who in STAFF else "elder") as page:
        if who in STAFF:
            sign_in(page, who)
        yield page


@pytest.mark.long
def test_the_common_tasks_take_as_few_clicks_as_is_told(opened: Opener, stage: Stage):
    counted: dict[str, Effort] = {}
    for who, errands in groupby(ERRANDS, key=lambda errand: errand.who):
        with seat(opened, who) as page:
            hand = Hand(page)
            for errand in errands:
                if errand.slug == "slip":
                    page.context.clear_cookies(name="linli_resident")
                if errand.begins:
                    page.goto(errand.begins)
                with hand.errand(lambda effort, slug=errand.slug: counted.update({slug: effort})):
                    errand.do(hand, stage)
                shot(page, f"task-{errand.slug}")
    clicks = {slug: effort.clicks for slug, effort in counted.items()}
    assert {one.slug: clicks[one.slug] for one in ERRANDS if clicks[one.slug] > one.most} == {}
    assert clicks == told_clicks()


def test_an_officer_answers_case_after_case_without_a_mouse(opened: Opener, small_city: SmallCity):
    certify(small_city.undecided)
    for who in (small_city.found, small_city.away, small_city.undecided):
        dispute(who, "disability_level")
    with opened(size=TALL) as page:
        hand = Hand(page)
        sign_in(page)
        page.goto("/office/inbox/?kind=fact_dispute")
        hand.press("j", "Enter")
        page.wait_for_selector("form[data-numbered]")
        for number in (1, 2, 3):
            before = page.url
            hand.press("2")
            assert page.evaluate("document.activeElement.value") == "kept"
            while page.evaluate("document.activeElement.name") != "words":
                hand.press("Tab")
            hand.type("经核实，名单上的信息与鉴定结论一致。")
            hand.press("Control+Enter")
            page.wait_for_url(lambda address, before=before: address != before)
            assert page.evaluate("'told' in document.activeElement.dataset")
            assert ("这是下一件" in page.inner_text("[data-told]")) is (number < 3)
        assert "/office/inbox/?kind=fact_dispute" in page.url
    assert hand.clicks == 0
    assert Case.objects.filter(outcome="kept").count() == 3
