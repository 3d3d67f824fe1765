"""One's own account: password, second factors, recovery codes, and where one is signed in. Changes ask for the password again."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.acts import factors, sessions
from linli.registers.models import ExternalIdentity, SecondFactor, Staff, StaffSession
from linli.registers.queries import staff as queries
from linli.web.entrance import signin
from linli.web.office import accounts
from linli.web.places.stating import said
from linli.web.views.office import for_staff
from linli.web.views.sign_in import CODE, kept_totp, pictured, waiting

NEW = "new_factor"


class PasswordAgain(forms.Form):
    """The present password, so that an open screen is not enough to change how somebody signs in."""

    password = forms.CharField(
        label=gettext_lazy("现在的密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        """The password, or an error; wrong ones are counted and waited for as at the sign-in."""
        staff, given = _me(self.request), str(self.cleaned_data["password"])
        if pause := signin.wait(self.request, staff.login):
            raise forms.ValidationError(waiting(pause.total_seconds()))
        if not staff.check_password(given):
            signin.note_failure(self.request, staff.login)
            raise forms.ValidationError(_("密码不对。"))
        return given


class NewTotpForm(PasswordAgain):
    """A generator: what it is called, and its first code."""

    label = forms.CharField(label=gettext_lazy("起个名字"), max_length=60, initial=gettext_lazy("手机验证器"))
    code = forms.CharField(label=gettext_lazy("验证器显示的六位数字"), max_length=10, widget=CODE)
    field_order = ("label", "code", "password")


class NewPasskeyForm(PasswordAgain):
    """A passkey: what it is called, and what the browser made."""

    label = forms.CharField(label=gettext_lazy("起个名字"), max_length=60, initial=gettext_lazy("安全密钥"))
    credential = forms.CharField(max_length=20_000, widget=forms.HiddenInput())
    field_order = ("label", "password", "credential")


class NewPasswordForm(PasswordAgain):
    """A new password, typed once and shown by the browser where it can."""

    new = forms.CharField(
        label=gettext_lazy("新密码"), help_text=gettext_lazy("至少八个字符，不要只用数字，不要用常见的密码"), max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    field_order = ("password", "new")

    def clean(self) -> dict[str, Any]:
        """The old one again is no new one."""
        data = super().clean() or {}
        if data.get("new") and data.get("new") == data.get("password"):
            self.add_error("new", _("新密码不能与现在的相同。"))
        return data


def _me(request: HttpRequest) -> Staff:
    return cast(Staff, request.user)


@for_staff
def account(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Who I am here, what I may do, how I sign in and where I am signed in."""
    staff = _me(request)
    own = [(one, one.session_key == request.session.session_key) for one in queries.sessions_of(staff)]
    context = {
        "grants": [one for one in accounts.in_words(queries.grants_of(staff)) if one.state != "past"],
        "placed": accounts.placed(staff.actor),
        "factors": factors.factors_of(staff),
        "codes_left": factors.codes_left(staff),
        "identities": queries.identities_of(staff),
        "sessions": own,
        "section": "account",
    }
    return render(request, "admin/account.html", context)


