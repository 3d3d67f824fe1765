"""Checks of a batch's items: those of the viewer's office, and one with the file that it is about."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from linli import vault
from linli.batches import carried, opened, queries, reviewers, shown
from linli.batches.acts import checking
from linli.batches.explained import CHECK_WORDS, result_words
from linli.batches.models import Check
from linli.entitlements.proposing import with_grounds
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import PAYEES
from linli.rules.declare import Label
from linli.web.batches import forms, tables
from linli.web.case import papers
from linli.web.case.applications import paid_to
from linli.web.frame.asked import number as asked_number
from linli.web.programme import findings
from linli.web.views.batches import WORDS_PURPOSE, beside, require_reader
from linli.web.views.office import for_staff


@for_staff
def checks(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The checks of the viewer's office, or of one batch."""
    require_reader(viewer)
    asked, show, after = request.GET.get("batch", ""), request.GET.get("show", ""), asked_number(request.GET, "after")
    try:
        found = tables.checks_of(viewer, batch=asked, show=show)
    except ValueError:
        raise Http404 from None
    rows = list(found.filter(pk__gt=after)[: tables.PAGE + 1])
    names = shown.names_of([check.item for check in rows])
    batches = {check.item.batch_id: check.item.batch for check in rows}
    labels = {key: queries.programme_of(one).label for key, one in batches.items()}
    context = {
        "rows": [
            (
                check,
                names.get(check.item.beneficiary, ""),
                labels[check.item.batch_id],
                check.item.batch.period,
                CHECK_WORDS[check.kind],
                tables.place_of(check.item.county),
                tables.place_of(check.desk_code),
                result_words(check),
            )
            for check in rows[: tables.PAGE]
        ],
        "narrowing": _narrowing(request),
        "after": str(rows[tables.PAGE - 1].pk) if len(rows) > tables.PAGE else None,
        "first": not after,
        "batch": asked,
        "show": show,
    }
    return render(request, "batches/checks.html", context)


@for_staff
def check(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One check: the file that is checked, entering what was found, or settling a finding."""
    row = _check_or_404(viewer, uid)
    form: Any = (forms.SettleForm if row.result else forms.ResultForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = checking.settle_finding if row.result else checking.record_result
        try:
            act(viewer, check=uid, **form.cleaned_data)
        except LinliError as problem:
            beside(form, problem)
        else:
            return _recorded_and_on(request, viewer, row)
    programme, award = queries.programme_of(row.item.batch), row.item.award
    file = opened.file_of(viewer, row)
    file = with_grounds(viewer, row, file) if file else None
    context = {
        "check": row,
        "narrowing": _narrowing(request),
        "payee": PAYEES[award.payee],
        "paid_to": paid_to(award, award.person),
        "line": tables.lines(programme, [row.item])[0],
        "programme": programme,
        "kind": CHECK_WORDS[row.kind],
        "result": result_words(row),
        "conditions": _drawn_by(row, programme),
        "form": form if not row.result or (row.result == "finding" and not row.settled) else None,
        "words": _words(viewer, row),
        "file": file,
        "beside": findings.beside(file.reasons) if file and file.reasons else [],
        "papers": papers.of_check(file.documents) if file else [],
    }
    return render(request, "batches/check.html", context)


def _narrowing(request: HttpRequest) -> str:
    """The filter of the list that a check was opened from, as the end of an address."""
    kept = {name: request.GET[name] for name in ("batch", "show") if request.GET.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _recorded_and_on(request: HttpRequest, viewer: Viewer, row: Check) -> HttpResponse:
    """On to the next check of the same list that waits; to the list, narrowed as before, where none is left."""
    asked, show = request.GET.get("batch", ""), request.GET.get("show", "")
    try:
        waiting = tables.checks_of(viewer, batch=asked, show="finding" if show == "finding" else "")
    except ValueError:
        raise Http404 from None
    waiting = waiting.exclude(pk=row.pk)
    following = waiting.filter(pk__gt=row.pk).first() or waiting.first()
    if following is None:
        messages.success(request, _("已记录。没有下一件了。"))
        return redirect(reverse("batches:checks") + _narrowing(request))
    messages.success(request, _("已记录。这是下一件。"))
    return redirect(reverse("batches:check", args=[following.uid]) + _narrowing(request))


def _drawn_by(row: Check, programme: Programme) -> list[Label]:
    """Why the item is looked at in any case, and why by the level above."""
    key = programme.verification.key if programme.verification else None
    found = [(one.id, one.label) for one in key.conditions] if key else []
    every = [*found, (carried.CODE, carried.LABEL), (reviewers.CODE, reviewers.LABEL)]
    return [label for code, label in every if code in row.conditions]


def _check_or_404(viewer: Viewer, uid: UUID) -> Check:
    try:
        return queries.check(viewer, uid)
    except LinliError:
        raise Http404 from None


@for_staff
def check_paper(request: HttpRequest, viewer: Viewer, uid: UUID, document: UUID) -> HttpResponse:
    """One paper of the file that is checked, page by page."""
    row = _check_or_404(viewer, uid)
    try:
        found = opened.paper(viewer, row, document)
    except LinliError:
        raise Http404 from None
    (shown_paper,) = papers.of_check([found])
    context = {"check": row, "paper": shown_paper, "document": found, "label": shown_paper.label, "view": papers.view_of(request, found)}
    return render(request, "batches/check_paper.html", context)


@for_staff
def check_page(request: HttpRequest, viewer: Viewer, uid: UUID, document: UUID, number: int) -> HttpResponse:
    """The picture of a page; the reading is listed to the person."""
    try:
        return papers.picture(opened.page(viewer, _check_or_404(viewer, uid), document, number))
    except Refused:
        raise
    except LinliError:
        raise Http404 from None


def _words(viewer: Viewer, row: Check) -> list[str]:
    """What was written with a check; reading it is recorded for the person."""
    ciphers = [text for text in (row.cipher, row.settled_cipher) if text and "officer" in viewer.roles]
    people = [(row.subject, {"words": text}) for text in ciphers]
    return (
        [one["words"] for one in vault.reveal_many(viewer, purpose=WORDS_PURPOSE, people=people, place=row.item.area_code)]
        if people
        else []
    )
