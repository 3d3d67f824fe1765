"""Papers of a case: what is needed and giving it, in every portal; looking at one, and an officer's word on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.casework import queries as cases
from linli.casework.desks import is_own, workable
from linli.casework.documents import acts, queries
from linli.casework.kinds import KINDS
from linli.casework.letters.queries import case_of_code, masked_name
from linli.casework.models import Case, Document
from linli.casework.queries import name_of
from linli.casework.receipts import grouped, parse_receipt
from linli.entitlements.acts.showing import state_from
from linli.entitlements.queries import progress
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.programmes.queries import pinned
from linli.registers.acts.guards import resident_of
from linli.rules.declare import Label
from linli.web.applying.answering import Asking
from linli.web.case import contests, papers, shown_facts
from linli.web.case.cases import problem_words, show_problem
from linli.web.case.following import followed
from linli.web.case.papers import MY, OFFICE, WINDOW, Portal
from linli.web.entrance.residents import Visitor
from linli.web.frame.counted import counted
from linli.web.frame.own_words import OwnWords
from linli.web.person.page import entries
from linli.web.views.my import for_matter
from linli.web.views.my_cases import own_case
from linli.web.views.office import for_staff
from linli.web.views.window import at_window


@for_matter()
def mine(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """What my case needs and what I gave; what I gave before is taken over with a tick."""
    visitor.viewer.require_level("card")
    found = own_case(visitor, uid)
    return _listed(request, visitor.viewer, found, MY, "my/papers.html", {"visitor": visitor, "section": "found"})


@for_matter()
def give_mine(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """One photo or PDF for one of the papers of my case."""
    visitor.viewer.require_level("card")
    found = own_case(visitor, uid)
    return _given(request, visitor.viewer, found, MY, "my/give_paper.html", {"visitor": visitor, "section": "found"})


@for_matter()
def look_mine(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """One of my papers, page by page."""
    found = _own_document(visitor, uid)
    reasons = queries.reasons_of(visitor.viewer, [found]).get(found.uid, "")
    context = {**_about(found, request), "visitor": visitor, "section": "found", "reasons": reasons, "picture": "my:own_paper_page"}
    return render(request, "my/paper_look.html", context)


@for_matter()
def page_mine(request: HttpRequest, visitor: Visitor, uid: UUID, number: int) -> HttpResponse:
    """The picture of a page."""
    return papers.picture(queries.page(visitor.viewer, _own_document(visitor, uid), number))


def _own_document(visitor: Visitor, uid: UUID) -> Document:
    visitor.viewer.require_level("card")
    found = queries.document(visitor.viewer, uid)
    own_case(visitor, found.case.uid)
    return found


@for_staff
def of_case(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The papers of a case and its letters, for whoever works on it."""
    found = _case(viewer, uid)
    more = {"letters": papers.letters(found, OFFICE), "person": name_of(found), "waiting": _waiting(found)}
    return _listed(request, viewer, found, OFFICE, "office/papers.html", more)


def _waiting(found: Case) -> str:
    number = len(queries.unchecked(found))
    return counted("有 %(number)s 份材料等审核。没有审核完，不能发放。", number=number) if number else ""


@for_staff
def give_for(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A scan by an officer of the case, or by the clerk who took the case in."""
    return _given(request, viewer, _case(viewer, uid), OFFICE, "office/give_paper.html", {})


class CheckForm(forms.Form):
    """An officer's word on a document."""

    reasons = OwnWords(label=gettext_lazy("说明"), help_text=gettext_lazy("不合格时必填，居民会看到。"), rows=3)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())


