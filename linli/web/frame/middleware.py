"""What every response carries, and the two choices a reader can make: language and edition."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from linli.kernel.looks import one_look
from linli.web.entrance import signin
from linli.web.entrance.sessions import is_residents
from linli.web.frame import preferences as choices

Handler = Callable[[HttpRequest], HttpResponse]

# Everything comes from this server; no inline script or style, no frame, no plug-in.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# On the pages that have a button for it alone; the browser asks only once it is pressed.
MAY_ASK_WHERE = HEADERS["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)")


def _policy() -> str:
    """The policy; a form may lead on to the identity services, because browsers hold a form's redirects to it too."""
    issuers = (settings.LINLI_OIDC["issuer"], settings.LINLI_RESIDENT_OIDC["issuer"])
    origins = sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, issuers) if parts.netloc})
    return " ".join((POLICY, *origins))


def protective_headers(handle: Handler) -> Handler:
    """Outermost, so that static files and error pages carry the headers too."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = handle(request)
        response.headers.setdefault("Content-Security-Policy", _policy())
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.LINLI_HTTPS:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return respond


def preferences(handle: Handler) -> Handler:
    """Read language and edition from the reader's cookies. Chinese unless chosen otherwise: the browser's own language is not
    asked, because shared computers at service windows are often set to another."""

    def respond(request: HttpRequest) -> HttpResponse:
        chosen = choices.read(request)
        request.preferences = chosen  # type: ignore[attr-defined]
        with translation.override(chosen.language), one_look() if request.method == "GET" else nullcontext():
            response = handle(request)
        response.headers.setdefault("Content-Language", "zh-CN" if chosen.chinese else "en")
        return response

    return respond


def session_limits(handle: Handler) -> Handler:
    """Staff sessions end after half an hour unused, after a working day and in another browser. Readers without a session cost nothing."""

    def respond(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not is_residents(request):
            signin.keep_or_end(request)
        return handle(request)

    return respond
