"""Notices: whether one is genuine, how a resident wants to be written to, the officers' log, mailings that wait for a decision."""

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

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.notices import acts, mail, offices, queries
from linli.notices.models import Mailing
from linli.web.entrance.residents import Visitor
from linli.web.office import deliveries
from linli.web.templatetags.texts import chinese, words
from linli.web.views.my import AboutForm, for_resident, problem_beside
from linli.web.views.office import for_staff

LONGEST = 80


def genuine(request: HttpRequest) -> HttpResponse:
    """Whether a notice or a telephone number is ours. Nothing typed here is kept."""
    typed = request.GET.get("q", "").strip()[:LONGEST]
    found = queries.is_genuine(typed) if typed else None
    return render(request, "public/genuine.html", {"typed": typed, "found": found, "offices": offices.published()})


def script(request: HttpRequest) -> HttpResponse:
    """What whoever answers the telephone says, to be printed."""
    return render(request, "public/genuine_script.html", {"offices": offices.published()})


class ReachForm(AboutForm):
    """How somebody wants to be written to."""

    language = forms.ChoiceField(
        label=gettext_lazy("短信和邮件用哪种文字"), choices=[("zh", "中文"), ("en", "English")], widget=forms.RadioSelect
    )
    refused = forms.MultipleChoiceField(
        label=gettext_lazy("不想收哪些"),
        help_text=gettext_lazy("只对提示类通知有效。关于您的决定、授权和账号安全的通知照常发送。"),
        choices=[("sms", gettext_lazy("不要短信")), ("email", gettext_lazy("不要邮件"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    email = forms.EmailField(
        label=gettext_lazy("电子邮箱（可以不填）"),
        help_text=gettext_lazy("信里不写政策名称，全文在“我的信件”里看"),
        required=False,
        max_length=120,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@for_resident
def reach(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """How I want to be written to, and what I would rather not get."""
    whom = visitor.whom.uid
    form = ReachForm(request.POST or None, initial={**_wishes(visitor.viewer, whom), "whom": whom})
    if request.method == "POST" and form.is_valid():
        form.require(visitor)
        chosen = form.cleaned_data
        before = form.initial.get("email", "")
        gone = bool(before and not chosen["email"])
        acts.choose(visitor.viewer, recipient=whom, language=chosen["language"], refused=chosen["refused"], forget_email=gone)
        try:
            if chosen["email"] and chosen["email"] != before:
                mail.ask(visitor.viewer, recipient=whom, address=chosen["email"], language="zh" if chinese() else "en")
                return redirect("my:mail")
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            messages.success(request, _("已保存。"))
            return redirect("my:letters")
    context = {"visitor": visitor, "section": "letters", "form": form}
    return render(request, "my/reach.html", context, status=400 if form.errors else 200)


class MailCodeForm(forms.Form):
    """The figures that the mail said."""

    code = forms.CharField(
        label=gettext_lazy("邮件里的六位数字"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "input-short"}),
    )


@for_resident
def confirm_mail(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The code that came by mail: the address is used from then on."""
    whom = visitor.whom.uid
    if not mail.waiting(visitor.viewer, whom):
        return redirect("my:reach")
    form = MailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            mail.confirm(visitor.viewer, recipient=whom, code=form.cleaned_data["code"])
        except LinliError as problem:
            problem_beside(form, problem)
        else:
            messages.success(request, _("邮箱已经确认。"))
            return redirect("my:letters")
    context = {"visitor": visitor, "section": "letters", "form": form}
    return render(request, "my/mail.html", context, status=400 if form.errors else 200)


def _wishes(viewer: Viewer, whom: UUID) -> dict[str, Any]:
    """What was chosen before, with the address, whose reading is listed."""
    wish, email = queries.wishes(viewer, whom)
    return {"language": wish.language, "refused": wish.refused, "email": email} if wish else {"language": "zh"}


@for_staff
def log(request: HttpRequest, viewer: Viewer, state: str = "failed") -> HttpResponse:
    """What was sent, or was not, within the viewer's grants."""
    if state not in deliveries.SHOWN:
        raise Http404
    before = request.GET.get("after", "")
    rows = queries.deliveries(viewer, state, before=int(before) if before.isdecimal() and len(before) < 19 else 0)
    context = {
        "rows": deliveries.shown(rows),
        "state": state,
        "tabs": deliveries.tabs(viewer, state),
        "after": str(rows[-1].pk) if len(rows) == queries.PAGE else "",
        "first": not before,
    }
    return render(request, "office/notices.html", context)


@for_staff
@require_POST
def send_again(request: HttpRequest, viewer: Viewer, delivery: UUID) -> HttpResponse:
    """Put a failed delivery on its way once more. A second press changes nothing."""
    row = acts.send_again(viewer, delivery=delivery)
    messages.success(request, _("已重新安排发送。") if row.status == "waiting" else _("这条通知不需要重发。"))
    return redirect("office:notices", state="failed")


@for_staff
def mailings(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Mailings after screenings of the whole city; those held wait for a decision."""
    context = {"rows": deliveries.mailed(viewer), "tabs": deliveries.tabs(viewer, "mailings")}
    return render(request, "office/mailings.html", context)


@for_staff
@require_POST
def decide(request: HttpRequest, viewer: Viewer, mailing: UUID) -> HttpResponse:
    """Release a mailing, or drop it once that was confirmed: it can't be taken back."""
    if "release" not in request.POST and "confirm" not in request.POST:
        if "drop" not in request.POST:
            raise Http404
        found = next((one for one in deliveries.mailed(viewer) if one.row.uid == mailing and one.may_decide), None)
        return render(request, "office/mailing_drop.html", {"one": found}) if found else redirect("office:mailings")
    try:
        row = acts.decide_mailing(viewer, mailing=mailing, release="release" in request.POST)
    except Mailing.DoesNotExist:
        raise Http404 from None
    except Refused:
        raise
    except LinliError as problem:
        messages.warning(request, words({"zh": problem.zh, "en": problem.en}))
    else:
        messages.success(request, _("已放行，正在写信。") if row.state == "released" else _("已放弃，不会发出。"))
    return redirect("office:mailings")
