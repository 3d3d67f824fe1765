"""The public site (LINLI_SITE=public): programmes, 查一查, residents' own pages, the API that asks for no token."""

from __future__ import annotations

from linli.site.urls import handler400, handler403, handler404, handler500
from linli.site.urls.split import Pattern, portion, public_api
from linli.site.urls.whole import API, PAGES, PROBES

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns: list[Pattern] = [public_api(API), *PROBES, *portion(PAGES, "public")]
