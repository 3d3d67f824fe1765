"""What one officer enters from a bank's paper about a payment or a recovery, and another confirms or either drops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.settlement import acts, queries
from linli.settlement.models import BankWord
from linli.web.case.cases import problem_words
from linli.web.money import bank_words
from linli.web.views.payments import for_payments

CONFIRM: dict[str, Callable[..., Any]] = {"back": acts.confirm_back, "paid": acts.confirm_paid, "surplus": acts.confirm_surplus}


@for_payments
@require_POST
def enter(request: HttpRequest, viewer: Viewer, payment: UUID) -> HttpResponse:
    """What the bank wrote about a payment, for another to confirm."""
    found = queries.payment(viewer, payment)
    doubt = bank_words.doubt_of(viewer, found, request.POST)
    if doubt is None:
        raise Http404
    if doubt.form.is_valid():
        act = acts.say_paid if doubt.kind == "paid" else acts.say_surplus
        _done(request, lambda: act(viewer, payment=payment, **doubt.form.cleaned_data), _("已登记，等另一人对照银行凭证确认。"))
    for lines in doubt.form.errors.values():
        for line in lines:
            messages.error(request, str(line))
    return redirect("payments:payment", payment=payment)


@for_payments
@require_POST
def decide(request: HttpRequest, viewer: Viewer, word: UUID) -> HttpResponse:
    """Confirm what a colleague entered, or drop it."""
    found = BankWord.objects.select_related("instruction__payment").filter(uid=word).first()
    if found is None or ("confirm" not in request.POST and "drop" not in request.POST):
        raise Http404
    if found.case is not None:
        queries.recovery(viewer, found.case)
    else:
        queries.payment(viewer, _payment_of(found))
    if "confirm" in request.POST:
        _done(request, lambda: CONFIRM[found.kind](viewer, word=word), _("已确认入账。"))
    else:
        _done(request, lambda: acts.drop_word(viewer, word=word), _("登记已作废。"))
    if found.case is not None:
        return redirect("payments:recovery", case=found.case)
    return redirect("payments:payment", payment=_payment_of(found))


def _payment_of(found: BankWord) -> UUID:
    if found.instruction is None:
        raise Http404
    return UUID(str(found.instruction.payment.uid))


def _done(request: HttpRequest, do: Callable[[], Any], said: str) -> None:
    """Say that it is done, or what keeps it from being."""
    try:
        do()
    except Refused as problem:
        if problem.code != "settlement.same_person":
            raise
        messages.warning(request, _("提出、登记的人不能自己确认，请另一位经办人员办理。"))
    except LinliError as problem:
        messages.warning(request, problem_words(problem))
    else:
        messages.success(request, said)
