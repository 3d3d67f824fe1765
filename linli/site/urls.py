"""Every address of the site, and the pages for what goes wrong."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("linli.api.urls")),
    path("", include("linli.web.urls")),
]

handler400 = "linli.web.views.errors.bad_request"
handler403 = "linli.web.views.errors.forbidden"
handler404 = "linli.web.views.errors.not_found"
handler500 = "linli.web.views.errors.server_error"
