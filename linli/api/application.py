"""The API as a whole: its routes, its errors, its schema."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http.client import responses
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from linli.api.authority import Bearer
from linli.api.description import complete, in_chinese
from linli.api.invalid import problems_of, refuse_nul, refuse_unknown
from linli.api.problems import CONTENT_TYPE, bad_request, problem, unauthenticated, unavailable
from linli.api.queries import not_there
from linli.api.responses import REFUSED
from linli.api.routes import (
    applications,
    areas,
    cases,
    check,
    city,
    doubts,
    drafts,
    hsds,
    lists,
    notices,
    opendata,
    payments,
    programmes,
    residents,
    screenings,
    staff,
    tokens,
    trace,
    uploads,
    visits,
    webhooks,
    windows,
)
from linli.kernel.errors import LinliError, Problems, Refused, is_database_away, is_disk_full
from linli.registers.acts.attempts import note_refusal

ABOUT = """Everything that a system would want of Linli.

Times carry a zone, days are ISO dates, money is integer fen. Every refusal is a problem (RFC 9457) in Chinese and English.
Every write needs an `Idempotency-Key`: the same key with the same body is answered again and not done again. Lists are read
by `next` and `after`."""
log = logging.getLogger(__name__)


class Api(NinjaAPI):
    """NinjaAPI whose schema says what really comes, every refusal and the roles that a route asks for; once a process and language."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self._schemas: dict[tuple[str, str, str], Any] = {}

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None, language: str = "en") -> Any:
        """The schema in 'zh' or 'en', for reading only."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        asked = (settings.LINLI_SITE, prefix, language)
        if asked not in self._schemas:
            english = language == "en"
            self._schemas[asked] = self._written(prefix) if english else in_chinese(self.get_openapi_schema(path_prefix=prefix))
        return self._schemas[asked]

    def _written(self, prefix: str) -> Any:
        """The schema as it is made, about a second."""
        schema = super().get_openapi_schema(path_prefix=prefix)
        if settings.LINLI_SITE == "public":
            _leave_out_private(self, schema)
        roles = {one.operation_id: _roles(one) for _, _, one in operations(self)}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["x-roles"] = roles[operation["operationId"]]
                told = operation["responses"].pop(REFUSED[0])["content"]["application/json"]
                for status in REFUSED:
                    operation["responses"][status] = {"description": responses[status], "content": {CONTENT_TYPE: told}}
        complete(schema)
        return schema


def operations(of: NinjaAPI) -> list[tuple[str, str, Any]]:
    """(method, path, operation) of every route."""
    found = []
    for bound in of._get_bound_routers():
        for path, view in bound.path_operations.items():
            found += [(method, f"/api/v1{bound.prefix}{path}", one) for one in view.operations for method in one.methods]
    return found


def _leave_out_private(of: NinjaAPI, schema: Any) -> None:
    """The public site describes what it has: the routes that ask for no token."""
    private = {one.operation_id for _, _, one in operations(of) if one.auth_callbacks}
    for path, verbs in list(schema["paths"].items()):
        schema["paths"][path] = {verb: one for verb, one in verbs.items() if one["operationId"] not in private}
        if not schema["paths"][path]:
            del schema["paths"][path]


def _roles(operation: Any) -> list[str]:
    """The roles that a route asks for; empty where it is public."""
    return [role for one in operation.auth_callbacks if isinstance(one, Bearer) for role in one.roles]


api = Api(title="Linli 邻里", version="1", description=ABOUT, docs_url=None, openapi_url=None, urls_namespace="api-v1", auth=Bearer())
api.add_router("/programmes", programmes.router)
api.add_router("/check", check.router)
api.add_router("/areas", areas.router)
api.add_router("/windows", windows.router)
api.add_router("/hsds", hsds.router)
api.add_router("/open-data", opendata.router)
api.add_router("/lists", lists.router)
api.add_router("", uploads.router)
api.add_router("/residents", residents.router)
api.add_router("/screenings", screenings.router)
api.add_router("/trace", trace.router)
api.add_router("", tokens.router)
api.add_router("", webhooks.router)
api.add_router("", cases.router)
api.add_router("/applications", applications.router)
api.add_router("/payments", payments.router)
api.add_router("/city", city.router)
api.add_router("", drafts.router)
api.add_router("", doubts.router)
api.add_router("", notices.router)
api.add_router("/staff", staff.router)
api.add_router("/visits", visits.router)


def _only_known(one: Any) -> Callable[..., Any]:
    """The route, refused where the query or the form names what it does not take."""
    view, query, form = one.view_func, _names(one, "query"), _names(one, "form")

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        refuse_unknown(request.GET, query)
        refuse_unknown(request.POST, form)
        refuse_nul(request.POST)
        return view(request, *args, **kwargs)

    return asked


def _names(one: Any, source: str) -> frozenset[str]:
    """What an operation takes by name in its query or its form."""
    return frozenset(name for model in one.models if model.__ninja_param_source__ == source for name in model.__ninja_flatten_map__)


for _, _, _one in operations(api):
    _one.view_func = _only_known(_one)


# Files that nobody sends by mistake: noted like what goes beyond a grant.
HOSTILE = ("papers.zip_bomb", "papers.doctype", "papers.macros", "papers.external_links", "papers.connections")


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    """A refusal; one that security wants to know of is noted, by whose token it was and at which route."""
    several = error.problems if isinstance(error, Problems) else [error]
    noted = next((one for one in several if isinstance(one, Refused) or one.code in HOSTILE), None)
    viewer = getattr(request, "viewer", None)
    if noted is not None and viewer is not None:
        route = request.resolver_match.view_name if request.resolver_match else ""
        note_refusal(kind=noted.code, actor=viewer.actor, place=route, address="")
    return problem(request, error)


def _nothing(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(request, not_there())


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    if error.status_code == 401:
        return problem(request, unauthenticated())
    return problem(
        request, bad_request("请求内容无法读取", "The request cannot be read.", expected=("有效的 JSON", "valid JSON")), status=400
    )


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """A form whose parts, names or sizes are beyond what anybody reads."""
    return problem(request, bad_request("请求内容无法读取", "The request cannot be read.", found=type(error).__name__), status=400)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """What a shape refuses; a write without its key is a bad request."""
    return problem(request, problems_of(error.errors))


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    """A fault of ours, or no room or no database: the log has its kind and places, the caller has no part of it."""
    log.error("a call failed", exc_info=error)
    if is_database_away(error) or is_disk_full(error):
        return unavailable(request, error)
    fault = LinliError(
        "api.broken",
        zh="系统出了问题",
        en="Something went wrong here.",
        remedy_zh="用同一个键重试",
        remedy_en="try again with the same key",
    )
    return problem(request, fault, status=500)


for _kind, _handler in (
    (Exception, _broken),
    (LinliError, _refused),
    (Problems, _refused),
    (Http404, _nothing),
    (HttpError, _http),
    (MultiPartParserError, _unreadable),
    (SuspiciousOperation, _unreadable),
    (ValidationError, _invalid),
):
    api.add_exception_handler(_kind, _handler)
