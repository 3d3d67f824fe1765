"""A programme's draft: its parts, its whole text, its examples, what it changes, handing it in and publishing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.programmes import acts, queries
from linli.programmes.drafting import entry_of, label_of, programme_of_draft, tried
from linli.programmes.models import Draft, DraftRevision
from linli.programmes.telling import SECTIONS
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.screening import acts as screening
from linli.web.drafting import drafts, previews
from linli.web.drafting import programme_fields as fields
from linli.web.drafting.example_fields import listed
from linli.web.frame.asked import number
from linli.web.frame.counted import counted
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import words
from linli.web.views.office import for_staff
from linli.web.views.promises import file_answer


def draft_of(viewer: Viewer, uid: UUID) -> Draft:
    """A draft that the viewer may read; 404 where there is none."""
    try:
        return queries.draft(viewer, uid)
    except Draft.DoesNotExist:
        raise Http404 from None


def about(viewer: Viewer, draft: Draft) -> dict[str, Any]:
    """What every page of a draft shows of it."""
    return {
        "draft": draft,
        "name": label_of(draft),
        "may_write": drafts.may_write(viewer, draft.slug),
        "editable": draft.state == "editing" and drafts.may_write(viewer, draft.slug),
        "saver": drafts.saver(draft),
    }


@for_staff
def overview(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """How far a draft is: its parts, everything that speaks against it, its preview, and what can be done next."""
    draft = draft_of(viewer, uid)
    return _overview(request, viewer, draft, [])


def _overview(request: HttpRequest, viewer: Viewer, draft: Draft, problems: list[LinliError]) -> HttpResponse:
    one = drafts.standing(draft)
    context = {
        **about(viewer, draft),
        "one": one,
        "tasks": drafts.tasks(one),
        "number": drafts.changes(drafts.difference(one)),
        "preview": previews.shown(one.preview) if one.preview else None,
        "may_publish": draft.state == "submitted" and drafts.may_write(viewer, draft.slug) and viewer.actor not in draft.authors,
        "problems": [drafts.fault_words(problem) for problem in problems],
    }
    return render(request, "programmes/draft.html", context)


@for_staff
def section(request: HttpRequest, viewer: Viewer, uid: UUID, section: str) -> HttpResponse:
    """One part of the file as a form. What is saved is written into the file; faults stand beside their fields."""
    draft = draft_of(viewer, uid)
    if section not in fields.EDITED:
        raise Http404
    if request.method == "POST":
        viewer.require("officer", programme=draft.slug)
        return _save_section(request, viewer, draft, section)
    entry = entry_of(draft.text)
    if entry is None:
        return redirect("programmes:text", uid=uid)
    form = drafts.SectionForm(fields.specs(entry, section), fields.values_of(entry, fields.specs(entry, section)), draft.revision)
    return _section(request, viewer, draft, section, form)


def _save_section(request: HttpRequest, viewer: Viewer, draft: Draft, section: str) -> HttpResponse:
    try:
        merged = drafts.merge(draft, section, request.POST)
        if merged.text is not None:
            acts.save_draft(viewer=viewer, draft=draft.uid, revision=draft.revision, text=merged.text, examples=draft.examples)
            following = _following(merged.text, section)
            target = following if "next" in request.POST else section
            answer = redirect("programmes:section", uid=draft.uid, section=target)
            answer["Location"] += "?saved=2" if merged.others else "?saved=1"
            return answer
        problem, clashes, typed, refused = None, merged.clashes, merged.typed, merged.refused
    except LinliError as error:
        problem, clashes, typed, refused = error, {}, {}, {}
    entry = entry_of(draft.text)
    if entry is None:
        return redirect("programmes:text", uid=draft.uid)
    asked = fields.specs(entry, section)
    form = drafts.SectionForm(asked, {**fields.values_of(entry, asked), **typed}, draft.revision)
    form.is_valid()
    if problem is not None:
        form.add_error(None, drafts.fault_words(problem))
    by_path = {spec.path: spec.name for spec in asked}
    for path, why in refused.items():
        form.add_error(by_path[path], why)
    for path, theirs in clashes.items():
        said = _("%(name)s 刚刚改成了“%(value)s”。再保存一次就以您的为准。") % {"name": drafts.saver(draft), "value": theirs or "–"}
        form.add_error(by_path[path], said)
    return _section(request, viewer, draft, section, form, placed=False)


def _following(text: str, section: str) -> str:
    """The next part that has a form; the first after the last, and where the text can't be read."""
    entry = entry_of(text)
    after = [one for one in fields.edited(entry) if fields.EDITED.index(one) > fields.EDITED.index(section)] if entry is not None else []
    return after[0] if after else fields.EDITED[0]


