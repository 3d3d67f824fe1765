"""A list of places as an officer delivers it: sent, tried, mended where something is wrong, applied as it was tried."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.circles.doubts import doubted_places
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.imports import noted, placelists, shelf
from linli.registers.models import Upload
from linli.registers.places import COLUMNS, OPTIONAL
from linli.web.frame.asked import number
from linli.web.imports import wizard
from linli.web.places import kept
from linli.web.programme.questions import DayField
from linli.web.views.imports import too_long
from linli.web.views.office import for_staff


class SendForm(forms.Form):
    """A file and the day from which it holds."""

    file = forms.FileField(
        label=gettext_lazy("场所名单"),
        help_text=gettext_lazy("xlsx 或 csv"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    on = DayField(
        (1990, 2100),
        label=gettext_lazy("从哪天起是这样"),
        help_text=gettext_lazy("名单里没有的场所，保持原样"),
        require_all_fields=True,
    )


@for_staff
def send(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Send a list of places; it is tried at once and nothing is written."""
    if not (viewer.areas("officer") or viewer.areas("administrator")):
        viewer.require("officer")
    posted = request.method == "POST"
    form = SendForm(request.POST if posted else None, request.FILES if posted else None, initial={"on": clock.today()})
    if posted and too_long(request):
        form.add_error("file", wizard.problem_words(shelf.too_large()))
    elif posted and form.is_valid():
        told = form.cleaned_data
        try:
            found = placelists.receive(
                viewer, chunks=told["file"].chunks(), file_name=told["file"].name, on=told["on"], doubting=doubted_places
            )
            return redirect("places:upload", uid=found.uid)
        except Refused:
            raise
        except LinliError as problem:
            form.add_error("on" if problem.code == "imports.future" else "file", wizard.problem_words(problem))
    columns = [(name, name not in OPTIONAL) for name in COLUMNS]
    return render(request, "places/send.html", {"form": form, "columns": columns}, status=400 if form.errors else 200)


@for_staff
def upload(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What a list would do, or why it can't; once it is applied, what it did. POST: apply it, or try it again."""
    found = _mine(viewer, uid)
    if request.method == "POST":
        return _step(request, viewer, found)
    after = number(request.GET, "after")
    refused = found.state == "refused"
    wrong = [noted.note_of(one) for one in (placelists.wrong(found) if refused else placelists.doubts(found))]
    page = wrong[after : after + noted.PAGE]
    context = {
        "upload": found,
        "notes": wizard.in_words(page),
        "wrong": len(wrong),
        "after": str(after + noted.PAGE) if len(wrong) > after + noted.PAGE else "",
        "first": after == 0,
        "markable": refused and any(one.cell for one in wrong),
        "changes": [(kept.CHANGE_WORDS[word], code, name) for word, code, name in placelists.changes(found)],
        "figures": [(str(label), found.counts.get(name, 0)) for name, label in FIGURES.items()],
    }
    return render(request, "places/upload.html", context)


FIGURES = {"opened": gettext_lazy("新增或重新开业"), "changed": gettext_lazy("变更或搬迁"), "closed": gettext_lazy("停业")}


def _step(request: HttpRequest, viewer: Viewer, found: Upload) -> HttpResponse:
    try:
        if request.POST.get("verb") == "apply":
            placelists.apply(viewer, upload=found.uid, plan=request.POST.get("plan", "")[:80])
            messages.success(request, _("已经写入。"), extra_tags="good")
        else:
            placelists.try_again(viewer, upload=found.uid, doubting=doubted_places)
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, wizard.problem_words(problem), extra_tags="open")
        placelists.try_again(viewer, upload=found.uid, doubting=doubted_places)
    return redirect("places:upload", uid=found.uid)


@for_staff
@require_POST
def marked(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponseBase:
    """The file with every wrong cell in red, to be mended and sent again."""
    found = _mine(viewer, uid)
    if found.state != "refused" or not placelists.wrong(found):
        raise Http404
    try:
        copy = placelists.marked(found)
    except LinliError as problem:
        messages.warning(request, wizard.problem_words(problem))
        return redirect("places:upload", uid=uid)
    name = found.file_name.rpartition(".")[0] or found.file_name
    return FileResponse(copy.open("rb"), as_attachment=True, filename=f"{name}-{_('标注')}.xlsx")


@for_staff
@require_POST
def discard(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Erase a file that is not wanted."""
    found = _mine(viewer, uid)
    placelists.discard(viewer, upload=found.uid)
    if found.state != "applied":
        messages.success(request, _("文件已经清除，没有写入。"))
    return redirect("places:list")


def _mine(viewer: Viewer, uid: UUID) -> Upload:
    try:
        return placelists.mine(viewer, uid)
    except Refused:
        raise
    except LinliError:
        raise Http404 from None
