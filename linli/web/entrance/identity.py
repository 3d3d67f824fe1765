"""The city's identity service, as settings name it, and what of a journey to it is kept in the session."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.module_loading import import_string

from linli.registers.ports import IdentityService, Journey


def service() -> IdentityService:
    """The adapter for staff; 404 where the installation has none."""
    return _made(settings.LINLI_IDENTITY_SERVICE)


def residents_service() -> IdentityService:
    """The adapter for residents; 404 where the installation has none."""
    return _made(settings.LINLI_RESIDENT_IDENTITY_SERVICE)


def _made(name: str) -> IdentityService:
    if not name:
        raise Http404
    made: IdentityService = import_string(name)()
    return made


def kept(journey: Journey) -> dict[str, str]:
    """What the session keeps of a journey; stated() reads it."""
    return {"state": journey.state, "nonce": journey.nonce, "verifier": journey.verifier}


def stated(kept: dict[str, Any]) -> Journey:
    """The journey that this browser began."""
    return Journey(address="", state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
