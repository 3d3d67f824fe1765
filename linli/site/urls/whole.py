"""Every address of both sites."""

from __future__ import annotations

from django.urls import include, path

from linli.site import probes
from linli.site.urls.split import Pattern
from linli.web.urls import urlpatterns as pages

API = path("api/", include("linli.api.urls"))
PROBES: list[Pattern] = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("metrics", probes.metrics, name="metrics"),
]
PAGES: list[Pattern] = pages
