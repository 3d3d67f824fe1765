"""已关门、这里新开了: what people say of places, what became of it, and the stewards and grid workers who go and look."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from linli.circles import reports
from linli.circles.acts.reports import confirm_report, dismiss_report, report_place
from linli.circles.models import PlaceReport
from linli.circles.reachable import places_there
from linli.circles.reports import Reported
from linli.circles.standing import standing
from linli.kernel.clock import today
from linli.kernel.errors import LinliError, Refused
from linli.kernel.errors import Place as Spot
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers.categories import categories
from linli.registers.models import Place
from linli.registers.queries.places import kept_by
from linli.rules import Label
from linli.trace import KeyReusedError
from linli.web.case.cases import show_problem
from linli.web.entrance.origin import address_of
from linli.web.entrance.residents import Visitor
from linli.web.frame.city import area_words
from linli.web.frame.own_words import OwnWords
from linli.web.map.starts import candidates, only, position_of, start_of
from linli.web.office import queued
from linli.web.templatetags.texts import words
from linli.web.views.my import for_resident
from linli.web.views.office import Page, for_staff

LONGEST_NAME = 100
ZOOM = 17
KIND_WORDS = {
    "closed": gettext_lazy("已经关门"), "new": gettext_lazy("新开了"), "wrong": gettext_lazy("信息不对"), "again": gettext_lazy("又开门了"),
}  # fmt: skip
STATE_WORDS = {
    "waiting": ("note", "clock", gettext_lazy("等网格员去看")),
    "passed": ("note", "clock", gettext_lazy("核实属实，等工作人员改登记")),
    "confirmed": ("good", "tick", gettext_lazy("已核实，登记已更新")),
    "dismissed": ("not", "cross", gettext_lazy("核实后没有改")),
}


def _choices() -> list[tuple[str, str]]:
    known = categories(settings.LINLI_CITY).values()
    return [("", _("请选择")), *((one.slug, words(one.label)) for one in known if not one.register)]


class ReportForm(forms.Form):
    """What somebody says of a place; which fields are asked for depends on whether it is in the register."""

    kind = forms.ChoiceField(
        label=gettext_lazy("怎么了"),
        choices=[("closed", gettext_lazy("已经关门，不开了")), ("wrong", gettext_lazy("还开着，但是位置、时间或电话不对"))],
        widget=forms.RadioSelect,
    )
    category = forms.ChoiceField(label=gettext_lazy("新开的是什么"))
    name = forms.CharField(
        label=gettext_lazy("店名"), help_text=gettext_lazy("招牌上的字，不知道可以不写。"), max_length=LONGEST_NAME, required=False
    )
    where = forms.CharField(
        label=gettext_lazy("在哪里"),
        help_text=gettext_lazy("点地图，或者写最近的楼栋、社区、店名。"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    words = OwnWords(
        label=gettext_lazy("还想说明什么"), help_text=gettext_lazy("可以不写。请不要写姓名、电话，只有网格员和工作人员能看到。"), rows=2
    )
    lon = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput())
    lat = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput())
    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, data: Any = None, *, place: Place | None, **more: Any) -> None:
        super().__init__(data, initial={"key": str(uuid7())}, **more)
        of_place = ("category", "name", "where", "lon", "lat")
        for name in (*of_place, "kind") if place and place.closed else of_place if place else ("kind",):
            del self.fields[name]
        if place and not place.closed:
            self.fields["words"].help_text = _(
                "信息不对的，请写明哪里不对；其余的可以不写。请不要写姓名、电话，只有网格员和工作人员能看到。"
            )
        if not place:
            self.fields["category"].choices = _choices()  # type: ignore[attr-defined]


@never_cache
def report(request: HttpRequest) -> HttpResponse:
    """For anybody, without signing in: of a place of the register, or of a new one. So many a day from one address."""
    viewer = Viewer(f"public:{salted_hmac('linli.reports', f'{today()}|{address_of(request)}').hexdigest()[:24]}")
    return _form(request, viewer, "public/map_report.html", "map_reported")


@for_resident
def mine(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The same for whoever is signed in, with everything they have reported and what became of it."""
    more = {"visitor": visitor, "reported": [_told(one) for one in reports.reported_by(visitor.viewer)]}
    return _form(request, visitor.viewer, "my/reports.html", "my:reports", more)


def _form(request: HttpRequest, viewer: Viewer, template: str, then: str, more: Mapping[str, Any] | None = None) -> HttpResponse:
    place = _place(request.GET.get("place", ""))
    form = ReportForm(request.POST or None, place=place)
    context: dict[str, Any] = {"form": form, "place": place, "section": "map", "zoom": ZOOM, **(more or {})}
    if request.method == "POST" and form.is_valid():
        try:
            made = _reported(viewer, form, place)
        except LinliError as problem:
            if isinstance(problem, KeyReusedError):  # sent once more it is something of its own
                context["form"] = form = ReportForm({**request.POST.dict(), "key": str(uuid7())}, place=place)
            show_problem(form, problem)
        else:
            if then == "map_reported":
                return redirect(then, uid=made.uid)
            messages.success(request, _("收到了，谢谢。网格员会去看，结果在这里。"))
            return redirect(then)
    return render(request, template, context, status=400 if form.errors else 200)


def _place(uid: str) -> Place | None:
    try:
        return Place.objects.filter(uid=UUID(uid)).first() if uid else None
    except ValueError:
        return None


