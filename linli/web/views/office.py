"""The officers' portal: screenings, whom they found, and why. What a grant does not cover is not there."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.kernel.clock import today
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.models import Staff
from linli.registers.queries import viewer_of
from linli.screening import explaining, queries
from linli.screening.causes import run_before
from linli.screening.models import Run
from linli.web.frame.asked import number
from linli.web.frame.menu import start
from linli.web.programme import findings
from linli.web.tables import downloads, exports
from linli.web.views.errors import forbidden

Page = Callable[..., HttpResponseBase]
SORTS = ("name", "eligible", "undecided", "newly_found", "amount_fen")


def for_staff(page: Page) -> Page:
    """The page gets the viewer that the signed-in person is today; a refusal is the 403 page, an unknown run the 404 page."""

    @never_cache
    @functools.wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('office:sign_in')}?{urlencode({'next': request.get_full_path()})}")
        if first_password(request):
            return redirect("admin:new_password")
        viewer = viewer_of(cast(Any, request.user))
        request.viewer = viewer  # type: ignore[attr-defined]
        try:
            return page(request, viewer, *args, **kwargs)
        except Refused as refusal:
            return forbidden(request, refusal)
        except Run.DoesNotExist:
            raise Http404 from None

    return guarded


def first_password(request: HttpRequest) -> bool:
    """Whether somebody else chose the person's password, so that they must choose their own before anything else here; in a demo the
    passwords are printed for everybody to use."""
    staff = cast(Staff, request.user)
    page = request.resolver_match.view_name if request.resolver_match else ""
    return staff.password_given_at is not None and not settings.LINLI_DEMO and page != "admin:new_password"


@for_staff
def runs(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The last screening of every programme that the viewer may read; who reads none of any goes on to where their own work begins."""
    if (begin := start(viewer)) != "office:runs" and not viewer.roles & set(queries.READERS):
        return redirect(begin)
    latest = findings.named_runs(viewer, queries.latest_runs(viewer))
    return render(request, "office/runs.html", {"runs": latest, "running": any(one.run.state == "running" for one in latest)})


@for_staff
def history(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Every screening of one programme, newest first."""
    before = number(request.GET, "after")
    found = queries.runs(viewer, programme=slug, before=before or None)
    context = {
        "runs": findings.named_runs(viewer, found),
        "after": str(found[-1].pk) if len(found) == queries.PAGE else "",
        "first": not before,
        "history": True,
    }
    return render(request, "office/runs.html", context)


@for_staff
def overview(request: HttpRequest, viewer: Viewer, run: UUID) -> HttpResponse:
    """One screening: its figures, by county on a chart and in a table."""
    found = queries.run(viewer, run)
    sort = request.GET.get("sort", "")
    counts = findings.counts_in_words(queries.counts_by_county(viewer, found))
    if sort in SORTS:
        counts.sort(key=lambda row: getattr(row, sort), reverse=sort != "name")
    context = {
        **_about(found),
        "counts": counts,
        "sort": sort,
        "chart": [{"label": row.name, "first": row.eligible, "second": row.undecided} for row in counts],
        "tiles": _tiles(viewer, found, counts),
        "totals": {name: sum(getattr(row, name) for row in counts) for name in SORTS[1:]},
        "tabs": findings.tabs(found, "overview"),
    }
    return render(request, "office/overview.html", context)


def _tiles(viewer: Viewer, run: Run, counts: list[queries.CountyCount]) -> list[tuple[str, int, str]]:
    """(county, eligible, address of the list) of every county that the viewer sees."""
    list_of = reverse("office:people", kwargs={"run": run.uid, "kind": "found"})
    found = {row.code: row.eligible for row in counts}
    seen = [code for code, _name in findings.counties(viewer, run.programme)]
    return [(code, found.get(code, 0), f"{list_of}?{urlencode({'county': code})}") for code in seen]


@for_staff
def people(request: HttpRequest, viewer: Viewer, run: UUID, kind: str) -> HttpResponse:
    """The found, undecided, newly found or newly lost, a page at a time, narrowed by county and by what is missing."""
    found = queries.run(viewer, run)
    choice = findings.Choice.read(request.GET)
    rows = queries.people(viewer, found, findings.KINDS[kind], missing=choice.missing, county=choice.county, after=choice.after)
    about = _about(found)
    before = run_before(found) if kind in findings.NEWS else None
    context = {
        **about,
        "kind": kind,
        "title": findings.kind_words(kind),
        "rows": findings.listed(rows, about["programme"], findings.causes_of(viewer, found, before, rows) if before else {}),
        "before": before,
        "news": kind in findings.NEWS,
        "choice": choice,
        "missing": findings.missing_choices(queries.missing_facts(viewer, found), about["programme"]) if kind == "undecided" else [],
        "counties": findings.counties(viewer, found.programme),
        "after": str(rows[-1].id) if len(rows) == queries.PAGE else "",
        "tabs": findings.tabs(found, kind),
        "first": not choice.after,
    }
    return render(request, "office/people.html", context)


@for_staff
@require_POST
def export(request: HttpRequest, viewer: Viewer, run: UUID, kind: str) -> HttpResponseBase:
    """The list as xlsx, limited to what the viewer may see; with identity numbers and telephones every person's read is recorded.

    A long list is written by the worker, and its own page shows how far it is.
    """
    found = queries.run(viewer, run)
    choice = findings.Choice.read(request.POST)
    name = f"{found.programme}-{kind}-{found.as_of}.xlsx"
    sensitive = "sensitive" in request.POST
    most = exports.AT_ONCE if kind in findings.NEWS else exports.PORTION  # what made the difference takes its time
    rows = queries.people(viewer, found, findings.KINDS[kind], missing=choice.missing, county=choice.county, limit=most + 1)
    if len(rows) > most:
        parameters = {
            "run": str(run),
            "kind": kind,
            "county": choice.county,
            "missing": choice.missing,
            "sensitive": "1" if sensitive else "",
        }
        download = downloads.ask(viewer, listing="people", parameters=parameters, file_name=name)
        return redirect("office:download", uid=download.uid)
    sheet = exports.table(viewer, rows, found, kind, sensitive=sensitive)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        exports.write(path, sheet)
        stream = path.open("rb")  # the open file outlives its folder
    return FileResponse(stream, as_attachment=True, filename=name)


@for_staff
def person(request: HttpRequest, viewer: Viewer, run: UUID, subject: UUID) -> HttpResponse:
    """Why the programme finds this person, household or organisation, or does not: condition by condition, as of today.

    POST shows identity number and telephone in full; either read is recorded for the person.
    """
    found = queries.run(viewer, run)
    try:
        reasons = explaining.reasons(viewer, found.programme, subject)
    except Refused:
        raise
    except LinliError as problem:
        return render(request, "office/no_person.html", {**_about(found), "problem": problem}, status=404)
    about = _about(found)
    context = {
        **about,
        "reasons": reasons,
        "conditions": findings.conditions(reasons),
        "amount": reasons.explanation.verdict.amount_fen,
        "missing": [label for _key, label in reasons.explanation.missing_labels],
        "card": findings.card(viewer, reasons, in_full=request.method == "POST"),
        "others": findings.others(queries.of_subject(viewer, subject, findings.slugs()), found.programme),
        "today": today(),
    }
    return render(request, "office/person.html", context)


def _about(run: Run) -> dict[str, Any]:
    return {"run": run, "programme": findings.programme_of_run(run)}
