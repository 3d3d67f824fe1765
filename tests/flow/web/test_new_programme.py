"""A programme that nobody has written yet, begun in the office: from a few answers, or after another."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from web_examples import AID, SmallCity

from linli.programmes.models import Draft

pytestmark = pytest.mark.django_db
NEW = reverse("programmes:new")
NAMES = {
    "zh": "邻里餐补贴",
    "en": "Neighbours' meals",
    "slug": "neighbour-meal",
    "body": "civil-affairs",
    "version": "2026",
    "first_0": "2026",
    "first_1": "12",
    "first_2": "1",
}
ANSWERS = {
    **NAMES,
    "document_zh": "运民发〔2026〕1号",
    "document_en": "Notice 1, 2026",
    "subject": "person",
    "gives": "month",
    "yuan": "50.50 元",
    "least_age": "70",
}


def test_a_few_answers_make_a_draft_that_the_editor_goes_on_with(office: Client, small_city: SmallCity):
    assert NEW in office.get(reverse("programmes:list")).content.decode()
    assert "每次多少元" in office.get(NEW).content.decode()
    answer = office.post(NEW, ANSWERS)
    draft = Draft.objects.get(slug="neighbour-meal")
    assert answer["Location"] == reverse("programmes:draft", args=[draft.uid])
    page = office.get(answer["Location"]).content.decode()
    assert "邻里餐补贴" in page
    assert "50.50 yuan" in draft.text
    rows = office.get(reverse("programmes:list")).content.decode()
    assert "邻里餐补贴" in rows, "by its name, with its department"
    assert "其他" not in rows
    versions = reverse("programmes:versions", args=["neighbour-meal"])
    assert versions in rows
    assert office.get(versions)["Location"] == answer["Location"]
    for part in ("names", "dates", "figures", "conditions", "office", "procedure", "paying", "papers", "basis"):
        form = office.get(reverse("programmes:section", args=[draft.uid, part])).context["form"]
        assert not form.errors, (part, form.errors)
    kept = office.get(reverse("programmes:section", args=[draft.uid, "procedure"])).content.decode()
    assert "乡镇（街道）" in kept, "the level of a step has a name"
    assert office.post(reverse("programmes:change_examples", args=[draft.uid]), {"verb": "add", "revision": "1"}).status_code == 302


def test_checks_and_a_notice_are_added_by_the_forms_alone_and_nothing_is_called_changed(office: Client, small_city: SmallCity):
    office.post(NEW, ANSWERS)
    draft = Draft.objects.get(slug="neighbour-meal")
    page = office.get(reverse("programmes:draft", args=[draft.uid])).content.decode()
    checks = reverse("programmes:section", args=[draft.uid, "checks"])
    assert checks in page
    assert "处改动" not in page + office.get(reverse("programmes:difference", args=[draft.uid])).content.decode()
    assert "加一条：公示" in office.get(checks).content.decode()
    for told in ({"verification__random__rate": "5/100"}, {"public_notice__place": "before_payment", "public_notice__days": "5"}):
        form = office.get(checks).context["form"]
        answer = office.post(checks, {**{name: form[name].value() for name in form.fields}, **told}, follow=True)
        assert not answer.context["form"].errors, answer.context["form"].errors
    draft.refresh_from_db()
    assert 'verification: {every: false, random: {rate: "5/100", strata: county}}' in draft.text
    assert "public_notice: {fields: [name, township, category, amount], days: 5, unit: working, place: before_payment" in draft.text
    form = office.get(checks).context["form"]
    assert (form["verification__random__strata"].value(), form["public_notice__days"].value()) == ("county", "5")
    assert not any(spec.begins for spec in form.asked)


def test_a_name_keeps_no_marks_that_nobody_sees(office: Client, small_city: SmallCity):
    office.post(NEW, {**ANSWERS, "zh": "邻里\u202e餐补贴\u200b"})
    text = Draft.objects.get(slug="neighbour-meal").text
    assert "邻里餐补贴" in text
    assert not {"\u202e", "\u200b"} & set(text)


def test_after_another_programme_its_rule_and_examples_come_along(office: Client, small_city: SmallCity):
    assert "照哪项政策写" in office.get(f"{NEW}?like=1").content.decode()
    office.post(f"{NEW}?like=1", {**NAMES, "like": AID})
    draft = Draft.objects.get(slug="neighbour-meal")
    assert "undergraduate_grant" in draft.text
    assert "\nprogramme: neighbour-meal\n" in draft.examples
    shown = office.get(reverse("programmes:examples", args=[draft.uid])).content.decode()
    assert "examples:" in shown


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"slug": AID}, "请换一个代号"),
        ({"slug": "邻里餐"}, "小写英文字母"),
        ({"yuan": "很多"}, "不是以元计的金额"),
        ({"first_1": "13"}, "没有这一天"),
        ({"en": ""}, "必填"),
    ],
)
def test_what_can_not_be_is_said_at_its_field_and_nothing_begins(office: Client, changed: dict[str, str], told: str):
    answer = office.post(NEW, {**ANSWERS, **changed})
    assert told in str(answer.context["form"].errors), answer.context["form"].errors
    assert not Draft.objects.exists()


def test_the_same_form_twice_is_one_draft_and_a_countys_officer_begins_none(office: Client, local_office: Client):
    office.post(NEW, ANSWERS)
    again = office.post(NEW, ANSWERS)
    assert "请换一个代号" in str(again.context["form"].errors)
    assert Draft.objects.count() == 1
    assert local_office.get(NEW).status_code == 403
    assert local_office.post(NEW, {**ANSWERS, "slug": "other"}).status_code == 403
