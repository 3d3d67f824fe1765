"""What became of something that a resident asked: how far it is, the answer, and how content they are with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.casework import acts, queries
from linli.casework.kinds import KINDS, LEVEL_WORDS, WITHDRAWN, desk_level
from linli.casework.models import Case, Survey
from linli.casework.receipts import grouped
from linli.casework.steps.intake import bring_by
from linli.casework.withdrawing import may_withdraw, withdraw
from linli.entitlements.acts.answering import answer_of
from linli.entitlements.escrow import queries as escrow
from linli.entitlements.paying import ORGANISATIONS
from linli.entitlements.queries import progress
from linli.entitlements.works.standing import has_works, waits_for_person
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.registers.queries.accounts import binds
from linli.rules.declare import Label
from linli.settlement.acts import giving
from linli.settlement.words import REASONS
from linli.web.applying import answering
from linli.web.applying.answering import Asking
from linli.web.case import applications, cases, contests
from linli.web.case.following import followed
from linli.web.case.surveys import SCORES, SurveyForm
from linli.web.case.whose import office_of
from linli.web.entrance.residents import Visitor
from linli.web.frame.city import city
from linli.web.money.accounts import AccountForm
from linli.web.person import mine
from linli.web.templatetags.texts import words
from linli.web.views import escrows
from linli.web.views.my import for_matter, problem_beside


@for_matter()
def case(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """One of my cases. By a telephone code alone the progress; by card also the answer, and the survey once it is closed."""
    found = own_case(visitor, uid)
    survey = queries.survey_of(visitor.viewer, found) if visitor.carded else None
    asking = answering.Asking.of(visitor.viewer, found, request.POST if request.method == "POST" else None, carded=visitor.carded)
    if asking.sent:
        if asking.give(visitor.viewer, found):
            messages.success(request, _("已经收到。"))
            return redirect("my:case", uid=found.uid)
        return _page(request, visitor, found, survey, None, asking)
    form = None
    if survey is not None and survey.score is None:
        form = SurveyForm(found.kind, request.POST or None, initial={"key": str(uuid7())})
    if request.method == "POST" and "withdraw" in request.POST:
        withdraw(visitor.viewer, found.uid)
        messages.success(request, _("已经撤回，不再办理。"))
        return redirect("my:case", uid=found.uid)
    if request.method == "POST":
        return _rated(request, visitor, found, form, asking)
    return _page(request, visitor, found, survey, form, asking)


def own_case(visitor: Visitor, uid: UUID) -> Case:
    """A case of the person whom the pages are about just now."""
    try:
        found = queries.case(visitor.viewer, uid)
    except LinliError:
        raise Http404 from None
    if found.subject_uid != visitor.whom.uid or not visitor.covers(found):
        raise Http404
    return found


def _rated(request: HttpRequest, visitor: Visitor, found: Case, form: SurveyForm | None, asking: Asking) -> HttpResponse:
    if form is None:
        messages.warning(request, _("已经评价过，没有再次提交。"))
        return redirect("my:case", uid=found.uid)
    if form.is_valid():
        told = form.cleaned_data
        acts.rate(visitor.viewer, found.uid, told["score"], told["words"], key=told["key"])
        messages.success(request, _("谢谢您的评价。"))
        return redirect("my:case", uid=found.uid)
    return _page(request, visitor, found, None, form, asking)


def _application(visitor: Visitor, found: Case, asking: Asking) -> dict[str, Any]:
    """What the page of an application shows beside that of any case. Twelve queries."""
    told = progress(found)
    held = escrow.of_case(found, told.programme, by_ledger=False)
    following = followed(told, give="my:give_paper", letter="my:case_letter")
    return {
        "way": applications.way(told.stages),
        "needs": applications.needs(told),
        "limits": applications.limits(told.programme),
        "amount": told.application.amount_fen,
        "at_most": told.programme.payment is not None and told.programme.payment.reckoned == "ceiling",
        "automatic": told.application.automatic,
        "award": following.award if told.programme.standing else None,
        "by_day": told.programme.standing is not None and told.programme.standing.prorate == "day",
        "following": following,
        "asking": asking,
        "mend": "my:mend_account",
        "answer": answer_of(told.programme, told.application),
        "answered_at": told.application.answered_at,
        "held": escrows.shown(held) if held else None,
        "party": held is not None and any(one.case.pk == found.pk for one in escrow.asked_of(visitor.viewer)),
        "works": has_works(told.programme),
        "works_to_sign": found.status == "open" and waits_for_person(found, told.programme),
    }


@for_matter()
def mend_account(request: HttpRequest, visitor: Visitor, uid: UUID, payment: UUID) -> HttpResponse:
    """The bank sent a payment back, or its account can't be right: another one, from home."""
    found = own_case(visitor, uid)
    row = giving.payment_for(visitor.viewer, payment)
    if row.case != found.uid:
        raise Http404
    name, own = giving.payee_name(row), row.payee == "self"
    form = AccountForm(request.POST or None, name=name, own=own, firm=row.payee in ORGANISATIONS, initial={"key": str(uuid7())})
    if request.method == "POST" and form.is_valid():
        try:
            giving.give_account(visitor.viewer, payment=payment, account=form.account(), key=form.cleaned_data["key"])
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            messages.success(request, _("新账户已经收到，核对无误就重新发放。"))
            return redirect("my:case", uid=uid)
    context = {
        "visitor": visitor,
        "section": "found",
        "form": form,
        "row": row,
        "why": REASONS.get(row.reason),
        "receipt": grouped(found.receipt),
    }
    return render(request, "my/mend_account.html", {**context, "back": reverse("my:case", args=[uid])}, status=400 if form.errors else 200)


def _steps(found: Case) -> list[tuple[str, datetime]]:
    """What happened, from the case itself: the public site reads no trace."""
    ended = words(Label(WITHDRAWN.zh, WITHDRAWN.en)) if found.outcome == WITHDRAWN.slug else _("办结")
    stepped = KINDS[found.kind].stepped
    told = [(_("收件") if stepped else _("受理"), found.opened_at), (_("受理"), found.accepted_at), (ended, found.closed_at)]
    return [(what, at) for what, at in told if at is not None]


def _page(
    request: HttpRequest,
    visitor: Visitor,
    found: Case,
    survey: Survey | None,
    form: SurveyForm | None,
    asking: Asking,
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
        "outcome": cases.standing_words(found) if visitor.carded else None,
        "lamp": cases.time_left(queries.due(found.task.due_at, found.task.warn_at)) if found.status == "open" else None,
        "office": office_of(found) if found.status == "open" else None,
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
    if visitor.carded:
        recovery = contests.recovery_of(found)
        may_agree = recovery is not None and found.status == "open" and binds(visitor.viewer, visitor.whom)
        context |= {"ways": contests.ways_of(found), "recovery": recovery, "may_agree": may_agree}
    if kind.stepped and visitor.carded:
        context |= _application(visitor, found, asking)
    elif kind.stepped and found.stopped_at is not None:
        context["bring_by"] = bring_by(found)
    wrong = (form is not None and bool(form.errors)) or asking.wrong
    return render(request, "my/case.html", context, status=400 if wrong else 200)
