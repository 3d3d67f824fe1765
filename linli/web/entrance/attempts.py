"""Refused attempts of somebody who is signed in: noted with the route's name and where they came from, never with what they sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from linli.kernel.errors import Refused
from linli.registers.acts.attempts import note_refusal
from linli.web.entrance.origin import address_of, shown


def note(request: HttpRequest, refusal: Refused | str, actor: str = "") -> None:
    """Keep a refusal (or its code) for whoever watches over security: /admin/security/. One statement or two."""
    kind = refusal if isinstance(refusal, str) else refusal.code
    place = request.resolver_match.view_name if request.resolver_match else ""
    note_refusal(kind=kind, actor=actor or _actor(request), place=place, address=shown(address_of(request)))


def _actor(request: HttpRequest) -> str:
    visitor: Any = getattr(request, "visitor", None)
    viewer: Any = visitor.viewer if visitor is not None else getattr(request, "viewer", None)
    return viewer.actor if viewer is not None else "public"
