"""Subjects across all circles: children's places, green spaces, where a terminal should go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.circles import queries
from linli.circles.declared.standard import declares
from linli.circles.few import FEW
from linli.circles.queries.siting import MOST
from linli.circles.reckoning.people import COUNTY
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.reach.profiles import PROFILES
from linli.reach.transit import DETOUR, Reach
from linli.web.circles import buses as villages
from linli.web.circles import said, siting, topics
from linli.web.places.kept import choices as categories_by_group
from linli.web.places.stating import said as refusal
from linli.web.views.circles import require
from linli.web.views.office import for_staff


@for_staff
def topic(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """One subject by county, circle and community, each with both counts. Nine queries of its own at most."""
    require(viewer)
    if not declares():
        return render(request, "circles/none.html", {"section": "circles"})
    found = topics.topic(viewer, slug)
    context = {
        "slug": slug,
        "title": topics.TOPICS[slug][0],
        "asked": found.asked,
        "nursery": topics.TOPICS[slug][2],
        "tables": [
            ("circles", topics.rows(found, found.circles), 0),
            ("areas", topics.rows(found, found.areas), 0),
            ("communities", topics.rows(found, found.communities[: topics.SHOWN]), max(0, len(found.communities) - topics.SHOWN)),
        ],
        "basis": said.basis(),
        "section": "circles",
    }
    return render(request, "circles/topic.html", context)


@for_staff
def buses(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """How long villages have to their county seat by bus: each county's counts, then the villages, the worst first. Three queries."""
    require(viewer)
    run, county = queries.bus_run(), request.GET.get("area", "")[:COUNTY]
    county = county if county.isdecimal() else ""
    every = queries.bus_times(viewer)
    mine = [one for one in every if one.area_code.startswith(county)]
    located = [one for one in mine if one.state in ("reached", "not_reached")]
    context = {
        "run": run,
        "between": f"{run.begin // 60:02d}:{run.begin % 60:02d}–{run.end // 60:02d}:{run.end % 60:02d}" if run else "",
        "paces": PROFILES["adult"].metres_per_hour / 1000,
        "walk": Reach().walk,
        "detour": DETOUR,
        "counties": villages.counties(every),
        "county": county,
        "rows": [villages.row(one) for one in located[: villages.SHOWN]],
        "more": max(0, len(located) - villages.SHOWN),
        "reached": sum(one.state == "reached" for one in located),
        "located": len(located),
        "unlocated": len(mine) - len(located),
        "section": "circles",
    }
    return render(request, "circles/buses.html", context)


@for_staff
def sited(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Where so many more of something would reach the most people whom none reaches yet. Eight queries of its own at most."""
    require(viewer)
    if not declares():
        return render(request, "circles/none.html", {"section": "circles"})
    asked, run = siting.Asked.read(request.GET, viewer), queries.latest()
    context: dict[str, Any] = {
        "asked": asked,
        "categories": categories_by_group(),
        "groups": siting.groups(),
        "levels": said.LEVELS,
        "areas": siting.choosable(viewer),
        "hosts": siting.hosts(),
        "most": MOST,
        "few": FEW,
        "basis": said.basis(),
        "section": "circles",
    }
    if run is not None and request.GET:
        try:
            context["answer"] = siting.answer(viewer, asked, run)
        except Refused:
            raise
        except LinliError as problem:
            context["problem"] = refusal(problem)
    return render(request, "circles/siting.html", context)
