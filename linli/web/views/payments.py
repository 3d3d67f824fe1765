"""Payments: batches on their way to the bank, the files and who released them, the bank's answers, accounts that have to be corrected."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.settlement import acts, files, payees, queries
from linli.settlement.acts import giving
from linli.settlement.checking import Given
from linli.settlement.models import AccountAnswer, Outcome
from linli.settlement.words import REASONS
from linli.web.case.cases import problem_words
from linli.web.frame.asked import number
from linli.web.money import bank_words
from linli.web.money import payments as shown
from linli.web.tables import bankfiles
from linli.web.templatetags.texts import words
from linli.web.views.lists import begin_download
from linli.web.views.my import problem_beside
from linli.web.views.office import Page, for_staff


def for_readers(roles: frozenset[str]) -> Callable[[Page], Page]:
    """For staff with one of the roles, or an officer's; what is not there for the viewer is the 404 page."""

    def guard(page: Page) -> Page:
        @for_staff
        @functools.wraps(page)
        def guarded(request: HttpRequest, viewer: Viewer, **kwargs: Any) -> HttpResponseBase:
            if not viewer.all_seeing and viewer.roles.isdisjoint(roles):
                viewer.require("officer")
            try:
                return page(request, viewer, **kwargs)
            except LinliError as problem:
                if problem.code == "settlement.not_found":
                    raise Http404 from None
                raise

        return guarded

    return guard


for_payments = for_readers(frozenset(queries.READERS))


@for_payments
def home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Batches that are being paid, newest first."""
    before = shown.uid_of(request.GET.get("after", ""))
    found = queries.figures(viewer, before=before)
    context = {
        "rows": shown.batch_rows(found),
        "after": str(found[-1].batch) if len(found) == queries.BATCHES else "",
        "first": before is None,
        "payers": viewer.may("officer"),
    }
    return render(request, "payments/home.html", context)


@for_payments
def payers(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The accounts that are paid from, and a form for another one."""
    viewer.require("officer")
    form = shown.PayerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        try:
            acts.enter_payer(viewer, name=found["name"], number=found["number"], bank=found["bank"])
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            messages.success(request, _("付款账户已登记。"))
            return redirect("payments:payers")
    context = {"rows": queries.payers(), "form": form}
    return render(request, "payments/payers.html", context, status=400 if form.errors else 200)