@for_staff
def totp(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Add a code generator; with the first factor come recovery codes."""
    staff = _me(request)
    new = kept_totp(request.session.get(NEW, {})) or factors.new_totp()
    request.session[NEW] = {"uid": str(new.uid), "cipher": new.cipher}
    form = NewTotpForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        first = not factors.factors_of(staff)
        try:
            factors.add_totp(viewer, staff=staff, new=new, label=form.cleaned_data["label"], code=form.cleaned_data["code"])
        except LinliError as problem:
            form.add_error("code", said(problem))
        else:
            del request.session[NEW]
            return codes_shown(request, viewer) if first else redirect("admin:account")
    return render(request, "admin/totp.html", {"form": form, "section": "account", **pictured(new, staff)})


@for_staff
def passkey(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Add a passkey: the browser makes it for this site, and it is good here alone."""
    staff, site = _me(request), signin.site_of(request)
    form = NewPasskeyForm(request.POST or None, request=request)
    challenge = bytes.fromhex(request.session.pop("challenge", ""))
    if request.method == "POST" and form.is_valid() and challenge:
        first, given = not factors.factors_of(staff), form.cleaned_data
        try:
            factors.add_passkey(viewer, staff=staff, label=given["label"], credential=given["credential"], challenge=challenge, site=site)
        except LinliError as problem:
            form.add_error(None, said(problem))
        else:
            messages.success(request, _("已经添加通行密钥，下次登录就能用。"))
            return codes_shown(request, viewer) if first else redirect("admin:account")
    options, challenge = factors.passkey_to_add(staff=staff, site=site)
    request.session["challenge"] = challenge.hex()
    if form.is_bound:  # an answer is good for one challenge
        form.data = {**dict(request.POST.items()), "credential": ""}
    context = {"form": form, "options": options, "section": "account", "named": signin.by_name(request)}
    return render(request, "admin/passkey.html", context)


def codes_shown(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """New recovery codes on a page, for the only time."""
    made = factors.make_recovery_codes(viewer, staff=_me(request))
    return render(request, "office/recovery_codes.html", {"codes": made, "next": reverse("admin:account")})


@for_staff
def codes(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """New recovery codes; the earlier ones end."""
    form = PasswordAgain(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        return codes_shown(request, viewer)
    return render(request, "admin/codes.html", {"form": form, "section": "account"})


@for_staff
def password(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A new password. Every other session of mine ends with the old one."""
    staff, form = _me(request), NewPasswordForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            acts.change_password(viewer, staff=staff, password=form.cleaned_data["new"])
        except LinliError as problem:
            form.add_error("new", said(problem))
        else:
            staff.refresh_from_db()
            sessions.end_other_sessions(viewer, staff=staff, keep=str(request.session.session_key))
            signin.renew(request, lambda: update_session_auth_hash(request, staff))
            messages.success(request, _("密码已更换，其他地方的登录都已退出。"), extra_tags="good")
            return redirect("admin:account")
    context = {"form": form, "given": staff.password_given_at is not None, "section": "account"}
    return render(request, "admin/new_password.html", context)


@for_staff
def remove_factor(request: HttpRequest, viewer: Viewer, factor: UUID) -> HttpResponse:
    """Take one of my factors out of force; where a second factor is required the last one stays."""
    mine = factors.factors_of(_me(request))
    row: SecondFactor | None = next((one for one in mine if one.uid == factor), None)
    if row is None:
        raise Http404
    row.staff = _me(request)
    form = PasswordAgain(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        if len(mine) == 1 and settings.LINLI_SECOND_FACTOR == "required":
            form.add_error(None, _("这是最后一种验证方式。请先添加另一种，再移除它。"))
        else:
            factors.remove_factor(viewer, factor=row)
            messages.success(request, _("验证方式已移除。"), extra_tags="good")
            return redirect("admin:account")
    return render(request, "admin/remove_factor.html", {"form": form, "factor": row, "section": "account"})


def _my_identity(request: HttpRequest, identity: UUID) -> ExternalIdentity:
    found = next((one for one in queries.identities_of(_me(request)) if one.uid == identity), None)
    if found is None:
        raise Http404
    found.staff = _me(request)
    return found


@for_staff
def confirm_identity(request: HttpRequest, viewer: Viewer, identity: UUID) -> HttpResponse:
    """Say that an identity that an administrator linked is mine; from then on it signs me in. It asks for the password, in a session
    that began with my own factors and not through the identity service."""
    row, staff = _my_identity(request, identity), _me(request)
    form = PasswordAgain(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        if not signin.began_here(request, staff):
            form.add_error(None, _("请退出，用登录名、密码和第二步验证重新登录，再来确认。"))
        else:
            sessions.confirm_identity(viewer, identity=row)
            messages.success(request, _("已确认，今后可以用统一身份认证登录。"), extra_tags="good")
            return redirect("admin:account")
    return render(request, "admin/identity.html", {"form": form, "identity": row, "section": "account"})


@for_staff
@require_POST
def end_identity(request: HttpRequest, viewer: Viewer, identity: UUID) -> HttpResponse:
    """It is not mine, or I no longer sign in by it: the link ends, and with it my sessions elsewhere."""
    sessions.end_identity(viewer, identity=_my_identity(request, identity), keep=str(request.session.session_key))
    messages.success(request, _("已解除关联，其他地方的登录都已退出。"), extra_tags="good")
    return redirect("admin:account")


@for_staff
@require_POST
def end_session(request: HttpRequest, viewer: Viewer, session: UUID) -> HttpResponse:
    """Sign out of somewhere else."""
    try:
        found = queries.session_of(session)
    except StaffSession.DoesNotExist:
        raise Http404 from None
    if found.staff_id != _me(request).pk:
        raise Http404
    sessions.end_session(viewer, session=found)
    messages.success(request, _("已退出那一处登录。"), extra_tags="good")
    return redirect("admin:account")


@for_staff
@require_POST
def end_sessions(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Sign out of everywhere else."""
    sessions.end_other_sessions(viewer, staff=_me(request), keep=str(request.session.session_key))
    messages.success(request, _("其他地方的登录都已退出。"), extra_tags="good")
    return redirect("admin:account")
