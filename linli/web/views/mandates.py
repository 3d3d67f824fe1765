"""Mandates on both sides of the window: given, taken up for one matter, printed for signature, ended."""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.casework import queries as cases
from linli.kernel.clock import today
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.acts.guards import resident_of
from linli.registers.guardians import is_guarded
from linli.registers.matters import ERRANDS, lasts_until
from linli.registers.models import Mandate, Resident, Staff
from linli.registers.queries import accounts
from linli.registers.queries.guardianships import papers_of
from linli.web.entrance import residents
from linli.web.entrance.residents import Visitor
from linli.web.person.matters import Paper, case_label, labelled, last_day, paper_of
from linli.web.templatetags.texts import words
from linli.web.views.my import ACTING, for_matter, problem_beside
from linli.web.views.window import EVIDENCE, at_window, consenting, guardian_field

NUMBER = forms.TextInput(attrs={"autocomplete": "off"})


class MandateForm(forms.Form):
    """Whom to let act for oneself, or whom one is the guardian of."""

    kind = forms.ChoiceField(
        label=gettext_lazy("办哪一种"),
        choices=[("family", gettext_lazy("请家人替我办")), ("guardian", gettext_lazy("我是监护人，替被监护人办"))],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=gettext_lazy("对方姓名"), help_text=gettext_lazy("与身份证上的一致"), max_length=100)
    identity = forms.CharField(label=gettext_lazy("对方身份证号"), max_length=20, widget=NUMBER)


