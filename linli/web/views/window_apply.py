"""A clerk at any window applies for a resident of any county, who has agreed to it, and prints the receipt."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from linli.casework.letters import queries as letters
from linli.casework.models import Case
from linli.entitlements import acts
from linli.entitlements.acts import apply
from linli.entitlements.acts.applying import beneficiary_of, live, require_free
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers.acts.guards import resident_of
from linli.registers.matters import BENEFITS
from linli.web.applying import pages
from linli.web.applying.form import ApplyForm
from linli.web.case import papers
from linli.web.views.my import problem_beside
from linli.web.views.window import acting_for, at_window, called


@at_window
def page(request: HttpRequest, viewer: Viewer, uid: UUID, slug: str) -> HttpResponse:
    """What is on record, what is still to say, and it is handed in; the person has agreed before. The receipt comes next."""
    who = resident_of(uid)
    acting = acting_for(request, viewer, who, BENEFITS)
    programme = live(slug)
    beneficiary = None if programme.subject == "organisation" else beneficiary_of(programme, who, None)[1]
    if beneficiary is not None and request.method == "GET":
        require_free(programme, beneficiary)
    form = ApplyForm(programme, who, request.POST or None, at_window=True, initial={"key": str(uuid7())})
    at, confirmed = pages.turned(form, request.POST, elder=False)
    if confirmed:
        try:
            case = apply(viewer, who.uid, form.wanted(window=_window(viewer), by_phone=called(request, who)), key=form.cleaned_data["key"])
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
            at = pages.where(form, at, elder=False)
        else:
            return redirect("window:receipt", uid=case.uid)
    context = {"section": "window", "who": who, "wrong": reverse("window:wrong", args=[uid, "-"]).removesuffix("-/")}
    context |= pages.shown(acting, who, programme, beneficiary, form) | pages.asked(form, request.POST, at)
    return render(request, "window/apply.html", context, status=400 if form.errors else 200)


def _window(viewer: Viewer) -> str:
    """The area of the clerk's window."""
    return next((one.area for one in viewer.grants if one.role == "clerk"), "")


@at_window
def receipt(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The receipt, to print: number, what came, the next step and by when; it names the person masked. Asked for as PDF it is a letter
    with a number of its own, which names them."""
    found = Case.objects.select_related("task").filter(uid=uid).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        letter = acts.receipt(viewer, uid)
        return papers.pdf(letter, letters.pdf(viewer, letters.letter_for(viewer, letter.uid), site=papers.site_of(request)))
    context = {"section": "window", "frame": "window/frame.html", "back": reverse("window:person", args=[found.subject_uid])}
    return render(request, "my/receipt.html", {**context, **pages.receipt(found)})
