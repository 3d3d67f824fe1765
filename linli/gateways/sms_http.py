"""Text messages through an HTTP service that speaks JSON.

POST <url> {"to": "…", "text": "…", "reference": "…"} with "Authorization: Bearer <token>" and "Idempotency-Key: <reference>".
2xx with {"id": "…"}: accepted. 408, 429 and 503: not taken, try later. Other 4xx: refused for good. Anything else is unknown.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from urllib.parse import urlsplit

from linli.kernel.errors import LinliError, Place
from linli.notices.ports import Message, NotSent

LATER = (408, 429, 503)
LONGEST_ANSWER = 10_000


class SmsHttp:
    """One service. It follows no redirect, so that a number goes nowhere else."""

    def __init__(self, url: str, token: str = "", timeout_seconds: float = 10.0) -> None:
        address = urlsplit(url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost")):
            raise LinliError(
                "sms.bad_address",
                zh="短信服务地址不正确",
                en="The address of the text message service is not usable.",
                place=Place(field="LINLI_SMS"),
                expected="an https address, or http on this machine",
                expected_zh="`https` 地址；本机可用 `http`",
                found=address.scheme,
                remedy_zh="改为 https 地址",
                remedy_en="give an https address",
            )
        self._address, self._token, self._timeout = address, token, timeout_seconds

    def send(self, message: Message) -> str:
        """Ask the service to send it. Connecting may fail safely; after the request is on its way nothing but an answer is certain."""
        connection = self._connected()
        try:
            body = json.dumps({"to": message.to, "text": message.text, "reference": message.reference}, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json", "Accept": "application/json", "Idempotency-Key": message.reference}
            if self._token:
                headers["Authorization"] = f"Bearer {self._token}"
            path = self._address.path or "/"
            connection.request("POST", f"{path}?{self._address.query}" if self._address.query else path, body, headers)
            answer = connection.getresponse()
            raw = answer.read(LONGEST_ANSWER)
        finally:
            connection.close()
        return _reference(answer.status, raw)

    def _connected(self) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            context = ssl.create_default_context()
            made: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
        else:
            made = http.client.HTTPConnection(host, port, timeout=self._timeout)
        try:
            made.connect()
        except (OSError, socket.gaierror) as error:
            raise _refused("sms.unreachable", type(error).__name__, again=True) from None
        return made


def _reference(status: int, raw: bytes) -> str:
    if status in LATER:
        raise _refused("sms.busy", f"HTTP {status}", again=True)
    if 400 <= status < 500:
        raise _refused("sms.refused", f"HTTP {status}", again=False)
    if not 200 <= status < 300:
        raise ConnectionError(f"HTTP {status}")  # a 5xx may come after the message was taken: nobody knows
    try:
        told = json.loads(raw)
    except ValueError:
        return ""
    return str(told.get("id", ""))[:120] if isinstance(told, dict) else ""


def _refused(code: str, found: str, *, again: bool) -> NotSent:
    return NotSent(code, zh="短信服务没有接收这条短信", en="The text message service did not take the message.", found=found, again=again)
