"""Forms of superior organs: kept with their template, said once what goes into which cell, filled as often as they are due."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form as PageForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.insight import acts, filling
from linli.insight.models import FormVersion
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.web.frame.asked import number
from linli.web.tables import reports
from linli.web.views.lists import begin_download
from linli.web.views.office import for_staff


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The forms in use; POST keeps a new one."""
    form = reports.NewForm(viewer, request.POST or None, request.FILES or None) if reports.may_keep(viewer) else None
    if form is not None and request.method == "POST" and form.is_valid():
        told, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            made = acts.add_form(viewer, name=told["name"], kind=told["kind"], area=told["area"], file_name=file.name, content=file.read())
        except Refused:
            raise
        except (LinliError, Problems) as problem:
            _tell(form, "file", problem)
        else:
            return redirect("city:form", uid=made.form.uid)
    context = {"forms": filling.forms(viewer), "form": form, "kinds": reports.KIND_WORDS, "section": "forms"}
    return render(request, "city/forms.html", context)


@for_staff
def one(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What goes into which cell of a form; POST changes it."""
    version = _newest(viewer, uid)
    keeps = viewer.may("officer", area=version.form.area_code)
    asked = request.POST.get("verb", "") if request.method == "POST" and keeps else ""
    made = _page_forms(version, request, asked)
    if asked in made and made[asked].is_valid():
        try:
            acts.map_form(viewer, form=uid, based_on=_based_on(request), mapping=_mapping(version, asked, made[asked]))
        except Refused:
            raise
        except (LinliError, Problems) as problem:
            _tell(made[asked], next(iter(made[asked].fields)), problem)
        else:
            messages.success(request, _("已保存。"))
            return redirect("city:form", uid=uid)
    context = {
        "version": version,
        "keeps": keeps,
        "forms": made,
        "cells": reports.mapped(version) if version.form.kind == "figures" else [],
        "kind": reports.KIND_WORDS[version.form.kind],
        "section": "forms",
    }
    return render(request, "city/form.html", context)


def _page_forms(version: FormVersion, request: HttpRequest, asked: str) -> dict[str, PageForm]:
    def data(verb: str) -> Any:
        return request.POST if asked == verb else None

    if version.form.kind == "figures":
        return {"figure": reports.FigureForm(version, data("figure"))}
    told = version.mapping
    start = {**told, "target": f"{told['sheet']}!A{told['row']}" if told["row"] else ""}
    found: dict[str, PageForm] = {"list": reports.ListForm(data("list"), initial=start)}
    if told["row"]:
        fields = {column["target"]: column["field"] for column in told["columns"]}
        found["columns"] = reports.ColumnsForm(reports.headers_of(version), data("columns"), initial=fields)
    return found


def _mapping(version: FormVersion, verb: str, form: Any) -> Any:
    if verb == "figure":
        return reports.with_figure(version, form.cleaned_data)
    if verb == "list":
        return reports.with_list(version, form.cleaned_data)
    return {**version.mapping, "columns": form.columns()}


@for_staff
@require_POST
def remove(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Take one line out of the mapping."""
    version, place = _newest(viewer, uid), number(request.POST, "place", -1)
    if version.form.kind != "figures" or not 0 <= place < len(version.mapping):
        raise Http404
    kept = [line for at, line in enumerate(version.mapping) if at != place]
    _done(request, lambda: acts.map_form(viewer, form=uid, based_on=_based_on(request), mapping=kept))
    return redirect("city:form", uid=uid)


@for_staff
@require_POST
def renew(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Another template under the same mapping."""
    version, file = _newest(viewer, uid), request.FILES.get("file")
    if file is None or file.size is None or file.size > acts.LARGEST:
        messages.error(request, _("文件超过 4 MB。") if file else _("请选择文件。"))
    else:
        name, content = file.name or version.file_name, file.read()
        _done(request, lambda: acts.renew_form(viewer, form=uid, based_on=_based_on(request), file_name=name, content=content))
    return redirect("city:form", uid=uid)


@for_staff
@require_POST
def end(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Take a form out of use."""
    _newest(viewer, uid)
    _done(request, lambda: acts.end_form(viewer, form=uid))
    return redirect("city:forms")


@for_staff
@require_POST
def fill(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Have the form filled: a download."""
    version = _newest(viewer, uid)
    try:
        told = {"form": str(uid), "kind": version.form.kind}
        return begin_download(viewer, listing="city-form", parameters=told, file_name=f"{version.form.name}.xlsx")
    except Refused:
        raise
    except (LinliError, Problems) as problem:
        for text in reports.problems_words(problem):
            messages.error(request, text)
        return redirect("city:form", uid=uid)


def _newest(viewer: Viewer, uid: UUID) -> FormVersion:
    try:
        return filling.newest(viewer, uid)
    except FormVersion.DoesNotExist:
        raise Http404 from None


def _based_on(request: HttpRequest) -> int:
    return number(request.POST, "version")


def _done(request: HttpRequest, doing: Any) -> None:
    try:
        doing()
    except Refused:
        raise
    except (LinliError, Problems) as problem:
        for text in reports.problems_words(problem):
            messages.error(request, text)
    else:
        messages.success(request, _("已保存。"))


def _tell(form: PageForm, field: str, problem: LinliError | Problems) -> None:
    for text in reports.problems_words(problem):
        form.add_error(field, text)
