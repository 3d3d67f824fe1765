"""The city's figures: what became of each programme, how good each list is, and the rows behind every number."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.insight import lists as quality
from linli.insight import queries
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.notices.queries import held
from linli.web.circles import plans
from linli.web.insights import figures, listquality
from linli.web.programme.findings import Choice, in_words
from linli.web.tables import cityexports, lifecycleexports
from linli.web.views.lists import begin_download
from linli.web.views.office import for_staff

FILES = {
    "city": gettext_lazy("政策概览"),
    "city-programme": gettext_lazy("各县概览"),
    "city-people": gettext_lazy("名单"),
    "city-lists": gettext_lazy("名单质量"),
    "city-rows": gettext_lazy("待核的行"),
    "city-way": gettext_lazy("应享尽享"),
    "city-way-of": gettext_lazy("各县应享尽享"),
    "city-unpaid": gettext_lazy("符合条件、还没有领到的人"),
    "city-times": gettext_lazy("办理用时"),
    "city-approvals": gettext_lazy("审批与抽查"),
    "city-care": gettext_lazy("少填表、满意度和单位成本"),
}


@for_staff
def home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every programme: found, told, taken up, undecided and why; letters that wait to be released, and
    what plans of circles have to tell. Nine queries of its own."""
    county = Choice.read(request.GET).county
    desk = figures.Desk(viewer)
    lines = desk.programmes(county)
    context = {
        "count": desk.count,
        "lines": lines,
        "wants": desk.lacking(county=county, first=3),
        "county": county,
        "counties": figures.counties_seen(viewer),
        "closed": any(line.found.value and not line.found.address for line in lines),
        "held": held(viewer),
        "plan_news": plans.news(viewer),
        "section": "figures",
    }
    return render(request, "city/home.html", context)


@for_staff
def programme(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """One programme county by county, and every fact that keeps people undecided."""
    desk = figures.Desk(viewer)
    lines = desk.counties(slug)
    if not desk.knows(slug):
        raise Http404
    county = Choice.read(request.GET).county
    context = {
        "count": desk.count,
        "label": desk.label(slug),
        "slug": slug,
        "lines": lines,
        "wants": desk.lacking(slug, county).get(slug),
        "county": county,
        "counties": figures.counties_seen(viewer),
        "chart": [{"label": line.name, "first": line.found.value, "second": line.undecided.value} for line in lines],
        "tiles": figures.tiles(viewer, lines),
        "states": desk.states(lines, slug),
        "closed": any(line.found.value and not line.found.address for line in lines),
        "section": "figures",
    }
    return render(request, "city/programme.html", context)


@for_staff
def people(request: HttpRequest, viewer: Viewer, slug: str, state: str) -> HttpResponse:
    """The found who were told of it or not, who have the benefit or not, a page at a time."""
    desk = figures.Desk(viewer)
    if state not in queries.STATES or not desk.knows(slug):
        raise Http404
    choice = Choice.read(request.GET)
    rows = queries.people(viewer, slug, state, county=choice.county, after=choice.after)
    context = {
        "label": desk.label(slug),
        "slug": slug,
        "state": state,
        "title": figures.STATE_WORDS[state],
        "rows": [in_words(row) for row in rows],
        "run": desk.run(slug),
        "choice": choice,
        "counties": figures.counties_seen(viewer),
        "after": str(rows[-1].id) if len(rows) == queries.PAGE else "",
        "first": not choice.after,
        "section": "figures",
    }
    return render(request, "city/people.html", context)


@for_staff
def lists(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every list: its age against the refresh it declares, wrong, unmatched, doubtful and disputed. Five queries of its own."""
    context = {"rows": listquality.rows(viewer), "count": queries.counted(viewer), "section": "lists"}
    return render(request, "city/lists.html", context)


@for_staff
def list_of(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """One list by county, and its deliveries."""
    return render(request, "city/list.html", {**_page(viewer, slug), "deliveries": quality.deliveries(viewer, slug)})


@for_staff
def list_rows(request: HttpRequest, viewer: Viewer, slug: str, kind: str) -> HttpResponse:
    """The rows of a list that wait for a human, or the disputes of what it says."""
    if kind not in listquality.KINDS:
        raise Http404
    choice = Choice.read(request.GET)
    rows = listquality.behind(viewer, slug, kind, county=choice.county, after=choice.after)
    context = {
        **_page(viewer, slug),
        "kind": kind,
        "title": listquality.KINDS[kind],
        "behind": rows,
        "choice": choice,
        "counties": figures.counties_seen(viewer),
        "after": str(rows[-1].id) if len(rows) == quality.PAGE else "",
        "first": not choice.after,
    }
    return render(request, "city/list_rows.html", context)


def _page(viewer: Viewer, slug: str) -> dict[str, object]:
    try:
        return {"row": listquality.row(viewer, slug), "slug": slug, "section": "lists", "count": queries.counted(viewer)}
    except Refused:
        raise
    except LinliError:
        raise Http404 from None


@for_staff
@require_POST
def export(request: HttpRequest, viewer: Viewer, listing: str) -> HttpResponse:
    """Any table of these pages as a file, written under the viewer's own grants."""
    if listing not in FILES:
        raise Http404
    choice = Choice.read(request.POST)
    parameters = {"county": choice.county, "slug": request.POST.get("slug", "")[:80], "kind": request.POST.get("kind", "")[:20]}
    parameters["detail"] = request.POST.get("detail", "")[:200].replace("\x00", "")
    asked = lifecycleexports if listing in lifecycleexports.LISTINGS else cityexports
    if not asked.known(viewer, listing, parameters):
        raise Http404
    return begin_download(viewer, listing=listing, parameters=parameters, file_name=_("%(name)s.xlsx") % {"name": FILES[listing]})
