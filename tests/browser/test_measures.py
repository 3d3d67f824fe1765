"""The measures find what they are for: a page with one fault of each kind is told by its fault, and the same page without it is clean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import PHONE
from inspecting import Inspector
from measures import BY_FINGER, ELDER, ELDER_LARGEST, Norm, legible, untranslated
from playwright.sync_api import Browser, Page

FRAME = """<!doctype html><html lang="{lang}"><title>{title}</title><style>
body {{ font: 20px/1.5 sans-serif; margin: 16px; overflow-wrap: break-word }} p {{ margin: 0 0 16px }}
.button {{ display: inline-flex; align-items: center; min-width: 60px; min-height: 60px; margin: 8px; font: inherit }}
.card {{ position: relative; height: 80px }} .card a::after {{ content: ''; position: absolute; inset: 0 }}
.only-spoken {{ position: absolute; clip-path: inset(50%); width: 1px; overflow: hidden }}</style><body>{body}</body></html>"""
CLEAN = """<p>一段话，里面有<a href="#">链接</a>。</p><p>又一段话。</p><a class="button" href="#">继续</a>
<button class="button">返回</button><div class="card"><a href="#">卡片</a></div><label class="button"><input type="radio">是</label>
<button class="only-spoken">不显示</button>"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def _shown(page: Page, body: str, lang: str = "zh-CN", title: str = "页面") -> Page:
    page.set_content(FRAME.format(body=body, lang=lang, title=title))
    return page


def test_a_page_without_faults_is_clean(page: Page):
    assert legible(_shown(page, CLEAN), ELDER) == []
    assert untranslated(page, "zh") == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("""<p><a href="#">只有一个链接</a></p>""", "target of"),
        ("""<label style="display: block"><input type="checkbox"></label>""", "target of"),
        ("""<button class="button" style="min-width: 59px; padding: 0">好</button>""", "target of 59 × 60 instead of 60"),
        ("""<p style="font-size: 17px">小字</p>""", "text of 17 px"),
        ("""<p style="line-height: 1.2">行距太小</p>""", "lines of 24 px"),
        ("""<p style="line-height: normal">没有行距</p>""", "lines of NaN"),
        ("""<p style="margin: 0">一段</p><p>二段</p>""", "paragraphs 0 px apart"),
        ("""<div style="width: 900px">太宽</div>""", "scrolls sideways"),
        ("""<div style="width: 60px; white-space: nowrap; overflow: hidden">放不下的很长的字</div>""", "wider than its box"),
        ("""<div style="height: 30px; overflow: hidden">放<br>不<br>下</div>""", "higher than its box"),
        (
            """<input style="width: 80px; height: 60px; line-height: 1.5; font-size: 20px" placeholder="很长很长的提示文字">""",
            "placeholder is cut",
        ),
        ("""<a class="button" href="#" style="margin-right: -40px">一</a><a class="button" href="#">二</a>""", "two targets overlap"),
    ],
)
def test_each_fault_is_told(page: Page, fault: str, told: str):
    assert any(told in problem for problem in legible(_shown(page, CLEAN + fault), ELDER))


def test_axe_names_its_rule_and_the_place(page: Page):
    faults = '<main><h1>页面</h1><img src="data:,"><p style="color: #999">淡的字</p></main>'
    found = Inspector(_shown(page, faults), "elder", "zh").read_by_axe()
    assert sorted(found) == ['color-contrast: <p style="color: #999">淡的字</p>', 'image-alt: <img src="data:,">']


@pytest.mark.parametrize(("norm", "clean"), [(BY_FINGER, True), (ELDER_LARGEST, False)])
def test_a_norm_is_what_it_says(page: Page, norm: Norm, clean: bool):
    assert (legible(_shown(page, CLEAN), norm) == []) is clean


@pytest.mark.parametrize(
    ("language", "body", "clean"),
    [
        ("en", "<p>Household of 张三</p>", False),
        ("en", '<p>Household of <span lang="zh-CN">张三</span></p>', True),
        ("en", "<p>One、two</p>", False),
        ("en", '<input placeholder="姓名">', False),
        ("en", "<select><option>盐湖区</option></select>", False),
        ("en", '<select><option lang="zh-CN">盐湖区</option><option>Linyi County 临猗县</option></select>', True),
        ("zh", "<p>请按 Sign in please 登录</p>", False),
        ("zh", '<p>导出为 xlsx 文件，<a lang="en">English version</a></p>', True),
        ("zh", '<button aria-label="Read aloud">朗读</button>', False),
    ],
)
def test_words_in_the_other_language_are_told_unless_marked(page: Page, language: str, body: str, clean: bool):
    lang, title = {"en": ("en", "Page"), "zh": ("zh-CN", "页面")}[language]
    assert (untranslated(_shown(page, body, lang, title), language) == []) is clean


@pytest.mark.parametrize(("title", "clean"), [("Household of 张三", True), ("Household of 李四", False), ("登录", False)])
def test_a_title_may_repeat_a_name_that_the_page_marks(page: Page, title: str, clean: bool):
    assert (untranslated(_shown(page, '<h1 lang="zh-CN">张三</h1>', "en", title), "en") == []) is clean
