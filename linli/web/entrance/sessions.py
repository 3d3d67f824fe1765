"""Two kinds of sessions that never meet: staff have Django's, residents one of their own kind, in another cookie and another table.

The address decides which one a request has: under /my/, and everywhere on the public site, it is the resident's. A session of one
kind is nothing to the other: its key is looked up in the other table, and its content is signed with another salt.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date

from linli.kernel.compiled import Compiled, compiled
from linli.web.models import ResidentSession

PLACE = "/my/"


@compiled
def _of_staff(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


@compiled
def _of_resident(key: str, now: datetime) -> QuerySet[ResidentSession]:
    return ResidentSession.objects.filter(session_key=key, expire_date__gt=now)


class StaffSessions(SessionStore):
    """A member of staff's session, kept in Django's table."""

    read: ClassVar[Compiled[[str, datetime], Any]] = _of_staff

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        key = str(self.session_key)
        found = self.read.first(key, timezone.now()) if key.isalnum() else None
        if found is None:
            self._session_key = None
        return found


class ResidentSessions(StaffSessions):
    """A resident's session, kept in web_residentsession."""

    read = _of_resident

    @classmethod
    def get_model_class(cls) -> type[ResidentSession]:
        """The table."""
        return ResidentSession


def is_residents(request: HttpRequest) -> bool:
    """Whether a request's session is a resident's."""
    return settings.LINLI_SITE == "public" or request.path.startswith(PLACE)


class PortalSessions(SessionMiddleware):
    """Django's middleware for staff; for residents the same rules with the other cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.SessionStore = StaffSessions

    def process_request(self, request: HttpRequest) -> None:
        """Whoever reads the session asks the database then, and not before."""
        if is_residents(request):
            request.session = ResidentSessions(request.COOKIES.get(settings.LINLI_RESIDENT_COOKIE))
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save what was changed and send the cookie; take the cookie back when nothing is left of the session."""
        session = request.session
        if not isinstance(session, ResidentSessions):
            return super().process_response(request, response)
        name = settings.LINLI_RESIDENT_COOKIE
        if session.accessed:
            patch_vary_headers(response, ("Cookie",))
        if session.is_empty():
            if name in request.COOKIES:
                response.delete_cookie(name, samesite="Lax")
        elif session.modified and response.status_code < 500:
            _save(session)
            _send(response, name, str(session.session_key), session.get_expiry_age())
        return response


def _save(session: ResidentSessions) -> None:
    try:
        session.save()
    except UpdateError:
        raise SessionInterrupted("The session was ended while this request was answered.") from None


def _send(response: HttpResponse, name: str, key: str, age: int) -> None:
    response.set_cookie(
        name,
        key,
        max_age=age,
        expires=http_date(time.time() + age),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def clear_expired() -> None:
    """Forget sessions of both kinds that have ended. Two statements."""
    SessionStore.clear_expired()
    ResidentSessions.clear_expired()
