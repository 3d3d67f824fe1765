"""What a browser sends, read in one place: no value holds a NUL, which no column takes, and a number is one or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

Handler = Callable[[HttpRequest], HttpResponse]
_DIGITS = 18
"""The longest number that a column holds."""


def number(values: QueryDict, name: str, default: int = 0) -> int:
    """A whole number from 0 on; the default for anything else, however long."""
    text = values.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else default


def without_nul(handle: Handler) -> Handler:
    """Middleware: every view of the pages sees its parameters and its form without NULs. Behind the check of the form's token, which has
    read the form by then; the API judges its own bodies."""

    def respond(request: HttpRequest) -> HttpResponse:
        return handle(request)

    def process_view(request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.path.startswith("/api/"):
            return
        request.GET = _clean(request.GET)
        if request.method == "POST":
            request.POST = _clean(request.POST)

    respond.process_view = process_view  # type: ignore[attr-defined]
    return respond


def _clean(values: Any) -> Any:
    if not any("\x00" in text for _name, several in values.lists() for text in several):
        return values
    found = values.copy()
    for name, several in values.lists():
        found.setlist(name, [text.replace("\x00", "") for text in several])
    found._mutable = False
    return found
