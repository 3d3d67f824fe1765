"""Who may call a route: everyone, or a token that still has a grant in one of the roles that the route names."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from django.db.models import Q
from django.http import HttpRequest
from ninja.security import HttpBearer

from linli.api.models import Token
from linli.api.problems import unauthenticated
from linli.api.queries import token_in_force, viewer_of_token
from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer

ROLES = ("officer", "clerk", "steward", "auditor", "planner", "administrator", "security")
SEEN_EVERY = timedelta(minutes=1)


class Bearer(HttpBearer):
    """A bearer token with a grant in one of the roles; what of it is inside which area is the query's to say."""

    openapi_description = "Authorization: Bearer linli_…"

    def __init__(self, *roles: str) -> None:
        super().__init__()
        self.roles = roles or ROLES

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """The token; the viewer that it makes is kept with the request. Two queries, a third once a minute."""
        found = token_in_force(token)
        if found is None:
            raise unauthenticated()
        viewer = viewer_of_token(found)
        request.viewer = viewer  # type: ignore[attr-defined]
        if not any(grant.role in self.roles for grant in viewer.grants):
            raise Refused(
                "viewer.not_granted",
                zh="令牌没有这项权限",
                en="The token has no such grant.",
                expected=" or ".join(self.roles),
                expected_zh=" 或 ".join(f"`{role}`" for role in self.roles),
                found=", ".join(sorted({grant.role for grant in viewer.grants})) or "no grant in force",
                found_zh="、".join(f"`{role}`" for role in sorted({grant.role for grant in viewer.grants})) or "没有有效的权限",
                remedy_zh="签发带有该权限的令牌",
                remedy_en="make a token with that grant",
            )
        _seen(found)
        return found


def _seen(token: Token) -> None:
    now = clock.now()
    Token.objects.filter(Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - SEEN_EVERY), pk=token.pk).update(last_used_at=now)


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer that the token of this call makes."""
    return cast(Viewer, request.viewer)  # type: ignore[attr-defined]
