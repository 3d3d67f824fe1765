"""A resident applies for a programme: what is on record is shown, what is left is asked, and it is handed in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.casework.kinds import APPLICATION
from linli.entitlements import acts
from linli.entitlements.acts import apply
from linli.entitlements.acts.applying import beneficiary_of, live, require_free
from linli.entitlements.paying import require_authority
from linli.entitlements.queries import open_case_of
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.registers.matters import BENEFITS
from linli.web.applying import pages
from linli.web.applying.form import ApplyForm
from linli.web.entrance.residents import Visitor
from linli.web.person.mine import family_of
from linli.web.views.my import for_matter, problem_beside
from linli.web.views.my_cases import own_case


@for_matter(BENEFITS)
def page(request: HttpRequest, visitor: Visitor, slug: str) -> HttpResponse:
    """Confirm what policy found, or ask on one's own; handed in, it leads to the case with its receipt."""
    visitor.viewer.require_level(APPLICATION.level)
    programme, person = live(slug), visitor.whom
    if programme.subject == "organisation":
        require_authority(visitor.viewer, person, "", "", ())
    _kind, beneficiary = beneficiary_of(programme, person, None)
    running = open_case_of(programme.slug, beneficiary, person.uid) if request.method == "GET" else None
    if running is not None:
        messages.info(request, _("已经申请，正在办理。"))
        return redirect("my:case", uid=running)
    if request.method == "GET":
        if family_of(person, slug, beneficiary) is not None:
            messages.info(request, _("家里已有人提出，不用再申请。"))
            return redirect("my:home")
        require_free(programme, beneficiary)
    form = ApplyForm(programme, person, request.POST or None, initial={"key": str(uuid7())})
    elder = request.preferences.elder  # type: ignore[attr-defined]
    at, confirmed = pages.turned(form, request.POST, elder=elder)
    if confirmed:
        try:
            case = apply(visitor.viewer, person.uid, form.wanted(), key=form.cleaned_data["key"])
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
            at = pages.where(form, at, elder=elder)
        else:
            messages.success(request, _("已经自动审批通过。") if case.outcome == "granted" else _("申请已经收到。"))
            return redirect("my:case", uid=case.uid)
    context = {"visitor": visitor, "section": "found", "wrong": reverse("my:wrong", args=["-"]).removesuffix("-/")}
    context |= pages.shown(visitor.viewer, person, programme, beneficiary, form) | pages.asked(form, request.POST, at)
    return render(request, "my/apply.html", context, status=400 if form.errors else 200)


@for_matter()
def receipt(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """The receipt of an application on one page, to print or keep; asked for as PDF it is a letter with a number of its own."""
    visitor.viewer.require_level(APPLICATION.level)
    found = own_case(visitor, uid)
    if request.method == "POST":
        return redirect("my:case_letter", uid=acts.receipt(visitor.viewer, uid).uid)
    context = {"visitor": visitor, "section": "found", "frame": "my/frame.html", "back": reverse("my:case", args=[uid])}
    return render(request, "my/receipt.html", {**context, **pages.receipt(found)})
