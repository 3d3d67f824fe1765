"""The examples of a draft one by one: a form for one, a new one, a copy, one less. Each save changes the lines of that example only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes import Programme, acts
from linli.programmes.drafting import read_draft
from linli.programmes.models import Draft, DraftRevision
from linli.web.drafting import drafts, example_fields
from linli.web.drafting.example_fields import ExampleForm
from linli.web.frame.asked import number
from linli.web.views.drafts import about, draft_of
from linli.web.views.office import for_staff


def _programme(draft: Draft) -> Programme | None:
    """The draft's programme as far as forms can ask for its facts; None while its file has faults."""
    read = read_draft(draft, drafts.files())
    return None if read.faults else read.programme


@for_staff
def one(request: HttpRequest, viewer: Viewer, uid: UUID, place: int) -> HttpResponse:
    """One example as a form; what is saved is written into the file and the whole is checked again."""
    draft = draft_of(viewer, uid)
    programme = _programme(draft)
    if programme is None:
        return redirect("programmes:examples", uid=uid)
    if request.method == "POST":
        viewer.require("officer", programme=draft.slug)
        return _save(request, viewer, draft, programme, place)
    if place >= len(example_fields.listed(draft.examples)):
        raise Http404
    return _page(request, viewer, draft, ExampleForm(draft.examples, place, programme))


def _save(request: HttpRequest, viewer: Viewer, draft: Draft, programme: Programme, place: int) -> HttpResponse:
    told = request.POST.get("revision", "")
    seen = DraftRevision.objects.filter(draft=draft, number=int(told)).first() if told.isdecimal() and len(told) < 9 else None
    before = seen.examples if seen is not None else draft.examples
    if place >= len(example_fields.listed(before)):
        raise Http404
    form = ExampleForm(before, place, programme, request.POST)
    if form.is_valid():
        here = example_fields.found_again(draft.examples, form.one)
        if here is None:
            form.add_error(None, _("别人刚刚改了或删了这个示例。请回到示例重新打开，您写的内容还在本页。"))
        else:
            try:
                acts.save_draft(
                    viewer=viewer, draft=draft.uid, revision=draft.revision, text=draft.text, examples=form.written(draft.examples, here)
                )
                answer = redirect("programmes:examples", uid=draft.uid)
                answer["Location"] += "?saved=1"
                return answer
            except Refused:
                raise
            except LinliError as error:
                form.add_error(None, drafts.fault_words(error))
    return _page(request, viewer, draft, form, told)


def _page(request: HttpRequest, viewer: Viewer, draft: Draft, form: ExampleForm, revision: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        **about(viewer, draft),
        "form": form,
        "groups": form.groups(),
        "revision": revision or draft.revision,
        "apart": list(example_fields.kept_apart(form.one)),
    }
    return render(request, "programmes/example.html", context)


@for_staff
@require_POST
def change(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Add an example, copy one, or take one out, in the revision that the page showed."""
    draft = draft_of(viewer, uid)
    viewer.require("officer", programme=draft.slug)
    verb, place, revision = request.POST.get("verb"), number(request.POST, "place", -1), number(request.POST, "revision", -1)
    programme, count = _programme(draft), len(example_fields.listed(draft.examples))
    if programme is None or revision < 0 or (verb != "add" and not 0 <= place < count):
        raise Http404
    try:
        if verb == "add":
            text, target = example_fields.added(draft.examples, programme), count
        elif verb == "copy":
            text, target = example_fields.copied(draft.examples, place), place + 1
        else:
            text, target = example_fields.removed(draft.examples, place), -1
        acts.save_draft(viewer=viewer, draft=uid, revision=revision, text=draft.text, examples=text)
    except Refused:
        raise
    except LinliError as error:
        answer = redirect("programmes:examples", uid=uid)
        answer["Location"] += "?refused=changed" if error.code == "programmes.draft_changed" else "?refused=text"
        return answer
    return redirect("programmes:examples", uid=uid) if target < 0 else redirect("programmes:example", uid=uid, place=target)
