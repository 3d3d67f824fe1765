"""Doubtful rows of a delivery: one at a time beside the people they may mean, or several alike with a preview."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.casework.desks import own_lists
from linli.casework.kinds import DOUBTFUL, promise
from linli.casework.queries import due_of_doubts
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.imports import (
    ask_department,
    believe_doubtful,
    dismiss_doubtful,
    handle_many,
    open_doubtful,
    register_doubtful,
    resolve_doubtful,
)
from linli.registers.models import Doubtful, ListImport
from linli.rules.declare import Label
from linli.web.case.cases import lamp
from linli.web.imports import doubts, lists
from linli.web.imports.wizard import problem_words
from linli.web.tables import exports
from linli.web.views.office import for_staff


@for_staff
def listing(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The rows of one delivery that wait for a human."""
    reason, only_asked = request.GET.get("reason", ""), request.GET.get("asked") == "1"
    rows, after = doubts.page(viewer, uid, reason, request.GET.get("after", ""), asked=only_asked)
    (about,) = lists.shown([_delivery(viewer, uid)])
    context = {
        "one": about,
        "rows": rows,
        "after": after,
        "first": "after" not in request.GET,
        "reason": reason,
        "reasons": list(doubts.REASONS.items()),
        "verbs": list(doubts.VERBS.items()),
        "asked": any(row.asked for row in rows),
        "only_asked": only_asked,
    }
    return render(request, "imports/doubts.html", context)


@for_staff
@require_POST
def several(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One thing for several rows: first a preview of exactly these, then done, each reported."""
    found, verb = _delivery(viewer, uid), request.POST.get("verb", "")
    if verb not in doubts.VERBS:
        raise Http404
    chosen = doubts.selected(viewer, uid, request.POST.getlist("doubt"))
    done: list[tuple[doubts.Row, str]] = []
    if "confirm" in request.POST and chosen:
        handled = {one.doubt: one.problem for one in handle_many(viewer, doubts=[row.doubt.uid for row in chosen], verb=verb)}
        done = [(row, problem_words(problem) if (problem := handled[row.doubt.uid]) else "") for row in chosen]
    (about,) = lists.shown([found])
    context = {"one": about, "verb": verb, "verb_words": doubts.VERBS[verb], "chosen": chosen, "done": done}
    return render(request, "imports/doubts_several.html", context)


@for_staff
@require_POST
def questions(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponseBase:
    """The rows that the department was asked about, as a sheet to send back with the file."""
    found = _delivery(viewer, uid)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.xlsx"
        exports.write(path, doubts.questions(viewer, uid))
        stream = path.open("rb")  # the open file outlives its folder
    return FileResponse(stream, as_attachment=True, filename=f"{found.list_slug}-{found.as_of}-{_('请核实')}.xlsx")


class NewPersonForm(forms.Form):
    """Somebody whom nobody knew, seen with their card."""

    identity = forms.CharField(
        label=gettext_lazy("身份证号"),
        help_text=gettext_lazy("照身份证原件填写。"),
        max_length=18,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@for_staff
def doubt(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One row beside the people it may mean. POST: say who it is, or show what is masked."""
    found = _doubt(viewer, uid)
    verb = request.POST.get("verb", "") if request.method == "POST" else ""
    form = NewPersonForm(request.POST if verb == "new" else None)
    if verb and verb != "full":
        try:
            if verb != "new" or form.is_valid():
                following = doubts.following(viewer, found)
                _decide(viewer, found, verb, request.POST, form)
                return _next(request, found, following)
        except Refused:
            raise
        except LinliError as problem:
            if verb == "new":
                form.add_error("identity", problem_words(problem))
            else:
                messages.warning(request, problem_words(problem))
    return render(request, "imports/doubt.html", _about(viewer, found, form, in_full=verb == "full"), status=400 if form.errors else 200)


def _decide(viewer: Viewer, found: Doubtful, verb: str, told: Any, form: NewPersonForm) -> None:
    if verb == "same":
        meant = {str(candidate.resident.uid) for candidate in found.candidates.all()}
        if "resident" in told:
            if told["resident"] not in meant:
                raise Http404
            resolve_doubtful(viewer, doubt=found.uid, resident=told["resident"])
        else:
            believe_doubtful(viewer, doubt=found.uid)
    elif verb == "new":
        register_doubtful(viewer, doubt=found.uid, identity=form.cleaned_data["identity"])
    elif verb == "dismiss":
        dismiss_doubtful(viewer, doubt=found.uid)
    elif verb == "ask":
        ask_department(viewer, doubt=found.uid)
    else:
        raise Http404


def _next(request: HttpRequest, found: Doubtful, following: Doubtful | None) -> HttpResponse:
    messages.success(request, _("第 %(row)s 行已处理。") % {"row": found.row})
    if following is None or following.pk == found.pk:
        return redirect("imports:doubts", uid=found.list_import.uid)
    return redirect("imports:doubt", uid=following.uid)


def _about(viewer: Viewer, found: Doubtful, form: NewPersonForm, *, in_full: bool) -> dict[str, Any]:
    (about,) = lists.shown([found.list_import])
    sides = doubts.sides(viewer, found, in_full=in_full)
    question, declared = getattr(found, "question", None), own_lists(viewer)[found.list_slug]
    return {
        "doubt": found,
        "one": about,
        "reason": doubts.REASONS[found.reason],
        "sides": sides,
        "people": [side for side in sides if side.uid],
        "subject": found.organisation or found.household,
        "usable": found.reason != "cell_error",
        "form": form,
        "in_full": in_full,
        # Whoever registers people has a clerk's grant where the row says that they live.
        "may_register": found.area_code != "" and viewer.may("clerk", area=found.area_code),
        "question": question,
        "asked_until": lamp(due_of_doubts(clock.day_of(question.asked_at))) if question else None,
        "owner": Label(declared.owner_zh, declared.owner_en),
        "days": promise(DOUBTFUL).answer,
    }


def _delivery(viewer: Viewer, uid: UUID) -> ListImport:
    try:
        return lists.delivery(viewer, uid)
    except ListImport.DoesNotExist:
        raise Http404 from None


def _doubt(viewer: Viewer, uid: UUID) -> Doubtful:
    found = open_doubtful(viewer).filter(uid=uid, list_slug__in=own_lists(viewer)).select_related("list_import", "question").first()
    if found is None:
        raise Http404
    return found
