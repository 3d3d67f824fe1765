"""The pages of works: officers draw up the list, enter signatures, read papers, accept; the person reads the list and signs it."""

from __future__ import annotations

from dataclasses import dataclass
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

from linli import vault
from linli.casework import queries as cases
from linli.casework.desks import is_own
from linli.casework.documents.queries import documents_of, label_of, materials_of
from linli.casework.models import Case
from linli.casework.queries import name_of
from linli.casework.receipts import grouped
from linli.casework.steps.acts import programme_of
from linli.casework.steps.moving import kind_of
from linli.entitlements.works import acts
from linli.entitlements.works.acts import Contractor, Result
from linli.entitlements.works.standing import by_bills, has_works
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.settlement.checking import Given
from linli.web.case.cases import problem_words, show_problem
from linli.web.case.papers import MY, OFFICE
from linli.web.entrance.residents import Visitor
from linli.web.templatetags.texts import day, words
from linli.web.views.my import for_matter
from linli.web.views.my_cases import own_case
from linli.web.views.office import for_staff
from linli.web.works.forms import AcceptForm, BillForm, ListForm, SignForm
from linli.web.works.shown import Shown, shown

DONE = {
    "draw": gettext_lazy("清单已保存。改过的清单要重新签字；超出部门会签内容的，已送各部门重新会签。"),
    "sign": gettext_lazy("签字已记下。"),
    "bill": gettext_lazy("票据金额已记下。"),
    "accept": gettext_lazy("验收结果已记下，可以办理“通过”。"),
}


@dataclass(frozen=True, slots=True)
class _Page:
    """One case's works as an officer sees them, and the forms of what can be done now, by name."""

    viewer: Viewer
    case: Case
    programme: Programme
    works: Shown
    forms: dict[str, forms.Form]


@for_staff
def of_case(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The works of a case; whoever works on it does here what its step allows."""
    case, working = _case(viewer, uid)
    programme = programme_of(case)
    if not has_works(programme):
        raise Http404
    works = shown(viewer, case, programme, OFFICE, pictures="office:paper_page")
    assert works is not None
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    allowed = _allowed(case, programme, works) if working and case.status == "open" and not is_own(viewer, case) else ()
    page = _Page(viewer, case, programme, works, {name: _form(name, doing, request, case, programme, works) for name in allowed})
    form = page.forms.get(doing)
    if request.method == "POST":
        if form is None:
            messages.warning(request, _("这件事项已有变动，没有提交。请看现在的情况。"))
            return redirect("office:works", uid=uid)
        if form.is_valid() and _done(page, doing, form):
            messages.success(request, DONE[doing])
            return redirect("office:works", uid=uid)
    context = {
        "case": case,
        "programme": programme,
        "receipt": grouped(case.receipt),
        "person": name_of(case),
        "works": works,
        "forms": page.forms,
        "wrong": form,
    }
    return render(request, "office/works.html", context, status=400 if form is not None else 200)


def _case(viewer: Viewer, uid: UUID) -> tuple[Case, bool]:
    try:
        return cases.shown(viewer, uid)
    except LinliError:
        raise Http404 from None


def _allowed(case: Case, programme: Programme, works: Shown) -> tuple[str, ...]:
    """Which forms make sense now: nothing before acceptance of the application, while others have it, or once it ended. One query."""
    step = kind_of(case)
    if not step or step in ("notice", "sign"):
        return ()
    found = []
    if works.listed and works.accepted is None:
        found.append("draw")
    if works.unsigned:
        found.append("sign")
    if by_bills(programme):
        found.append("bill")
    if step == "accept_works":
        found.append("accept")
    return tuple(found)


def _form(name: str, doing: str, request: HttpRequest, case: Case, programme: Programme, works: Shown) -> forms.Form:
    data, files = (request.POST, request.FILES) if name == doing else (None, None)
    if name == "draw":
        declared = programme.particulars.works
        assert declared is not None
        code = works.contractor.credit_code if works.contractor else ""
        return ListForm(declared, [row.line for row in works.rows], data, initial={"contractor": code})
    if name == "sign":
        current = works.current
        return SignForm(works.unsigned, data, files, initial={"works": current.uid if current else None})
    if name == "bill":
        return BillForm(_papers(case), data)
    return AcceptForm(works.rows, data)


def _papers(case: Case) -> list[tuple[str, str]]:
    """The papers that an officer found in order, each by its name and day."""
    materials = materials_of(case)
    found = [one for one in documents_of(case) if one.check_result == "accepted" and one.part in ("material", "evidence")]
    return [(str(one.uid), f"{words(label_of(one, materials))} · {day(one.given_at)}") for one in found]


def _done(page: _Page, doing: str, form: Any) -> bool:
    viewer, uid, key = page.viewer, page.case.uid, form.cleaned_data["key"]
    try:
        if doing == "draw":
            acts.draw_up(viewer, uid, form.lines(), _contractor(page.case, form.cleaned_data), key=key)
        elif doing == "sign":
            acts.sign(viewer, uid, form.cleaned_data["signer"], form.cleaned_data["works"], content=form.content(), key=key)
        elif doing == "bill":
            acts.state_bill(viewer, uid, UUID(form.cleaned_data["document"]), form.cleaned_data["amount"], key=key)
        else:
            acts.accept(viewer, uid, Result(form.cleaned_data["on"], form.taken()), key=key)
    except Refused:
        raise
    except LinliError as problem:
        show_problem(form, problem)
        return False
    return True


def _contractor(case: Case, told: dict[str, Any]) -> Contractor | None:
    if not told["contractor"]:
        return None
    if not told["number"]:
        return Contractor(told["contractor"])
    account = Given(told["holder"], told["number"], told["bank"])
    return Contractor(told["contractor"], vault.protect(case.subject_uid, {"account": account.text()})["account"])


@for_matter()
def mine(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """What is to be done in my home, with the pictures of it; here it is signed."""
    visitor.viewer.require_level("card")
    found = own_case(visitor, uid)
    works = _own(visitor, found)
    to_sign = found.status == "open" and any(one.id == "applicant" for one in works.unsigned)
    context = {"visitor": visitor, "section": "found", "case": found, "receipt": grouped(found.receipt), "works": works, "to_sign": to_sign}
    return render(request, "my/works.html", context)


def _own(visitor: Visitor, found: Case) -> Shown:
    works = None
    if found.programme and found.programme_version:
        works = shown(visitor.viewer, found, programme_of(found), MY, pictures="my:own_paper_page")
    if works is None:
        raise Http404
    return works


@for_matter()
@require_POST
def sign_mine(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """Sign the list as I was shown it."""
    visitor.viewer.require_level("card")
    found = own_case(visitor, uid)
    try:
        version = UUID(request.POST.get("works", ""))
    except ValueError:
        raise Http404 from None
    try:
        acts.sign(visitor.viewer, found.uid, "applicant", version, key=f"own:{version}")
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, problem_words(problem))
    else:
        messages.success(request, _("已经签字。各方签齐以后才会施工。"))
    return redirect(reverse("my:works", args=[found.uid]))
