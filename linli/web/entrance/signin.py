"""Signing in: one answer for every failure, waits that grow with failures, a second factor, and sessions that end by themselves.

Nobody is ever locked out. Whoever fails waits: first the pair of login and address, so that a stranger's guesses cost the stranger
time and not the colleague whose login it is. A login that is guessed at from many addresses slows down for all addresses but those
from which its owner has signed in before. Counts are rows of the last quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Count, Max, Q
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.crypto import salted_hmac

from linli.kernel.clock import now
from linli.registers.acts import factors, sessions
from linli.registers.models import Staff
from linli.registers.queries import staff as queries
from linli.web.entrance import binding
from linli.web.entrance.origin import address_of, device, shown
from linli.web.models import FailedSignIn

WINDOW = timedelta(minutes=15)
PER_LOGIN = 5  # failures of one login from one address before it waits
PER_ADDRESS = 40  # a whole service hall may share one address
ANYWHERE = 30  # failures of one login from all addresses together
FIRST_WAIT = timedelta(seconds=15)
KEPT = timedelta(days=1)
PENDING = timedelta(minutes=10)  # from the password to the second factor
SEEN = timedelta(minutes=1)
BACKEND = "django.contrib.auth.backends.ModelBackend"
SHOWN_SECOND = ("totp", "passkey", "recovery")  # how a session began in which a second factor was shown
_PENDING, _BEGAN, _SEEN = "signing_in", "staff_began", "staff_seen"


def _keyed(kind: str, text: str) -> str:
    return salted_hmac(f"linli.web.entrance.signin.{kind}", text.strip().lower()).hexdigest()


def login_digest(name: str) -> str:
    """What failures of this login are counted under."""
    return _keyed("login", name)


def wait(request: HttpRequest, name: str, kind: str = "login") -> timedelta:
    """How long this login must wait at this address before the next try; zero if not at all. One query, or two.

    kind: "login" for passwords, "factor" for the codes after them, which are counted apart.
    """
    who, where, moment = _keyed(kind, name), _keyed("address", address_of(request)), now()
    pair, mine, all_places = Q(login=who, address=where), Q(address=where), Q(login=who)
    found = FailedSignIn.objects.filter(pair | mine | all_places, at__gte=moment - WINDOW).aggregate(
        pair=Count("pk", filter=pair),
        pair_at=Max("at", filter=pair),
        mine=Count("pk", filter=mine),
        mine_at=Max("at", filter=mine),
        anywhere=Count("pk", filter=all_places),
        anywhere_at=Max("at", filter=all_places),
    )
    until = [_until(found["pair"], PER_LOGIN, found["pair_at"]), _until(found["mine"], PER_ADDRESS, found["mine_at"])]
    if found["anywhere"] >= ANYWHERE and (kind == "factor" or not queries.is_known_place(name, where)):
        until.append(found["anywhere_at"] + 2 * FIRST_WAIT)
    return max([timedelta(), *(one - moment for one in until if one)])


def _until(failures: int, allowed: int, last: datetime | None) -> datetime | None:
    """When the next try is heard: 15 seconds after the last allowed failure, twice as long after each further one, at most 15 minutes."""
    if last is None or failures < allowed:
        return None
    doubled: int = 2 ** min(failures - allowed, 8)
    return last + min(FIRST_WAIT * doubled, WINDOW)


def sign_in(request: HttpRequest, name: str, password: str) -> Staff | None:
    """The member of staff, or None for an unknown login, a wrong password and an inactive account alike (same words, same work)."""
    staff = authenticate(request, username=name.strip(), password=password)
    if isinstance(staff, Staff):
        forget_failures(request, name)
        return staff
    note_failure(request, name)
    return None


def note_failure(request: HttpRequest, name: str, kind: str = "login") -> None:
    """One more failure of this login at this address; those of yesterday are forgotten."""
    moment = now()
    FailedSignIn.objects.filter(at__lt=moment - KEPT).delete()
    FailedSignIn.objects.create(login=_keyed(kind, name), address=_keyed("address", address_of(request)), at=moment)


def forget_failures(request: HttpRequest, name: str, kind: str = "login") -> None:
    """The right one came: what failed from here is forgotten, what fails elsewhere stays."""
    FailedSignIn.objects.filter(login=_keyed(kind, name), address=_keyed("address", address_of(request))).delete()


@dataclass(frozen=True, slots=True)
class Pending:
    """Someone who has shown the first factor and not yet the second. next: where they were going."""

    staff: Staff
    next: str
    notes: dict[str, Any]


def hold(request: HttpRequest, staff: Staff, target: str) -> None:
    """Remember who has shown their password, under a new session key, for ten minutes. They are nobody yet to any page."""
    request.session.flush()
    request.session[_PENDING] = {
        "staff": str(staff.uid),
        "proof": staff.get_session_auth_hash(),
        "at": now().timestamp(),
        "next": target,
    }


def pending(request: HttpRequest) -> Pending | None:
    """Who is between the two factors here; None after ten minutes, or once the password or the account has changed. One query."""
    held = request.session.get(_PENDING)
    if not held or now().timestamp() - held["at"] > PENDING.total_seconds():
        return None
    staff = Staff.objects.filter(uid=held["staff"], is_active=True).first()
    if staff is None or staff.get_session_auth_hash() != held["proof"]:
        return None
    return Pending(staff, held["next"], held.get("notes", {}))


def note(request: HttpRequest, **notes: Any) -> None:
    """Keep something with the pending sign-in: the secret being set up, the passkey's challenge."""
    held = request.session[_PENDING]
    request.session[_PENDING] = {**held, "notes": {**held.get("notes", {}), **notes}}


