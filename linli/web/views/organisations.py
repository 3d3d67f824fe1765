"""Organisations at the window: whoever applies for a firm, or is to be paid (a school, a centre, a contractor), is put on record once."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel.errors import LinliError, Refused
from linli.kernel.identity import parse_credit_code
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers.acts.window import register_organisation_at_window
from linli.registers.models import Organisation
from linli.web.places import nearest
from linli.web.templatetags.texts import words
from linli.web.views.my import problem_beside
from linli.web.views.window import at_window

SHOWN = 50
KINDS = {
    "employer": gettext_lazy("商户、企业和其他用人单位"),
    "provider": gettext_lazy("学校、服务机构、施工单位：按事项收款"),
}


class OrganisationForm(forms.Form):
    """As the licence has it."""

    name = forms.CharField(label=gettext_lazy("单位名称"), help_text=gettext_lazy("与证照上的一致；银行按它核对户名"), max_length=200)
    credit_code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        help_text=gettext_lazy("照营业执照填 18 位"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("来办什么"), choices=list(KINDS.items()), widget=forms.RadioSelect)
    area = forms.ChoiceField(label=gettext_lazy("登记在哪个乡镇（街道）"), choices=list)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        places = [(words(county), [(code, words(name)) for code, name in inside]) for county, inside in nearest.townships()]
        cast(forms.ChoiceField, self.fields["area"]).choices = [("", _("请选择")), *places]

    def clean_credit_code(self) -> str:
        """Eighteen signs with their check. Raises ValidationError for a slip."""
        try:
            return parse_credit_code(self.cleaned_data["credit_code"])
        except LinliError:
            raise forms.ValidationError(_("这不是统一社会信用代码，请照执照核对。")) from None


@at_window
def page(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Register one, or find those on record by a part of the name or the whole code. One query."""
    form = OrganisationForm(request.POST or None, initial={"key": str(uuid7())})
    if form.is_bound and form.is_valid():
        try:
            found = register_organisation_at_window(viewer, **form.cleaned_data)
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            messages.success(request, _("%(name)s 已登记，可以选用。") % {"name": found.name})
            return redirect(request.path)
    asked = request.GET.get("q", "").strip()[:60]
    context = {"section": "window", "form": form, "asked": asked, "rows": _found(asked), "shown": SHOWN}
    return render(request, "window/organisations.html", context, status=400 if form.errors else 200)


def _found(asked: str) -> list[tuple[Organisation, Any]]:
    """The first by name, with the words of their kind; no departments and offices, which come with the city's own staff."""
    rows = Organisation.objects.filter(kind__in=KINDS)
    if asked:
        rows = rows.filter(name__icontains=asked) | rows.filter(credit_code=asked.upper())
    return [(one, KINDS[one.kind]) for one in rows.order_by("name", "pk")[:SHOWN]]