def _reported(viewer: Viewer, form: ReportForm, place: Place | None) -> PlaceReport:
    told = form.cleaned_data
    key = str(told["key"])
    if place is not None:
        return report_place(viewer, kind=told.get("kind", "again"), place=place.uid, words=told["words"], key=key)
    spot = tapped = position_of(told)
    if spot is None and told["where"] and (here := standing()):
        places = places_there(here, today())
        meant = only(candidates(told["where"], places, here))
        found = start_of(meant.code, places, here) if meant else None
        spot = found[0] if found else None
    if spot is None:
        raise LinliError(
            "circles.report_nowhere",
            zh="没有找到这个地方",
            en="This place was not found.",
            place=Spot(field="where"),
            remedy_zh="请点地图，或者写清社区和楼号",
            remedy_en="tap the map, or give the community and the number of a building",
        )
    typed = told["where"] if tapped else ""  # the tap says where; what was typed beside it is for whoever looks
    said = _("，").join(part for part in (typed, told["words"]) if part)
    return report_place(viewer, kind="new", category=told["category"], name=told["name"], at=spot, words=said, key=key)


def reported(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What became of one report, for whoever has its address. It shows nothing that was typed in before somebody has looked."""
    found = reports.reported(uid)
    if found is None:
        raise Http404
    return render(request, "public/map_reported.html", {"one": _told(found), "section": "map"})


def _told(one: Reported) -> dict[str, Any]:
    kind, sign, state = STATE_WORDS[one.report.state]
    category = categories(settings.LINLI_CITY).get(one.report.category)
    name = Label(one.shop.name_zh, one.shop.name_en or one.shop.name_zh) if one.shop else category.label if category else ""
    return {"row": one.report, "name": name, "what": KIND_WORDS[one.report.kind], "kind": kind, "sign": sign, "state": state}


def for_lookers(page: Page) -> Page:
    """For whoever looks after an area: its stewards and grid workers, and its officers, who also have what no grid worker is there for."""

    @for_staff
    @functools.wraps(page)
    def guarded(request: HttpRequest, viewer: Viewer, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not any(viewer.areas(role) for role in reports.LOOKERS):
            raise Refused("circles.no_looker", zh="您没有负责的地方", en="No area is yours to look after.")
        return page(request, viewer, *args, **kwargs)

    return guarded


@for_lookers
def listing(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What waits to be looked at in one's grid or village. The device may keep this page for a day."""
    found = [_told(one) | {"where": _where(one)} for one in reports.waiting(viewer, today())]
    return queued.kept(request, render(request, "steward/reports.html", {"rows": found, "section": "reports"}))


def _where(one: Reported) -> str:
    return one.shop.address if one.shop else ""


class LookForm(forms.Form):
    """What somebody found who went to look; which button was pressed says it."""

    outcome = forms.ChoiceField(choices=[("confirmed", ""), ("dismissed", "")])
    name = forms.CharField(label=gettext_lazy("店名"), help_text=gettext_lazy("照招牌上的字写"), max_length=LONGEST_NAME, required=False)
    category = forms.ChoiceField(label=gettext_lazy("是什么"), required=False)
    note = forms.CharField(
        label=gettext_lazy("看到了什么"), help_text=gettext_lazy("情况不属实的必须写，报告的人会看到。"), max_length=200, required=False
    )
    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, data: Any = None, *, row: PlaceReport) -> None:
        super().__init__(data, initial={"key": str(uuid7()), "name": row.name, "category": row.category})
        if row.kind != "new":
            del self.fields["name"], self.fields["category"]
        else:
            self.fields["category"].choices = _choices()  # type: ignore[attr-defined]


@queued.takes_queue
@for_lookers
def look(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One report: where it is, what was said, and what was found on the spot. The device may keep this page for a day."""
    found = reports.report_for(viewer, uid, today())
    if found is None:
        if queued.is_queued(request):
            return queued.refusal(_("这件事不由您核实。"), _("回到“居民报告”看看其余的。"))
        raise Http404
    form = LookForm(request.POST or None, row=found.report)
    if request.method == "POST":
        problem = _looked(viewer, found.report, form) if form.is_valid() else None
        if form.is_valid() and problem is None:
            messages.success(request, _("已记录。"))
            return redirect("steward:reports")
        if queued.is_queued(request):
            return queued.refused(problem) if problem else queued.refusal(_("这一条填得不完整。"), _("打开这一条，重新填写。"))
        if isinstance(problem, Refused):
            raise problem
        if problem:
            show_problem(form, problem)
    row = found.report
    context = {
        **_told(found),
        "form": form,
        "found": found,
        "area": area_words(row.area_code, ""),
        "view": f"{row.lon} {row.lat} {ZOOM}",
        "section": "reports",
        "mend": _mend(viewer, found),
    }
    response = render(request, "steward/report.html", context, status=400 if form.errors else 200)
    return queued.kept(request, response) if request.method == "GET" else response


def _mend(viewer: Viewer, found: Reported) -> str:
    """Where an officer puts right what is wrong of a place that they keep; "" for everybody else."""
    if found.report.kind != "wrong" or found.shop is None or not kept_by(viewer).filter(pk=found.shop.pk).exists():
        return ""
    return f"{reverse('places:one', args=[found.shop.uid])}?{urlencode({'report': str(found.report.uid)})}"


def _looked(viewer: Viewer, row: PlaceReport, form: LookForm) -> LinliError | None:
    told = form.cleaned_data
    more = {"note": told["note"], "key": str(told["key"])}
    try:
        if told["outcome"] == "confirmed":
            confirm_report(viewer, row.uid, name=told.get("name", ""), category=told.get("category", ""), **more)
        else:
            dismiss_report(viewer, row.uid, **more)
    except LinliError as problem:
        return problem
    return None
