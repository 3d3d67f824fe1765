"""The public pages: home, catalogue, one programme."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.kernel.clock import today
from linli.web.frame import city
from linli.web.programme import programme_page, shelf, ways_in

QUERY_LENGTH = 60
SUGGESTIONS = 6


def home(request: HttpRequest) -> HttpResponse:
    """One search box, one question ("what can I get?"), and the groups that people call themselves by."""
    shelved = [one for one in shelf.shelf() if one.state == "live"]
    counted = [(group, sum(group in one.groups for one in shelved)) for group in city.groups()]
    return render(request, "public/home.html", {"groups": [pair for pair in counted if pair[1]], "shelved": shelved, "section": "home"})


def catalogue(request: HttpRequest) -> HttpResponse:
    """Every published programme, found by words and narrowed by group."""
    query = request.GET.get("q", "")[:QUERY_LENGTH].strip()
    chosen = request.GET.get("for", "")
    found = shelf.matching(shelf.shelf(), query)
    counted = [(group, sum(group in one.groups for one in found)) for group in city.groups()]
    group = next((group for group in city.groups() if group.key == chosen), None)
    shown = [one for one in found if group is None or group in one.groups]
    context: dict[str, Any] = {"shown": shown, "found": found, "query": query, "groups": counted, "group": group, "section": "catalogue"}
    return render(request, "public/catalogue.html", context)


def suggestions(request: HttpRequest) -> HttpResponse:
    """The first few programmes while someone is still typing; a fragment for htmx."""
    query = request.GET.get("q", "")[:QUERY_LENGTH].strip()
    shown = shelf.matching(shelf.shelf(), query)[:SUGGESTIONS] if query else []
    return render(request, "public/suggestions.html", {"shown": shown, "query": query})


def programme(request: HttpRequest, slug: str, version: str = "") -> HttpResponse:
    """Everything about one programme: the version in force, or the one named in the address."""
    day = today()
    versions = shelf.dated([one for one in shelf.published() if one.slug == slug], day)
    wanted = version or next((one.programme.version for one in shelf.shelf(day) if one.slug == slug), None)
    found = next((one for one in versions if one.programme.version == wanted), None)
    if found is None:
        raise Http404(_("没有这项政策"))
    context = {
        "programme": found.programme,
        "page": programme_page.describe(found, day),
        "state": found.state,
        "way": ways_in.way_in(found.programme, found.state),
        "clerk": ways_in.at_work(request),
        "versions": [(one.programme, one.state, programme_page.period_words(one)) for one in reversed(versions)],
        "section": "catalogue",
    }
    return render(request, "public/programme.html", context)
