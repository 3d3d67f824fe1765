"""Two kinds of sessions that never meet: staff have Django's, residents one of their own kind, in another cookie and another table.

The address decides which one a request has: under /my/, and everywhere on the public site, it is the resident's. A session of one
kind is nothing to the other: its key is looked up in the other table, and its content is signed with another salt.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date

from linli.web.models import ResidentSession

PLACE = "/my/"


class ResidentSessions(SessionStore):
    """A resident's session, kept in web_residentsession."""

    @classmethod
    def get_model_class(cls) -> type[ResidentSession]:
        """The table."""
        return ResidentSession


def is_residents(request: HttpRequest) -> bool:
    """Whether a request's session is a resident's."""
    return settings.LINLI_SITE == "public" or request.path.startswith(PLACE)


class PortalSessions(SessionMiddleware):
    """Django's middleware for staff; for residents the same rules with the other cookie."""

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