def begin(request: HttpRequest, staff: Staff, method: str) -> None:
    """The person is signed in: a new session key, and a row in the list of their sessions."""
    request.session.flush()
    login(request, staff, backend=BACKEND)
    moment = now().timestamp()
    request.session[_BEGAN] = request.session[_SEEN] = moment
    binding.bind(request, staff.actor)
    address = address_of(request)
    sessions.begin_session(
        staff=staff,
        session_key=str(request.session.session_key),
        device=device(request.META.get("HTTP_USER_AGENT", "")),
        address=_keyed("address", address),
        address_shown=shown(address),
        method=method,
    )


def leave(request: HttpRequest) -> None:
    """Sign out here."""
    if request.session.session_key:
        sessions.close_session(request.session.session_key)
    logout(request)


def keep_or_end(request: HttpRequest) -> None:
    """End a session that was left alone for half an hour, is older than a working day or turns up in another browser; note once a
    minute that it is in use."""
    session: SessionBase = request.session
    began = session.get(_BEGAN)
    if began is None:
        return
    moment = now().timestamp()
    idle = moment - session[_SEEN]
    over = idle > settings.LINLI_IDLE_MINUTES * 60 or moment - began > settings.SESSION_COOKIE_AGE
    if over or not binding.fits(request):
        leave(request)
    elif idle >= SEEN.total_seconds():
        session[_SEEN] = moment
        sessions.see_session(str(session.session_key))


def began_here(request: HttpRequest, staff: Staff) -> bool:
    """Whether this session began with the person's own factors: a second one where they have any, and not by the identity service's
    word alone. Two queries."""
    row = queries.session_with(staff, str(request.session.session_key))
    return row is not None and row.method in (SHOWN_SECOND if factors.factors_of(staff) else (*SHOWN_SECOND, "password"))


def needs_second(staff: Staff) -> bool:
    """Whether this person has to show a second factor: who has one always, everybody where the installation requires it. One query."""
    return settings.LINLI_SECOND_FACTOR == "required" or bool(factors.factors_of(staff))


def site_of(request: HttpRequest) -> factors.Site:
    """The site that passkeys are bound to, as the browser knows it; the host was checked against LINLI_HOSTS."""
    host = request.get_host()
    return factors.Site(host.rsplit(":", 1)[0], f"{request.scheme}://{host}", "Linli")


def by_name(request: HttpRequest) -> str:
    """ "" where the site was opened by a host's name; at a bare address, for which browsers make no passkeys, where to open it instead,
    or "-" where nobody knows."""
    host, port = split_domain_port(request.get_host())
    try:
        number = ip_address(host.strip("[]"))
    except ValueError:
        return ""
    if not number.is_loopback or "localhost" not in settings.ALLOWED_HOSTS:
        return "-"
    return f"{request.scheme}://localhost{':' + port if port else ''}{request.path}"


def renew(request: HttpRequest, change: Callable[[], None]) -> None:
    """Do something that gives the session a new key, and keep its row in the list of sessions."""
    before = str(request.session.session_key)
    change()
    sessions.rename_session(before, str(request.session.session_key))
