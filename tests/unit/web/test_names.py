"""A name in Chinese says so on an English page, and is never more than text."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from linli.web.templatetags.texts import named, tongue


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("张三", '<span lang="zh-CN">张三</span>'),
        ("Yanhu District 盐湖区", 'Yanhu District <span lang="zh-CN">盐湖区</span>'),
        ("<b>张</b>", '&lt;b&gt;<span lang="zh-CN">张</span>&lt;/b&gt;'),
        ("Yanhu", "Yanhu"),
    ],
)
def test_the_chinese_part_of_a_name_is_marked_on_an_english_page_only(text: str, english: str):
    with translation.override("en"):
        assert named(text) == english
    with translation.override("zh-hans"):
        assert "<span" not in named(text)


@given(st.text(alphabet=st.sampled_from("<>&\"'张三ab "), max_size=12))
def test_a_name_adds_no_markup_but_its_mark(text: str):
    with translation.override("en"):
        shown = named(text).replace('<span lang="zh-CN">', "").replace("</span>", "")
    assert "<" not in shown
    assert ">" not in shown


@pytest.mark.parametrize(("text", "language"), [("盐湖区", "zh-CN"), ("Yanhu District 盐湖区", "en"), ("Yanhu", "en"), ("1408", "en")])
def test_an_option_is_in_the_language_of_its_letters(text: str, language: str):
    with translation.override("en"):
        assert tongue(text) == language
