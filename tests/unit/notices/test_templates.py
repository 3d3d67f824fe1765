"""No notice can be taken for a fraud's: no address, no request for money, a code or a password; each names its office and number."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel.clock import SHANGHAI
from linli.kernel.codes import ALPHABET, check_sign, is_code, new_code, spoken, tidy
from linli.kernel.errors import LinliError, Place
from linli.kernel.ids import uuid7
from linli.notices.catalogue import FOLDER, read_templates, refuse_bait
from linli.notices.manners import manners
from linli.notices.offices import Office
from linli.notices.recipients import Telling, gives
from linli.notices.writing import packed, templates, unpacked, written
from linli.rules.declare import Label

OFFICE = Office(Label("运城市民政局", "Yuncheng Civil Affairs Bureau"), "12345")
VALUES = {
    name: Label("高龄津贴", "old age allowance") if name == "programme" else Label("2611220000017", "2611220000017")
    for fields in gives().values()
    for name in fields
}
ADDRESS = re.compile(r"[a-z]+:/|www|\.(com|cn|net|org)\b|[a-z0-9]+\.[a-z]{2,}\b|链接|点击", re.IGNORECASE)
ASKING = re.compile(r"验证码|密码|转账|汇款|付款|verification|password|transfer", re.IGNORECASE)


def letter(template, code="23456789"):
    return written(template, Telling(1, uuid7(), {}, OFFICE, VALUES), code)


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.slug)
def test_every_text_is_plain_signed_and_checkable(template):
    code = new_code()
    for language, words in letter(template, code).items():
        for text in (words.title, words.letter, words.short):
            assert not ADDRESS.search(text), text
            assert not ASKING.search(text), text
            assert "{" not in text
        if template.channels:
            assert OFFICE.label.text(language) in words.short
            assert "12345" in words.short
            assert spoken(code) in words.short
            assert "高龄津贴" not in words.short
            assert "allowance" not in words.short
        else:
            assert words.short == ""
    assert unpacked(packed(letter(template, code))) == (letter(template, code), "")
    assert unpacked(packed(letter(template, code), "mandate:1")) == (letter(template, code), "mandate:1")


def test_a_decision_is_not_refusable_and_a_hint_is():
    by_slug = {one.slug: one for one in templates()}
    assert by_slug["screening-found"].refusable
    assert not any(one.refusable for slug, one in by_slug.items() if slug.startswith(("mandate", "identity", "dispute", "visit-closed")))


@pytest.mark.parametrize(
    "bait",
    [
        "请登录 http://a.example",
        "见 www.yuncheng",
        "详见 yuncheng-gov.com",
        "请点击",
        "请回复验证码",
        "请转账",
        "Click here",
        "a verification code",
    ],
)
def test_bait_is_refused_wherever_it_comes_from(bait):
    with pytest.raises(LinliError, match="notice"):
        refuse_bait(bait, Place())
    first = next(one for one in templates() if "programme" in one.fields)
    with pytest.raises(LinliError):
        written(first, Telling(1, uuid7(), {}, OFFICE, {**VALUES, "programme": Label(bait, bait)}), "23456789")


GOOD = yaml.safe_load((FOLDER / "screening.yaml").read_text("utf-8"))[0]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"fact": "screening.invented"}, "screening.invented"),
        ({"letter": {"zh": "您好{receipt}", "en": "hello"}}, "receipt"),
        ({"letter": {"zh": "您好"}}, "en"),
        ({"short": {"zh": "{programme}适用于您", "en": "for you"}}, "programme"),
        ({"short": {"zh": "请点击", "en": "for you"}}, "点击"),
        ({"channels": ["fax"]}, "fax"),
        ({"letter": {"zh": "您好{", "en": "hello"}}, "brace"),
    ],
)
def test_a_wrong_template_keeps_the_site_from_starting(tmp_path, change, named):
    (tmp_path / "a.yaml").write_text(yaml.safe_dump([GOOD | change], allow_unicode=True), "utf-8")
    with pytest.raises(LinliError) as refused:
        read_templates(tmp_path, gives())
    assert refused.value.code == "notices.bad_template"
    assert named in str(refused.value)


def test_two_templates_of_one_name_are_refused(tmp_path):
    (tmp_path / "a.yaml").write_text(yaml.safe_dump([GOOD, GOOD], allow_unicode=True), "utf-8")
    with pytest.raises(LinliError, match="name"):
        read_templates(tmp_path, gives())


codes = st.text(ALPHABET, min_size=7, max_size=7).map(lambda drawn: drawn + check_sign(drawn))


@given(codes, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_slip_in_a_number_is_noticed(code, place, sign):
    slipped = code[:place] + sign + code[place + 1 :]
    assert is_code(slipped) == (slipped == code)


@given(codes, st.integers(0, 6))
def test_every_exchange_of_two_neighbours_is_noticed(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_code(swapped) == (swapped == code)


@given(codes)
def test_a_number_is_known_however_it_is_typed(code):
    typed = " ".join(spoken(code).lower())
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    assert tidy(typed) == tidy(wide) == code


@given(st.datetimes(timezones=st.just(SHANGHAI)))
def test_what_waits_for_the_morning_waits_until_seven_and_no_longer(moment):
    due = manners().next_civil(moment)
    assert not manners().is_quiet(due)
    if manners().is_quiet(moment):
        assert (due.hour, due.minute) == (7, 0)
        assert 0 < (due - moment).total_seconds() <= 9 * 3600
    else:
        assert due == moment
