"""Every address of the site, and a bare page: the server, the middleware, eleven bytes, no query."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse  # noqa: TID251
from django.urls import path

from linli.site import urls


def hello(request: HttpRequest) -> HttpResponse:
    """Nothing but a greeting."""
    return HttpResponse("hello world")


urlpatterns = [path("hello/", hello), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
