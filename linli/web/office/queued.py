"""Forms that a device keeps while it has no network and sends later, each once: who kept them, when they were filled in, what to answer.

The script (static/linli/queue.js) sends a kept form as the browser would have, with three headers: under whom it was filled in, when by
the device's clock, and what that clock says now. The answer is JSON: done with the next address, or refused with words.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.web.entrance import residents
from linli.web.templatetags.texts import chinese

OWNER, FILLED_IN, SENT = "X-Linli-Owner", "X-Linli-Filled-In", "X-Linli-Sent"
KEEP = "X-Linli-Keep"  # on a page: the device may keep it for a day, for this owner
LONGEST_MS = 10**10  # some months: longer than any act takes, shorter than the calendar

Page = Callable[..., HttpResponseBase]


def owner_of(request: HttpRequest) -> str:
    """Who is signed in, as a text that says nothing to others; "" for nobody."""
    if request.user.is_authenticated:
        return _opaque(request.user.actor)
    visitor = residents.present(request)
    return _opaque(f"resident:{visitor.account.uid}") if visitor else ""


def _opaque(actor: str) -> str:
    return salted_hmac("linli.queued", actor).hexdigest()[:24]


def is_queued(request: HttpRequest) -> bool:
    """Whether the script sent this form."""
    return OWNER in request.headers


def state(request: HttpRequest) -> JsonResponse:
    """Who is signed in here, and the token for what is sent next; 401 for nobody, which keeps the queue until somebody is."""
    owner = owner_of(request)
    if not owner:
        return JsonResponse({"state": "signed_out"}, status=401)
    return JsonResponse({"state": "ready", "owner": owner, "token": get_token(request)})


def takes_queue(page: Page) -> Page:
    """A page whose form may come from a device's queue. Put it outermost: a form of somebody else is stopped before anything is read.

    The page itself is written as for browsers: a redirect is “done”; for a refusal it returns `refusal(…)` where `is_queued`.
    """

    @functools.wraps(page)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or not is_queued(request):
            return page(request, *args, **kwargs)
        owner = owner_of(request)
        if owner != request.headers[OWNER]:
            return JsonResponse({"state": "other_owner" if owner else "signed_out"}, status=409 if owner else 401)
        response = page(request, *args, **kwargs)
        if isinstance(response, JsonResponse) or response.status_code >= 500:
            return response
        if response.status_code == 302:
            return JsonResponse({"state": "done", "address": response["Location"]})
        return refusal(_("这一条没有写入，可能不再由您负责。"), _("回到今天的任务，重新打开看看。"))

    return answered


def refusal(told: str, remedy: str) -> JsonResponse:
    """“Not done”, with the reason and the next step, for the author to read."""
    return JsonResponse({"state": "refused", "words": told, "remedy": remedy}, status=409)


def refused(problem: LinliError) -> JsonResponse:
    """The same for a refusal of an act, in the reader's language."""
    return refusal(*((problem.zh, problem.remedy_zh) if chinese() else (problem.en, problem.remedy_en)))


def filled_in_at(request: HttpRequest) -> datetime | None:
    """When a form was filled in, None for one that comes straight from a page.

    The device's clock may be wrong; only the time that passed on it counts, from filling in to sending. A clock that was set in
    between gives a time that the act refuses. Raises BadRequest for headers that the script doesn't send.
    """
    if not is_queued(request):
        return None
    passed = _milliseconds(request, SENT) - _milliseconds(request, FILLED_IN)
    return clock.now() - timedelta(milliseconds=max(-LONGEST_MS, min(LONGEST_MS, passed)))


def _milliseconds(request: HttpRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise BadRequest(header)
    return int(text)


def kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page, which the device may keep for a day so that it can be read without a network."""
    response.headers[KEEP] = owner_of(request)
    return response


@functools.cache
def _worker_source() -> bytes:
    found = finders.find("linli/worker.js")
    if not isinstance(found, str):
        raise AssertionError("the service worker is part of this package")
    return Path(found).read_bytes()


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, under the address of its portal, whose pages are all that it may touch."""
    return HttpResponse(_worker_source(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
