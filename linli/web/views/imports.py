"""Delivering a list as an officer does it: send the file, name its columns, see what it would do, apply it, take it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.casework.desks import own_lists
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.registers.imports import noted, shelf, undo_import, uploads, waiting
from linli.registers.imports.undo import dependents
from linli.registers.lists import ListDeclaration
from linli.registers.models import ListImport, Upload
from linli.rules.declare import Label
from linli.web.frame import city
from linli.web.imports import lists, wizard
from linli.web.views.office import for_staff


@for_staff
def home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The lists that the viewer may deliver, those that are due first, and files of theirs that wait for a next step."""
    if not viewer.areas("officer"):
        viewer.require("officer")
    waiting = list(Upload.objects.filter(actor=viewer.actor).exclude(state="applied").order_by("-pk")[: lists.PAGE])
    declared = own_lists(viewer)
    files = [(one, Label(declared[one.list_slug].zh, declared[one.list_slug].en)) for one in waiting if one.list_slug in declared]
    may_publish = viewer.may("officer", area=city.city().area)
    return render(request, "imports/home.html", {"rows": lists.overview(viewer), "files": files, "may_publish": may_publish})


@for_staff
def send(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Send a file for a list; what was delivered before stands below."""
    declaration = lists.of(viewer, slug)
    posted = request.method == "POST"
    form = wizard.SendForm(viewer, declaration, request.POST if posted else None, request.FILES if posted else None)
    if posted and too_long(request):
        form.add_error("file", wizard.problem_words(shelf.too_large()))
    elif posted and form.is_valid():
        try:
            received = uploads.receive(viewer, declaration=declaration, chunks=form.cleaned_data["file"].chunks(), sent=form.sent())
        except Refused:
            raise
        except LinliError as problem:
            form.add_error("as_of" if problem.code == "imports.future" else "file", wizard.problem_words(problem))
        else:
            return _onward(viewer, received)
    rows, after = lists.history(viewer, slug, request.GET.get("after", ""))
    context = {**_about(declaration), "form": form, "rows": rows, "after": after, "first": "after" not in request.GET}
    context["above"] = lists.from_above(viewer, slug)
    return render(request, "imports/send.html", context, status=400 if form.errors else 200)


def too_long(request: HttpRequest) -> bool:
    """Files beyond the limit are not read at all (linli.web.imports.receiving): the form then holds none."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    return not request.FILES and said.isdecimal() and int(said.lstrip("0")[:18] or 0) > shelf.LARGEST


def _onward(viewer: Viewer, upload: Upload) -> HttpResponse:
    """To the next step; a sender whose columns are known needs to say nothing, and the file is tried at once."""
    if uploads.knows_columns(upload):
        uploads.check(viewer, upload=upload.uid)
    elif upload.state == "columns":
        return redirect("imports:columns", uid=upload.uid)
    return redirect("imports:upload", uid=upload.uid)


@for_staff
def columns(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Which header is which column; guessed, and remembered for the sender's next file. A wrong mapping is refused naming the column."""
    found = _mine(viewer, uid)
    if found.state in ("checking", "applying", "applied") or "headers" not in uploads.head_of(found):
        return redirect("imports:upload", uid=uid)
    problems: list[LinliError] = []
    if request.method == "POST":
        try:
            uploads.name_columns(viewer, upload=uid, mapping=wizard.chosen(found, request.POST))
            uploads.check(viewer, upload=uid)
            return redirect("imports:upload", uid=uid)
        except Problems as several:
            problems = several.problems
        except LinliError as problem:
            problems = [problem]
    declaration = uploads.declaration_of(found)
    context = {
        **_about(declaration),
        "upload": found,
        "headers": wizard.headers(found, request.POST if problems else None),
        "columns": wizard.columns(declaration),
        "problems": [wizard.column_words(problem) for problem in problems],
    }
    return render(request, "imports/columns.html", context, status=400 if problems else 200)


@for_staff
def upload(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Where a file stands. POST: apply it as it was checked, check it again, choose its sheet, or show the masked cells in full."""
    found = _mine(viewer, uid)
    if request.method == "POST":
        return _step(request, viewer, found)
    return _standing(request, viewer, found)


def _step(request: HttpRequest, viewer: Viewer, found: Upload) -> HttpResponse:
    verb = request.POST.get("verb", "")
    if verb == "full" and found.state == "checked":
        return _checked(request, viewer, found, in_full=True)
    if verb == "apply" and found.state == "checked":
        form = wizard.ApplyForm(found, request.POST)
        if not form.is_valid():
            return _checked(request, viewer, found, form=form)
        try:
            uploads.apply(viewer, upload=found.uid, plan=form.cleaned_data["plan"])
        except Refused:
            raise
        except LinliError as problem:
            messages.warning(request, wizard.problem_words(problem))
    elif verb == "check":
        uploads.check(viewer, upload=found.uid)
    elif verb == "sheet" and found.state == "refused":
        return _onward(viewer, uploads.choose_sheet(viewer, upload=found.uid, sheet=request.POST.get("sheet", "")))
    return redirect("imports:upload", uid=found.uid)


def _standing(request: HttpRequest, viewer: Viewer, found: Upload) -> HttpResponse:
    declaration = uploads.declaration_of(found)
    if found.state == "columns":
        return redirect("imports:columns", uid=found.uid)
    if found.state == "checked":
        return _checked(request, viewer, found)
    if found.state == "applied" and found.delivery:
        said = _("这份文件以前交过，没有变化。") if found.counts.get("repeated") else _("已经写入。")
        messages.success(request, said)
        return redirect("imports:delivery", uid=found.delivery.uid)
    context = {**_about(declaration), "upload": found}
    if found.state == "refused":
        problems = wizard.in_words(noted.problems(found))
        head = uploads.head_of(found)
        context |= {"problems": problems, "sheets": head.get("sheets", ()), "markable": noted.can_be_marked(found)}
        context |= {"columns_known": "headers" in head}
        return render(request, "imports/refused.html", context)
    return render(request, "imports/working.html", context | {"progress": wizard.progress(found)})


def _checked(
    request: HttpRequest, viewer: Viewer, found: Upload, *, form: wizard.ApplyForm | None = None, in_full: bool = False
) -> HttpResponse:
    after = request.GET.get("after", "")
    shown = wizard.result(found, request.GET.get("kind", ""), int(after) if after.isdecimal() and len(after) < 9 else 0, in_full=in_full)
    if in_full:
        noted.read_in_full(viewer, found, len(shown["notes"]))
    apply = form or wizard.ApplyForm(found)
    context = {**_about(uploads.declaration_of(found)), "upload": found, "form": apply, **shown}
    return render(request, "imports/checked.html", context, status=400 if apply.errors else 200)


@for_staff
def people(request: HttpRequest, viewer: Viewer, uid: UUID, change: str) -> HttpResponse:
    """Whom applying a checked file would add to the list, change on it, or end."""
    found = _mine(viewer, uid)
    if found.state != "checked":
        raise Http404
    after = request.GET.get("after", "")
    rows, following = wizard.people(viewer, found, change, int(after) if after.isdecimal() and len(after) < 9 else 0)
    declaration = uploads.declaration_of(found)
    context = {
        **_about(declaration),
        "upload": found,
        "rows": rows,
        "change": wizard.CHANGE_WORDS[change],
        "number": found.counts.get(change, 0),
        "after": following,
        "first": not after,
        "of_people": declaration.subject == "person",
        "most": uploads.SHOWN,
    }
    return render(request, "imports/people.html", context)


@for_staff
@require_POST
def marked(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponseBase:
    """The file with everything to mend in red, to be mended and sent again."""
    found = _mine(viewer, uid)
    if not noted.can_be_marked(found):
        raise Http404
    name = found.file_name.rpartition(".")[0] or found.file_name
    try:
        copy = noted.marked(viewer, found)
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, wizard.problem_words(problem))
        return redirect("imports:upload", uid=uid)
    return FileResponse(copy.open("rb"), as_attachment=True, filename=f"{name}-{_('标注')}.xlsx")


@for_staff
@require_POST
def discard(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Erase a file that is not wanted."""
    found = _mine(viewer, uid)
    try:
        uploads.discard(viewer, upload=uid)
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, wizard.problem_words(problem))
        return redirect("imports:upload", uid=uid)
    messages.success(request, _("文件已经清除，没有写入。"))
    return redirect("imports:send", slug=found.list_slug)


@for_staff
def history(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every delivery of the viewer's lists in their areas, newest first."""
    if not viewer.areas("officer"):
        viewer.require("officer")
    rows, after = lists.history(viewer, after=request.GET.get("after", ""))
    return render(request, "imports/history.html", {"rows": rows, "after": after, "first": "after" not in request.GET})


@for_staff
def delivery(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One delivery: who, when, what it brought, and whom it changed."""
    found = _delivery(viewer, uid)
    change = request.GET.get("change", "")
    change = change if change in lists.CHANGES else next((one for one in lists.CHANGES if getattr(found, one)), "opened")
    rows, after = lists.touched(viewer, found, change, request.GET.get("after", ""))
    (about,) = lists.shown([found])
    tabs: list[dict[str, Any]] = [
        {"address": f"?change={one}", "words": words, "current": one == change, "number": getattr(found, one)}
        for one, words in wizard.CHANGE_WORDS.items()
    ]
    mine = waiting(viewer).filter(list_import=found).count()
    context = {
        "one": about,
        "doubts": mine,
        "elsewhere": found.doubtful.filter(resolved_at__isnull=True).count() - mine,
        "rows": rows,
        "tabs": tabs,
        "change": change,
        "after": after,
        "first": "after" not in request.GET,
    }
    return render(request, "imports/delivery.html", context)


@for_staff
def undo(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Take a delivery back. What stands in the way is said before."""
    found = _delivery(viewer, uid)
    if request.method == "POST":
        try:
            undo_import(viewer, delivery=uid)
            messages.success(request, _("已撤销，名单回到这次提交之前。"))
        except Refused:
            raise
        except LinliError as problem:
            messages.warning(request, wizard.problem_words(problem))
        return redirect("imports:delivery", uid=uid)
    built = dependents(found)
    (about,) = lists.shown([found])
    context = {"one": about, "built": built, "later": lists.shown(built.deliveries), "undone": found.undone_at is not None}
    return render(request, "imports/undo.html", context)


def _about(declaration: ListDeclaration) -> dict[str, Any]:
    label, owner = Label(declaration.zh, declaration.en), Label(declaration.owner_zh, declaration.owner_en)
    return {"declaration": declaration, "label": label, "owner": owner}


def _mine(viewer: Viewer, uid: UUID) -> Upload:
    try:
        return uploads.mine(viewer, uid)
    except LinliError:
        raise Http404 from None


def _delivery(viewer: Viewer, uid: UUID) -> ListImport:
    try:
        return lists.delivery(viewer, uid)
    except ListImport.DoesNotExist:
        raise Http404 from None
