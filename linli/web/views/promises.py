"""Programmes as officers keep them: by department, version by version, compared, downloaded, taken up as a draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes import Programme, acts, queries
from linli.programmes.differing import compare
from linli.programmes.drafting import EXAMPLES, FILE
from linli.programmes.editing import renewed
from linli.programmes.models import ProgrammeVersion
from linli.programmes.naming import naming
from linli.screening import asking
from linli.screening.queries import readable_programmes
from linli.web.drafting import beginning, drafts
from linli.web.programme import promises
from linli.web.programme.questions import DayField
from linli.web.views.office import for_staff


@for_staff
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Every programme that the viewer reads, by department: what is in force, what comes, which draft waits, what is open."""
    context = {"departments": promises.departments(viewer), "may_upload": drafts.writes_some(viewer)}
    return render(request, "programmes/list.html", context)


@for_staff
def versions(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Every version of a programme: since when, published when and by whom; versions in files and the draft that wait; when it was last
    screened and is next.
    """
    return _versions(request, viewer, slug)


def _versions(request: HttpRequest, viewer: Viewer, slug: str, problem: LinliError | None = None) -> HttpResponse:
    found, waiting = promises.versions(slug), _waiting(slug)
    draft = queries.open_draft(slug) if queries.may_read_drafts(viewer, slug) else None
    if draft is not None and not (found or waiting):
        return redirect("programmes:draft", uid=draft.uid)
    if not readable_programmes(viewer, [slug]) or not (found or waiting):
        raise Http404
    shown = next((one.programme for one in found if one.state == "live"), (found[0].programme if found else waiting[-1]))
    context = {
        "programme": shown,
        "versions": found,
        "waiting": waiting,
        "draft": draft,
        "may_write": drafts.may_write(viewer, slug),
        "may_try": queries.may_read_drafts(viewer, slug),
        "open": shown.open_fields,
        "screened": promises.screened(viewer, slug, [one.programme for one in found]) if found else None,
        "published": request.GET.get("published", ""),
        "problem": problem,
    }
    return render(request, "programmes/versions.html", context)


@for_staff
@require_POST
def screen(request: HttpRequest, viewer: Viewer, slug: str) -> HttpResponse:
    """Have the programme screened now by the worker; the programme's page shows how far that is."""
    try:
        asking.ask(viewer=viewer, programmes=[slug], seen=request.POST.get("seen", ""))
    except Refused:
        raise
    except LinliError as error:
        return _versions(request, viewer, slug, error)
    return redirect(reverse("programmes:versions", args=[slug]) + "#screening")


def _waiting(slug: str) -> list[Programme]:
    return promises.unpublished(queries.published_programmes(slug), drafts.files().versions.get(slug, ()))


def _version(viewer: Viewer, slug: str, version: str) -> ProgrammeVersion:
    """A published version of a programme that the viewer reads, or 404."""
    row = ProgrammeVersion.objects.filter(slug=slug, version=version).first()
    if row is None or not readable_programmes(viewer, [slug]):
        raise Http404
    return row


@for_staff
def comparison(request: HttpRequest, viewer: Viewer, slug: str, before: str, after: str) -> HttpResponse:
    """Two published versions, field by field, in words."""
    old, new = (queries.programme_of(_version(viewer, slug, name)) for name in (before, after))
    parts = compare(old, new, naming(settings.LINLI_CITY), drafts.files().city.bodies)
    context = {"programme": new, "before": old, "after": new, "parts": parts, "number": drafts.changes(parts)}
    return render(request, "programmes/comparison.html", context)


@for_staff
def download(request: HttpRequest, viewer: Viewer, slug: str, version: str) -> HttpResponse:
    """A version's file, byte by byte as it was published."""
    row = _version(viewer, slug, version)
    return file_answer(row.source, f"{row.slug}-{row.version}.yaml")


def file_answer(text: str, name: str) -> HttpResponse:
    """A YAML file to keep."""
    answer = HttpResponse(text.encode(), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class BeginForm(forms.Form):
    """A new version from an older one: its name and its first day."""

    version = forms.RegexField(beginning.VERSION, label=gettext_lazy("新版本号"), help_text=gettext_lazy("例如起始年份"))
    first = DayField((1990, 2100), label=gettext_lazy("从哪一天起适用"))


@for_staff
def begin(request: HttpRequest, viewer: Viewer, slug: str, version: str) -> HttpResponse:
    """Begin a draft from a published version, or from one that the city's files have and that was never published."""
    viewer.require("officer", programme=slug)
    waiting = next((one for one in _waiting(slug) if one.version == version), None)
    base = None if waiting else _version(viewer, slug, version)
    problem: LinliError | None = None
    form = BeginForm(request.POST) if request.method == "POST" and base else BeginForm()
    if request.method == "POST" and (waiting or form.is_valid()):
        text = waiting.text if waiting else _renamed(base, form.cleaned_data)
        try:
            examples = queries.examples_for(base, slug, settings.LINLI_CITY)
            draft = acts.begin_draft(viewer=viewer, text=text, examples=examples, base=base.version if base else "")
            return redirect("programmes:draft", uid=draft.uid)
        except LinliError as error:
            problem = error
    context = {
        "form": form,
        "slug": slug,
        "version": version,
        "waiting": waiting,
        "programme": waiting or queries.programme_of(_version(viewer, slug, version)),
        "problem": problem,
        "draft": queries.open_draft(slug),
    }
    return render(request, "programmes/begin.html", context)


def _renamed(base: ProgrammeVersion | None, told: dict[str, Any]) -> str:
    """The text of the base with the new version's name and first day, open-ended."""
    if base is None:
        raise Http404
    return renewed(base.source, told["version"], told["first"])


@for_staff
def new(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A programme that isn't there yet, from a few answers or, with ?like=1, after one that is."""
    if not drafts.writes_some(viewer):
        viewer.require("officer")
    kind: type[beginning.BlankForm | beginning.LikeForm] = beginning.LikeForm if request.GET.get("like") else beginning.BlankForm
    form = kind(request.POST) if request.method == "POST" else kind()
    if request.method == "POST" and form.is_valid():
        try:
            text, examples = form.texts()
            draft = acts.begin_draft(viewer=viewer, text=text, examples=examples)
            return redirect("programmes:draft", uid=draft.uid)
        except Refused:
            raise
        except LinliError as error:
            form.add_error("slug", drafts.fault_words(error))
    return render(request, "programmes/new.html", {"form": form, "like": request.GET.get("like", "")})


class UploadForm(forms.Form):
    """A programme file and, where there are any, its examples."""

    programme = forms.FileField(label=gettext_lazy("事项文件（programme.yaml）"), max_length=200)
    examples = forms.FileField(label=gettext_lazy("示例文件（examples.yaml，可不选）"), required=False, max_length=200)


@for_staff
def upload(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A file from elsewhere as a draft: a new one, or the next revision of the open one of the same programme."""
    if not drafts.writes_some(viewer):
        viewer.require("officer")
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            return _taken_up(viewer, form.cleaned_data["programme"], form.cleaned_data["examples"])
        except LinliError as error:
            form.add_error("programme", drafts.fault_words(error))
    return render(request, "programmes/upload.html", {"form": form, "file": FILE, "examples": EXAMPLES})


def _taken_up(viewer: Viewer, programme: UploadedFile, examples: UploadedFile | None) -> HttpResponse:
    text = _text(programme)
    told = _text(examples) if examples else None
    draft = acts.upload_draft(viewer=viewer, city=settings.LINLI_CITY, text=text, examples=told)
    return redirect("programmes:draft", uid=draft.uid)


def _text(file: UploadedFile) -> str:
    """An uploaded file's text. Raises LinliError for one that is too large or no UTF-8."""
    if file.size is None or file.size > acts.LONGEST:
        raise LinliError(
            "programmes.draft_too_long",
            zh="文件太大",
            en="The file is too large.",
            expected=f"at most {acts.LONGEST:,} bytes",
            expected_zh=f"最多 {acts.LONGEST:,} 字节",
            remedy_zh="检查是否选错了文件",
            remedy_en="check whether this is the right file",
        )
    content: bytes = file.read()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LinliError(
            "rules.not_utf8",
            zh="文件不是 UTF-8 编码",
            en="The file is not UTF-8.",
            remedy_zh="另存为 UTF-8",
            remedy_en="save it as UTF-8",
        ) from error