@for_payments
def batch(request: HttpRequest, viewer: Viewer, batch: UUID) -> HttpResponse:
    """One batch: how far it is, its files, what has to be corrected, and the form that makes the next file."""
    found = queries.batch_of(viewer, batch)
    (row,) = shown.batch_rows([found])
    form = shown.OrderForm(shown.programme_of(found.programme), request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            order = acts.make_order(
                viewer,
                batch=batch,
                layout=told["layout"],
                day=told["day"],
                payer=shown.uid_of(told.get("payer", "")),
                project_code=told.get("project_code", ""),
            )
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            return redirect("payments:order", order=order.uid)
    after = number(request.GET, "after")
    attention = queries.payments(viewer, batch, shown.ATTENTION, after=after)
    context = {
        "one": row,
        "form": form,
        "orders": shown.order_rows(queries.orders(viewer, batch)),
        "checking": shown.CheckForm(shown.programme_of(found.programme)),
        "unconfirmed": queries.unconfirmed(batch).count(),
        "inquiries": [(one, shown.inquiry_state(one.state)) for one in queries.inquiries(batch)],
        "rows": shown.payment_rows(attention),
        "after": str(attention[-1].pk) if len(attention) == queries.PAGE else "",
        "first": not after,
        "payees": payees.rows(viewer, batch=batch).exists(),
        "may_enter_payer": viewer.may("officer"),
        "officer": viewer.may("officer", programme=found.programme) or bool(viewer.areas("officer", found.programme)),
    }
    return render(request, "payments/batch.html", context, status=400 if form.errors else 200)


@for_payments
def order(request: HttpRequest, viewer: Viewer, order: UUID) -> HttpResponse:
    """One file: what is in it, who made and who released it, what the bank answered. Posting is the bank's answer."""
    found = queries.order(viewer, order)
    form = shown.AnswerForm(request.POST or None, request.FILES or None)
    outcome = handed_in(request, form, functools.partial(acts.receive, viewer, layout=found.layout))
    if outcome is not None:
        return redirect("payments:answer", outcome=outcome.uid)
    (row,) = shown.order_rows([found])
    told = queries.told(found)
    context = {
        "one": row,
        "label": shown.label_of(found.programme),
        "form": form,
        "own": found.made_by == viewer.actor,
        "reads": viewer.actor not in (found.made_by, found.released_by),
        "figures": [(shown.try_state(state), number) for state, number in sorted(told.items())],
        "answers": queries.outcomes_of(found),
        "officer": bool(viewer.areas("officer", found.programme)),
    }
    return render(request, "payments/order.html", context, status=400 if form.errors else 200)


def handed_in(request: HttpRequest, form: shown.AnswerForm, receive: Callable[..., Any]) -> Any:
    """What the bank's file became that was sent with the form; None where none was, or the form says why it wasn't taken."""
    if request.method != "POST" or not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    try:
        with _taken(file) as path:
            return receive(path=path, name=file.name)
    except Refused:
        raise
    except LinliError as problem:
        problem_beside(form, problem)
    return None


@contextmanager
def _taken(file: Any) -> Iterator[Path]:
    """A file that was sent in, as one on the disk for as long as it is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer"
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        yield path


@for_payments
@require_POST
def decide(request: HttpRequest, viewer: Viewer, order: UUID) -> HttpResponse:
    """Release a file, or take it back."""
    queries.order(viewer, order)
    if "release" not in request.POST and "drop" not in request.POST:
        raise Http404
    try:
        if "release" in request.POST:
            acts.release_order(viewer, order=order)
            messages.success(request, _("已复核。现在可以取走文件交给银行。"))
        else:
            acts.drop_order(viewer, order=order)
            messages.success(request, _("文件已作废，里面的款项可以重新编制。"))
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, words({"zh": problem.zh, "en": problem.en}))
    return redirect("payments:order", order=order)


@for_payments
@require_POST
def file(request: HttpRequest, viewer: Viewer, order: UUID) -> HttpResponseBase:
    """The released file, for the bank. Every time it is taken is on record, and so is every account in it."""
    found = queries.order(viewer, order)
    if found.count > bankfiles.AT_ONCE and found.state in ("released", "handed_over", "settled"):
        return begin_download(viewer, listing=bankfiles.NAME, parameters={"order": str(order)}, file_name=files.name_of(found))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "order"
        try:
            acts.hand_over(viewer, order=order, path=path)
        except Refused:
            raise
        except LinliError as problem:
            messages.warning(request, words({"zh": problem.zh, "en": problem.en}))
            return redirect("payments:order", order=order)
        # The open file is read to its end after the folder with its name is gone.
        return FileResponse(path.open("rb"), as_attachment=True, filename=files.name_of(found))


@for_payments
def answer(request: HttpRequest, viewer: Viewer, outcome: UUID) -> HttpResponse:
    """One answer of the bank: what its rows came to, and those that were not applied with their reasons."""
    found = queries.outcome(viewer, outcome)
    return render(request, "payments/answer.html", answer_context(request, found))


def answer_context(request: HttpRequest, found: Outcome | AccountAnswer) -> dict[str, Any]:
    """What the page of a bank's answer shows, about payments or accounts."""
    after = number(request.GET, "after")
    rows = queries.refused_rows(found, after=after)
    return {
        "one": shown.answer(found),
        "accounts": isinstance(found, AccountAnswer),
        "rows": shown.refused(found, rows),
        "after": str(rows[-1].line) if len(rows) == queries.PAGE else "",
        "first": not after,
    }


@for_payments
def payment(request: HttpRequest, viewer: Viewer, payment: UUID) -> HttpResponse:
    """One payment: how often the bank was asked and what it said; where it has to be, another account is given here."""
    found = queries.payment(viewer, payment)
    if request.method == "POST" and "release" in request.POST:
        return _released(request, viewer, payment)
    form = shown.AccountForm(request.POST or None, initial={"name": giving.payee_name(found) if found.payee == "self" else ""})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            done = acts.correct_account(viewer, payment=payment, given=Given(told["name"], told["number"], told["bank"]))
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            if done.state == "ready":
                messages.success(request, _("账户已更正，会列入下一个发放文件。"))
            else:
                messages.warning(request, _("账户没有通过校验：{reason}。").format(reason=words(REASONS[done.reason])))
            return redirect("payments:payment", payment=payment)
    (row,) = shown.payment_rows([found])
    tries = shown.tries(queries.tries(found))
    context = {
        "one": row,
        "label": shown.label_of(found.programme),
        "tries": tries,
        "trouble": shown.trouble(found, tries),
        "form": form,
        "may_deal": shown.may_deal(viewer, found),
        "doubt": bank_words.doubt_of(viewer, found),
        "officer": viewer.may("officer", area=found.area_code[:6], programme=found.programme),
        "kept": acts.kept(found),
        "may_release": shown.may_release(viewer, found),
        "today": clock.today(),
    }
    return render(request, "payments/payment.html", context, status=400 if form.errors else 200)


def _released(request: HttpRequest, viewer: Viewer, payment: UUID) -> HttpResponse:
    """What was kept back may be paid now."""
    try:
        acts.release(viewer, payment=payment)
    except Refused as problem:
        if problem.code != "settlement.same_person":
            raise
        messages.warning(request, _("发放过主体款项的人不能办理质保金，请另一位经办人员办理。"))
    except LinliError as problem:
        messages.warning(request, problem_words(problem))
    else:
        messages.success(request, _("质保金可以支付了，会列入下一个发放文件。"))
    return redirect("payments:payment", payment=payment)


@for_payments
def give_up(request: HttpRequest, viewer: Viewer, payment: UUID) -> HttpResponse:
    """Give a payment up, after a look at what that means."""
    found = queries.payment(viewer, payment)
    if not shown.may_deal(viewer, found):
        raise Http404
    if request.method == "POST":
        acts.withdraw(viewer, payment=payment, reason="given_up")
        messages.success(request, _("这笔款项不再发放，钱已退回资金。"))
        return redirect("payments:payment", payment=payment)
    (row,) = shown.payment_rows([found])
    return render(request, "payments/give_up.html", {"one": row, "label": shown.label_of(found.programme)})
