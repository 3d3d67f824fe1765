"""Idempotency keys: a write that is sent again under its key is answered again and not done again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.trace import AlreadyDone, act

KEYS = "api:"  # what keys begin with where the trace keeps them


def once(request: HttpRequest, viewer: Viewer, key: str, body: Any, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do the work in one act under the caller's key and keep its answer with it; a refusal keeps nothing, so it can be tried again.

    The same key with another body, at another address or with a token of other grants is refused. A second call with the key waits until
    the first has ended. Answers that are kept hold opaque ids and counts only, and are forgotten after seven days (linli.api.jobs).
    """
    grants = sorted([grant.role, grant.area, grant.programme] for grant in viewer.grants)
    asked = digest_of({"method": request.method, "path": request.path, "body": body, "grants": grants}, "sha256")
    try:
        with act(viewer, key=f"{KEYS}{viewer.actor}:{key}") as a:
            answer = work()
            a.result = {"asked": asked, "answer": answer}
    except AlreadyDone as done:
        if done.result["asked"] != asked:
            raise _reused(key) from None
        kept: dict[str, Any] = done.result["answer"]
        return kept
    return answer


def _reused(key: str) -> LinliError:
    return LinliError(
        "api.key_reused",
        zh="这个 Idempotency-Key 已用于另一个请求",
        en="This Idempotency-Key was used for another request.",
        place=Place(field="Idempotency-Key"),
        expected="a new key for a new request",
        expected_zh="新的请求用新的键",
        found=key,
        remedy_zh="换一个新的键",
        remedy_en="send a new key",
    )
