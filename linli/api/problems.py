"""Refusals as problem details (RFC 9457): one shape for everything that goes wrong, in both languages."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from linli.kernel.errors import LinliError, Place, Problems, Refused, is_disk_full

CONTENT_TYPE = "application/problem+json"
MOST_ERRORS = 200
LONGEST_INSTANCE = 400
NOT_FOUND = frozenset(
    {
        *("api.not_there", "registers.no_resident", "registers.not_visible"),
        *("screening.no_subject", "imports.no_import", "casework.no_case", "settlement.not_found"),
    }
)
STATUS = {"api.no_key": 400, "api.bad_request": 400, "api.no_token": 401, "api.method": 405, "api.too_large": 413, "api.too_long": 414}
STATUS |= {"api.too_many": 429, "api.unavailable": 503, "api.disk_full": 503}


def status_of(error: LinliError) -> int:
    """The HTTP status of a refusal: 404 also for what the caller's grants do not cover, 403 for what needs another grant."""
    if error.code in NOT_FOUND:
        return 404
    if error.code in STATUS:
        return STATUS[error.code]
    return 403 if isinstance(error, Refused) else 422


def told(error: LinliError) -> dict[str, Any]:
    """A refusal as values; what was expected and found in each language, the same in both where it is a value."""
    expected_zh, found_zh = error.facing("zh")
    return {
        "code": error.code,
        "zh": error.zh,
        "en": error.en,
        "place": str(error.place) if error.place else None,
        "expected": error.expected,
        "found": error.found,
        "expected_zh": expected_zh,
        "found_zh": found_zh,
        "remedy_zh": error.remedy_zh,
        "remedy_en": error.remedy_en,
    }


def language_of(request: HttpRequest) -> str:
    """'en' where Accept-Language begins with it, else 'zh'."""
    return "en" if request.headers.get("Accept-Language", "").lower().startswith("en") else "zh"


def problem(request: HttpRequest, error: LinliError | Problems, status: int | None = None) -> HttpResponse:
    """The answer for a refusal; several at once are listed under `errors`."""
    several = error.problems if isinstance(error, Problems) else []
    first = several[0] if several else error
    assert isinstance(first, LinliError)
    number = status or status_of(next((one for one in several if one.code == "api.no_key"), first))
    language = language_of(request)
    said = {
        "type": f"urn:linli:problem:{first.code}",
        "title": first.en if language == "en" else first.zh,
        "status": number,
        "detail": first.text(language),
        "instance": request.path[:LONGEST_INSTANCE],
        **told(first),
        "errors": [told(one) for one in several[:MOST_ERRORS]],
    }
    response = HttpResponse(json.dumps(said, ensure_ascii=False), status=number, content_type=CONTENT_TYPE)
    response.headers["Content-Language"] = "en" if language == "en" else "zh-CN"
    response.headers["Cache-Control"] = "no-store"
    if number == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def unauthenticated() -> LinliError:
    """No token, or one that is not in force: the caller learns the same of all of them."""
    return LinliError(
        "api.no_token",
        zh="没有有效的令牌",
        en="No token that is in force.",
        expected="`Authorization: Bearer linli_…`",
        remedy_zh="由管理人员用 `linli token make` 签发，或用已有令牌 `POST /tokens`",
        remedy_en="have one made with `linli token make`, or with `POST /tokens` and a token in force",
    )


def unavailable(request: HttpRequest, failure: Exception) -> HttpResponse:
    """The database cannot be asked, or there is no room: nothing was done, or the same key says what was."""
    if is_disk_full(failure):
        return problem(request, _disk_full())
    error = LinliError(
        "api.unavailable",
        zh="系统暂时无法服务",
        en="Not available just now.",
        remedy_zh="稍后用同一个键重试",
        remedy_en="try again later with the same key",
    )
    answer = problem(request, error)
    answer.headers["Retry-After"] = "60"
    return answer


def _disk_full() -> LinliError:
    """Here or at the database: what failed was taken back, and only somebody who makes room can help."""
    return LinliError(
        "api.disk_full",
        zh="服务器磁盘已满，刚才的操作没有保存",
        en="The server's disk is full; this was not saved.",
        remedy_zh="请告诉系统管理员，腾出空间后用同一个键重试",
        remedy_en="tell the system administrator, and try again with the same key once there is room",
    )


def nul(place: Place | None = None) -> LinliError:
    """The request holds a character that no text in the database can hold."""
    return bad_request("内容含有空字符", "The request holds a NUL character.", place=place, found="U+0000")


def bad_request(zh: str, en: str, **more: Any) -> LinliError:
    """The request itself cannot be read."""
    return LinliError("api.bad_request", zh=zh, en=en, remedy_zh="对照 /api/docs 修改", remedy_en="compare it with /api/docs", **more)
