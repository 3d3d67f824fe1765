"""The edge of /api/v1: calls are counted before anything else is done, and every refusal is a problem, also the web framework's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from linli.api import limits, problems
from linli.kernel.errors import LinliError

ROOT = "/api/v1/"
LARGEST_BODY = 25 * 1024 * 1024
LARGEST_JSON = 1024 * 1024
LONGEST_ADDRESS = 4000
DIGITS = 18
Handler = Callable[[HttpRequest], HttpResponse]
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000|\x00")


def api_edge(handle: Handler) -> Handler:
    """Other addresses pass untouched."""

    def respond(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ROOT):
            return handle(request)
        try:
            left = limits.counted(request)
        except DatabaseError as failure:
            return problems.unavailable(request, failure)
        response = _refused(request, left) or _as_problem(request, handle(request))
        if response.status_code == 401 and limits.bearer(request):
            limits.count_wrong_token(request)
        for name, value in left.headers().items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return respond


def _refused(request: HttpRequest, left: limits.Allowance) -> HttpResponse | None:
    if left.exceeded:
        return problems.problem(
            request,
            LinliError(
                "api.too_many",
                zh="调用太频繁",
                en="Too many calls.",
                expected=f"at most {left.limit} a minute",
                expected_zh=f"每分钟最多 {left.limit} 次",
                remedy_zh=f"{left.reset} 秒后再试",
                remedy_en=f"try again in {left.reset} seconds",
            ),
        )
    if len(request.get_full_path()) > LONGEST_ADDRESS:
        return problems.problem(request, _too_long())
    largest = LARGEST_BODY if request.content_type == "multipart/form-data" else LARGEST_JSON
    length = _length(request)
    request.META["CONTENT_LENGTH"] = str(length)
    if length > largest:
        words: dict[str, Any] = {"zh": "内容太大", "en": "The body is too large.", "remedy_zh": "分批提交", "remedy_en": "send it in parts"}
        words |= {"expected": f"at most {largest} bytes", "expected_zh": f"最多 {largest} 字节"}
        return problems.problem(request, LinliError("api.too_large", **words))
    if _has_nul(request):
        return problems.problem(request, problems.nul())
    return None


def _too_long() -> LinliError:
    return LinliError(
        "api.too_long",
        zh="地址太长",
        en="The address is too long.",
        expected=f"at most {LONGEST_ADDRESS} characters",
        expected_zh=f"最多 {LONGEST_ADDRESS} 个字符",
        remedy_zh="缩短查询参数",
        remedy_en="shorten the query",
    )


def _length(request: HttpRequest) -> int:
    """What the caller says; one that is no number is none, one too long to be read stays far beyond any limit."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text.lstrip("0")[:DIGITS] or "0") if text.isdecimal() else 0


def _has_nul(request: HttpRequest) -> bool:
    """PostgreSQL has no text with a NUL in it. A body is read as JSON whatever type the caller gives it, unless it is a file's."""
    if "\x00" in request.path or "\x00" in unquote(request.META.get("QUERY_STRING", "")):
        return True
    return request.content_type != "multipart/form-data" and bool(_NUL.search(request.body))


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """404 and 405 of the routing itself, and 400 of a request that the framework will not read."""
    if response.status_code not in (400, 404, 405) or response.headers.get("Content-Type", "").startswith(problems.CONTENT_TYPE):
        return response
    if response.status_code == 405:
        error = LinliError("api.method", zh="此地址不支持这种请求", en="This address does not take such a request.", found=request.method)
        answer = problems.problem(request, error)
        answer.headers["Allow"] = response.headers.get("Allow", "")
        return answer
    if response.status_code == 404:
        error = LinliError(
            "api.not_there", zh="没有这个地址", en="There is no such address.", found=request.path[:200],
            remedy_zh="对照 /api/docs 中的地址", remedy_en="compare it with the addresses at /api/docs",
        )  # fmt: skip
        return problems.problem(request, error)
    return problems.problem(request, problems.bad_request("请求无法读取", "The request cannot be read."))
