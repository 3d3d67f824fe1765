"""Public notices: what everybody reads while one stands, objections to it, and the officers' side with the poster and where it hung."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from linli.batches import queries, shown
from linli.batches.acts import noticing, objecting
from linli.batches.models import AnnouncedLine, Announcement, Posted
from linli.casework.desks import STEWARD
from linli.casework.receipts import grouped
from linli.entitlements import announcing
from linli.entitlements.reviewing.queries import shown_now
from linli.kernel.clock import today
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.papers.letters import DocumentNumber
from linli.papers.letters import render as set_letter
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DAY_UNITS, NOTICE_FIELDS
from linli.programmes.queries import live_version, programme_of, versions
from linli.rules.declare import Label
from linli.web.batches import forms
from linli.web.case import papers
from linli.web.entrance.residents import Visitor
from linli.web.frame import city
from linli.web.frame.asked import number
from linli.web.frame.counted import counted
from linli.web.views.batches import batch_or_404, beside, done, told
from linli.web.views.my import for_resident
from linli.web.views.office import for_staff
from linli.web.views.steward import for_stewards

PAGE = 100
NOBODY = UUID(int=0)
UNSEARCHED = {"X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet", "Cache-Control": "no-store"}


def _standing() -> Any:
    """Notices that stand today; one that is over is not among them, whether it was taken down yet or not."""
    return Announcement.objects.filter(state="up", starts_on__lte=today(), ends_on__gte=today()).order_by("-starts_on", "-id")


def _label(slug: str) -> Label:
    """What a programme is called: as it applies today, else as it was published last."""
    row = live_version(slug, today()) or next(iter(reversed(versions(slug))), None)
    return programme_of(row).label if row else Label(slug, slug)


def _kept_out(response: HttpResponse) -> HttpResponse:
    """No cache and no search engine keeps what a notice shows."""
    for name, value in UNSEARCHED.items():
        response[name] = value
    return response


@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    """The notices that stand today."""
    rows = [(one, _label(one.programme)) for one in _standing()]
    return _kept_out(
        render(request, "public/announcements.html", {"rows": rows, "ranks": [(one, _label(one.programme)) for one in shown_now()]})
    )


@never_cache
def public(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One notice with its lines; once it is over the page says so and shows none."""
    found = Announcement.objects.filter(uid=uid).first()
    if found is None:
        raise Http404
    up = found.state == "up" and found.starts_on <= today() <= found.ends_on
    after = number(request.GET, "after")
    rows = list(found.lines.filter(position__gt=after).order_by("position")[: PAGE + 1]) if up else []
    columns = _filled(found) if up else []
    context = {
        "notice": found,
        "label": _label(found.programme),
        "up": up,
        "rows": [(line, [(NOTICE_FIELDS[found.columns[at]], line.cells[at]) for at in columns]) for line in rows[:PAGE]],
        "columns": [NOTICE_FIELDS[found.columns[at]] for at in columns],
        "poster_alone": up and found.count > found.lines.count(),
        "unit": DAY_UNITS[found.unit],
        "after": str(rows[PAGE - 1].position) if len(rows) > PAGE else None,
        "first": not after,
    }
    return _kept_out(render(request, "public/announcement.html", context))


def _filled(notice: Announcement) -> list[int]:
    """The places of the columns in which anything stands: a programme without categories shows no empty one. One query, over all lines
    for a column that is empty."""
    lines, places = AnnouncedLine.objects.filter(announcement=notice), range(len(notice.columns))
    filled = [Exists(lines.exclude(**{f"cells__{at}": ""})) if at else Value(True) for at in places]
    found = Announcement.objects.filter(pk=notice.pk).values_list(*filled).get()
    return [at for at, some in zip(places, found, strict=True) if some]


@for_resident
def object_to(request: HttpRequest, visitor: Visitor, uid: UUID, position: int | None = None) -> HttpResponse:
    """A resident objects to a line that they read here, or to one of the poster alone by the number that it bears there."""
    notice = _standing().filter(uid=uid).first()
    line = AnnouncedLine.objects.filter(announcement=notice, position=position).first() if notice and position else None
    if notice is None or (position is not None and line is None):
        raise Http404
    form = forms.ObjectionForm(request.POST or None)
    numbered = None if line else forms.NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (numbered is None or numbered.is_valid()):
        item = queries.line_uid(line) if line else _numbered(notice, numbered)
        try:
            case = objecting.object_to(visitor.viewer, announcement=uid, item=item, words=form.cleaned_data["words"])
        except Refused:
            raise
        except LinliError as problem:
            beside(form, problem)
        else:
            messages.success(request, _("已收到，回执编号 %(receipt)s。我们为您保密。") % {"receipt": grouped(case.receipt)})
            return redirect("announcement", uid=uid)
    context = {
        "form": form,
        "notice": notice,
        "line": line,
        "label": _label(notice.programme),
        "numbered": numbered,
        "cells": list(zip(_heads(notice), line.cells, strict=True)) if line else [],
    }
    return _kept_out(render(request, "public/announcement_object.html", context))


