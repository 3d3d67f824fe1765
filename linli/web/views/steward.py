"""Stewards and grid workers on their rounds: today's calls, their buildings and groups, a person's door, who lacks one thing."""

from __future__ import annotations

import functools
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework import queries as cases
from linli.casework.models import Case
from linli.casework.visits import acts, queries
from linli.casework.visits import lacking as lacks
from linli.casework.visits import places as rounds
from linli.casework.visits.queries import Call, Door, Reason
from linli.casework.visits.reach import ROLE, neighbour
from linli.casework.visits.rules import visit_rules
from linli.casework.visits.whereabouts import Measured, measured, place_of, visit_for
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.rules.explain import missing_label
from linli.web.case.cases import show_problem
from linli.web.case.surveys import ScoreField
from linli.web.frame.city import area_words
from linli.web.frame.counted import counted
from linli.web.frame.middleware import MAY_ASK_WHERE
from linli.web.frame.own_words import OwnWords
from linli.web.office import queued
from linli.web.programme import shelf
from linli.web.views.office import Page, for_staff
from linli.web.views.place_reports import for_lookers

OUTCOMES = {
    "visited": (gettext_lazy("见到本人，一切都好"), "tick"),
    "needs_help": (gettext_lazy("见到本人，需要帮助"), "warning"),
    "not_home": (gettext_lazy("没有人在家"), "house"),
    "left_notice": (gettext_lazy("没有人在家，留了通知单"), "pencil"),
}
LAMPS = {"red": ("bad", "warning"), "yellow": ("open", "clock"), "green": ("note", "clock")}


