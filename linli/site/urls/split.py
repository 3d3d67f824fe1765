"""The addresses of one site out of all of them (linli/web/frame/portals.py says which site has which)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.http import Http404, HttpRequest
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt

from linli.api.application import api, operations
from linli.web.frame.portals import site_of

Pattern = URLPattern | URLResolver


def portion(patterns: Iterable[Pattern], site: str) -> list[Pattern]:
    """The patterns as this site has them. Those of the other site keep their names, so that pages can link there, and answer 404."""
    return [one if site_of(str(one.pattern)) in (site, "both") else absent(one) for one in patterns]


def absent(pattern: Pattern) -> Pattern:
    """The same names and addresses with nothing behind them."""
    if isinstance(pattern, URLPattern):
        return URLPattern(pattern.pattern, _nothing, pattern.default_args, pattern.name)
    return _resolver(pattern, [absent(one) for one in pattern.url_patterns])


def public_api(pattern: URLResolver) -> URLResolver:
    """The API of the public site: routes that ask for no token, and their description."""
    kept = {"docs", "v1/openapi.json"} | {
        path.removeprefix("/api/v1/").replace("{", "<").replace("}", ">") for _, path, one in operations(api) if not one.auth_callbacks
    }

    def thinned(one: Pattern) -> Pattern:
        if isinstance(one, URLResolver):
            return _resolver(one, [thinned(inner) for inner in one.url_patterns])
        return one if str(one.pattern) in kept else absent(one)

    return _resolver(pattern, [thinned(one) for one in pattern.url_patterns])


def _resolver(like: URLResolver, patterns: list[Pattern]) -> URLResolver:
    return URLResolver(like.pattern, patterns, like.default_kwargs, like.app_name, like.namespace)


@csrf_exempt
def _nothing(request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
    """Not on this site: the same answer as to an address that never was, also to a form without its token."""
    raise Http404
