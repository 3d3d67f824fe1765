"""What every list of the office shares: filters that are kept, and files of any length."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.queries.search import read
from linli.web.case import cases
from linli.web.models import Download, SavedFilter
from linli.web.tables import downloads, officeexports
from linli.web.views.office import for_staff

MOST_FILTERS = 30


def begin_download(viewer: Viewer, *, listing: str, parameters: dict[str, str], file_name: str) -> HttpResponse:
    """Have the list written and go to the page that shows how far it is."""
    made = downloads.ask(viewer, listing=listing, parameters=parameters, file_name=file_name)
    return redirect("office:download", uid=made.uid)


@for_staff
@require_POST
def export_list(request: HttpRequest, viewer: Viewer, listing: str) -> HttpResponse:
    """Everything that a search finds, that waits in the inbox, or that another list of the office holds, as a file."""
    if listing in officeexports.LISTINGS:
        return _of_the_office(request, viewer, listing)
    if listing == "inbox":
        narrowing = dict(cases.narrowing(cases.choice_of(request.POST)))
        return begin_download(viewer, listing=listing, parameters=narrowing, file_name=_("待办") + ".xlsx")
    if listing != "residents":
        raise Http404
    text = request.POST.get("q", "").strip()[:100]
    try:
        if read(text).exact:
            raise Http404
    except LinliError:
        raise Http404 from None
    parameters = {"q": text, "county": request.POST.get("county", "")[:6]}
    return begin_download(viewer, listing=listing, parameters=parameters, file_name=_("居民") + ".xlsx")


def _of_the_office(request: HttpRequest, viewer: Viewer, listing: str) -> HttpResponse:
    """One of the lists that are narrowed by nothing but plain words; named like its sheet."""
    parameters = {name: request.POST[name].replace("\x00", "")[:200] for name in officeexports.ASKED if request.POST.get(name)}
    try:
        sheet = officeexports.LISTINGS[listing](viewer, parameters)
    except (ValueError, KeyError, StopIteration, ObjectDoesNotExist):
        raise Http404 from None
    except LinliError as problem:
        if problem.code == "settlement.not_found":
            raise Http404 from None
        raise
    return begin_download(viewer, listing=listing, parameters=parameters, file_name=f"{sheet.name}.xlsx")


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The viewer's own files: how far each is, how large, until when. One query of its own."""
    mine = downloads.all_mine(viewer)
    context = {"rows": mine, "under_way": any(one.download.state in downloads.UNDER_WAY for one in mine)}
    return render(request, "office/downloads.html", context)


@for_staff
def download(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """How far a file is; renews itself where scripts run."""
    return render(request, "office/download.html", {"download": _mine(viewer, uid)})


@for_staff
@require_POST
def cancel_download(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Stop writing a file that is not wanted any more."""
    _mine(viewer, uid)
    downloads.cancel(viewer, uid)
    return redirect("office:download", uid=uid)


@for_staff
def download_file(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponseBase:
    """The finished file, for the person who asked for it while they hold the grants it was written under."""
    found = _mine(viewer, uid)
    path = downloads.file_of(found)
    if found.state != "finished" or not path.exists():
        raise Http404
    downloads.require_held(viewer, found)
    downloads.note_taken(viewer, found)
    return FileResponse(path.open("rb"), as_attachment=True, filename=found.file_name)


def _mine(viewer: Viewer, uid: UUID) -> Download:
    try:
        return downloads.mine(viewer, uid)
    except Download.DoesNotExist:
        raise Http404 from None


@for_staff
@require_POST
def save_filter(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Keep the way a list is narrowed under a name; the same name again replaces it."""
    path, query = request.POST.get("path", ""), request.POST.get("query", "")
    page, name = _page_of(path), request.POST.get("name", "").strip()[:40]
    if not name or not query or len(query) > 500:
        return HttpResponseRedirect(path)
    mine = SavedFilter.objects.filter(actor=viewer.actor)
    if mine.count() >= MOST_FILTERS and not mine.filter(page=page, name=name).exists():
        raise downloads.NotNow(
            "web.filters_full",
            zh="保存的筛选太多了",
            en="Too many kept filters.",
            expected=f"at most {MOST_FILTERS}",
            expected_zh=f"最多 {MOST_FILTERS} 个",
            remedy_zh="先删除不用的",
            remedy_en="delete some first",
        )
    SavedFilter.objects.update_or_create(actor=viewer.actor, page=page, name=name, defaults={"query": query})
    return HttpResponseRedirect(f"{path}?{query}")


@for_staff
@require_POST
def forget_filter(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Delete one of the viewer's own kept filters."""
    path = request.POST.get("path", "")
    _page_of(path)
    SavedFilter.objects.filter(actor=viewer.actor, uid=uid).delete()
    return HttpResponseRedirect(path)


def _page_of(path: str) -> str:
    """The name of the page of an address of this site; 404 for anything else, so that no form leads away from here."""
    try:
        match: Any = resolve(path)
    except Resolver404:
        raise Http404 from None
    return str(match.view_name)
