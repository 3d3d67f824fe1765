"""What became of something that a resident asked: how far it is, the answer, and how content they are with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from linli.casework import acts, queries
from linli.casework.kinds import KINDS, LEVEL_WORDS, desk_level
from linli.casework.models import Case, Survey
from linli.casework.receipts import grouped
from linli.casework.withdrawing import may_withdraw, withdraw
from linli.entitlements.acts import Account, give_account
from linli.entitlements.acts.objecting import may_object
from linli.entitlements.queries import progress
from linli.entitlements.reckoning import ACCOUNT
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.rules.declare import Label
from linli.settlement import queries as payments
from linli.web import applications, cases, mine
from linli.web.applying.accounts import AccountForm
from linli.web.city import city
from linli.web.residents import Visitor
from linli.web.surveys import SCORES, SurveyForm
from linli.web.views.my import for_matter, problem_beside


@for_matter()
def case(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """One of my cases. By a telephone code alone the progress; by card also the answer, and the survey once it is closed."""
    found = own_case(visitor, uid)
    survey = queries.survey_of(visitor.viewer, found) if visitor.carded else None
    if request.method == "POST" and "account" in request.POST:
        return _account_given(request, visitor, found)
    form = None
    if survey is not None and survey.score is None:
        form = SurveyForm(found.kind, request.POST or None, initial={"key": str(uuid7())})
    if request.method == "POST" and "withdraw" in request.POST:
        withdraw(visitor.viewer, found.uid)
        messages.success(request, _("已经撤回，不再办理。"))
        return redirect("my:case", uid=found.uid)
    if request.method == "POST":
        return _rated(request, visitor, found, form)
    return _page(request, visitor, found, survey, form)


def own_case(visitor: Visitor, uid: UUID) -> Case:
    """A case of the person whom the pages are about just now."""
    try:
        found = queries.case(visitor.viewer, uid)
    except LinliError:
        raise Http404 from None
    if found.subject_uid != visitor.whom.uid or not visitor.covers(found):
        raise Http404
    return found


def _rated(request: HttpRequest, visitor: Visitor, found: Case, form: SurveyForm | None) -> HttpResponse:
    if form is None:
        messages.warning(request, _("已经评价过，没有再次提交。"))
        return redirect("my:case", uid=found.uid)
    if form.is_valid():
        told = form.cleaned_data
        acts.rate(visitor.viewer, found.uid, told["score"], told["words"], key=told["key"])
        messages.success(request, _("谢谢您的评价。"))
        return redirect("my:case", uid=found.uid)
    return _page(request, visitor, found, None, form)


def _account_given(request: HttpRequest, visitor: Visitor, found: Case) -> HttpResponse:
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, found, None, None, form)
    told = form.cleaned_data
    try:
        give_account(visitor.viewer, found.uid, Account(told["holder"], told["number"], told["bank"]), key=told["key"])
    except Refused:
        raise
    except LinliError as problem:
        problem_beside(form, problem)
        return _page(request, visitor, found, None, None, form)
    messages.success(request, _("已经收到。"))
    return redirect("my:case", uid=found.uid)


def _application(visitor: Visitor, found: Case, account: AccountForm | None) -> dict[str, Any]:
    """What the page of an application shows beside that of any case. Seven queries."""
    told = progress(found)
    wants_account = any(one.material.id == ACCOUNT for one in told.missing)
    open_ = found.status == "open"
    return {
        "way": applications.way(told.stages),
        "needs": applications.needs(told),
        "waits": told.waits_for_person,
        "amount": told.application.amount_fen,
        "automatic": told.application.automatic,
        "may_object": may_object(found, told.programme),
        "paid": applications.payments(payments.of_case(found.uid)),
        "account": account or (AccountForm(initial={"key": str(uuid7())}) if open_ and wants_account and visitor.carded else None),
    }


def _steps(found: Case) -> list[tuple[str, datetime]]:
    """What happened, from the case itself: the public site reads no trace."""
    stepped = KINDS[found.kind].stepped
    told = [(_("收件") if stepped else _("受理"), found.opened_at), (_("受理"), found.accepted_at), (_("办结"), found.closed_at)]
    return [(what, at) for what, at in told if at is not None]


def _page(
    request: HttpRequest,
    visitor: Visitor,
    found: Case,
    survey: Survey | None,
    form: SurveyForm | None,
    account: AccountForm | None = None,
) -> HttpResponse:
    said = queries.words_of(visitor.viewer, found) if visitor.carded else {}
    kind = KINDS[found.kind]
    context: dict[str, Any] = {
        "visitor": visitor,
        "section": "found",
        "case": found,
        "kind": kind,
        "about": queries.subject_matter(found) if visitor.carded else None,
        "receipt": grouped(found.receipt),
        "outcome": cases.outcome_words(found) if visitor.carded else None,
        "lamp": cases.lamp(queries.due(found.task.due_at, found.task.warn_at)) if found.status == "open" else None,
        "level": Label(*LEVEL_WORDS[desk_level(found.task.desk_code)]) if found.status == "open" else None,
        "said": said,
        "asked_by": mine.asked_by([found]).get(found.opened_by, ""),
        "may_withdraw": found.status == "open" and may_withdraw(visitor.viewer, found),
        "kept": found.outcome == "kept" and visitor.carded,
        "department": queries.department_label(found),
        "hotline": city().hotline.phone,
        "steps": _steps(found),
        "form": form,
        "rated": dict(SCORES).get(survey.score) if survey and survey.score else None,
    }
    if kind.stepped and visitor.carded:
        context |= _application(visitor, found, account)
    wrong = any(one is not None and one.errors for one in (form, account))
    return render(request, "my/case.html", context, status=400 if wrong else 200)
