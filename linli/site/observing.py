"""Every answer is counted and, with LINLI_LOG=json, noted in one line: what was asked by its pattern, never by its address."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

from linli.site import counters
from linli.site.logs import request_id

Handler = Callable[[HttpRequest], HttpResponse]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN = re.compile(r"[0-9a-f]{8,32}\Z")
_log = logging.getLogger("linli.requests")


def observe(handle: Handler) -> Handler:
    """Outermost. The answer carries the request's id, by which a complaint is found in the log; a proxy of ours may give it (hex)."""

    def respond(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if _GIVEN.match(given) else uuid4().hex)
        begun = time.perf_counter()
        try:
            response = handle(request)
            _note(request, response, time.perf_counter() - begun)
            response.headers["X-Request-ID"] = request_id.get()
        finally:
            request_id.reset(token)
        return response

    return respond


def _note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    pattern, method = pattern_of(request), request.method if request.method in METHODS else "other"
    counters.answered(method, pattern, response.status_code, seconds)
    if _log.isEnabledFor(logging.INFO):
        fields = {"method": method, "path": pattern, "status": response.status_code, "ms": round(seconds * 1000, 1), "who": who(request)}
        _log.info("answered", extra={"fields": fields})


def pattern_of(request: HttpRequest) -> str:
    """`/my/wrong/<str:fact>/`; what was found by no pattern is a static file, or nothing of ours."""
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return "static" if request.path.startswith("/static/") else "none"


def who(request: HttpRequest) -> str:
    """The kind of reader, as far as the page itself has found out: no query is made for the log."""
    if getattr(request, "visitor", None) is not None:
        return "resident"
    user = getattr(request, "_cached_user", None)
    if user is not None and user.is_authenticated:
        return "staff"
    return "program" if getattr(request, "auth", None) else "anyone"
