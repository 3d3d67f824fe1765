"""Tags that remember what they said say what Django's own would."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation

UIDS = {name: uuid4() for name in ("run", "subject", "uid")}


def rendered(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


@pytest.mark.parametrize("again", [1, 2])
def test_an_address_of_uids_is_the_one_that_the_patterns_give(again: int) -> None:
    person = {name: UIDS[name] for name in ("run", "subject")}
    source = '{% url "office:person" run=run subject=subject %} {% url "office:resident" uid=uid %} {% url "office:residents" %}'
    wanted = (reverse("office:person", kwargs=person), reverse("office:resident", args=[UIDS["uid"]]), reverse("office:residents"))
    assert rendered(source, **UIDS) == " ".join(wanted)
    swapped = {"run": UIDS["subject"], "subject": UIDS["run"], "uid": UUID(int=1)}
    assert rendered(source, **swapped).split()[0] == reverse("office:person", kwargs={key: swapped[key] for key in person})


def test_an_address_that_nothing_serves_is_an_error_the_second_time_too() -> None:
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            rendered('{% url "office:person" uid=uid %}', **UIDS)


@override_settings(LINLI_SITE="public", LINLI_ADDRESSES={"public": "", "office": "https://office.example"})
def test_an_address_of_the_other_site_leads_there_though_it_was_made_before() -> None:
    with override_settings(LINLI_SITE="all"):
        assert rendered('{% url "office:resident" uid=uid %}', **UIDS).startswith("/office/")
    assert rendered('{% url "office:resident" uid=uid %}', **UIDS).startswith("https://office.example/office/")


def test_a_text_is_said_in_the_language_of_the_moment() -> None:
    page = Template('{% translate "出生日期" %}{% translate name %}{% translate "出生日期" as held %}{{ held }}')
    said = []
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            said.append(page.render(Context({"name": "<b>"})))
    assert said[0] == said[2] == "出生日期&lt;b&gt;出生日期"
    assert said[1] != said[0]
    assert said[1].count("&lt;b&gt;") == 1
