"""What another system decided about forwarded cases: one case, or a table of many."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.desks import case_for
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.casework.steps.acts import programme_of
from linli.entitlements.acts import answered_elsewhere
from linli.entitlements.acts.answering import answer_of
from linli.entitlements.answerfile import LIMITS, VERDICTS, take_answers
from linli.entitlements.models import Application
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.web.case import cases
from linli.web.money import escrows
from linli.web.templatetags.texts import words
from linli.web.views.office import for_staff

VERDICT_TAGS = {
    "applied": ("good", "tick", gettext_lazy("已采用")),
    "same": ("note", "dot", gettext_lazy("没有变化")),
    "refused": ("bad", "warning", gettext_lazy("没有采用")),
}


class AnswerForm(forms.Form):
    """What the other system answered."""

    outcome = forms.ChoiceField(label=gettext_lazy("对方的答复"), widget=forms.RadioSelect)

    def __init__(self, programme: Programme, data: Any = None) -> None:
        super().__init__(data)
        forwarding = programme.particulars.forward_to
        escrows.choices(self, "outcome", [(one.id, words(one.label)) for one in forwarding.outcomes] if forwarding else [])


class FileForm(forms.Form):
    """A table of answers."""

    file = forms.FileField(
        label=gettext_lazy("答复表"),
        help_text=gettext_lazy("csv 或 xlsx，至多 2000 行；列：回执编号、办理结果，可加对方编号"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> Any:
        """A table of two thousand rows is small; anything larger is something else."""
        file = self.cleaned_data["file"]
        if file.size > LIMITS.file_bytes:
            raise forms.ValidationError(_("文件太大，答复表不超过 4 MB"))
        return file


@for_staff
def one(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Enter what the other system answered about a case, or that it changed its answer."""
    case = _forwarded(viewer, uid)
    programme = programme_of(case)
    form = AnswerForm(programme, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answered_elsewhere(viewer, uid, form.cleaned_data["outcome"])
        except Refused:
            raise
        except LinliError as problem:
            cases.show_problem(form, problem)
        else:
            messages.success(request, _("已登记，并告知本人。"))
            return redirect("office:case", uid=uid)
    answer = answer_of(programme, Application.objects.get(case=case))
    context = {"case": case, "label": programme.label, "receipt": grouped(case.receipt), "form": form, "answer": answer}
    return render(request, "office/answer.html", context, status=400 if form.errors else 200)


def _forwarded(viewer: Viewer, uid: UUID) -> Case:
    try:
        case = case_for(viewer, uid)
    except LinliError:
        raise Http404 from None
    if case.outcome != "forwarded":
        raise Http404
    return case


def may_take(viewer: Viewer) -> bool:
    """Whether the viewer may hand in a table of answers: an officer of anywhere."""
    return bool(viewer.areas("officer")) or "officer" in viewer.roles


@for_staff
def several(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A table of answers, dealt with row by row; what became of each row is told at once, and the same table again changes nothing."""
    if not may_take(viewer):
        viewer.require("officer")
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            lines = _taken(viewer, form.cleaned_data["file"])
        except Refused:
            raise
        except LinliError as problem:
            form.add_error("file", _where(problem.place) + cases.problem_words(problem))
        else:
            counts = Counter(line.verdict for line in lines)
            context |= {
                "counts": [(*VERDICT_TAGS[verdict], counts[verdict]) for verdict in VERDICTS],
                "rows": [(line, *VERDICT_TAGS[line.verdict], _why(line.problem)) for line in lines],
            }
    return render(request, "office/answers.html", context, status=400 if form.errors else 200)


def _taken(viewer: Viewer, file: Any) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("answers.xlsx" if str(file.name).lower().endswith(".xlsx") else "answers.csv")
        with path.open("wb") as kept:
            for piece in file.chunks():
                kept.write(piece)
        return take_answers(viewer, path)


def _where(place: Place | None) -> str:
    return _("第 %(row)s 行：") % {"row": place.line} if place is not None and place.line else ""


def _why(problem: LinliError | None) -> str:
    return "" if problem is None else cases.said(problem)