def _numbered(notice: Announcement, form: Any) -> UUID:
    """The item of a number on the poster; one that nobody bears is refused like a line that isn't there, without a word about who is."""
    return queries.numbered(notice, form.cleaned_data["number"]) or NOBODY


def _heads(notice: Announcement) -> list[Label]:
    return [NOTICE_FIELDS[name] for name in notice.columns]


@for_staff
def begin(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Put up the notice of a batch, with a look at its first lines beforehand."""
    found = batch_or_404(viewer, uid)
    programme = queries.programme_of(found)
    form = forms.NoticeForm(request.POST or None, initial=_known(programme))
    if request.method == "POST" and form.is_valid():
        try:
            asked = {**form.cleaned_data, "masked": bool(form.cleaned_data["masked"])}
            made = noticing.put_up(viewer, batch=uid, **asked)
        except LinliError as problem:
            beside(form, problem)
        else:
            return redirect("batches:notice", uid=made.uid)
    listed = queries.listed(found)
    first = shown.lines(programme, list(listed.select_related("award")[:5]), found.period)
    context = {"form": form, "batch": found, "minors": listed.filter(minor=True).exists(), **_looked_at(programme, first)}
    return render(request, "batches/notice_begin.html", context)


def _known(programme: Programme) -> dict[str, str]:
    """Whom to call and who takes objections, as the programme's file has it."""
    body = city.city().bodies.get(programme.item.body)
    return {"supervision": programme.item.complaint.phone, "objections_to": body.zh if body else ""}


def _looked_at(programme: Programme, first: Iterable[shown.Line]) -> dict[str, Any]:
    columns = [NOTICE_FIELDS[name] for name in shown.columns_of(programme)]
    return {"programme": programme, "columns": columns, "first": [list(zip(columns, line.cells, strict=True)) for line in first]}


@for_staff
def begin_cases(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Put up the notice of what isn't paid: the viewer's cases of a programme that wait for it, in the area of ?area=."""
    area = request.GET.get("area", "")[:12]
    found = announcing.preview(viewer, slug, area) if viewer.may("officer", area=area, programme=slug) else None
    if found is None:
        raise Http404
    programme, count, first = found
    form = forms.CasesNoticeForm(programme, request.POST or None, initial=_known(programme))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        asked = {"supervision": told["supervision"], "objections_to": told["objections_to"], "masked": bool(told["masked"])}
        try:
            made = announcing.put_up(viewer, programme=slug, area=area, given=form.given(), **asked)
        except (LinliError, Problems) as problem:
            beside(form, problem)
        else:
            return redirect("batches:notice", uid=made.uid)
    return render(
        request,
        "batches/notice_begin.html",
        {"form": form, "words": counted("公示 %(number)s 件", number=count), **_looked_at(programme, first)},
    )


@for_staff
def notice(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The officers' side of a notice: its days, objections, posters; POST records a hanging or withdraws it."""
    found = _notice(viewer, uid)
    form = forms.HungForm(*((request.POST, request.FILES) if request.POST.get("verb") == "hung" else ()))
    if request.method == "POST" and request.POST.get("verb") == "withdraw":
        done(request, lambda: noticing.withdraw(viewer, announcement=uid), _("公示已撤下。"))
        return redirect("batches:notice", uid=uid)
    if request.method == "POST" and form.is_valid():
        try:
            noticing.hung(viewer, announcement=uid, hanging=form.hanging())
        except LinliError as problem:
            beside(form, problem)
        else:
            return redirect("batches:notice", uid=uid)
    objections = list(found.objections.select_related("case").order_by("id"))
    context = {
        "notice": found,
        "batch": found.batch,
        "label": _label(found.programme),
        "unit": DAY_UNITS[found.unit],
        "up": found.state == "up" and today() <= found.ends_on,
        "form": form,
        "posted": list(found.posted.order_by("id")),
        "objections": [(one, grouped(one.case.receipt)) for one in objections],
    }
    return render(request, "batches/notice.html", context)


def _notice(viewer: Viewer, uid: UUID) -> Announcement:
    try:
        return noticing.notice_of(viewer, uid)
    except LinliError:
        raise Http404 from None


@for_staff
def object_for(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Somebody at the window or on the telephone objects: choose the line by a name, write down what they say."""
    found = Announcement.objects.select_related("batch").filter(uid=uid, pk__in=_standing().values("pk")).first()
    if found is None or viewer.roles.isdisjoint(objecting.WINDOW):
        raise Http404
    name = request.GET.get("q", "").strip()[:40]
    position = number(request.GET, "line")
    named = f"cells__{found.columns.index('name')}" if "name" in found.columns else ""
    lines = list(found.lines.filter(**{named: name}).order_by("position")[:20]) if name and named else []
    line = found.lines.filter(position=position).first() if position else None
    form, numbered = forms.ObjectionForm(request.POST or None), forms.NumberForm(request.POST if "number" in request.POST else None)
    by_number = numbered.is_bound and numbered.is_valid()
    if request.method == "POST" and (line is not None or by_number) and form.is_valid():
        item = queries.line_uid(line) if line is not None else _numbered(found, numbered)
        try:
            case = objecting.object_to(viewer, announcement=uid, item=item, words=form.cleaned_data["words"])
        except LinliError as problem:
            beside(form, problem)
        else:
            messages.success(request, _("已登记，回执编号 %(receipt)s。") % {"receipt": grouped(case.receipt)})
            return redirect("batches:object", uid=uid)
    context = {
        "notice": found,
        "label": _label(found.programme),
        "name": name,
        "lines": lines,
        "line": line,
        "form": form,
        "numbered": numbered,
        "heads": _heads(found),
    }
    return _kept_out(render(request, "batches/object.html", context))


@for_staff
def poster(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The notice as a poster, of one area where ?area= names it; minors are on it, and no column that says
    nothing of anybody. Set anew each time: nothing of it is kept."""
    found = _notice(viewer, uid)
    if found.state != "up":
        raise Http404
    programme = queries.programme_shown(found)
    fields = _poster_fields(request, found, programme, request.GET.get("area", "")[:12])
    try:
        pdf = set_letter("poster", fields, city=Path(settings.LINLI_CITY))
    except (LinliError, Problems) as problem:
        for line in told(problem):
            messages.error(request, line)
        return redirect("batches:notice", uid=uid)
    response = HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="poster.pdf"'})
    return _kept_out(response)


def _poster_fields(request: HttpRequest, found: Announcement, programme: Programme, area: str) -> dict[str, Any]:
    headings = [("编号", "No."), *((head.zh, head.en) for head in _heads(found))]
    lines = [[str(number), *line.cells] for number, line in _numbered_lines(found, programme, area)]
    said = [column for column in range(len(headings)) if any(line[column] for line in lines)] or list(range(len(headings)))
    body = city.city().bodies[programme.item.body]
    day: date = found.starts_on
    return {
        "organ": (body.zh, body.en),
        "number": DocumentNumber("公示", day.year, found.pk),
        "date": day,
        "subject": (programme.label.zh, programme.label.en),
        "receipt": f"GS-{day:%Y%m%d}-{found.pk}",
        "verify": request.build_absolute_uri(reverse("announcement", args=[found.uid])),
        "people": {"headings": [headings[one] for one in said], "lines": [[line[one] for one in said] for line in lines]},
        "starts": found.starts_on,
        "ends": found.ends_on,
        "days": found.days,
        "unit": found.unit,
        "supervision": found.supervision,
        "objections": found.objections_to,
    }


def _numbered_lines(found: Announcement, programme: Programme, area: str) -> Iterable[tuple[int, shown.Line]]:
    """What the poster of an area shows, each line with the number that it bears."""
    if found.batch is None:
        return announcing.lines(found, area)
    items = [item for item in noticing.announced_items(found.batch) if item.area_code.startswith(area)]
    numbers = queries.numbers_of(found.batch)
    lines = shown.lines(programme, items, found.batch.period, masked=found.masked)
    return ((numbers[item.pk], line) for item, line in zip(items, lines, strict=True))


@for_staff
def poster_photo(request: HttpRequest, viewer: Viewer, uid: UUID, number: int) -> HttpResponse:
    """The photo of a poster that hung; the reading is recorded."""
    found = Posted.objects.select_related("announcement").filter(announcement=_notice(viewer, uid), pk=number).first()
    if found is None:
        raise Http404
    try:
        return papers.picture(noticing.photo(viewer, found))
    except Refused:
        raise
    except LinliError:
        raise Http404 from None


@for_stewards
def hanging(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The notices that stand about people of the steward's county, and where they hang in the steward's area."""
    areas = [area for area in viewer.areas(STEWARD) if area]
    rows = {str(one.uid): (one, area) for area in areas for one in noticing.near(area)}
    chosen = rows.get(request.GET.get("notice", ""))
    form = forms.HungForm(*((request.POST, request.FILES) if request.method == "POST" and chosen else ()))
    if request.method == "POST" and chosen and form.is_valid():
        try:
            noticing.hung(viewer, announcement=chosen[0].uid, hanging=form.hanging(chosen[1]))
        except LinliError as problem:
            beside(form, problem)
        else:
            messages.success(request, _("已记录。"))
            return redirect("steward:hanging")
    listed = [(one, _label(one.programme)) for one, _area in rows.values()]
    context: dict[str, Any] = {"section": "hanging", "rows": listed, "chosen": chosen[0] if chosen else None, "form": form}
    context["label"] = _label(chosen[0].programme) if chosen else None
    return render(request, "steward/hanging.html", context, status=400 if form.errors else 200)
