"""What belongs to no portal: the switches, the style guide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.web.frame import preferences
from linli.web.frame.city import counties
from linli.web.places.nearest import Map, Point


def switch(request: HttpRequest, choice: str) -> HttpResponse:
    """Change language, edition or text size and go back to where the reader was; only ever to an address of this site."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    preferences.remember(response, preferences.changed(preferences.read(request), choice))
    response.headers["Cache-Control"] = "no-store"
    return response


class SampleForm(forms.Form):
    """The fields of the style guide, one of each kind."""

    auto_id = "sample-%s"
    name = forms.CharField(label=gettext_lazy("姓名"), help_text=gettext_lazy("与身份证上的一致"))
    birth = forms.DateField(label=gettext_lazy("出生日期"), widget=forms.DateInput(attrs={"class": "input-short", "autocomplete": "off"}))
    income = forms.IntegerField(label=gettext_lazy("每月收入"), widget=forms.NumberInput(attrs={"class": "input-short"}))
    answer = forms.ChoiceField(
        label=gettext_lazy("您有残疾人证吗？"),
        choices=[("yes", gettext_lazy("有")), ("no", gettext_lazy("没有")), ("unsure", gettext_lazy("不清楚"))],
        widget=forms.RadioSelect,
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("谁和您一起生活？"),
        choices=[("spouse", gettext_lazy("配偶")), ("child", gettext_lazy("子女")), ("parent", gettext_lazy("父母"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every token and component, in the edition and language chosen with the switches above it."""
    wrong = SampleForm({"name": "", "birth": "1950-02-30", "income": "1200", "answer": "yes"}, auto_id="wrong-%s")
    context: dict[str, Any] = {
        "form": SampleForm(auto_id="sample-%s", initial={"answer": "yes", "income": 1200}),
        "wrong": wrong,
        "colours": _COLOURS,
        "sizes": ("--text-small", "--text", "--text-lead", "--text-h3", "--text-h2", "--text-h1"),
        "chart": [{"label": _("盐湖区"), "first": 412, "second": 96}, {"label": _("临猗县"), "first": 303, "second": 41}],
        "tiles": [(code, 100 * number, "#charts") for number, (code, _label) in enumerate(counties())],
        "places": Map((60, 150), [Point(120, 90, 120, 90, "open", 1), Point(240, 160, 240, 160, "closed", 2)], 100, _("500 米"), []),
        "tabs": [
            {"address": "#tabs", "words": _("找到的人"), "current": True, "number": 412},
            {"address": "#tabs", "words": _("还不能确定"), "current": False, "number": 96},
        ],
        "statuses": ("eligible", "not_eligible", "unknown", "waiting", "running", "finished", "failed", "live", "coming", "past", "draft"),
    }
    return render(request, "public/styleguide.html", context)


_COLOURS = ("--ink", "--ink-soft", "--brand", "--brand-wash", "--ember", "--ember-wash", "--sun", "--good", "--open", "--bad", "--note")
