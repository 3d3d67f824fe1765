"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from linli.web.frame import preferences
from linli.web.frame.city import city


def page(request: HttpRequest) -> dict[str, Any]:
    """Preferences (also on error pages made before the middleware ran), the city, whether this is a demo, and which site it is."""
    chosen = getattr(request, "preferences", None) or preferences.read(request)
    request.preferences = chosen  # type: ignore[attr-defined]
    return {"preferences": chosen, "city": city(), "demo": settings.LINLI_DEMO, "site": settings.LINLI_SITE}
