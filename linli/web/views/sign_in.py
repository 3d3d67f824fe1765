"""Signing in as staff: a password or the city's identity service, then the second factor, then where the person was going."""

from __future__ import annotations

from functools import wraps
from math import ceil
from typing import Any
from uuid import UUID

import segno
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.registers.acts import factors
from linli.registers.models import Staff
from linli.registers.queries import staff as queries
from linli.web.entrance import attempts, signin
from linli.web.entrance.identity import kept, service, stated
from linli.web.frame.city import city
from linli.web.frame.counted import counted
from linli.web.frame.menu import start
from linli.web.places.stating import said
from linli.web.templatetags.texts import chinese, words

CODE = forms.TextInput(
    attrs={
        "autocomplete": "one-time-code",
        "autocapitalize": "characters",
        "class": "input-short",
        "spellcheck": "false",
        "autofocus": True,
    }
)


class SignInForm(forms.Form):
    """Login and password; nothing about either is told apart."""

    login = forms.CharField(
        label=gettext_lazy("登录名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=gettext_lazy("密码"), max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class CodeForm(forms.Form):
    """The code that the telephone shows, or a recovery code; or what the browser says a passkey answered."""

    code = forms.CharField(
        label=gettext_lazy("动态码"),
        help_text=gettext_lazy("手机验证器上的六位数字；手机不在身边时，填一个备用码"),
        max_length=24,
        widget=CODE,
        required=False,
    )
    credential = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput())


class NewCodeForm(forms.Form):
    """The first code of a generator that is being set up."""

    code = forms.CharField(label=gettext_lazy("验证器显示的六位数字"), max_length=10, widget=CODE)


def _target(request: HttpRequest) -> str:
    """Where the person was going, on this site; empty for nowhere in particular."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own else ""


def _in(staff: Staff, target: str) -> HttpResponse:
    """To where the person was going, else to where their work is."""
    return HttpResponseRedirect(target or reverse(start(queries.viewer_of(staff))))


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """The password. Who fails too often waits, and is told how long."""
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["login"]
        if pause := signin.wait(request, name):
            form.add_error(None, waiting(pause.total_seconds()))
            status = 429
        elif staff := signin.sign_in(request, name, form.cleaned_data["password"]):
            return go_on(request, staff, _target(request), "password")
        else:
            form.add_error(None, _("登录名或密码不对。"))
            status = 403
    context = {"form": form, "next": _target(request), "identity": bool(settings.LINLI_IDENTITY_SERVICE)}
    return render(request, "office/sign_in.html", context, status=status)


def waiting(seconds: float) -> str:
    """How long to wait, in words."""
    return counted("尝试次数太多，请 %(seconds)s 秒后再试。", seconds=ceil(seconds))


def go_on(request: HttpRequest, staff: Staff, target: str, method: str) -> HttpResponse:
    """After the first factor: to the second, to setting one up, or in."""
    if factors.factors_of(staff):
        signin.hold(request, staff, target)
        return redirect("office:second_factor")
    if settings.LINLI_SECOND_FACTOR == "required":
        signin.hold(request, staff, target)
        return redirect("office:enrol")
    signin.begin(request, staff, method)
    return _in(staff, target)


def _between(page: Any) -> Any:
    """The page is for someone who has shown the first factor here within ten minutes."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest) -> HttpResponse:
        held = signin.pending(request)
        return page(request, held) if held else redirect("office:sign_in")

    return guarded


@_between
def second_factor(request: HttpRequest, held: signin.Pending) -> HttpResponse:
    """The second factor: a code, a passkey or a recovery code."""
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        if pause := signin.wait(request, held.staff.login, "factor"):
            form.add_error(None, waiting(pause.total_seconds()))
            status = 429
        elif method := _shown_factor(request, held, form.cleaned_data):
            signin.forget_failures(request, held.staff.login, "factor")
            signin.begin(request, held.staff, method)
            return _in(held.staff, held.next)
        else:
            signin.note_failure(request, held.staff.login, "factor")
            form.add_error("code", _("验证没有通过。每个动态码只能用一次，请等下一个；还不行，请把手机时间设为自动，再试一次。"))
            status = 403
    asked = factors.passkey_to_ask(staff=held.staff, site=signin.site_of(request))
    if asked:
        signin.note(request, challenge=asked[1].hex())
    return render(request, "office/second_factor.html", {"form": form, "passkey": asked[0] if asked else ""}, status=status)


def _shown_factor(request: HttpRequest, held: signin.Pending, given: dict[str, str]) -> str:
    """By which means the person has shown the second factor; empty for none. A challenge is good for one answer."""
    if given["credential"]:
        challenge = bytes.fromhex(held.notes.get("challenge", ""))
        signin.note(request, challenge="")
        site = signin.site_of(request)
        shown = bool(challenge) and factors.accept_passkey(staff=held.staff, credential=given["credential"], challenge=challenge, site=site)
        return "passkey" if shown else ""
    code = "".join(given["code"].split())
    if code.isdecimal() and len(code) == 6:
        return "totp" if factors.accept_totp(staff=held.staff, code=code) else ""
    return "recovery" if code and factors.accept_recovery_code(staff=held.staff, code=code) else ""


@_between
def enrol(request: HttpRequest, held: signin.Pending) -> HttpResponse:
    """Set up the first second factor: scan, show a code, keep the recovery codes, and only then be signed in."""
    if factors.factors_of(held.staff):
        return redirect("office:second_factor")
    new = kept_totp(held.notes) or factors.new_totp()
    if not held.notes:
        signin.note(request, uid=str(new.uid), cipher=new.cipher)
    form = NewCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        viewer = Viewer(held.staff.actor)
        try:
            factors.add_totp(viewer, staff=held.staff, new=new, label=_("手机验证器"), code=form.cleaned_data["code"])
        except LinliError as problem:
            form.add_error("code", said(problem))
        else:
            codes = factors.make_recovery_codes(viewer, staff=held.staff)
            signin.begin(request, held.staff, "totp")
            onwards = held.next or reverse(start(queries.viewer_of(held.staff)))
            return render(request, "office/recovery_codes.html", {"codes": codes, "next": onwards})
    return render(request, "office/enrol.html", {"form": form, **pictured(new, held.staff)})


def kept_totp(notes: dict[str, Any]) -> factors.NewTotp | None:
    """The generator being set up, as it was kept in the session."""
    return factors.NewTotp(UUID(notes["uid"]), notes["cipher"]) if "uid" in notes else None


def pictured(new: factors.NewTotp, staff: Staff) -> dict[str, str]:
    """The secret as a QR picture and in groups of four letters."""
    secret = new.secret()
    address = new.address(staff.login, f"Linli {words(city().label)}")
    return {
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    signin.leave(request)
    return redirect("office:sign_in")


@never_cache
@require_POST
def identity(request: HttpRequest) -> HttpResponse:
    """On to the city's identity service; state, nonce and verifier stay here."""
    target = _target(request)
    try:
        journey = service().begin(request.build_absolute_uri(reverse("office:identity_back")))
    except LinliError as problem:
        return _refused(request, problem)
    request.session.flush()
    request.session["identity"] = {**kept(journey), "next": target}
    return HttpResponseRedirect(journey.address)


@never_cache
def identity_back(request: HttpRequest) -> HttpResponse:
    """Back from the identity service: its token is checked, and whoever it names is let on to the second factor.

    The answer is good once; a state that is not this browser's own is refused.
    """
    began = request.session.pop("identity", None)
    if not settings.LINLI_IDENTITY_SERVICE or began is None:
        return redirect("office:sign_in")
    try:
        found = service().finish(stated(began), request.build_absolute_uri(reverse("office:identity_back")), request.GET.dict())
    except LinliError as problem:
        attempts.note(request, problem.code, "public")
        return _refused(request, problem)
    staff = queries.staff_of_identity(found.issuer, found.subject)
    if staff is None:
        attempts.note(request, "identity.unknown", "public")
        return render(request, "office/identity_unknown.html", {"subject": found.subject}, status=403)
    if found.several_factors:
        signin.begin(request, staff, "identity")
        return _in(staff, began["next"])
    return go_on(request, staff, began["next"], "identity")


def _refused(request: HttpRequest, problem: LinliError) -> HttpResponse:
    form = SignInForm({})
    form.errors.clear()
    form.add_error(None, problem.zh if chinese() else problem.en)
    return render(request, "office/sign_in.html", {"form": form, "next": "", "identity": True}, status=403)
