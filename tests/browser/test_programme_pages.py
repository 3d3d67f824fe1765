"""Programmes as officers keep them, every page looked at, and a version brought into force in a browser by two of them."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, for_officers
from playwright.sync_api import Page
from web_examples import AID, SmallCity, officer

from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.programmes import acts
from linli.programmes.editing import append, put
from linli.programmes.models import Draft
from linli.programmes.queries import examples_for, live_version
from linli.screening import acts as screening
from linli.web.drafting import drafts

HOME = "/office/programmes/"


def drafted(city: SmallCity) -> tuple[Viewer, Draft]:
    """The next version of the student aid with one figure raised, one text changed and the examples that go with it."""
    author = Viewer(city.officer.actor, (Grant("officer"),))
    live = live_version(AID, clock.today())
    assert live is not None
    value = {"from": ("2027-01-01", "day"), "value": ("5500 yuan", "value"), "source": {"zh": "测试文件", "en": "test document"}}
    text = append(live.source, "rule.parameters.undergraduate_grant.values", value)
    text = put(put(text, "version", "2027"), "effective_from", "2027-01-01", "day")
    text = put(text, "benefit.zh", "本科生每学年五千五百元。")
    return author, acts.begin_draft(viewer=author, text=text, examples=examples_for(live, AID, drafts.files().path), base=live.version)


def handed_in(city: SmallCity) -> tuple[Draft, str]:
    """The same, previewed and waiting for a colleague; the address of its preview."""
    author, draft = drafted(city)
    preview = screening.ask_preview(viewer=author, draft=draft.uid)
    screening.make_preview(uid=preview.uid)
    acts.submit_draft(viewer=author, catalogue=drafts.files(), draft=draft.uid, revision=draft.revision)
    return draft, f"{HOME}previews/{preview.uid}/"


@for_officers
def test_the_pages_of_programmes(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    _author, draft = drafted(small_city)
    broken = put(draft.text, "rule.conditions[0].when", "is_enroled_student", "expression")
    acts.save_draft(viewer=_author, draft=draft.uid, revision=1, text=broken, examples=draft.examples)
    at = f"{HOME}drafts/{draft.uid}/"
    officer("second", "测试同事")
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page)
        for name, address in (
            ("programmes", HOME),
            ("programmes-new", f"{HOME}new/"),
            ("programmes-new-like", f"{HOME}new/?like=1"),
            ("programmes-upload", f"{HOME}upload/"),
            ("programmes-screened", f"{HOME}{AID}/versions/?published=1"),
            ("programmes-draft-wrong", at),
            ("programmes-conditions-wrong", f"{at}parts/conditions/"),
            ("programmes-text", f"{at}text/"),
        ):
            page.goto(address)
            inspector.look(name)
        acts.save_draft(viewer=_author, draft=draft.uid, revision=2, text=draft.text, examples=draft.examples)
        for name, address in (("programmes-examples-open", f"{at}examples/"), ("programmes-example", f"{at}examples/3/")):
            page.goto(address)
            inspector.look(name)
        acts.withdraw_draft(viewer=_author, draft=draft.uid)
        page.goto(f"{HOME}{AID}/versions/2023/next/")
        inspector.look("programmes-begin")
        draft, preview = handed_in(small_city)
        at = f"{HOME}drafts/{draft.uid}/"
        sign_in(page, "second")
        for name, address in (
            ("programmes-versions", f"{HOME}child-rehabilitation-aid/versions/"),
            ("programmes-comparison", f"{HOME}child-rehabilitation-aid/compare/2018/2023/"),
            ("programmes-draft", at),
            ("programmes-figures", f"{at}parts/figures/"),
            ("programmes-procedure", f"{at}parts/procedure/"),
            ("programmes-history", f"{at}history/"),
            ("programmes-review", f"{at}review/"),
            ("programmes-preview", preview),
            ("programmes-changed", f"{preview}people/more/"),
            ("programmes-subject", f"{preview}subjects/{small_city.found.uid}/"),
        ):
            page.goto(address)
            inspector.look(name)
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)


@pytest.mark.long
def test_an_officer_drafts_and_a_colleague_publishes(opened: Opener, small_city: SmallCity, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    officer("second", "测试同事")
    with opened() as page:
        sign_in(page)
        page.goto(f"{HOME}{AID}/versions/")
        page.get_by_role("link", name="从这一版起草").click()
        page.fill("input[name=version]", "2027")
        fill_day(page)
        page.get_by_role("button", name="开始起草").click()
        page.get_by_role("link", name="名称和说明").click()
        page.fill("textarea[name=summary__zh]", "新的一句简介。")
        page.get_by_role("button", name="保存", exact=True).click()
        page.get_by_text("已保存。").wait_for()
        page.get_by_role("link", name="草案", exact=True).click()
        page.get_by_role("button", name="预演").click()
        draft = Draft.objects.get(slug=AID)
        preview = screening.ask_preview(viewer=Viewer(small_city.officer.actor, (Grant("officer"),)), draft=draft.uid)
        screening.make_preview(uid=preview.uid)
        page.get_by_text("没有人的结果会变。").wait_for()
        page.get_by_role("link", name="草案", exact=True).click()
        page.get_by_role("button", name="提交，请另一位同事发布").click()
        page.get_by_role("link", name="看发布前的核对页").click()
        page.get_by_text("您参与了起草").wait_for()
        sign_in(page, "second")
        page.goto("/office/inbox/?kind=draft")
        page.locator(f'a[href*="{draft.uid}"]').click()
        fill_day(page)
        page.get_by_role("button", name="发布", exact=True).click()
        page.wait_for_url(f"**{HOME}{AID}/versions/**")
        page.get_by_role("link", name="与上一版比较 2027").click()
        page.get_by_text("新的一句简介。").wait_for()


def fill_day(page: Page) -> None:
    for part, text in enumerate(("2027", "1", "1")):
        page.fill(f"input[name=first_{part}]", text)
