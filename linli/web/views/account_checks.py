"""Accounts checked at the bank before anything is paid to them: the file that asks, its way to the bank, the answer row by row."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.settlement import acts, files, queries
from linli.web.case.cases import said
from linli.web.money import payments as shown
from linli.web.views.payments import answer_context, for_payments, handed_in


@for_payments
@require_POST
def begin(request: HttpRequest, viewer: Viewer, batch: UUID) -> HttpResponse:
    """Have the file made that asks about every account of a batch."""
    found = queries.batch_of(viewer, batch)
    form = shown.CheckForm(shown.programme_of(found.programme), request.POST)
    if form.is_valid():
        made = _done(request, lambda: acts.make_inquiry(viewer, batch=batch, layout=form.cleaned_data["check_layout"]))
        if made is not None:
            return redirect("payments:inquiry", inquiry=made.uid)
    return redirect("payments:batch", batch=batch)


def _done(request: HttpRequest, do: Any) -> Any:
    """What an act returns; None where it was refused, which the next page says."""
    try:
        return do()
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, said(problem))
    return None


@for_payments
def inquiry(request: HttpRequest, viewer: Viewer, inquiry: UUID) -> HttpResponse:
    """One account check: how far it is, what the bank answered. Posting is the bank's answer."""
    found = queries.inquiry(viewer, inquiry)
    form = shown.AnswerForm(request.POST or None, request.FILES or None)
    answer = handed_in(request, form, partial(acts.receive_accounts, viewer, layout=found.layout))
    if answer is not None:
        return redirect("payments:account_answer", answer=answer.uid)
    told = queries.asked(found)
    context = {
        "row": found,
        "state": shown.inquiry_state(found.state),
        "label": shown.label_of(found.programme),
        "form": form,
        "figures": [(shown.QUESTIONS[state], number) for state, number in sorted(told.items())],
        "answers": queries.account_answers_of(found),
        "officer": bool(viewer.areas("officer", found.programme)),
    }
    return render(request, "payments/inquiry.html", context, status=400 if form.errors else 200)


@for_payments
@require_POST
def drop(request: HttpRequest, viewer: Viewer, inquiry: UUID) -> HttpResponse:
    """Take back a file that has not been handed over."""
    queries.inquiry(viewer, inquiry)
    if _done(request, lambda: acts.drop_inquiry(viewer, inquiry=inquiry)) is not None:
        messages.success(request, _("文件已作废，账户可以重新核验。"))
    return redirect("payments:inquiry", inquiry=inquiry)


@for_payments
@require_POST
def file(request: HttpRequest, viewer: Viewer, inquiry: UUID) -> HttpResponseBase:
    """The file that asks, for the bank. Every time it is taken is on record, and so is every account in it."""
    found = queries.inquiry(viewer, inquiry)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inquiry"
        if _done(request, lambda: acts.hand_over_inquiry(viewer, inquiry=inquiry, path=path)) is None:
            return redirect("payments:inquiry", inquiry=inquiry)
        return FileResponse(path.open("rb"), as_attachment=True, filename=files.inquiry_name(found))


@for_payments
def answer(request: HttpRequest, viewer: Viewer, answer: UUID) -> HttpResponse:
    """What became of each row of the bank's answer about accounts."""
    found = queries.account_answer(viewer, answer)
    return render(request, "payments/answer.html", answer_context(request, found))
