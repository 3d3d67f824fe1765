"""Officers, clerks and stewards find a resident and see everything they are allowed to on one screen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers import queries
from linli.registers.queries.residents import READERS
from linli.registers.queries.search import read
from linli.web.person import page as person_page
from linli.web.programme import findings
from linli.web.views.office import for_staff


@for_staff
def search(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Residents by name, pinyin, initials, birth date or a whole number. What is typed is posted.

    An identity or telephone number never gets into an address, which logs and histories keep: it is answered at once.
    """
    if not any(viewer.areas(role) for role in READERS):
        viewer.require("officer")
    text = (request.POST if request.method == "POST" else request.GET).get("q", "").strip()[:100]
    county = findings.Choice.read(request.POST if request.method == "POST" else request.GET).county
    context: dict[str, Any] = {"text": text, "county": county, "counties": _counties(viewer), "first": True}
    if not text:
        return render(request, "office/residents.html", context)
    try:
        exact = read(text).exact
        if request.method == "POST" and not exact:
            return HttpResponseRedirect(f"{reverse('office:residents')}?{urlencode({'q': text, 'county': county})}")
        after = "" if exact else request.GET.get("after", "")[:500]
        found = queries.search_residents(viewer, text, area=county, after=after)
    except Refused:
        raise
    except LinliError as problem:
        return render(request, "office/residents.html", {**context, "problem": problem}, status=400)
    if exact and len(found.residents) == 1:
        return HttpResponseRedirect(reverse("office:resident", args=[found.residents[0].uid]))
    context |= {
        "rows": person_page.listed(found.residents),
        "after": found.after,
        "first": not after,
        "text": "" if exact else text,
        "searched": True,
    }
    return render(request, "office/residents.html", context)


def _counties(viewer: Viewer) -> list[tuple[str, str]]:
    areas = {area for role in READERS for area in viewer.areas(role)}
    return findings.counties_of(areas)


@for_staff
def resident(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One person. POST with a purpose shows the numbers that it needs; the read is recorded for the person."""
    found = queries.visible_resident(viewer, uid)
    shown: list[tuple[str, str]] = []
    if request.method == "POST":
        shown = person_page.shown_for(viewer, found, request.POST.get("purpose", ""))
    return render(request, "office/resident.html", {**person_page.page(viewer, found), "shown": shown})