class CallForm(forms.Form):
    """How a call went; which button was pressed says it."""

    outcome = forms.ChoiceField(choices=[(slug, told) for slug, (told, _sign) in OUTCOMES.items()])
    words = OwnWords(
        label=gettext_lazy("要说明的情况"),
        help_text=gettext_lazy("可以不写。需要帮助的，请写明要什么帮助：只有乡镇（街道）和上级会看到，本人和家人看不到。"),
        rows=2,
    )
    key = forms.UUIDField(widget=forms.HiddenInput())
    case = forms.UUIDField(required=False, widget=forms.HiddenInput())
    lon = forms.FloatField(required=False, widget=forms.HiddenInput())
    lat = forms.FloatField(required=False, widget=forms.HiddenInput())
    accuracy = forms.FloatField(required=False, widget=forms.HiddenInput())

    def __init__(self, kind: str, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        if kind:
            self.fields["score"] = ScoreField(kind, required=False)

    def measured(self) -> Measured | None:
        """Where the device was; None where that was not given. Raises LinliError for what is no position."""
        told = [self.cleaned_data[name] for name in ("lon", "lat", "accuracy")]
        return None if None in told else measured(*told)


class AskForm(forms.Form):
    """That somebody near by needs a visit."""

    person = forms.UUIDField()
    words = OwnWords(label=gettext_lazy("为什么要上门"), help_text=gettext_lazy("可以不写。上门的人和本人会看到，家人看不到。"), rows=2)
    key = forms.UUIDField(widget=forms.HiddenInput())


def for_stewards(page: Page) -> Page:
    """For whoever looks after an area as steward or grid worker; what cannot be done is said with what to do next."""

    @for_staff
    @functools.wraps(page)
    def guarded(request: HttpRequest, viewer: Viewer, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not viewer.areas(ROLE):
            raise Refused("steward.none", zh="您没有负责的楼栋或网格", en="No building or grid is yours to look after.")
        return page(request, viewer, *args, **kwargs)

    return guarded


@for_stewards
def home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Today's calls, most urgent first, no more than a day holds. The device may keep this page for a day."""
    day = queries.day_list(viewer)
    context = {
        "section": "today",
        "day": day,
        "calls": [_in_words(call, day.on) for call in day.calls],
        "recent": [(visit, name, OUTCOMES[visit.outcome][0]) for visit, name in queries.recent(viewer, 5)],
        "rule": visit_rules().regular,
    }
    return queued.kept(request, render(request, "steward/home.html", context))


def _in_words(call: Call, today: date) -> dict[str, Any]:
    return {"call": call, "reasons": [_reason(reason, today) for reason in call.reasons]}


def _reason(reason: Reason, today: date) -> dict[str, Any]:
    """Why, by when, as a traffic light with words."""
    kind, sign = LAMPS[reason.colour]
    return {"reason": reason, "kind": kind, "sign": sign, "words": _left((reason.due - today).days)}


def _left(days: int) -> str:
    if days < 0:
        return counted("已超期 %(number)s 天", number=-days)
    return counted("还有 %(number)s 天", number=days) if days else _("今天到期")


@queued.takes_queue
@for_stewards
def person(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One person's door: why a call is due, what they asked for, and how the call went. The device may keep this page for a day."""
    try:
        who, code = neighbour(viewer, uid, clock.today())
    except LinliError as problem:
        if queued.is_queued(request):
            return queued.refused(problem)
        if isinstance(problem, Refused):
            raise
        return render(request, "steward/problem.html", {"problem": problem}, status=404)
    return _door(request, viewer, queries.door(viewer, who, code))


def _door(request: HttpRequest, viewer: Viewer, door: Door) -> HttpResponse:
    asked = next((reason.case for reason in door.reasons if reason.case), None)
    initial = {"key": str(uuid7()), "case": asked.uid if asked else None}
    form = CallForm(asked.kind if asked else "", request.POST or None, initial=initial)
    if request.method == "POST":
        if form.is_valid():
            problem = _recorded(request, viewer, door, form)
            if problem is None:
                messages.success(request, _("已记录：%(name)s。") % {"name": door.person.name})
                return redirect("steward:home")
            if queued.is_queued(request):
                return queued.refused(problem)
            show_problem(form, problem)
        elif queued.is_queued(request):
            return queued.refusal(_("这一条填得不完整。"), _("打开这位居民，重新填写。"))
    response = render(request, "steward/person.html", _about(viewer, door, form, asked), status=400 if form.errors else 200)
    response.headers["Permissions-Policy"] = MAY_ASK_WHERE
    return queued.kept(request, response) if request.method == "GET" else response


def _recorded(request: HttpRequest, viewer: Viewer, door: Door, form: CallForm) -> LinliError | None:
    told = form.cleaned_data
    try:
        acts.call(
            viewer,
            door.person.uid,
            told["outcome"],
            told["words"],
            uid=told["key"],
            occurred_at=queued.filled_in_at(request),
            case=told["case"],
            score=told.get("score"),
            at=form.measured(),
        )
    except LinliError as problem:
        return problem
    return None


def _about(viewer: Viewer, door: Door, form: CallForm, asked: Case | None) -> dict[str, Any]:
    today = clock.today()
    return {
        "section": "today",
        "door": door,
        "form": form,
        "outcomes": [(slug, told, sign) for slug, (told, sign) in OUTCOMES.items()],
        "reasons": [_reason(reason, today) for reason in door.reasons],
        "asked": asked,
        "said": cases.words_of(viewer, asked).get("opened", "") if asked else "",
        "visits": [(visit, OUTCOMES[visit.outcome][0]) for visit in door.visits],
        "asking": _asking(),
        "lacks": _lacks(lacks.lacking_of(door.person.uid)),
        "today": today,
        "rule": visit_rules().regular,
    }


def _lacks(found: list[lacks.Lack]) -> list[dict[str, Any]]:
    """What is missing in words, with the programme that it would decide; programmes that are no longer published are left out."""
    live = {one.slug: one for one in shelf.published()}
    return [
        {"lack": one, "programme": live[one.programme], "missing": [missing_label(live[one.programme].rule, key) for key in one.missing]}
        for one in found
        if one.programme in live
    ]


@for_staff
def visit_place(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Where the device was when a call was written down. Every look is listed to the person."""
    try:
        found = visit_for(viewer, uid)
    except LinliError:
        raise Http404 from None
    back = reverse("office:case", args=[found.case.uid]) if found.case else reverse("office:inbox")
    context = {"visit": found, "told": OUTCOMES[found.outcome][0], "back": back}
    place = place_of(viewer, found)
    context |= {"place": place, "lon": f"{place.at.lon:.5f}", "lat": f"{place.at.lat:.5f}"}
    return render(request, "office/visit_place.html", context)


@queued.takes_queue
@for_stewards
def ask(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Ask for a visit to somebody near by; the form stands on the pages of places and people."""
    if request.method != "POST":
        return redirect("steward:places")
    form = AskForm(request.POST)
    try:
        if not form.is_valid():
            raise _unfinished()
        told = form.cleaned_data
        acts.ask(viewer, told["person"], told["words"], uid=told["key"], occurred_at=queued.filled_in_at(request))
    except LinliError as problem:
        if queued.is_queued(request):
            return queued.refused(problem)
        if isinstance(problem, Refused):
            raise
        return render(request, "steward/problem.html", {"problem": problem}, status=400)
    messages.success(request, _("已登记，会有人上门。"))
    return redirect("steward:person", uid=told["person"])


def _unfinished() -> LinliError:
    return LinliError(
        "steward.choose_person",
        zh="请选择谁家要人上门",
        en="Choose who needs a visit.",
        remedy_zh="回到住户名单，重新选择",
        remedy_en="go back to the list of homes and choose again",
    )


def _asking() -> AskForm:
    return AskForm(initial={"key": str(uuid7())})


@for_stewards
def places(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """My buildings and village groups. The device may keep this page for a day."""
    within = request.GET.get("area", "")[:20]
    try:
        found = [(spot, area_words(spot.code, spot.name)) for spot in rounds.spots(viewer, within)]
    except Refused:
        raise
    except LinliError:
        raise Http404 from None
    context = {
        "section": "places",
        "wide": [one for one in found if one[0].people is None],
        "spots": [one for one in found if one[0].people is not None],
        "today": clock.today(),
    }
    return queued.kept(request, render(request, "steward/places.html", context))


@for_stewards
def place(request: HttpRequest, viewer: Viewer, code: str) -> HttpResponse:
    """Who lives in a building or group, by householder. A name that is looked for is posted, so that no address holds one.

    The device may keep what was not looked for by name for a day.
    """
    loose, named, after = request.GET.get("part") == "loose", request.POST.get("q", "").strip()[:50], _key(request.GET.get("after", ""))
    try:
        street = rounds.street(viewer, code, named=named, loose=loose, after=after)
    except Refused:
        raise
    except LinliError:
        raise Http404 from None
    context = {
        "section": "places",
        "street": street,
        "named": named,
        "loose": loose,
        "first": not after,
        "asking": _asking(),
        "people": [*(one.resident for home in street.homes for one in home.members), *street.loose],
        "tabs": [
            {"address": "?", "words": _("按户主"), "current": not loose, "number": None},
            {"address": "?part=loose", "words": _("家庭情况未登记"), "current": loose, "number": None},
        ],
        "today": clock.today(),
    }
    response = render(request, "steward/place.html", context)
    return queued.kept(request, response) if request.method == "GET" else response


def _key(text: str) -> int:
    """Where a page begins; from the beginning for anything that is no key."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@for_stewards
def lacking(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """People near by who lack one thing that a visit can bring. The device may keep this page for a day."""
    start = _key(request.GET.get("after", ""))
    found = lacks.lacking(viewer, after=start)
    context = {
        "section": "lacking",
        "rows": _lacks(found),
        "after": str(found[-1].key) if len(found) == lacks.PAGE else "",
        "first": not start,
    }
    return queued.kept(request, render(request, "steward/lacking.html", context))


@for_lookers
def waiting(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What this device has kept and not sent yet, and what was refused; the script fills it in. The device may keep the page."""
    return queued.kept(request, render(request, "steward/waiting.html", {"section": "waiting", "steward": bool(viewer.areas(ROLE))}))


def offline(request: HttpRequest) -> HttpResponse:
    """Shown by the device for a page that it doesn't keep, while there is no network. It says nothing of anybody."""
    return render(request, "steward/offline.html")
