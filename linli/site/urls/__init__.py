"""Every address of both sites in one process (LINLI_SITE=all), and the pages for what goes wrong."""

from __future__ import annotations

from linli.site.urls.split import Pattern
from linli.site.urls.whole import API, PAGES, PROBES

urlpatterns: list[Pattern] = [API, *PROBES, *PAGES]

handler400 = "linli.web.views.errors.bad_request"
handler403 = "linli.web.views.errors.forbidden"
handler404 = "linli.web.views.errors.not_found"
handler500 = "linli.web.views.errors.server_error"