class MatterForm(forms.Form):
    """One matter for somebody who is no family: a volunteer or a clerk."""

    matter = forms.ChoiceField(label=gettext_lazy("委托哪一件事"), choices=list, widget=forms.RadioSelect)
    agent = forms.ChoiceField(
        label=gettext_lazy("请谁办"),
        choices=[("person", gettext_lazy("志愿者、邻居或其他人")), ("clerk", gettext_lazy("窗口工作人员"))],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=gettext_lazy("对方姓名"), max_length=100)
    number = forms.CharField(
        label=gettext_lazy("对方身份证号，工作人员填工号"), help_text=gettext_lazy("工号可以向窗口问"), max_length=60, widget=NUMBER
    )

    def __init__(self, *given: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["matter"].choices = choices  # type: ignore[attr-defined]


class WindowForm(forms.Form):
    """Somebody who acts for the person at the window, recorded with how consent was shown."""

    kind = forms.ChoiceField(
        label=gettext_lazy("由谁代办"),
        choices=[
            ("family", gettext_lazy("家人，长期")),
            ("guardian", gettext_lazy("登记的监护人")),
            ("ward", gettext_lazy("反过来：本人是对方的监护人，替对方办")),
            ("single_matter", gettext_lazy("志愿者或其他人，只办一件事")),
        ],
        widget=forms.RadioSelect,
    )
    matter = forms.ChoiceField(
        label=gettext_lazy("只办一件事的，办哪一件"), choices=list, required=False, widget=forms.RadioSelect
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("对方姓名"), max_length=100)
    identity = forms.CharField(label=gettext_lazy("对方身份证号"), max_length=20, widget=NUMBER)
    evidence = forms.ChoiceField(
        label=gettext_lazy("怎样确认本人同意"),
        choices=[(key, shown) for key, (_kept, shown) in EVIDENCE.items()],
        widget=forms.RadioSelect,
    )
    guardian = guardian_field()

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["matter"].choices = _errands()  # type: ignore[attr-defined]


def _errands() -> list[tuple[str, str]]:
    return [(matter, words(label)) for matter, label in ERRANDS.items()]


def known(found: Any) -> Any:
    """Whoever was found; nobody is refused in the same words whether name or number was wrong."""
    if found is None:
        raise LinliError(
            "mandates.nobody",
            zh="没有找到这样一位居民或工作人员",
            en="There is no such resident or clerk.",
            remedy_zh="核对姓名和号码；外地户籍的请到窗口登记",
            remedy_en="check name and number; somebody registered elsewhere is recorded at a window",
        )
    return found


def _tried(form: forms.Form, do: Any) -> Any:
    """What the act made, None with the refusal beside its field. A want of rights is not the form's affair."""
    try:
        return do()
    except Refused:
        raise
    except LinliError as problem:
        problem_beside(form, problem)
        return None


@for_matter()
def mandates(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who may act for me and for whom I may act; give another."""
    own = visitor.account.resident
    _require_own_pages(visitor)
    form = MandateForm(request.POST or None, initial={"kind": "family"})
    if request.method == "POST" and form.is_valid() and _tried(form, functools.partial(_give, visitor, form.cleaned_data)):
        messages.success(request, _("授权已经生效，双方都会收到通知。"))
        return redirect("my:mandates")
    found = accounts.mandates_of(visitor.viewer, own.uid)
    context = {
        "visitor": visitor,
        "section": "mandates",
        "form": form,
        "given": labelled(found.given),
        "held": labelled(found.held),
        "of_wards": labelled(found.of_wards),
        "papers": papers_of(visitor.viewer, own),
        "who": own,
    }
    return render(request, "my/mandates.html", context, status=400 if form.errors else 200)


def _require_own_pages(visitor: Visitor) -> None:
    """Raise LinliError while the pages are about somebody else: whom a mandate given here would bind must never be in doubt."""
    if visitor.acting:
        raise LinliError(
            ACTING,
            zh="您现在是替别人办理，授权只能在您自己的页面上看和改",
            en="You are acting for somebody else; mandates are seen and given on one's own pages only.",
            remedy_zh="先点上面的“回到我自己的”",
            remedy_en="press “Back to my own” above first",
        )


def _give(visitor: Visitor, data: dict[str, Any]) -> Mandate:
    """family: I give it; guardian: I take it on, and the register has to say that I am."""
    own = visitor.account.resident
    visitor.viewer.require_level("card")
    other: Resident = known(accounts.known_as(data["name"], data["identity"]))
    if data["kind"] == "guardian":
        return acts.grant_mandate(visitor.viewer, principal=other, kind="guardian", agent=own, evidence="人口登记中的监护关系")
    return acts.grant_mandate(visitor.viewer, principal=own, kind="family", agent=other, evidence="本人登录后授权")


@for_matter()
def give_matter(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let a volunteer or a clerk do one thing for me; the form to be signed follows."""
    visitor.viewer.require_level("card")
    own = visitor.account.resident
    _require_own_pages(visitor)
    open_cases = [(str(one), words(case_label(one))) for one in cases.cases_of(visitor.viewer, own.uid) if one.status == "open"]
    form = MatterForm(request.POST or None, initial={"agent": "person"}, choices=[*_errands(), *open_cases])
    if request.method == "POST" and form.is_valid():
        made = _tried(form, functools.partial(_give_matter, visitor, form.cleaned_data))
        if made is not None:
            messages.success(request, _("委托已经生效，只管这一件事，办完就结束。"))
            return redirect("my:paper", uid=made.uid)
    context = {"visitor": visitor, "section": "mandates", "form": form}
    return render(request, "my/matter.html", context, status=400 if form.errors else 200)


def _give_matter(visitor: Visitor, data: dict[str, Any]) -> Mandate:
    person = data["agent"] == "person"
    agent: Resident | Staff = known(
        accounts.known_as(data["name"], data["number"]) if person else accounts.clerk_known_as(data["name"], data["number"])
    )
    return acts.grant_mandate(
        visitor.viewer,
        principal=visitor.account.resident,
        kind="single_matter",
        agent=agent,
        matter=data["matter"],
        evidence="本人登录后委托",
    )


@for_matter()
def paper(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """The printed form of a mandate of mine, given or held."""
    visitor.viewer.require_level("card")
    found = accounts.mandate(visitor.viewer, uid)
    if found is None:
        raise Http404
    context = {"frame": "my/frame.html", "visitor": visitor, "section": "mandates", "back": reverse("my:mandates")}
    return _paper(request, paper_of(found), context)


def _paper(request: HttpRequest, form: Paper, context: dict[str, Any]) -> HttpResponse:
    return render(request, "my/paper.html", {**context, "paper": form, "today": today()})


@require_POST
@for_matter()
def end_mandate(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """End one of mine, given or held."""
    visitor.viewer.require_level("card")
    found = accounts.mandate(visitor.viewer, uid)
    if found is None:
        raise Refused("mandates.not_yours", zh="没有这项委托", en="There is no such mandate of yours.")
    acts.end_mandate(visitor.viewer, mandate=found)
    messages.success(request, _("授权已经终止，双方都会收到通知。"))
    return redirect("my:mandates")


@require_POST
@for_matter()
def agree_mandate(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """As their guardian, let stand what somebody gave before they had one."""
    visitor.viewer.require_level("card")
    found = accounts.mandate(visitor.viewer, uid)
    if found is None:
        raise Refused("mandates.not_yours", zh="没有这项委托", en="There is no such mandate of yours.")
    acts.agree_mandate(visitor.viewer, mandate=found, guardian=visitor.account.resident)
    messages.success(request, _("已经同意，受托人可以继续办理。"))
    return redirect("my:mandates")


@require_POST
@for_matter()
def take_up(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """Act for whoever entrusted me with one matter: the pages of that matter are about them from now on."""
    residents.take_up(request, visitor, uid)
    return redirect("my:home")


@at_window
def window_mandates(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Who may act for the person at the window; record another with how the person agreed."""
    who = resident_of(uid)
    form = WindowForm(request.POST or None, initial={"kind": "family", "evidence": "present"})
    if request.method == "POST" and form.is_valid():
        made = _tried(form, functools.partial(_record, viewer, who, form.cleaned_data))
        if made is not None:
            guardian = made.kind == "guardian"
            messages.success(request, _("监护关系已经记下，双方都会收到通知。") if guardian else _("授权已经生效，双方都会收到通知。"))
            return redirect("window:paper", uid=uid, mandate=made.uid)
    found = accounts.mandates_of(viewer, uid)
    guarded = is_guarded(who)
    context = {
        "section": "window",
        "who": who,
        "guarded": guarded,
        "form": form,
        "given": labelled(found.given),
        "held": labelled(found.held),
        "papers": papers_of(viewer, who),
    }
    return render(request, "window/mandates.html", context, status=400 if form.errors else 200)


def _record(viewer: Viewer, who: Resident, data: dict[str, Any]) -> Mandate:
    other: Resident = known(accounts.known_as(data["name"], data["identity"]))
    if data["kind"] in ("guardian", "ward"):
        ward, guardian = (who, other) if data["kind"] == "guardian" else (other, who)
        return acts.grant_mandate(viewer, principal=ward, kind="guardian", agent=guardian, evidence="人口登记中的监护关系，窗口核对")
    single = data["kind"] == "single_matter"
    consents, shown = consenting(viewer, data)
    return acts.grant_mandate(
        viewer,
        principal=who,
        kind=data["kind"],
        agent=other,
        matter=data["matter"] if single else "",
        evidence=shown,
        guardian=consents,
    )


@at_window
def window_paper(request: HttpRequest, viewer: Viewer, uid: UUID, mandate: UUID) -> HttpResponse:
    """The printed form of a mandate that the person gave or holds."""
    return _paper(request, paper_of(_at_window(viewer, uid, mandate)), _window_frame(uid))


@at_window
def blank_paper(request: HttpRequest, viewer: Viewer, uid: UUID, matter: str) -> HttpResponse:
    """The form for the person to sign before this clerk acts for them in one matter, today."""
    if matter not in ERRANDS:
        raise Http404
    agent, day = str(getattr(request.user, "name", "")), today()
    last = last_day(lasts_until(matter, day, staff=True))
    who = resident_of(uid)
    form = Paper(who.name, agent, True, ERRANDS[matter], "single_matter", day, last, ward=is_guarded(who))
    return _paper(request, form, _window_frame(uid))


def _window_frame(uid: UUID) -> dict[str, Any]:
    return {"frame": "window/frame.html", "section": "window", "back": reverse("window:person", args=[uid])}


def _at_window(viewer: Viewer, uid: UUID, mandate: UUID) -> Mandate:
    found = accounts.mandate_at_window(viewer, uid, mandate)
    if found is None:
        raise Http404
    return found


@require_POST
@at_window
def window_agree(request: HttpRequest, viewer: Viewer, uid: UUID, mandate: UUID) -> HttpResponse:
    """The guardian stands at the window and lets stand what the person gave before they had one."""
    people = accounts.find_person(viewer, identity=request.POST.get("guardian", "")[:20])
    acts.agree_mandate(viewer, mandate=_at_window(viewer, uid, mandate), guardian=known(people[0] if people else None))
    messages.success(request, _("已经同意，受托人可以继续办理。"))
    return redirect("window:mandates", uid=uid)


@require_POST
@at_window
def window_end(request: HttpRequest, viewer: Viewer, uid: UUID, mandate: UUID) -> HttpResponse:
    """The person wants a mandate to end."""
    acts.end_mandate(viewer, mandate=_at_window(viewer, uid, mandate))
    messages.success(request, _("授权已经终止，双方都会收到通知。"))
    return redirect("window:mandates", uid=uid)