@for_staff
def look(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A document beside what the registers say, with the word on it; then on to the next one that waits."""
    found = _document(viewer, uid)
    form = CheckForm(request.POST or None, initial={"key": str(uuid7())})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            acts.check(viewer, uid, request.POST.get("result", ""), told["reasons"], key=told["key"])
        except Refused:
            raise
        except LinliError as problem:
            show_problem(form, problem)
        else:
            return _onward(request, found)
    every = [one for one in queries.documents_of(found.case) if one.part != queries.OF_LETTERS or one.pk == found.pk]
    context = {
        **_about(found, request),
        **_beside(viewer, found),
        **_neighbours(every, found),
        "form": form if _may_check(viewer, found) else None,
        "entering": shown_facts.form_for(viewer, found) if _may_enter(viewer, found) else None,
        "reasons": queries.reasons_of(viewer, [found]).get(found.uid, ""),
        "who": papers.givers(viewer, found.case, [found])[found.given_by],
        "picture": "office:paper_page",
        "elsewhere": [grouped(one) for one in queries.elsewhere(found)],
    }
    return render(request, "office/paper_look.html", context, status=400 if form.errors else 200)


@for_staff
@require_POST
def show(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Enter what an accepted paper shows where no register says it; the rule is asked anew."""
    found = _document(viewer, uid)
    form = shown_facts.form_for(viewer, found, request.POST) if _may_enter(viewer, found) else None
    if form is None:
        raise Http404
    if form.is_valid() and (entered := form.entered()):
        try:
            state_from(viewer, uid, entered, key=form.cleaned_data["fact_key"])
        except Refused:
            raise
        except LinliError as problem:
            messages.warning(request, problem_words(problem))
        else:
            messages.success(request, _("已登记，来源记为这份材料；已按新的情况重新核对。"))
            return redirect("office:case", uid=found.case.uid)
    else:
        messages.warning(request, _("没有填写，或填写的内容不符合要求，没有登记。"))
    return redirect("office:paper", uid=uid)


@for_staff
def page(request: HttpRequest, viewer: Viewer, uid: UUID, number: int) -> HttpResponse:
    """The picture of a page; the reading is listed to the person."""
    found = _document(viewer, uid)
    try:
        return papers.picture(queries.page(viewer, found, number))
    except Refused:
        raise
    except LinliError:
        raise Http404 from None


def _onward(request: HttpRequest, found: Document) -> HttpResponse:
    waiting = queries.unchecked(found.case)
    if waiting:
        messages.success(request, _("已记下。这是下一份。"))
        return redirect("office:paper", uid=waiting[0].uid)
    messages.success(request, _("已记下。这件事项的材料都看过了。"))
    return redirect("office:papers", uid=found.case.uid)


def _case(viewer: Viewer, uid: UUID) -> Case:
    try:
        return cases.case(viewer, uid)
    except LinliError:
        raise Http404 from None


def _document(viewer: Viewer, uid: UUID) -> Document:
    try:
        return queries.document(viewer, uid)
    except LinliError:
        raise Http404 from None


def _may_enter(viewer: Viewer, found: Document) -> bool:
    return found.check_result == "accepted" and workable(viewer).filter(case=found.case).exists() and not is_own(viewer, found.case)


def _may_check(viewer: Viewer, found: Document) -> bool:
    other = found.given_by != viewer.actor and found.part != queries.OF_LETTERS
    return other and workable(viewer).filter(case=found.case).exists() and not is_own(viewer, found.case)


def _about(found: Document, request: HttpRequest) -> dict[str, Any]:
    materials = queries.materials_of(found.case)
    kind, words, sign = papers.CHECKS[found.check_result]
    return {
        "document": found,
        "case": found.case,
        "label": queries.label_of(found, materials, queries.pictures_of(found.case)),
        "material": materials.get(found.material),
        "tag": papers.Tag(kind, str(words), sign),
        "view": papers.view_of(request, found),
        "receipt": grouped(found.case.receipt),
    }


def _beside(viewer: Viewer, found: Document) -> dict[str, Any]:
    """Whom it is about and what lists say of them now that the case needs, for an officer of their area."""
    who = resident_of(found.case.subject_uid)
    said = entries(viewer, who, [found.case.area_code], only=_needed(found)) or []
    return {"who_is": who if who.erased_at is None else None, "lists": [one for one in said if one.until is None and one.values]}


def _needed(found: Document) -> frozenset[str]:
    """The facts to look at a paper by: those that the case's programme reads and those that its papers show; of a case about one fact, that
    fact. No more than the purpose needs: 个人信息保护法第六条."""
    case, materials = found.case, queries.materials_of(found.case)
    shown = {fact for one in materials.values() for fact in one.gives} | ({case.fact} if case.fact else set())
    if not case.programme or not case.programme_version:
        return frozenset(shown)
    rule = pinned(case.programme, case.programme_version).rule
    return rule.facts_used | rule.household_facts_used | rule.family_facts_used | shown


def _neighbours(every: list[Document], found: Document) -> dict[str, Any]:
    at = next(place for place, one in enumerate(every) if one.pk == found.pk)
    return {
        "place": at + 1,
        "number": len(every),
        "previous": every[at - 1].uid if at else None,
        "following": every[at + 1].uid if at + 1 < len(every) else None,
    }


class ReceiptForm(forms.Form):
    """The number on the receipt that the person brings along, or the code on a letter about it."""

    receipt = forms.CharField(
        label=gettext_lazy("回执编号，或者文书的验证码"),
        help_text=gettext_lazy("回执编号是 13 位数字，写在收件回执上；验证码是 12 位，写在文书的二维码旁边。"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def clean_receipt(self) -> str:
        """As it is stored; a slip is found by its check digit. Of a letter's code, the receipt of its case."""
        told = self.cleaned_data["receipt"]
        if (case := case_of_code(told)) is not None:
            return case.receipt
        try:
            return parse_receipt(told)
        except LinliError as problem:
            show_problem(self, problem)
            return ""


@at_window
def by_receipt(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Papers for a case of anybody in the city, found by the number on the receipt."""
    form = ReceiptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = Case.objects.filter(receipt=form.cleaned_data["receipt"]).first()
        if found is not None and KINDS[found.kind].told:
            return redirect("window:papers", uid=found.uid)
        form.add_error("receipt", _("没有这个回执编号。对照回执再输一遍。"))
    return render(request, "window/by_receipt.html", {"form": form, "section": "papers"}, status=400 if form.errors else 200)


@at_window
def at_the_window(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What a case needs, for the clerk at whose window the person stands: states of papers, never the papers."""
    found = _told_case(uid)
    asking = Asking.of(viewer, found, request.POST if request.method == "POST" else None)
    if asking.sent and asking.give(viewer, found):
        messages.success(request, _("已经收到。"))
        return redirect("window:papers", uid=uid)
    more = {"section": "papers", "asking": asking, "person": masked_name(name_of(found)), "ways": contests.ways_of(found)}
    if KINDS[found.kind].stepped:
        more["following"] = followed(progress(found), give="", letter="")
    return _listed(request, viewer, found, WINDOW, "window/papers.html", more)


@at_window
def scan(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """A paper scanned at the window."""
    return _given(request, viewer, _told_case(uid), WINDOW, "window/give_paper.html", {"section": "papers"})


def _told_case(uid: UUID) -> Case:
    found = Case.objects.select_related("task").filter(uid=uid).first()
    if found is None or not KINDS[found.kind].told:
        raise Http404
    return found


def _listed(request: HttpRequest, viewer: Viewer, found: Case, portal: Portal, template: str, more: dict[str, Any]) -> HttpResponse:
    wrong = "asking" in more and more["asking"].wrong
    if request.method == "POST" and not wrong:
        number = papers.take_over(viewer, found, request)
        if number:
            messages.success(request, counted("已经用上 %(number)s 份以前交过的材料。", number=number))
        else:
            messages.warning(request, _("没有选择材料。"))
        return redirect(portal.papers, uid=found.uid)
    kind = KINDS[found.kind]
    context = {
        "case": found,
        "kind": Label(kind.zh, kind.en),
        "receipt": grouped(found.receipt),
        "papers": papers.papers(viewer, found, portal),
    }
    shown = {**context, **more, **({"letters": papers.letters(found, portal)} if portal is MY else {})}
    return render(request, template, shown, status=400 if wrong else 200)


def _given(request: HttpRequest, viewer: Viewer, found: Case, portal: Portal, template: str, more: dict[str, Any]) -> HttpResponse:
    material, part = request.GET.get("material", "")[:60], request.GET.get("part", "")[:10]
    context = papers.give_context(found, material, portal, part)
    form = papers.give_form(request)
    if request.method == "POST" and form.is_valid():
        try:
            papers.given(viewer, found, material, form, part)
        except Refused:
            raise
        except LinliError as problem:
            show_problem(form, problem)
        else:
            messages.success(request, _("已经收到。经办人员看过以后，这里会写明结果。"))
            return redirect(context["back"])
    return render(
        request, template, {**context, **more, "form": form, "receipt": grouped(found.receipt)}, status=400 if form.errors else 200
    )
