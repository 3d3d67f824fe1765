"""Signing in: one answer for every failure, and a pause after too many of them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from linli.kernel.clock import now
from linli.registers.models import Staff
from linli.web.models import FailedSignIn

WINDOW = timedelta(minutes=15)
PER_LOGIN = 5
PER_ADDRESS = 40  # a whole service hall may share one address
KEPT = timedelta(days=1)


def _keyed(kind: str, text: str) -> str:
    return salted_hmac(f"linli.web.signin.{kind}", text.strip().lower()).hexdigest()


def _address(request: HttpRequest) -> str:
    """The peer's address. Behind our own proxy (LINLI_HTTPS) it is the last one that the proxy appended; any other forwarded address
    is a claim that anyone can make."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.LINLI_HTTPS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))


def is_paused(request: HttpRequest, login: str) -> bool:
    """Whether this login or this address has failed too often in the last 15 minutes. Two counts on an index."""
    since = now() - WINDOW
    failed = FailedSignIn.objects.filter(at__gte=since)
    return (
        failed.filter(login=_keyed("login", login)).count() >= PER_LOGIN
        or failed.filter(address=_keyed("address", _address(request))).count() >= PER_ADDRESS
    )


def sign_in(request: HttpRequest, login: str, password: str) -> Staff | None:
    """The member of staff, or None for an unknown login, a wrong password and an inactive account alike (same words, same work)."""
    staff = authenticate(request, username=login.strip(), password=password)
    if isinstance(staff, Staff):
        FailedSignIn.objects.filter(login=_keyed("login", login)).delete()
        return staff
    moment = now()
    FailedSignIn.objects.filter(at__lt=moment - KEPT).delete()
    FailedSignIn.objects.create(login=_keyed("login", login), address=_keyed("address", _address(request)), at=moment)
    return None
