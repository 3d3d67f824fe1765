"""Living circles for whoever plans them: the ranking, and one circle with its gaps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.circles import queries
from linli.circles.declared import standard
from linli.circles.declared.standard import declares
from linli.circles.models import Circle
from linli.circles.queries.measures import FEWEST
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.reach.profiles import PROFILES
from linli.web.circles import gaps, ranking, said
from linli.web.circles.topics import TOPICS
from linli.web.tables import circleexports
from linli.web.templatetags.texts import words
from linli.web.views.lists import begin_download
from linli.web.views.office import for_staff

SHOWN = 30
"""Communities in no circle that the page lists; the export has all."""


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every circle of the viewer's areas, stars, the four trades, communities in no circle. Thirteen queries of its own at most."""
    require(viewer)
    if not declares():
        return render(request, "circles/none.html", {"section": "circles"})
    choice, told = ranking.Choice.read(request.GET), standard()
    stars, without = queries.stars(), queries.without_circle(viewer)
    context = {
        "lines": ranking.lines(viewer, choice),
        "choice": choice,
        "walks": said.WALKS[choice.walks],
        "asked": choice.asked,
        "kinds": [(key, words(label)) for key, (label, _note) in told.kinds.types.items()],
        "tiers": [(key, words(label)) for key, label in told.kinds.tiers.items()],
        "tiers_note": told.kinds.tiers_note,
        "norms": [(one.key, said.norm_words(one.key)) for one in sorted(told.asked(clock.today()), key=lambda one: (one.level, one.key))],
        "profiles": [(name, said.WALKS[name]) for name in PROFILES],
        "sorts": list(ranking.SORTS.items()),
        "stars": stars,
        "starred": said.share(stars.starred, stars.circles),
        "trades": ranking.trades(viewer),
        "without": bool(without),
        "without_number": len(without),
        "without_shown": without[:SHOWN],
        "without_more": max(0, len(without) - SHOWN),
        "narrowed": any((choice.kind, choice.tier, choice.norm, choice.profile, choice.sort)),
        "topics": [(reverse(f"circles:{slug}"), title) for slug, (title, _categories, _nursery) in TOPICS.items()],
        "basis": said.basis(),
        "section": "circles",
    }
    return render(request, "circles/list.html", context)


@for_staff
def circle(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One circle: what it lacks for whom, and what its figures were computed on. Ten queries of its own."""
    found = queries.circle_of(viewer, uid)
    levels, content = gaps.table(viewer, found), queries.satisfaction(viewer, found)
    context: dict[str, Any] = {
        **about(found, "gaps"),
        "gaps": levels,
        "summary": gaps.summary(levels),
        "satisfaction": content,
        "satisfied": said.share(content.content, content.answered) if content else "",
        "fewest": FEWEST,
        "people": gaps.people(viewer, found),
        "paces": said.paces(),
        "levels": said.LEVELS,
        "basis": said.basis(found),
        "stars": [(star, gaps.star_words(star)) for star in found.stars.order_by("-given_on")],
        "communities": gaps.communities(found),
    }
    return render(request, "circles/circle.html", context)


@for_staff
@require_POST
def export(request: HttpRequest, viewer: Viewer, listing: str) -> HttpResponse:
    """Any table of these pages as a file, written under the viewer's own grants."""
    require(viewer)
    if listing not in circleexports.TABLES:
        raise Http404
    parameters = {name: request.POST[name][:80] for name in circleexports.ASKED if request.POST.get(name)}
    try:
        sheet = circleexports.TABLES[listing](viewer, parameters)
    except (ValueError, KeyError):
        raise Http404 from None
    return begin_download(viewer, listing=listing, parameters=parameters, file_name=f"{sheet.name}.xlsx")


TABS = {
    "gaps": ("circles:one", gettext_lazy("缺口")),
    "map": ("circles:map", gettext_lazy("地图")),
    "whatif": ("circles:whatif", gettext_lazy("试算")),
    "plan": ("circles:plan", gettext_lazy("方案")),
}


def about(found: Circle, tab: str) -> dict[str, Any]:
    """What every page of a circle says of it, and the tabs of its pages. No query."""
    known = standard().kinds.types.get(found.kind)
    return {
        "circle": found,
        "name": ranking.circle_words(found),
        "kind": said.kind_words(found.kind),
        "kind_note": known[1] if known else "",
        "tier": said.tier_words(found.tier) if found.tier else "",
        "section": "circles",
        "tabs": [
            {"address": reverse(address, args=[found.uid]), "words": words, "current": key == tab, "number": None}
            for key, (address, words) in TABS.items()
        ],
    }


def require(viewer: Viewer) -> None:
    """Refused where the viewer reads the figures of no area at all."""
    if not any(viewer.areas(role) for role in queries.READERS):
        viewer.require(queries.READERS[0])
