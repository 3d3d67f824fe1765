"""What a resident sees: home, search, catalogue, a programme; language and edition; headers; errors."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from web_examples import AID

from linli.web.frame.middleware import HEADERS
from linli.web.programme import programme_page, shelf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programmes")]


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("query", ["助学", "扶残", "zhuxue", "fczx", "disabled students", "学生 资助"])
def test_a_programme_is_found_by_words_pinyin_initials_and_english(client: Client, query: str):
    page = text(client.get("/programmes/", {"q": query}))
    assert "扶残助学圆梦工程" in page


def test_a_search_without_a_result_says_what_to_do_next(client: Client):
    page = text(client.get("/programmes/", {"q": "<script>飞机"}))
    assert "没有找到" in page
    assert "热线" in page
    assert "<script>飞机" not in page


def test_the_catalogue_is_narrowed_by_group(client: Client):
    page = text(client.get("/programmes/", {"for": "students"}))
    assert "扶残助学圆梦工程" in page
    assert "创业担保贷款贴息" not in page


def test_a_draft_is_not_shown_to_the_public(client: Client):
    assert "employer-insurance-subsidy" not in text(client.get("/programmes/"))
    assert client.get("/programmes/employer-insurance-subsidy/").status_code == 404


def test_the_page_of_a_programme_says_who_how_much_which_papers_since_when_and_why(client: Client):
    page = text(client.get(f"/programmes/{AID}/"))
    for wanted in ("户籍在运城市", "5,000 元", "本人银行账户", "2023年1月1日", "残疾人保障法", "规则逐字说明", "12345"):
        assert wanted in page


def test_an_amount_says_for_which_time_it_is(client: Client):
    assert "120 元（每月）" in text(client.get("/programmes/disability-nursing-subsidy/"))
    assert "690 元（每月）" in text(client.get("/programmes/subsistence-allowance/"))
    assert "5,000 元（每年）" in text(client.get(f"/programmes/{AID}/"))


def test_both_versions_of_the_rehabilitation_aid_have_a_page(client: Client):
    page = text(client.get("/programmes/child-rehabilitation-aid/2018/"))
    assert "这是旧版本" in page
    assert "已被替代" in page


def test_one_tap_changes_language_and_edition_and_comes_back(client: Client):
    response = client.get(reverse("switch", args=["language:en"]), {"next": f"/programmes/{AID}/"})
    assert response["Location"] == f"/programmes/{AID}/"
    client.get(reverse("switch", args=["edition:elder"]), {"next": "/"})
    page = text(client.get(f"/programmes/{AID}/"))
    assert '<html lang="en" data-edition="elder"' in page
    assert "Who can get it" in page
    assert "谁可以享受" not in page


def test_an_old_version_shows_its_end_and_only_the_one_in_force_runs_until_now(client: Client):
    page = text(client.get("/programmes/child-rehabilitation-aid/"))
    listed = re.sub("<[^>]+>", "", page.split('id="versions"')[1].split("</section>")[0])
    assert re.search(r"2023\s+2023年1月1日至今", listed)
    assert re.search(r"2018\s+2018年10月1日 – 2022年12月31日", listed)
    old = text(client.get("/programmes/child-rehabilitation-aid/2018/"))
    assert "这是旧版本" in old
    assert old.count("至今") == 1


def test_an_open_end_is_closed_by_the_day_before_the_next_version():
    def version(name: str, first: date, last: date | None = None) -> Any:
        return SimpleNamespace(
            version=name,
            effective_from=first,
            effective_to=last,
            in_force=lambda day: first <= day and (last is None or day <= last),
        )

    versions = [version("a", date(2018, 1, 1)), version("b", date(2023, 1, 1), date(2025, 6, 30)), version("c", date(2027, 1, 1))]
    dated = shelf.dated(versions, date(2026, 1, 1))
    assert [(one.last, one.state) for one in dated] == [(date(2022, 12, 31), "past"), (date(2025, 6, 30), "past"), (None, "coming")]
    assert programme_page.period_words(dated[2]) == "2027年1月1日起"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/x", "javascript:alert(1)"])
def test_a_switch_never_leads_to_another_site(client: Client, target: str):
    assert client.get(reverse("switch", args=["edition:elder"]), {"next": target})["Location"] == "/"


def test_an_unknown_choice_changes_nothing(client: Client):
    client.get(reverse("switch", args=["edition:giant"]), {"next": "/"})
    assert 'data-edition="standard"' in text(client.get("/"))


@pytest.mark.parametrize("address", ["/", "/programmes/", f"/programmes/{AID}/", "/check/", "/styleguide/"])
def test_a_reader_who_changes_nothing_gets_no_cookie(client: Client, address: str):
    assert not client.get(address).cookies


@pytest.mark.parametrize("address", ["/", "/nowhere/", "/office/sign-in/", "/healthz"])
def test_every_response_carries_the_protective_headers(client: Client, address: str):
    response = client.get(address)
    assert {name: response[name] for name in HEADERS} == HEADERS


def test_an_unknown_address_says_so_in_both_languages(client: Client):
    assert "没有找到这个页面" in text(client.get("/nowhere/"))
    client.cookies["linli_language"] = "en"
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "This page was not found" in text(response)


def test_a_failing_page_says_that_it_is_not_the_readers_fault(client: Client, monkeypatch: pytest.MonkeyPatch):
    client.raise_request_exception = False
    monkeypatch.setattr("linli.web.programme.shelf.shelf", lambda: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "这不是您的错" in text(response)


def test_the_first_visit_stays_under_two_hundred_kilobytes(client: Client):
    from pathlib import Path

    import linli.web

    static = Path(linli.web.__file__).parent / "static" / "linli"
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    sizes = [file.stat().st_size for file in (*static.iterdir(), htmx)]
    assert sum(sizes) + len(client.get("/").content) < 200_000


def test_the_public_pages_need_a_constant_number_of_queries(client: Client, django_assert_max_num_queries):
    client.get("/")
    for address in ("/", "/programmes/?q=助学", f"/programmes/{AID}/"):
        with django_assert_max_num_queries(2):
            client.get(address)
