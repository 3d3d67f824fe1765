"""A decision is contested and money paid too much is dealt with: the resident's, the clerk's and the officers' pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.agreements.queries import of_case
from linli.batches.models import Item
from linli.casework import queries
from linli.casework.kinds import KINDS, OBJECTION, RECOVERY, REVIEW
from linli.casework.letters.queries import masked_name
from linli.casework.models import Case
from linli.casework.queries import name_of
from linli.casework.receipts import grouped
from linli.entitlements import recovering
from linli.entitlements.acts import ask_review, object_to
from linli.entitlements.told_of_recoveries import Shared, letter_about, letter_pdf, shared_with
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers.matters import BENEFITS
from linli.settlement import acts as settlement
from linli.settlement import queries as payments
from linli.web.case import applications, contests, papers
from linli.web.entrance.residents import Visitor
from linli.web.frame.asked import number
from linli.web.frame.city import city
from linli.web.frame.own_words import OwnWords
from linli.web.money import bank_words
from linli.web.views.letters import language_of
from linli.web.views.my import WordsForm, for_matter, problem_beside
from linli.web.views.my_cases import own_case
from linli.web.views.office import for_staff
from linli.web.views.payments import for_payments
from linli.web.views.window import at_window

ACTS: dict[str, Callable[..., Case]] = {OBJECTION.slug: object_to, REVIEW.slug: ask_review}
DONE = {
    OBJECTION.slug: gettext_lazy("异议已经收到，由没有参与办理的人员复核。"),
    REVIEW.slug: gettext_lazy("复议申请已经收到，由作出决定的部门以外的人员审查。"),
}


class ContestForm(WordsForm):
    """Why a decision is wrong: whoever looks at it anew has to be told."""

    words = OwnWords(label=gettext_lazy("请用自己的话说一说"), rows=4, required=True)


def _tried(form: Any, do: Callable[[], Any]) -> Any:
    """What an act returns; None where it was refused, which then stands beside its field."""
    try:
        return do() or True
    except Refused:
        raise
    except LinliError as problem:
        problem_beside(form, problem)
        return None


@for_matter(BENEFITS)
def contest(request: HttpRequest, visitor: Visitor, uid: UUID, kind: str = OBJECTION.slug) -> HttpResponse:
    """“I object”, or “I ask for a review”: why the decision is wrong, in one's own words; somebody who had no part in it looks at it."""
    visitor.viewer.require_level(KINDS[kind].level)
    found = own_case(visitor, uid)
    ways = contests.ways_of(found)
    if request.method == "GET" and not (ways and (ways.objection if kind == OBJECTION.slug else ways.review)):
        return redirect("my:case", uid=uid)  # nothing is decided yet, or its term is over: the case says so
    form = ContestForm(request.POST or None, initial={"key": str(uuid7()), "whom": visitor.whom.uid})
    if request.method == "POST" and form.is_valid():
        form.require(visitor)
        made = _tried(form, lambda: ACTS[kind](visitor.viewer, uid, form.cleaned_data["words"], key=form.cleaned_data["key"]))
        if made is not None:
            messages.success(request, DONE[kind])
            return redirect("my:case", uid=made.uid)
    context = {"visitor": visitor, "section": "found", "form": form, **contests.asking(found, kind)}
    return render(request, "my/words.html", context, status=400 if form.errors else 200)


