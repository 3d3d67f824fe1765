"""Letters of a case: the PDF for the person and the office, the scan of the stamped original, service; and the page that verifies one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from linli.casework.letters import acts, queries
from linli.casework.models import Letter
from linli.casework.receipts import grouped
from linli.circles import queries as circles
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.papers import scans
from linli.web.case import papers
from linli.web.case.cases import show_problem
from linli.web.case.papers import OFFICE
from linli.web.entrance.residents import Visitor
from linli.web.views.my import for_matter
from linli.web.views.my_cases import own_case
from linli.web.views.office import for_staff

LARGEST_PDF = 5 * 2**20


@for_matter()
def mine(request: HttpRequest, visitor: Visitor, uid: UUID) -> HttpResponse:
    """A letter of mine as PDF. Opened by the person or whoever acts for them, it is served."""
    visitor.viewer.require_level("card")
    found = queries.letter_for(visitor.viewer, uid)
    own_case(visitor, found.case.uid)
    content = queries.pdf(visitor.viewer, found, site=papers.site_of(request), language=language_of(request))
    acts.served(visitor.viewer, uid, "portal")
    return papers.pdf(found, content)


def language_of(request: HttpRequest) -> str:
    """In which language a letter is asked for: the original's, unless its translation is."""
    return "en" if request.GET.get("language") == "en" else "zh"


class ScanForm(forms.Form):
    """The stamped original, scanned."""

    file = forms.FileField(
        label=gettext_lazy("盖章件扫描"),
        help_text=gettext_lazy("照片或 PDF，不超过 20 MB。"),
        widget=forms.FileInput(attrs={"accept": papers.ACCEPT}),
    )

    def clean_file(self) -> Any:
        """No larger than may be."""
        sent = self.cleaned_data["file"]
        if sent.size > scans.LARGEST:
            raise forms.ValidationError(_("文件超过 20 MB。用手机重新拍一张，或分成几个文件。"))
        return sent


@for_staff
def letter(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """One letter for the office: print the original, attach the scan of the stamped one, record service, withdraw it."""
    found = _letter(viewer, uid)
    form = ScanForm()
    if request.method == "POST":
        form = ScanForm(request.POST, request.FILES) if "scan" in request.POST else ScanForm()
        told = _done(request, viewer, found, form)
        if told:
            messages.success(request, told)
            return redirect("office:letter", uid=uid)
    context = {
        "row": papers.letter_row(found, OFFICE),
        "form": form,
        "case": found.case,
        "receipt": grouped(found.case.receipt),
        "ways": [(how, words) for how, words in papers.SERVED_WORDS.items() if how != "portal"],
    }
    return render(request, "office/letter.html", context, status=400 if form.errors else 200)


def _done(request: HttpRequest, viewer: Viewer, found: Letter, form: ScanForm) -> str:
    """Do what the button says; the words for it, "" where the form has to be shown again."""
    try:
        if "withdraw" in request.POST:
            acts.withdraw_letter(viewer, found.uid)
            return _("文书已经撤回，核验页会写明不再有效。")
        if "served" in request.POST:
            acts.served(viewer, found.uid, request.POST["served"])
            return _("送达已经登记。")
        if form.is_bound and form.is_valid():
            acts.attach_scan(viewer, found.uid, form.cleaned_data["file"].read())
            return _("扫描件已经附上。")
    except Refused:
        raise
    except LinliError as problem:
        show_problem(form, problem) if form.is_bound else messages.warning(request, problem.zh)
    return ""


@for_staff
def pdf(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """The PDF for the office: the original to print and stamp, or a copy."""
    found = _letter(viewer, uid)
    original = request.GET.get("edition") == "original"
    try:
        content = queries.pdf(viewer, found, site=papers.site_of(request), language=language_of(request), original=original)
    except Refused:
        raise
    except LinliError:
        raise Http404 from None
    return papers.pdf(found, content)


def _letter(viewer: Viewer, uid: UUID) -> Letter:
    try:
        return queries.letter_for(viewer, uid)
    except LinliError:
        raise Http404 from None


class CompareForm(forms.Form):
    """The PDF that somebody was given."""

    file = forms.FileField(label=gettext_lazy("收到的 PDF 文件"), widget=forms.FileInput(attrs={"accept": "application/pdf"}))

    def clean_file(self) -> Any:
        """A letter is never this large."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST_PDF:
            raise forms.ValidationError(_("文件过大，不会是我们的文书。"))
        return sent


@never_cache
def verify(request: HttpRequest, code: str = "") -> HttpResponse:
    """Whether a letter or an issued plan is ours: by its code, and whether a PDF is the one that was issued. Says nothing of the person but
    a masked name."""
    typed = (code or request.GET.get("code", "")).strip()[:40]
    letter = queries.verified(typed) if typed else None
    found = letter or (circles.verified(typed) if typed else None)
    same: bool | None = None
    form = CompareForm(request.POST, request.FILES) if request.method == "POST" and found else CompareForm()
    if found and form.is_bound and form.is_valid():
        sent = form.cleaned_data["file"].read()
        same = queries.is_as_issued(typed, sent, site=papers.site_of(request)) if letter else circles.is_as_issued(typed, sent)
    tag = papers.LETTER_STATES[found.state] if found else None
    context = {"typed": typed, "found": found, "tag": tag, "form": form, "same": same}
    return render(request, "public/verify.html", context, status=400 if form.errors else 200)
