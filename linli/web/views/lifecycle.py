"""From found to paid: how far everybody eligible has come, why somebody is not paid, how long steps take, what was approved and spent."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.insight import lifecycle as figures
from linli.kernel.viewer import Viewer
from linli.screening.queries import standing_runs
from linli.web.insights import lifecycle
from linli.web.insights.figures import counties_seen
from linli.web.programme import shelf
from linli.web.programme.findings import Choice
from linli.web.views.office import for_staff


@for_staff
def way(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every programme: take-up, times, approvals, what was asked and spent. Seven queries of its own."""
    county = Choice.read(request.GET).county
    desk = lifecycle.Desk(viewer)
    lines = desk.lines(county)
    context = {
        "count": desk.count,
        "lines": lines,
        "chart": _chart(lines),
        "ways": desk.whole_ways(),
        "approvals": desk.approvals(county),
        "care": desk.care(county),
        "county": county,
        "counties": counties_seen(viewer),
        "section": "way",
    }
    return render(request, "city/way.html", context)


@for_staff
def way_of(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """One programme: every reason, every county, versions side by side. Ten queries of its own."""
    desk = _desk(viewer, slug)
    county = Choice.read(request.GET).county
    lines = desk.counties(slug)
    declared = {one.version: one for one in shelf.published() if one.slug == slug}
    context = {
        "count": desk.count,
        "label": desk.label(slug),
        "slug": slug,
        "lines": lines,
        "chart": _chart(lines),
        "why": desk.why(slug, county),
        "versions": desk.paces(slug, declared, county),
        "ways": desk.county_paces(slug),
        "offices": desk.offices(slug, county),
        "care": desk.care_by_county(slug),
        "cost": desk.cost_of(slug, county),
        "county": county,
        "counties": counties_seen(viewer),
        "section": "way",
    }
    return render(request, "city/way_of.html", context)


@for_staff
def unpaid(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """The eligible who are not paid, each with the reason, a page at a time."""
    desk = _desk(viewer, slug)
    county, state, after = Choice.read(request.GET).county, request.GET.get("state", ""), request.GET.get("after", "")[:40]
    if state and state not in lifecycle.WHY:
        raise Http404
    detail = request.GET.get("detail", "")[:200].replace("\x00", "")
    rows = figures.unpaid(viewer, slug, state=state, detail=detail, county=county, after=after)
    programme = desk.programmes[slug]
    context = {
        "label": desk.label(slug),
        "slug": slug,
        "state": state,
        "detail": detail,
        "particular": lifecycle.detail_words(programme, state, detail),
        "title": lifecycle.WHY.get(state) or _("符合条件、还没有领到的人"),
        "rows": [lifecycle.shown(viewer, programme, row) for row in rows],
        "run": standing_runs(viewer).get(slug),
        "county": county,
        "counties": counties_seen(viewer),
        "states": lifecycle.WHY.items(),
        "after": rows[-1].id if len(rows) == figures.PAGE else "",
        "first": not after,
        "count": desk.count,
        "section": "way",
    }
    return render(request, "city/unpaid.html", context)


def _desk(viewer: Viewer, slug: str) -> lifecycle.Desk:
    desk = lifecycle.Desk(viewer)
    if slug not in desk.programmes:
        raise Http404
    return desk


def _chart(lines: list[lifecycle.Line]) -> list[dict[str, object]]:
    return [{"label": line.name, "first": line.at.paid + line.at.held, "second": line.at.unpaid} for line in lines]
