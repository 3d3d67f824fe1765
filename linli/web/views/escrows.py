"""The pages of money held for the parties of a case: the officer's, step by step, and the one on which a party agrees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from linli.casework import queries as casework
from linli.casework.desks import is_own
from linli.casework.models import Case
from linli.casework.receipts import grouped
from linli.casework.steps.acts import programme_of
from linli.entitlements.escrow import acts, deposits, queries
from linli.entitlements.escrow.models import EscrowEntry
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.settlement.acts import escrows as settlement
from linli.web.case import cases
from linli.web.entrance.residents import Visitor
from linli.web.money import escrows
from linli.web.views.my import for_resident
from linli.web.views.office import for_staff

ENTRY = ("confirm", "drop")
"""What is done with an entry that waits."""


@for_staff
def page(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Who has agreed, what stands in the ledger, and the form of what the step asks for."""
    case, found = _found(viewer, uid)
    may = not is_own(viewer, case)
    if request.method == "POST" and may and request.POST.get("verb") in ENTRY:
        return _end_entry(request, viewer, uid, request.POST["verb"])
    asked = (
        escrows.form_for(
            found, case, case.step or "", request.POST or None, change="terms" in (request.POST.get("verb"), request.GET.get("change"))
        )
        if may
        else None
    )
    if request.method == "POST":
        if asked is None or request.POST.get("verb") != asked[0]:
            messages.warning(request, _("这件事项已有变动，没有提交。请看现在的情况。"))
            return redirect("office:escrow", uid=uid)
        if asked[1].is_valid() and _done(viewer, case, *asked):
            messages.success(request, _("已登记，等另一人对照银行凭证确认。") if asked[0] == "deposit" else _("已登记。"))
            return redirect("office:escrow", uid=uid)
    context = {
        "case": case,
        "label": programme_of(case).label,
        "receipt": grouped(case.receipt),
        "verb": asked[0] if asked else "",
        "form": asked[1] if asked else None,
        "at_bank": settlement.at_the_bank(case.uid),
    }
    form = asked[1] if asked else None
    wrong = form is not None and bool(form.errors)
    if wrong and isinstance(form, escrows.TermsForm):
        form.conceal()
    return render(
        request,
        "office/escrow.html",
        context | shown(found) | {"may": may, "entries": _entries(viewer, found), "changeable": _changeable(case, found)},
        status=400 if wrong else 200,
    )


def _changeable(case: Case, found: queries.Standing) -> bool:
    return found.row is not None and not found.deposits and not found.waiting and case.status == "open"


def _entries(viewer: Viewer, found: queries.Standing) -> list[tuple[Label, EscrowEntry, str, bool]]:
    """Each entry that waits, of which party, by whom it was entered, and whether that was the viewer. One query."""
    labels, people = {one.id: one.label for one in found.parties}, names_of({one.entered_by for one in found.waiting})
    return [(labels[one.party], one, people.get(one.entered_by, ""), one.entered_by == viewer.actor) for one in found.waiting]


def _end_entry(request: HttpRequest, viewer: Viewer, uid: UUID, verb: str) -> HttpResponse:
    """Confirm what a colleague entered, or drop what was entered by mistake."""
    try:
        (deposits.confirm if verb == "confirm" else deposits.drop)(viewer, uid, request.POST.get("slip", "")[:100])
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, cases.problem_words(problem))
    else:
        messages.success(request, _("已确认入账。") if verb == "confirm" else _("登记已作废。"))
    return redirect("office:escrow", uid=uid)


def shown(found: queries.Standing) -> dict[str, Any]:
    """What components/escrow.html shows."""
    labels = {one.id: one.label for one in found.parties}
    return {
        "escrow": found,
        "stages": escrows.stages(found),
        "ways": escrows.WAYS,
        "deposits": [(labels[one.party], one, True) for one in found.deposits] + [(labels[one.party], one, False) for one in found.waiting],
        "payouts": escrows.payout_rows(found),
        "plan": [(labels[party], fen) for party, fen in found.row.plan.items()] if found.row else [],
    }


def _found(viewer: Viewer, uid: UUID) -> tuple[Case, queries.Standing]:
    try:
        case, working = casework.shown(viewer, uid)
    except LinliError:
        raise Http404 from None
    found = queries.of_case(case, programme_of(case)) if working and case.programme else None
    if found is None:
        raise Http404
    return case, found


def _done(viewer: Viewer, case: Case, verb: str, form: Any) -> bool:
    try:
        return _entered(viewer, case.uid, verb, form)
    except Refused:
        raise
    except LinliError as problem:
        cases.show_problem(form, problem)
        return False


def _entered(viewer: Viewer, uid: UUID, verb: str, form: Any) -> bool:
    told = form.cleaned_data
    if verb == "terms":
        acts.set_terms(viewer, uid, told["price"], form.holders)
    elif verb == "paper":
        acts.agreed_on_paper(viewer, uid, told["party"], UUID(told["document"]))
    elif verb == "deposit":
        deposits.enter(viewer, uid, told["party"], told["yuan"], told["reference"], told["day"])
    elif verb == "registered":
        acts.registered(viewer, uid, told["number"], told["day"])
    elif verb == "plan":
        acts.plan_release(viewer, uid, form.parts())
    else:
        settlement.paid_by_hand(viewer, UUID(told["payout"]), told["reference"], told["day"])
    return True


@for_resident
def agree(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """A party reads what is to be held and agrees; in a case of their own or of somebody else."""
    visitor.viewer.require_level(acts.LEVEL)
    asked = next((one for one in queries.asked_of(visitor.viewer) if one.case.uid == uid), None)
    if asked is None:
        raise Http404
    form = forms.Form(request.POST or None)
    if request.method == "POST" and request.POST.get("terms") == str(asked.party.terms):
        acts.agree(visitor.viewer, uid, asked.party.party, terms=asked.party.terms)
        messages.success(request, _("已记下您的同意。"))
        return redirect("my:escrow", uid=uid)
    context = {
        "visitor": visitor,
        "section": "found",
        "asked": asked,
        "receipt": grouped(asked.case.receipt),
        "form": form,
        "mine": asked.case.subject_uid == visitor.whom.uid,
    }
    return render(request, "my/escrow.html", context)
