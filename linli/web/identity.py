"""The city's identity service, as settings name it, and what of a journey to it is kept in the session."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.module_loading import import_string

from linli.registers.ports import IdentityService, Journey


def service() -> IdentityService:
    """The adapter; 404 where the installation has none."""
    if not settings.LINLI_IDENTITY_SERVICE:
        raise Http404
    made: IdentityService = import_string(settings.LINLI_IDENTITY_SERVICE)()
    return made


def stated(kept: dict[str, Any]) -> Journey:
    """The journey that this browser began."""
    return Journey(address="", state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