def _section(
    request: HttpRequest, viewer: Viewer, draft: Draft, section: str, form: drafts.SectionForm, *, placed: bool = True
) -> HttpResponse:
    if placed:
        found = drafts.standing(draft).faults
        form.show([fault for fault in found if fault.section == section])
    context = {
        **about(viewer, draft),
        "form": form,
        "title": words(SECTIONS[section]),
        "saved": request.GET.get("saved", ""),
        "wrong": _left_to_mend(sum(len(errors) for errors in form.errors.values())),
        "last": section == fields.EDITED[-1],
    }
    return render(request, "programmes/section.html", context)


def _left_to_mend(number: int) -> str:
    return counted("已保存，还有 %(number)s 处要改", number=number) if number else ""


@for_staff
def text(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The whole file as text, with every fault by line."""
    return _whole(request, viewer, uid, "text")


@for_staff
def examples(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The examples as text, each with what the rule says of it."""
    return _whole(request, viewer, uid, "examples")


def _whole(request: HttpRequest, viewer: Viewer, uid: UUID, name: str) -> HttpResponse:
    draft = draft_of(viewer, uid)
    problem: LinliError | None = None
    form = drafts.TextForm(initial={"text": getattr(draft, name), "revision": draft.revision})
    if request.method == "POST":
        viewer.require("officer", programme=draft.slug)
        form = drafts.TextForm(request.POST)
        if form.is_valid():
            both = {"text": draft.text, "examples": draft.examples, name: form.written()}
            try:
                acts.save_draft(viewer=viewer, draft=uid, revision=form.cleaned_data["revision"], **both)
                answer = redirect(f"programmes:{name}", uid=uid)
                answer["Location"] += "?saved=1"
                return answer
            except Refused:
                raise
            except LinliError as error:
                problem = error
                form = drafts.TextForm({"text": form.written(), "revision": draft.revision})
                form.add_error("text", drafts.fault_words(error))
    found = drafts.standing(draft)
    wanted = [fault for fault in found.faults if (fault.file != "") == (name == "examples") or fault.section == name]
    context = {
        **about(viewer, draft),
        "form": form,
        "which": name,
        "faults": [fault for fault in wanted if fault.line],
        "lines": getattr(draft, name).splitlines(),
        "rows": _rows(draft) if name == "examples" else [],
        "refused": request.GET.get("refused", ""),
        "sound": found.programme is not None,
        "saved": request.GET.get("saved", ""),
        "wrong": _left_to_mend(sum(fault.blocks for fault in wanted)),
        "theirs": getattr(draft, name) if problem is not None and problem.code == "programmes.draft_changed" else "",
    }
    return render(request, "programmes/text.html", context)


def _rows(draft: Draft) -> list[tuple[Label, Any, str]]:
    """Every example with its day and what the rule says of it: good, bad, or "" where it is about another version or can't be tried."""
    said = {one.example.entry.line: "bad" if one.differences else "good" for one in tried(draft, drafts.files())}
    found = []
    for one in listed(draft.examples):
        zh, en, day = (one.get(key) for key in ("zh", "en", "as_of"))
        label = Label(str(zh.value) if zh else "–", str(en.value) if en else "–")
        found.append((label, day.value if day is not None else "", said.get(one.line, "")))
    return found


@for_staff
def difference(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What the draft changes against the version it began from."""
    draft = draft_of(viewer, uid)
    one = drafts.standing(draft)
    parts = drafts.difference(one)
    context = {**about(viewer, draft), "one": one, "parts": parts, "number": drafts.changes(parts)}
    return render(request, "programmes/difference.html", context)


@for_staff
def file(request: HttpRequest, viewer: Viewer, uid: UUID, name: str) -> HttpResponse:
    """The draft's file or its examples, byte by byte as they were saved."""
    draft = draft_of(viewer, uid)
    if name not in ("programme", "examples"):
        raise Http404
    return file_answer(draft.text if name == "programme" else draft.examples, f"{name}.yaml")


@for_staff
def history(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Every time the draft was saved: when, by whom."""
    draft = draft_of(viewer, uid)
    rows = list(DraftRevision.objects.filter(draft=draft).order_by("-number").only("number", "saved_by", "saved_at"))
    names = names_of({row.saved_by for row in rows})
    shown = [(row, names.get(row.saved_by, _("系统"))) for row in rows]
    return render(request, "programmes/history.html", {**about(viewer, draft), "rows": shown})


@for_staff
def revision(request: HttpRequest, viewer: Viewer, uid: UUID, number: int) -> HttpResponse:
    """The file as it was once saved."""
    draft = draft_of(viewer, uid)
    row = DraftRevision.objects.filter(draft=draft, number=number).first()
    if row is None:
        raise Http404
    return file_answer(row.text, f"{draft.slug}-{number}.yaml")


@for_staff
@require_POST
def submit(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Hand the draft in for somebody else to publish."""
    draft = draft_of(viewer, uid)
    viewer.require("officer", programme=draft.slug)
    try:
        acts.submit_draft(viewer=viewer, catalogue=drafts.files(), draft=uid, revision=number(request.POST, "revision"))
    except Problems as several:
        return _overview(request, viewer, draft, several.problems)
    except Refused:
        raise
    except LinliError as error:
        return _overview(request, viewer, draft, [error])
    return redirect("programmes:draft", uid=uid)


@for_staff
@require_POST
def move(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Return a handed-in draft to its authors, or close a draft without publishing it."""
    draft = draft_of(viewer, uid)
    viewer.require("officer", programme=draft.slug)
    try:
        if request.POST.get("verb") == "withdraw":
            acts.withdraw_draft(viewer=viewer, draft=uid)
            return redirect("programmes:versions", slug=draft.slug) if queries.versions(draft.slug) else redirect("programmes:list")
        acts.return_draft(viewer=viewer, draft=uid, note=request.POST.get("note", ""))
    except Refused:
        raise
    except LinliError as error:
        return _overview(request, viewer, draft, [error])
    return redirect("programmes:draft", uid=uid)


class PublishForm(forms.Form):
    """What a publisher states: the first day, as they know it from the document; what they saw travels with it."""

    first = DayField(
        (1990, 2100),
        label=gettext_lazy("从哪一天起适用"),
        help_text=gettext_lazy("照下达的文件填写。与草案的起始日一致才能发布。"),
    )
    digest = forms.CharField(max_length=80, widget=forms.HiddenInput())


@for_staff
def review(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What a publisher looks at before publishing: the differences, whom it changes, the examples, who wrote it."""
    draft = draft_of(viewer, uid)
    if draft.state != "submitted":
        return redirect("programmes:draft", uid=uid)
    one, names = drafts.standing(draft), names_of(set(draft.authors))
    form = PublishForm(initial={"digest": draft.digest})
    if request.method == "POST":
        viewer.require("officer", programme=draft.slug)
        form = PublishForm(request.POST)
        if form.is_valid() and _publish(viewer, draft, form):
            return redirect(f"{reverse('programmes:versions', args=[draft.slug])}?published=1")
    parts = drafts.difference(one)
    context = {
        **about(viewer, draft),
        "one": one,
        "form": form,
        "parts": parts,
        "number": drafts.changes(parts),
        "preview": previews.shown(one.preview) if one.preview else None,
        "authors": [names.get(actor, _("系统")) for actor in draft.authors],
        "own": viewer.actor in draft.authors,
        "bodies": drafts.files().city.bodies,
    }
    return render(request, "programmes/review.html", context)


def _publish(viewer: Viewer, draft: Draft, form: PublishForm) -> bool:
    told = form.cleaned_data
    try:
        screening.publish_draft(viewer=viewer, draft=draft.uid, digest=told["digest"], effective_from=told["first"])
    except Problems as several:
        for problem in several.problems:
            form.add_error(None, drafts.fault_words(problem))
        return False
    except LinliError as error:
        form.add_error("first" if error.code == "programmes.another_day" else None, drafts.fault_words(error))
        return False
    return True


@for_staff
@require_POST
def confirm(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Record that a department stands by the reading that the draft takes of its source."""
    draft = draft_of(viewer, uid)
    viewer.require("officer", programme=draft.slug)
    body = drafts.files().city.bodies.get(request.POST.get("body", ""))
    try:
        if body is not None:
            acts.confirm_reading(viewer=viewer, programme=programme_of_draft(draft, drafts.files()), confirmed_by=body.zh)
    except Problems as several:
        return _overview(request, viewer, draft, several.problems)
    return redirect("programmes:review", uid=uid)
