"""Tokens by which other programs act for a member of staff: made within one's own grants, for a time, shown once, ended at any moment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.clock import now
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.ports import token_desk
from linli.registers.queries import staff as queries
from linli.web.office import accounts
from linli.web.places.stating import said
from linli.web.views.account import PasswordAgain, _me
from linli.web.views.office import for_staff

DAYS = [("7", gettext_lazy("7天")), ("30", gettext_lazy("30天")), ("90", gettext_lazy("90天")), ("365", gettext_lazy("一年"))]


class TokenForm(PasswordAgain):
    """What it is for, which of one's grants it carries, how long it holds."""

    label = forms.CharField(label=gettext_lazy("给哪个系统用"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    grants = forms.MultipleChoiceField(
        label=gettext_lazy("带上哪些权限"),
        help_text=gettext_lazy("只选用得着的；您的权限终止，令牌也跟着失去"),
        choices=list,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(label=gettext_lazy("有效多久"), choices=DAYS, initial="30", widget=forms.RadioSelect)
    field_order = ("label", "grants", "days", "password")

    def __init__(self, *given: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["grants"].choices = choices  # type: ignore[attr-defined]


@for_staff
def tokens(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """My tokens; make another, whose secret this answer alone shows."""
    choices = [(str(number), text) for number, text in enumerate(_in_words(request, viewer))]
    form = TokenForm(request.POST or None, request=request, choices=choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        chosen = [viewer.grants[int(number)] for number in given["grants"]]
        try:
            secret = token_desk().make(viewer, label=given["label"], grants=chosen, days=int(given["days"]))
        except Refused:
            raise
        except LinliError as problem:
            form.add_error(None, said(problem))
        else:
            return render(request, "admin/token.html", {"label": given["label"], "secret": secret, "section": "account"})
    context = {"form": form, "tokens": token_desk().own(viewer), "now": now(), "section": "account"}
    return render(request, "admin/tokens.html", context, status=400 if form.errors else 200)


def _in_words(request: HttpRequest, viewer: Viewer) -> list[str]:
    """The viewer's grants of today in words, in their order."""
    rows = {(one.role, one.area_code, one.programme_slug): one for one in queries.grants_of(_me(request))}
    own = [rows[grant.role, grant.area, grant.programme] for grant in viewer.grants]
    return [f"{one.role} · {one.area} · {one.programme}" for one in accounts.in_words(own)]


@for_staff
@require_POST
def end_token(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """End one of mine at once."""
    try:
        token_desk().revoke(viewer, token=uid)
    except Refused:
        raise
    except LinliError as problem:
        messages.error(request, said(problem), extra_tags="bad")
    else:
        messages.success(request, _("令牌已停用。"), extra_tags="good")
    return redirect("admin:tokens")
