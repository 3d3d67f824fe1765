"""What if some figures were others: begun from a version, changed, worked out, put side by side, taken up as a draft."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import open_draft, published_programmes
from linli.registers.queries.staff import names_of
from linli.screening import acts, queries
from linli.screening.models import Scenario
from linli.screening.scenarios import Pair, outdated, read
from linli.web.drafting import drafts, scenarios
from linli.web.drafting import programme_fields as fields
from linli.web.views.office import for_staff
from linli.web.views.promises import BeginForm


@for_staff
def listing(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """The what-ifs of a programme; POST begins one."""
    rows = queries.scenarios(viewer, slug)
    published = published_programmes(slug)
    if not published:
        raise Http404
    versions, writes = scenarios.still_apply(published), drafts.may_write(viewer, slug)
    form = scenarios.BeginForm(versions, rows, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        viewer.require("officer", programme=slug)
        if form.is_valid():
            kind, _colon, start = form.cleaned_data["start"].partition(":")
            more = {"version": start} if kind == "version" else {"like": UUID(start)}
            made = acts.begin_scenario(viewer=viewer, programme=slug, name=form.cleaned_data["name"], **more)
            return redirect("programmes:scenario", slug=slug, uid=made.uid)
    names = names_of({row.begun_by for row in rows})
    context = {
        "programme": versions[0] if versions else published[-1],
        "rows": [(row, names.get(row.begun_by, "")) for row in rows],
        "comparable": sum(row.state == "finished" for row in rows) > 1,
        "form": form if writes and versions else None,
    }
    return render(request, "programmes/whatif.html", context)


def _found(viewer: Viewer, slug: str, uid: UUID) -> tuple[Scenario, Pair]:
    try:
        row = queries.scenario(viewer, slug, uid)
    except Scenario.DoesNotExist:
        raise Http404 from None
    return row, read(ProgrammeVersion.objects.get(slug=slug, version=row.version), row.text)


@for_staff
def scenario(request: HttpRequest, viewer: Viewer, slug: str, uid: UUID) -> HttpResponse:
    """The figures as a form with what they come to; POST keeps them and has them worked out."""
    row, pair = _found(viewer, slug, uid)
    asked = scenarios.asked_of(pair.changed.entry, pair.base.entry)
    if request.method == "POST":
        viewer.require("officer", programme=slug)
        form = _tried(request, viewer, row, asked)
        if form is None:
            return redirect("programmes:scenario", slug=slug, uid=uid)
    else:
        form = scenarios.FiguresForm(asked, fields.values_of(pair.changed.entry, asked), row.revision, scenarios.day_boxes(row.day))
    one = scenarios.shown(row, pair.base)
    context = {
        "programme": pair.base,
        "changed": scenarios.changed(pair.base, pair.changed) if row.state == "finished" else (),
        "scenario": row,
        "one": one,
        "form": form,
        "chart": scenarios.chart(one),
        "may_write": drafts.may_write(viewer, slug),
        "outdated": outdated(row),
        "draft": open_draft(slug),
    }
    return render(request, "programmes/scenario.html", context)


def _tried(request: HttpRequest, viewer: Viewer, row: Scenario, asked: list[fields.Spec]) -> scenarios.FiguresForm | None:
    """None once it is asked for; otherwise the form with what was typed and what is wrong with it."""
    told = scenarios.typed(row, asked, request.POST)
    days = {name: request.POST.get(name, "") for name in scenarios.day_boxes(None)}
    form = scenarios.FiguresForm(asked, told.values, row.revision, days)
    by_path = {spec.path: spec.name for spec in asked}
    form.is_valid()
    for path, why in told.refused.items():
        form.add_error(by_path[path], why)
    if told.text is None or form.errors:
        return form
    revision, day = request.POST.get("revision", ""), form.cleaned_data["day"]
    try:
        seen = int(revision) if revision.isdecimal() and len(revision) < 9 else 0
        acts.try_scenario(viewer=viewer, scenario=row.uid, revision=seen, text=told.text, day=day)
    except Refused:
        raise
    except (LinliError, Problems) as error:
        scenarios.show_faults(form, told.text, error)
        return form
    return None


@for_staff
def comparison(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Two what-ifs side by side with what is published; which two is chosen above."""
    rows = [row for row in queries.scenarios(viewer, slug) if row.state == "finished"]
    if len(rows) < 2:
        raise Http404
    chosen = [_chosen(rows, request.GET.get(name, ""), place) for place, name in enumerate(("one", "other"))]
    pairs = [_found(viewer, slug, uid) for uid in chosen]
    both = [scenarios.shown(row, pair.base) for row, pair in pairs]
    first, second = (row for row, _pair in pairs)
    alike = [(row.version, row.asked_day, row.snapshot_digest) for row in (first, second)]
    context = {
        "programme": both[0].base,
        "rows": rows,
        "one": both[0],
        "other": both[1],
        "lines": list(zip(both[0].lines, both[1].lines, strict=False)),
        "counties": scenarios.counties_beside(*both),
        "chart": scenarios.cost_chart(both),
        "alike": alike[0] == alike[1],
    }
    return render(request, "programmes/scenarios.html", context)


def _chosen(rows: list[Scenario], asked: str, place: int) -> UUID:
    """The one asked for, or that in the place of the list."""
    return next((row.uid for row in rows if str(row.uid) == asked), rows[place].uid)


@for_staff
def draft(request: HttpRequest, viewer: Viewer, slug: str, uid: UUID) -> HttpResponse:
    """Take the figures up as the draft of a new version: its name and its first day."""
    viewer.require("officer", programme=slug)
    row, pair = _found(viewer, slug, uid)
    problem: LinliError | None = None
    form = BeginForm(request.POST) if request.method == "POST" else BeginForm()
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = acts.draft_of_scenario(viewer=viewer, scenario=uid, version=told["version"], effective_from=told["first"])
            return redirect("programmes:draft", uid=made.uid)
        except LinliError as error:
            problem = error
    context: dict[str, Any] = {
        "form": form,
        "slug": slug,
        "version": row.version,
        "scenario": row,
        "programme": pair.base,
        "problem": problem,
        "draft": open_draft(slug),
    }
    return render(request, "programmes/begin.html", context)


@for_staff
@require_POST
def discard(request: HttpRequest, viewer: Viewer, slug: str, uid: UUID) -> HttpResponse:
    """Take a what-if off the list."""
    _found(viewer, slug, uid)
    acts.discard_scenario(viewer=viewer, scenario=uid)
    messages.success(request, _("已删除这个试算。"), extra_tags="good")
    return redirect("programmes:whatif", slug=slug)


@for_staff
def file(request: HttpRequest, viewer: Viewer, slug: str, uid: UUID) -> HttpResponseBase:
    """What a what-if comes to, as a workbook."""
    row, pair = _found(viewer, slug, uid)
    if row.state != "finished":
        raise Http404
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.xlsx"
        scenarios.write(path, scenarios.shown(row, pair.base), scenarios.changed(pair.base, pair.changed))
        stream = path.open("rb")  # the open file outlives its folder
    return FileResponse(stream, as_attachment=True, filename=f"{slug}-{row.snapshot_day}-{_('试算')}.xlsx")
