"""What a draft would change: asked of the worker, watched, and looked at down to the single person."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.programmes import parse_programme
from linli.programmes.drafting import label_of, read_draft
from linli.programmes.files import city_vocabulary
from linli.programmes.models import Draft, DraftRevision
from linli.screening import acts, explaining, queries
from linli.screening.models import Preview
from linli.screening.previewing import CHANGES, outdated
from linli.web.drafting import drafts, previews
from linli.web.programme import findings
from linli.web.views.office import for_staff


@for_staff
@require_POST
def ask(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Have the draft compared with the version in force, and go to the page that shows how far that is."""
    try:
        preview = acts.ask_preview(viewer=viewer, draft=uid)
    except Draft.DoesNotExist:
        raise Http404 from None
    except Problems:
        return redirect("programmes:draft", uid=uid)
    return redirect("programmes:preview", uid=preview.uid)


def _preview(viewer: Viewer, uid: UUID) -> Preview:
    try:
        return queries.preview(viewer, uid)
    except Preview.DoesNotExist:
        raise Http404 from None


@for_staff
def preview(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """How far it is, and then: who gains, loses, gets more or less, by county, and what it costs."""
    found = _preview(viewer, uid)
    one = previews.shown(found)
    draft = Draft.objects.get(uid=found.draft)
    context = {
        "one": one,
        "preview": found,
        "draft": draft,
        "name": label_of(draft),
        "chart": previews.chart(one),
        "stale": "draft" if _stale(found, draft) else outdated(found) if draft.state in ("editing", "submitted") else "",
    }
    return render(request, "programmes/preview.html", context)


def _stale(preview: Preview, draft: Draft) -> bool:
    """Whether the draft says something else by now."""
    if draft.revision == preview.revision:
        return False
    read = read_draft(draft, drafts.files())
    return read.programme is None or bool(read.faults) or read.programme.digest != preview.digest


@for_staff
def changed(request: HttpRequest, viewer: Viewer, uid: UUID, change: str) -> HttpResponse:
    """Those whom the draft would change in one way, a page at a time."""
    found = _preview(viewer, uid)
    if change not in CHANGES or found.state != "finished":
        raise Http404
    choice = findings.Choice.read(request.GET)
    problem, rows = None, []
    try:
        rows = queries.previewed(viewer, found, change, county=choice.county, after=choice.after)
    except Refused:
        raise
    except LinliError as error:
        problem = error
    context = {
        "preview": found,
        "draft": Draft.objects.get(uid=found.draft),
        "change": change,
        "title": previews.change_words(change),
        "rows": [(findings.in_words(row), one) for row, one in rows],
        "counties": findings.counties_of([""]),
        "choice": choice,
        "problem": problem,
        "after": str(rows[-1][0].id) if len(rows) == queries.PAGE else "",
        "first": not choice.after,
    }
    return render(request, "programmes/changed.html", context)


@for_staff
def subject(request: HttpRequest, viewer: Viewer, uid: UUID, subject: UUID) -> HttpResponse:
    """Why the draft would find this person or not, condition by condition; POST shows numbers in full. Reads are recorded."""
    found = _preview(viewer, uid)
    if found.state != "finished" or found.day is None or found.snapshot_day is None:
        raise Http404
    revision = DraftRevision.objects.get(draft__uid=found.draft, number=found.revision)
    programme = parse_programme(revision.text.encode(), city_vocabulary(drafts.files().path), file="programme.yaml")
    try:
        reasons = explaining.reasons_under(viewer, programme, subject, day=found.day, facts_on=found.snapshot_day)
    except Refused:
        raise
    except LinliError:
        raise Http404 from None
    context = {
        "preview": found,
        "programme": programme,
        "reasons": reasons,
        "conditions": findings.conditions(reasons),
        "amount": reasons.explanation.verdict.amount_fen,
        "missing": [label for _key, label in reasons.explanation.missing_labels],
        "card": findings.card(viewer, reasons, in_full=request.method == "POST"),
    }
    return render(request, "programmes/subject.html", context)
