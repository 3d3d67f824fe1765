"""Answers from an authority's HTTP service, as JSON.

POST <url> {"list": slug, "identity": "…", "name": "…"} with "Authorization: Bearer <token>". The answer:
{"present": true, "authority": "…", "answered_at": "2026-11-01T09:00:00+08:00", "expires_on": "2027-04-30" or null,
 "values": {"monthly_income": "1234.50", …}}: values by column name of the list, written as a file would write them (yuan).
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from linli.registers.lists import ListDeclaration
from linli.registers.ports import Answer, Question
from linli.registers.verification.answers import day, moment, no_answer, values_of

LONGEST_ANSWER = 1_000_000


class HttpSource:
    """One authority's service. Redirects are refused, so that an identity number goes nowhere else."""

    def __init__(self, url: str, token: str = "", timeout_seconds: float = 10.0) -> None:
        address = urlsplit(url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost")):
            raise no_answer(url, "an https address, or http on this machine", address.scheme)
        self.url, self._token, self._timeout = url, token, timeout_seconds
        self._opener = urllib.request.build_opener(_NoRedirect)

    def ask(self, declaration: ListDeclaration, question: Question) -> Answer:
        """Ask the service. Anything but a complete answer is a refusal."""
        told = self._post({"list": declaration.slug, "identity": question.identity, "name": question.name})
        if not isinstance(told, dict) or not isinstance(told.get("present"), bool):
            raise no_answer(self.url, "present: true or false", str(type(told).__name__))
        present: bool = told["present"]
        return Answer(
            present=present,
            authority=str(told.get("authority") or declaration.owner_zh)[:200],
            answered_at=moment(str(told.get("answered_at", "")), self.url),
            data=values_of(declaration, told.get("values") or {}, self.url) if present else {},
            expires_on=day(told.get("expires_on"), self.url),
        )

    def _post(self, body: dict[str, str]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(self.url, json.dumps(body).encode(), headers, method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                raw = answer.read(LONGEST_ANSWER + 1)
            if len(raw) > LONGEST_ANSWER:
                raise no_answer(self.url, f"at most {LONGEST_ANSWER} bytes", "more")
            return json.loads(raw)
        except (urllib.error.URLError, OSError, ValueError) as error:
            # The error's text may quote the request; only its kind is told.
            raise no_answer(self.url, "HTTP 200 with JSON", f"{type(error).__name__} {getattr(error, 'code', '')}".strip()) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nothing: the redirect becomes an HTTPError."""
