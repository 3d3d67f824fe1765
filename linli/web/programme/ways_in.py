"""How somebody gets from a programme to its application (我要申请): at home where the file lets them, else who takes it in and where."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from linli.kernel.errors import Refused
from linli.programmes import Programme
from linli.programmes.procedure.declaration import STARTS
from linli.registers.models import Staff
from linli.registers.queries.staff import viewer_of
from linli.rules.declare import Label

_SLUG = re.compile(r"[a-z0-9-]{1,80}")
FIELD = "apply"
"""The name under which a sign-in carries the programme that somebody is on the way to."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """online: whether anybody can begin it at home; invited: whoever policy found can; window: at a window; who: every way that the file
    names, in its words.

    organisation: an organisation asks, whose representative no register names, so that a window looks at the paper.
    """

    online: bool
    invited: bool
    window: bool
    who: tuple[Label, ...]
    organisation: bool


def way_in(programme: Programme, state: str) -> WayIn | None:
    """None where nobody can apply for it here now: not in force, or its file says no steps. No query."""
    if state != "live" or programme.procedure is None or programme.lifecycle != "entitlements":
        return None
    starts = programme.procedure.start
    organisation = programme.subject == "organisation"
    kept = [one for one in starts if one == "window"] if organisation else starts
    return WayIn("resident" in kept, "invitation" in kept, "window" in kept, tuple(STARTS[one] for one in kept), organisation)


def asked(request: HttpRequest) -> str:
    """The programme that somebody wanted to apply for before they signed in, "" for none."""
    given = request.POST.get(FIELD, "") or request.GET.get(FIELD, "")
    return given if _SLUG.fullmatch(given) else ""


def sign_in_for(slug: str) -> str:
    """The address of the sign-in that leads on to the application for a programme."""
    return f"{reverse('my:sign_in')}?{urlencode({FIELD: slug})}"


def at_work(request: HttpRequest) -> bool:
    """Whether a clerk reads who begins things for people at a window. No query for readers without a session, two with one."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not isinstance(request.user, Staff):
        return False
    try:
        return bool(viewer_of(request.user).areas("clerk"))
    except Refused:
        return False


def onward(slug: str) -> str:
    """Where a sign-in leads: to the application that was asked for, else to one's own page."""
    return reverse("my:apply", args=[slug]) if slug else reverse("my:home")
