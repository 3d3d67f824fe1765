"""Funds: what was promised, has arrived, is committed, spent and free; statements and the other tables of money as spreadsheets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.rules.declare import Label
from linli.settlement.acts import funding
from linli.web.case.cases import problem_words
from linli.web.case.contests import YuanField
from linli.web.money import funds
from linli.web.money.payments import uid_of
from linli.web.programme.questions import DayField
from linli.web.tables import moneyexports
from linli.web.templatetags.texts import words
from linli.web.views.lists import begin_download
from linli.web.views.my import problem_beside
from linli.web.views.payments import for_payments

ASKED = ("batch", "outcome", "answer", "fund", "start", "end")


class StatementForm(forms.Form):
    """Which fund, from which day to which, both included."""

    fund = forms.ChoiceField(label=gettext_lazy("哪一项资金"))
    start = DayField((2000, 2100), label=gettext_lazy("从"), require_all_fields=True)
    end = DayField((2000, 2100), label=gettext_lazy("到"), require_all_fields=True)

    def __init__(self, rows: list[funds.FundRow], data: Any = None) -> None:
        super().__init__(data, initial={name: date.fromisoformat(day) for name, day in moneyexports.this_year().items()})
        fields: dict[str, Any] = self.fields
        fields["fund"].choices = [(one.slug, words(one.purpose)) for one in rows]

    def clean(self) -> dict[str, Any]:
        """The first day is not after the last."""
        told = super().clean() or {}
        if told.get("start") and told.get("end") and told["start"] > told["end"]:
            self.add_error("end", _("结束的一天不能早于开始的一天。"))
        return told


class OpenForm(forms.Form):
    """A fund that a programme in force pays from, and what was promised to it."""

    prefix = "open"
    fund = forms.ChoiceField(label=gettext_lazy("哪一项资金"))
    promised = YuanField(label=gettext_lazy("承诺金额（元）"), help_text=gettext_lazy("下达文件或者预算写明的总额。以后拨入的不能超过它。"))

    def __init__(self, rows: list[tuple[str, Label, Label]], data: Any = None) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["fund"].choices = [(slug, f"{words(programme)} · {words(label)}") for slug, programme, label in rows]


class ArrivedForm(forms.Form):
    """Money that has arrived in a fund, by the document that allots it."""

    prefix = "arrived"
    fund = forms.ChoiceField(label=gettext_lazy("拨入哪一项资金"))
    yuan = YuanField(label=gettext_lazy("到账金额（元）"))
    document = forms.CharField(label=gettext_lazy("拨款文件文号"), max_length=60, help_text=gettext_lazy("同一份文件只登记一次。"))

    def __init__(self, rows: list[tuple[str, str, str]], data: Any = None) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["fund"].choices = [(f"{slug}|{source}", named) for slug, source, named in rows]


class PromiseForm(forms.Form):
    """More money than was promised to a fund at first, by the document that promises it."""

    prefix = "more"
    fund = forms.ChoiceField(label=gettext_lazy("追加到哪一项资金"))
    source = forms.CharField(label=gettext_lazy("谁承诺的"), max_length=60, help_text=gettext_lazy("例如：省财政厅追加预算"))
    promised = YuanField(label=gettext_lazy("追加金额（元）"))
    document = forms.CharField(label=gettext_lazy("承诺文件文号"), max_length=60, help_text=gettext_lazy("同一份文件只登记一次。"))

    def __init__(self, rows: list[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["fund"].choices = rows


@for_payments
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The funds of the viewer's programmes, each with its statement; officers for the whole city open them, enter what has arrived and what
    is promised beyond, which another confirms."""
    rows = funds.funds(viewer)
    asked = request.POST.get("verb", "") if request.method == "POST" else ""
    if asked in ("confirm", "drop"):
        return _end(request, viewer, confirm=asked == "confirm")
    opening = OpenForm(funds.to_open(viewer), request.POST if asked == "open" else None)
    arriving = ArrivedForm(funds.sources(viewer, rows), request.POST if asked == "arrived" else None)
    more = PromiseForm(funds.promised_to(viewer, rows), request.POST if asked == "more" else None)
    form = StatementForm(rows, request.POST if request.method == "POST" and not asked else None)
    verbs: dict[str, tuple[forms.Form, Callable[[Viewer, Any], str]]] = {
        "open": (opening, _open),
        "arrived": (arriving, _enter),
        "more": (more, _promise),
    }
    done = asked in verbs and verbs[asked][0].is_valid() and verbs[asked][1](viewer, verbs[asked][0])
    if done:
        messages.success(request, done)
        return redirect("payments:funds")
    if form.is_bound and form.is_valid():
        parameters = {name: str(form.cleaned_data[name]) for name in ("fund", "start", "end")}
        return begin_download(viewer, listing="fund", parameters=parameters, file_name=f"{parameters['fund']}.xlsx")
    wrong = next((one for one in (opening, arriving, more, form) if one.errors), None)
    context = {"rows": rows, "form": form, "opening": opening, "arriving": arriving, "more": more, "wrong": wrong}
    context["waiting"] = funds.waiting(viewer, rows)
    return render(request, "payments/funds.html", context, status=400 if wrong else 200)


