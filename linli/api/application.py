"""The API as a whole: its routes, its errors, its schema."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from linli.api.authority import Bearer
from linli.api.problems import CONTENT_TYPE, bad_request, problem, unauthenticated
from linli.api.queries import not_there
from linli.api.routes import (
    areas,
    cases,
    check,
    city,
    doubts,
    drafts,
    lists,
    notices,
    programmes,
    residents,
    screenings,
    staff,
    tokens,
    trace,
    uploads,
    visits,
    webhooks,
)
from linli.kernel.errors import LinliError, Place, Problems, Refused
from linli.registers.acts.attempts import note_refusal

ABOUT = """Everything that a system would want of Linli. 供其他系统调用。

Times carry a zone, days are ISO dates, money is integer fen. Every refusal is a problem (RFC 9457) in Chinese and English.
Every write needs an `Idempotency-Key`: the same key with the same body is answered again and not done again. Lists are read
by `next` and `after`."""
log = logging.getLogger(__name__)


class Api(NinjaAPI):
    """NinjaAPI whose schema says what really comes: problems have their own content type, and a route names the roles that it asks for."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(*args, **kwargs)
        if settings.LINLI_SITE == "public":
            _leave_out_private(self, schema)
        roles = {one.operation_id: _roles(one) for _, _, one in operations(self)}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["x-roles"] = roles[operation["operationId"]]
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in answer.get("content", {}):
                        answer["content"] = {CONTENT_TYPE: answer["content"]["application/json"]}
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


api = Api(
    title="Linli 邻里", version="1", description=ABOUT, docs_url=None, openapi_url="/openapi.json", urls_namespace="api-v1", auth=Bearer()
)
api.add_router("/programmes", programmes.router)
api.add_router("/check", check.router)
api.add_router("/areas", areas.router)
api.add_router("/lists", lists.router)
api.add_router("", uploads.router)
api.add_router("/residents", residents.router)
api.add_router("/screenings", screenings.router)
api.add_router("/trace", trace.router)
api.add_router("", tokens.router)
api.add_router("", webhooks.router)
api.add_router("", cases.router)
api.add_router("/city", city.router)
api.add_router("", drafts.router)
api.add_router("", doubts.router)
api.add_router("", notices.router)
api.add_router("/staff", staff.router)
api.add_router("/visits", visits.router)


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
    return problem(request, bad_request("请求内容无法读取", "The request cannot be read.", found=str(error)[:200]), status=400)


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """A form whose parts, names or sizes are beyond what anybody reads."""
    return problem(request, bad_request("请求内容无法读取", "The request cannot be read.", found=type(error).__name__), status=400)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """What a shape refuses; a write without its key is a bad request."""
    found = [_one_invalid(one) for one in error.errors]
    return problem(request, Problems(found), status=400 if found[0].code == "api.no_key" else 422)


def _one_invalid(one: dict[str, Any]) -> LinliError:
    place = ".".join(str(part) for part in one["loc"])
    lacks_key = one["type"] == "missing" and one["loc"][-1] == "Idempotency-Key"
    return LinliError(
        "api.no_key" if lacks_key else "api.invalid",
        zh="写操作需要 Idempotency-Key" if lacks_key else "内容不符合接口格式",
        en="A write needs an Idempotency-Key." if lacks_key else "This is not what the API takes.",
        place=Place(field=place),
        expected=one["msg"],
        remedy_zh="对照 /api/docs 修改",
        remedy_en="compare it with /api/docs",
    )


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    """A fault of ours: the log has its kind and places, the caller has no part of it."""
    log.error("a call failed", exc_info=error)
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
