"""Where a request comes from: the peer's address and the browser, and as much of both as anybody is shown."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The peer's address. Behind our own proxy (LINLI_HTTPS) it is the last one that the proxy appended; any other forwarded address
    is a claim that anyone can make."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.LINLI_HTTPS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))


_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("MicroMessenger", "WeChat"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def device(agent: str) -> str:
    """'Chrome · Windows': enough to know one's own device by, too little to follow anyone with."""
    parts = [next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in parts if part)


def shown(address: str) -> str:
    """An address without its last part: 10.1.2.…"""
    for mark in (".", ":"):
        if mark in address:
            return address.rsplit(mark, 1)[0] + mark + "…"
    return ""