def _open(viewer: Viewer, form: OpenForm) -> str:
    told = form.cleaned_data
    try:
        funding.open_declared(viewer, slug=told["fund"], promised_fen=told["promised"])
    except LinliError as problem:
        problem_beside(form, problem)
        return ""
    return _("资金已设立。钱到账后在这里登记。")


def _enter(viewer: Viewer, form: ArrivedForm) -> str:
    told = form.cleaned_data
    slug, _bar, source = told["fund"].partition("|")
    try:
        done = funding.enter_arrived(viewer, slug=slug, fen=told["yuan"], document=told["document"], source=source)
    except LinliError as problem:
        problem_beside(form, problem)
        return ""
    return _("到账已登记。") if done.fresh else _("这份文件的资金以前已经拨入，没有变化。")


def _promise(viewer: Viewer, form: PromiseForm) -> str:
    told = form.cleaned_data
    try:
        funding.propose_more(viewer, slug=told["fund"], source=told["source"], fen=told["promised"], document=told["document"])
    except LinliError as problem:
        problem_beside(form, problem)
        return ""
    return _("追加承诺已登记，等另一位经办人员核对文件后确认。")


def _end(request: HttpRequest, viewer: Viewer, *, confirm: bool) -> HttpResponse:
    promise = uid_of(request.POST.get("promise", ""))
    if promise is None:
        raise Http404
    try:
        funding.end_promise(viewer, promise=promise, confirm=confirm)
    except LinliError as problem:
        if problem.code == "settlement.not_found":
            raise Http404 from None
        messages.error(request, problem_words(problem))
    else:
        messages.success(request, _("追加承诺已确认，可以登记到账了。") if confirm else _("这条登记已作废。"))
    return redirect("payments:funds")


@for_payments
@require_POST
def export(request: HttpRequest, viewer: Viewer, listing: str) -> HttpResponse:
    """One of the tables of money as a spreadsheet."""
    if listing not in moneyexports.LISTINGS:
        raise Http404
    parameters = {name: request.POST.get(name, "")[:120] for name in ASKED if request.POST.get(name)}
    names = {"payments": _("发放明细"), "fund": parameters.get("fund", ""), "letters": _("发文登记簿"), "draws": _("公开抽取")}
    try:
        _require_days(listing, parameters)
        return begin_download(viewer, listing=listing, parameters=parameters, file_name=f"{names.get(listing) or _('发放')}.xlsx")
    except (ValueError, KeyError):
        raise Http404 from None
    except LinliError as problem:
        if problem.code == "settlement.not_found":
            raise Http404 from None
        raise


def _require_days(listing: str, parameters: dict[str, str]) -> None:
    """Raise ValueError for days that are none, or that run backwards."""
    if listing == "fund" and date.fromisoformat(parameters["start"]) > date.fromisoformat(parameters["end"]):
        raise ValueError(parameters["end"])