@for_matter(BENEFITS)
def agree(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """The person agrees that what was paid too much is set off from later payments, so much each time."""
    visitor.viewer.require_level(RECOVERY.level)
    found = own_case(visitor, uid)
    shown = contests.recovery_of(found)
    if shown is None or found.status != "open":
        raise Http404
    form = contests.AgreeForm(recovering.least_instalment(shown.recovery), request.POST or None, initial={"key": str(uuid7())})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if _tried(form, lambda: recovering.consent(visitor.viewer, uid, told["instalment"], key=told["key"])):
            messages.success(request, _("已记录您的同意。办结以前可以改变主意。"))
            return redirect("my:case", uid=uid)
    context = {"visitor": visitor, "section": "found", "form": form, "recovery": shown, "case": found}
    return render(request, "my/agree.html", context, status=400 if form.errors else 200)


@for_matter()
def shared(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """What was paid too much to somebody whose heir, guardian or parent I am: the sum, how it came about, how to pay it back or object."""
    one = _shared(visitor, uid)
    case = one.recovery.case
    context = {
        "visitor": visitor,
        "section": "found",
        "name": one.name,
        "case": case,
        "receipt": grouped(case.receipt),
        "programme": queries.subject_matter(case),
        "recovery": contests.recovery_of(case),
        "hotline": city().hotline.phone,
        "letter": letter_about(one),
    }
    return render(request, "my/shared_recovery.html", context)


@for_matter()
def shared_letter(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """The letter that tells of it, as PDF; whom it concerns reads later who read it."""
    one = _shared(visitor, uid)
    letter = letter_about(one)
    if letter is None:
        raise Http404
    site, language = papers.site_of(request), language_of(request)
    return papers.pdf(letter, letter_pdf(visitor.viewer, one, letter, site=site, language=language))


def _shared(visitor: Visitor, uid: UUID) -> Shared:
    """That recovery, as far as the visitor is told of it in their own name; the 404 page for any other."""
    mine = [] if visitor.acting or visitor.errand else shared_with(visitor.viewer)
    one = next((one for one in mine if one.recovery.case.uid == uid), None)
    if one is None:
        raise Http404
    return one


@at_window
def for_somebody(request: HttpRequest, viewer: Viewer, uid: UUID, kind: str) -> HttpResponse:
    """A clerk writes down an objection or an application for review of whoever stands at the window or calls, for a case of any county."""
    found = Case.objects.select_related("task").filter(uid=uid).first()
    if found is None or kind not in ACTS or not KINDS[found.kind].told:
        raise Http404
    form = contests.ForSomebodyForm(request.POST or None, initial={"key": str(uuid7()), "origin": "window"})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        made = _tried(form, lambda: ACTS[kind](viewer, uid, told["words"], origin=told["origin"], key=told["key"]))
        if made is not None:
            messages.success(request, _("已经受理，回执编号 %(receipt)s。请告诉本人。") % {"receipt": grouped(made.receipt)})
            return redirect("window:papers", uid=uid)
    context = {"section": "papers", "form": form, "case": found, "receipt": grouped(found.receipt), **contests.asking(found, kind)}
    context["person"] = masked_name(name_of(found))
    return render(request, "window/contest.html", context, status=400 if form.errors else 200)


def _workable(viewer: Viewer, uid: UUID) -> Case:
    try:
        found, working = queries.shown(viewer, uid)
    except LinliError:
        raise Http404 from None
    if not working:
        raise Http404
    return found


@for_staff
def stated(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """An officer found that more was paid of an award than was owed: for each period what it should have been, and why."""
    award = of_case(_workable(viewer, uid))
    rows = Item.objects.filter(award=award, state="paid").order_by("id") if award else Item.objects.none()
    paid = list(rows.values_list("period", "amount_fen"))
    if award is None or not paid:
        raise Http404
    form = contests.StatedForm(paid, request.POST or None)
    if request.method == "POST" and form.is_valid():
        periods = [recovering.Overpaid(*one) for one in form.overpaid()]
        told = {"cause": "stated", "periods": periods, "detail": periods[0].period, "words": form.cleaned_data["reasons"]}
        made = _tried(form, lambda: recovering.open_recovery(viewer, UUID(str(award.uid)), **told))
        if made is not None:
            messages.success(request, _("已登记，并已书面告知领取人。"))
            return redirect("office:case", uid=made.uid)
    paid_to = applications.paid_to(award, award.person_uid)
    context = {"form": form, "case": award.case, "receipt": grouped(award.case.receipt), "paid_to": paid_to}
    return render(request, "office/overpaid.html", context, status=400 if form.errors else 200)


@for_staff
@require_POST
def propose(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A first officer proposes to give it up, or enters the consent that the person signed."""
    found = _workable(viewer, uid)
    agreed = "paper" in request.POST or "instalment" in request.POST
    form: Any = contests.PaperAgreeForm(found, request.POST) if agreed else contests.ProposeForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        if agreed:
            done = _tried(form, lambda: recovering.consent(viewer, uid, told["instalment"], paper=UUID(told["paper"])))
        else:
            done = _tried(form, lambda: recovering.propose(viewer, uid, told["proposed"], told["reasons"]))
        if done:
            messages.success(request, _("已记录。"))
    for lines in form.errors.values():
        for line in lines:
            messages.error(request, line)
    return redirect("office:case", uid=uid)


@for_payments
def recoveries(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What was paid too much and is not back yet, oldest first."""
    after = number(request.GET, "after")
    found = payments.recoveries(viewer, after=after)
    context = {
        "rows": [(one, grouped(one.case.receipt)) for one in found],
        "after": str(found[-1].pk) if len(found) == payments.PAGE else "",
        "first": not after,
        "entries": bank_words.shown(viewer, payments.entries(viewer)),
    }
    return render(request, "payments/recoveries.html", context)


@for_payments
def recovery(request: HttpRequest, viewer: Viewer, case: UUID) -> HttpResponse:
    """One of them: what came back by the bank's receipts, and a form for the next one."""
    found = payments.recovery(viewer, case)
    form = contests.MoneyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _tried(form, lambda: settlement.money_back(viewer, case=case, **form.cleaned_data)):
        messages.success(request, _("已登记，等另一人对照银行回单确认。确认后款项回到原来的资金。"))
        return redirect("payments:recovery", case=case)
    officer = viewer.may("officer", area=found.case.area_code[:6], programme=found.case.programme)
    may = officer and found.open_fen and recovering.unsettled(found.case)
    context = {
        "recovery": contests.recovery_of(found.case),
        "case": found.case,
        "receipt": grouped(found.case.receipt),
        "form": form if may else None,
        "came": payments.came_back(found.case),
        "entries": bank_words.shown(viewer, payments.entries_of_case(case)),
        "officer": officer,
    }
    return render(request, "payments/recovery.html", context, status=400 if form.errors else 200)
