"""Guardianships on paper: recorded at a window, revoked by the county. They are confirmed from the inbox, as any case is answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.casework.guardianships import open_guardianship
from linli.casework.receipts import grouped
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.acts.guardianships import Paper
from linli.registers.acts.guards import resident_of
from linli.registers.models.guardianships import DOCUMENTS
from linli.registers.queries.accounts import known_as
from linli.registers.queries.guardianships import paper
from linli.web.frame.own_words import OwnWords
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import day, document_words
from linli.web.views.mandates import NUMBER, known
from linli.web.views.my import problem_beside
from linli.web.views.office import for_staff
from linli.web.views.window import at_window

YEARS = (1950, 2150)


class PaperForm(forms.Form):
    """What the paper on the counter says, and which of the two is the ward."""

    side = forms.ChoiceField(
        label=gettext_lazy("谁是被监护人"),
        choices=[("ward", gettext_lazy("本人，对方是监护人")), ("guardian", gettext_lazy("对方，本人是监护人"))],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=gettext_lazy("对方姓名"), max_length=100)
    identity = forms.CharField(label=gettext_lazy("对方身份证号"), max_length=20, widget=NUMBER)
    document = forms.ChoiceField(label=gettext_lazy("文件种类"), choices=list, widget=forms.RadioSelect)
    number = forms.CharField(label=gettext_lazy("文号"), max_length=80, widget=NUMBER)
    organ = forms.CharField(label=gettext_lazy("出具文件的单位"), max_length=120)
    issued_on = DayField(YEARS, label=gettext_lazy("文件日期"))
    valid_from = DayField(YEARS, label=gettext_lazy("监护从哪天起"))
    valid_to = DayField(
        YEARS,
        label=gettext_lazy("到哪天起不再有效"),
        help_text=gettext_lazy("文件没有写期限的不填。未成年人满十八周岁自动失效"),
        required=False,
    )
    key = forms.CharField(max_length=60, widget=forms.HiddenInput())

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["document"].choices = [(one, document_words(one)) for one in DOCUMENTS]  # type: ignore[attr-defined]


class RevokeForm(forms.Form):
    """Why it holds no longer."""

    reasons = OwnWords(
        label=gettext_lazy("撤销的理由"),
        help_text=gettext_lazy("双方都会看到。写明依据，例如撤销监护人资格的判决。"),
        rows=4,
        required=True,
    )


@at_window
def record(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """Record a paper that shows a guardianship; the county confirms it from its inbox."""
    who = resident_of(uid)
    form = PaperForm(request.POST or None, initial={"side": "ward", "key": str(uuid7())})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        side, name, identity, key = (data.pop(one) for one in ("side", "name", "identity", "key"))
        try:
            other = known(known_as(name, identity))
            ward, guardian = (who, other) if side == "ward" else (other, who)
            case = open_guardianship(viewer, ward=ward, guardian=guardian, paper=Paper(**data), key=key)
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            said = {"receipt": grouped(case.receipt), "day": day(case.due_at)}
            messages.success(request, _("已经受理，回执编号 %(receipt)s，县（市、区）最迟 %(day)s 答复。确认以前没有效力。") % said)
            return redirect("window:mandates", uid=uid)
    context = {"section": "window", "who": who, "form": form}
    return render(request, "window/guardianship.html", context, status=400 if form.errors else 200)


@for_staff
def revoke(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """What a confirmed paper says, and its end with reasons."""
    found = paper(viewer, uid)
    form = RevokeForm(request.POST or None) if found.state == "confirmed" else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            acts.revoke_guardianship(viewer, guardianship=found, reasons=form.cleaned_data["reasons"])
        except Refused:
            raise
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            messages.success(request, _("已经撤销，双方都会收到通知。"))
            return redirect("office:resident", uid=found.ward.uid)
    context = {"paper": found, "form": form}
    return render(request, "office/guardianship.html", context, status=400 if form is not None and form.errors else 200)
