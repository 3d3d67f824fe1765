"""Funds: what was promised, has arrived, is committed, spent and free; statements and the other tables of money as spreadsheets."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.web import funds
from linli.web.questions import DayField
from linli.web.tables import moneyexports
from linli.web.templatetags.texts import words
from linli.web.views.lists import begin_download
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


@for_payments
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The funds of the viewer's programmes, each with its statement."""
    rows = funds.funds(viewer)
    form = StatementForm(rows, request.POST or None)
    if request.method == "POST" and form.is_valid():
        parameters = {name: str(form.cleaned_data[name]) for name in ("fund", "start", "end")}
        return begin_download(viewer, listing="fund", parameters=parameters, file_name=f"{parameters['fund']}.xlsx")
    return render(request, "payments/funds.html", {"rows": rows, "form": form}, status=400 if form.errors else 200)


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
