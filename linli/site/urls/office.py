"""The officers' site (LINLI_SITE=office): everything that is not the public site's. Its front door leads to the officers' list."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from linli.site.urls import handler400, handler403, handler404, handler500
from linli.site.urls.split import Pattern, portion
from linli.site.urls.whole import API, PAGES, PROBES

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns: list[Pattern] = [
    path("", RedirectView.as_view(pattern_name="office:runs")),
    API,
    *PROBES,
    *portion(PAGES, "office"),
]
