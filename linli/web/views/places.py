"""The places that an officer keeps: the list, one place, a new one, its end. What is typed here is read as a line of a list would be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.circles.acts.reports import put_right
from linli.circles.doubts import doubted
from linli.circles.models import REPORT_OPEN
from linli.circles.reports import Reported, open_of, report_for
from linli.circles.standing import standing
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.places import change_place, close_place, mark_of, open_place
from linli.registers.acts.whereabouts import area_at
from linli.registers.models import Place
from linli.registers.places import StatedPlace
from linli.registers.queries.places import kept_by
from linli.web.places import kept
from linli.web.places.stating import said
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese
from linli.web.views.office import for_staff
from linli.web.views.place_reports import KIND_WORDS


class CloseForm(forms.Form):
    """The first day on which a place is no longer there."""

    on = DayField((1990, 2100), label=gettext_lazy("从哪天起停业"), require_all_fields=True)


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The places of one's areas by number, a page at a time. Two queries of its own."""
    choice = kept.Choice.read(request.GET)
    found = list(kept.narrowed(viewer, choice)[: kept.PAGE])
    context = {
        "rows": kept.shown(found),
        "choice": choice,
        "categories": kept.choices(),
        "counties": kept.counties(viewer),
        "states": list(kept.STATES.items()),
        "after": found[-1].code if len(found) == kept.PAGE else "",
        "first": not choice.after,
    }
    return render(request, "places/list.html", context)


@for_staff
def add(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A new place."""
    _require(viewer)
    return _edited(request, viewer, None)


@for_staff
def one(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One place, to be changed or moved from a day on; one that was closed opens again."""
    row = _row(viewer, uid)
    return _edited(request, viewer, row, _reported(request, viewer, row))


@for_staff
@require_POST
def close(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The place is no longer there from a day on."""
    row = _row(viewer, uid)
    form = CloseForm(request.POST, prefix="close")
    if not form.is_valid():
        return _page(request, viewer, row, kept.PlaceForm(initial=kept.initial(row, kept.roles_of(row))), form)
    try:
        close_place(viewer, code=row.code, on=form.cleaned_data["on"])
    except Refused:
        raise
    except LinliError as problem:
        if row.closed is not None:  # its page has no form to close it by
            messages.warning(request, said(problem), extra_tags="open")
            return redirect("places:one", uid=uid)
        form.add_error("on", said(problem))
        return _page(request, viewer, row, kept.PlaceForm(initial=kept.initial(row, kept.roles_of(row))), form)
    messages.success(request, _("已登记停业。以前的记录照旧留存。"), extra_tags="good")
    return redirect("places:list")


def _reported(request: HttpRequest, viewer: Viewer, row: Place) -> Reported | None:
    """The report that led here: what is wrong of this place, and is open still."""
    try:
        found = report_for(viewer, UUID(request.GET.get("report", "")), clock.today())
    except ValueError:
        return None
    return found if found and found.report.place == row.uid and found.report.kind == "wrong" and found.report.state in REPORT_OPEN else None


def _edited(request: HttpRequest, viewer: Viewer, row: Place | None, told: Reported | None = None) -> HttpResponse:
    begun = kept.initial(row, kept.roles_of(row)) if row else {"on": clock.today(), "kind": "shop"}
    form = kept.PlaceForm(request.POST or None, initial=begun)
    if row is not None:
        form.fields["code"].disabled = True
    if request.method == "POST" and (stated := form.stated(row)) is not None:
        doubt, sure = _doubt(row, stated), f"{stated.place.lon} {stated.place.lat}"
        if doubt and request.POST.get("sure") != sure:
            return _page(request, viewer, row, form, _closing(), told, {"doubt": doubt, "sure": sure})
        try:
            _save(viewer, row, stated, form.cleaned_data["on"], request.POST.get("seen", "")[:120], told)
        except Refused as problem:
            if problem.code != "places.taken":
                raise
            form.refuse(problem)
        except LinliError as problem:
            form.refuse(problem)
        else:
            where = {"area": kept.area_words(stated.area_code)}
            done = _("已保存，登记在%(area)s。报告的人会看到已经改好。") if told else _("已保存，登记在%(area)s。")
            messages.success(request, done % where, extra_tags="good")
            if _moved(row, stated) and not area_at(stated.place):
                messages.warning(request, _("附近没有登记了位置的地址，这个位置在不在所填的地区，系统没法核对。"), extra_tags="open")
            return redirect("steward:reports" if told else "places:list")
    return _page(request, viewer, row, form, _closing(), told)


def _closing() -> CloseForm:
    return CloseForm(prefix="close", initial={"on": clock.today()})


def _moved(row: Place | None, stated: StatedPlace) -> bool:
    """Whether the position is another than what stands in the register. row: before it was saved."""
    return row is None or (row.given, row.system) != (stated.given, stated.system)


def _doubt(row: Place | None, stated: StatedPlace) -> str:
    """Why a new position is most likely wrong, "" where it isn't or no network is in use to say so."""
    there = standing() if _moved(row, stated) else None
    words = doubted(stated.place, there) if there else None
    return "" if words is None else words[0 if chinese() else 1]


def _save(viewer: Viewer, row: Place | None, stated: StatedPlace, on: date, seen: str, told: Reported | None) -> None:
    if row is None:
        open_place(viewer, place=stated, on=on)
    elif told is None:
        change_place(viewer, place=stated, on=on, seen=seen)
    else:
        put_right(viewer, told.report.uid, place=stated, on=on, seen=seen)


def _page(
    request: HttpRequest,
    viewer: Viewer,
    row: Place | None,
    form: kept.PlaceForm,
    closing: CloseForm,
    told: Reported | None = None,
    asked: Mapping[str, str] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        **(asked or {}),
        "form": form,
        "row": row,
        "closing": closing,
        "found": told,
        "said": [(one, KIND_WORDS[one.kind]) for one in open_of(viewer, row.uid, clock.today())] if row and not told else [],
        "earlier": kept.earlier(row) if row else [],
    }
    context["seen"] = mark_of(row) if row else ""
    context["spot"] = f"{row.lon} {row.lat} 17" if row else ""
    return render(request, "places/one.html", context, status=400 if form.errors or closing.errors else 200)


def _row(viewer: Viewer, uid: UUID) -> Place:
    _require(viewer)
    row = kept_by(viewer).filter(uid=uid).first()
    if row is None:
        raise Http404
    return row


def _require(viewer: Viewer) -> None:
    """Refused where the viewer keeps the places of no area at all."""
    if not (viewer.areas("officer") or viewer.areas("administrator")):
        viewer.require("officer")
