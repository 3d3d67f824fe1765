"""A session belongs to the browser in which it began: its cookie in another one ends it.

What is compared is a keyed digest of what the browser says of itself. Networks change while somebody walks about, so another network
ends nothing; it is noted once, for whoever watches over security.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from linli.web.entrance import attempts
from linli.web.entrance.origin import address_of, shown

_KEY = "browser"
OTHER_BROWSER, OTHER_NETWORK = "session.other_browser", "session.other_network"


def _agent(request: HttpRequest) -> str:
    return salted_hmac("linli.web.entrance.binding", request.META.get("HTTP_USER_AGENT", ""), algorithm="sha256").hexdigest()


def _network(request: HttpRequest) -> str:
    return salted_hmac("linli.web.entrance.binding.network", shown(address_of(request)), algorithm="sha256").hexdigest()


def bind(request: HttpRequest, actor: str) -> None:
    """The actor's session begins in this browser."""
    request.session[_KEY] = {"actor": actor, "agent": _agent(request), "network": _network(request)}


def fits(request: HttpRequest) -> bool:
    """Whether the session began in this browser; False for a stolen cookie, which is noted. Two statements when something changed."""
    held = request.session.get(_KEY)
    if held is None:
        return False
    if not constant_time_compare(held["agent"], _agent(request)):
        attempts.note(request, OTHER_BROWSER, held["actor"])
        return False
    if held["network"] != _network(request):
        attempts.note(request, OTHER_NETWORK, held["actor"])
        request.session[_KEY] = {**held, "network": _network(request)}
    return True
