"""Addresses for machines that watch: alive, ready, and figures."""

from __future__ import annotations

import hmac
import ipaddress
import os

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from linli.site import metrics as figures
from linli.site.health import health

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers, whatever the database does: for whoever would restart it."""
    return _unstored(JsonResponse({"state": "up"}))


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, its schema is this release's and a worker breathes; else 503 and which of them does not."""
    found = health()
    state = {
        "state": "ready" if found.ready else "not ready",
        "database": found.database,
        "migrations": found.migrations,
        "worker": found.worker,
    }
    return _unstored(JsonResponse(state, status=200 if found.ready else 503))


def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever shows LINLI_METRICS_TOKEN, or asks from this machine itself; to all others there is nothing here."""
    if not (_has_token(request) or _from_this_machine(request)):
        raise Http404
    return _unstored(HttpResponse(figures.text(), content_type=figures.CONTENT_TYPE))


def _has_token(request: HttpRequest) -> bool:
    expected = os.environ.get("LINLI_METRICS_TOKEN", "")
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    return bool(expected) and kind == "Bearer" and hmac.compare_digest(shown.encode(), expected.encode())


def _from_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine asks from here too, but says for whom."""
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _unstored(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
