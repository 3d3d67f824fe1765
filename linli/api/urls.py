"""The addresses of the API: /api/v1, and its pages for people."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from linli.api import pages
from linli.api.application import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("docs", pages.docs, name="api-docs"),
    path("v1/openapi.json", pages.openapi, name="openapi-json"),
    path("v1/", api.urls),
]
