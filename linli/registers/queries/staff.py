"""Who works here, what they may do on a day, and where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from linli.kernel import clock
from linli.kernel.compiled import compiled
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.registers.bitemporal import true_on
from linli.registers.models import ExternalIdentity, ProposedGrant, RefusedAttempt, SecondFactor, Staff, StaffGrant, StaffSession

PAGE = 50


def viewer_of(staff: Staff, on: date | None = None) -> Viewer:
    """The viewer that a staff member is on a day (today): the grants in force, none for someone who may no longer sign in. One query."""
    if not staff.is_active:
        return Viewer(staff.actor)
    return Viewer(staff.actor, tuple(Grant(*parts) for parts in _granted(staff.pk, on or clock.today())))


@compiled
def _granted(staff: int, day: date) -> QuerySet[StaffGrant, tuple[str, str, str]]:
    rows = StaffGrant.objects.filter(true_on(day), staff=staff).order_by("role", "area_code", "programme_slug")
    return rows.values_list("role", "area_code", "programme_slug")


def staff_named(login: str) -> Staff:
    """The staff member of a login, or LinliError."""
    found = Staff.objects.filter(login=login).first()
    if found is None:
        raise LinliError(
            "staff.unknown",
            zh="没有这个登录名",
            en="There is no such login.",
            found=login,
            remedy_zh="用 linli staff list 查看",
            remedy_en="see linli staff list",
        )
    return found


@dataclass(frozen=True, slots=True)
class StaffChoice:
    """What a list of staff is narrowed by. after: the last login of the page before."""

    words: str = ""
    role: str = ""
    state: str = ""
    after: str = ""


def staff_page(viewer: Viewer, choice: StaffChoice, limit: int = PAGE) -> list[Any]:
    """Staff by login with their grants of today and whether they have a second factor, for whoever administers or watches accounts.

    An administrator of a county sees who holds or held a grant there, and who holds none yet. Two queries.
    """
    rows = _visible(viewer).filter(login__gt=choice.after)
    today = true_on(clock.today())
    if choice.words:
        rows = rows.filter(Q(login__icontains=choice.words) | Q(name__icontains=choice.words))
    if choice.role:
        rows = rows.filter(Exists(StaffGrant.objects.filter(today, staff=OuterRef("pk"), role=choice.role)))
    if choice.state in ("active", "inactive"):
        rows = rows.filter(is_active=choice.state == "active")
    current = Prefetch("grants", StaffGrant.objects.filter(today).order_by("role", "area_code", "programme_slug"), to_attr="current")
    rows = rows.annotate(second=Exists(SecondFactor.objects.filter(staff=OuterRef("pk"), removed_at=None)))
    return list(rows.select_related("organisation").prefetch_related(current).order_by("login")[:limit])


def staff_of(viewer: Viewer, uid: UUID) -> Staff:
    """One member of staff; Staff.DoesNotExist where the viewer may not see them. One query."""
    return _visible(viewer).select_related("organisation").get(uid=uid)


def _visible(viewer: Viewer) -> QuerySet[Staff]:
    if viewer.may("administrator") or viewer.may("security") or viewer.may("auditor"):
        return Staff.objects.defer("password")
    areas = viewer.areas("administrator")
    if not areas:
        viewer.require("administrator")
    inside = Q()
    for area in areas:
        inside |= Q(area_code__startswith=area)
    mine = StaffGrant.objects.filter(inside, staff=OuterRef("pk"))
    return Staff.objects.defer("password").filter(Exists(mine) | ~Exists(StaffGrant.objects.filter(staff=OuterRef("pk"))))


def grants_of(staff: Staff) -> list[StaffGrant]:
    """Every grant the person has or had, those that last longest first. One query."""
    return list(StaffGrant.objects.filter(staff=staff).order_by("-valid_from", "role", "area_code", "programme_slug"))


def proposals(viewer: Viewer, staff: Staff | None = None) -> list[ProposedGrant]:
    """Grants that wait for a second person, oldest first: of one account, or of all that the viewer may see. One query."""
    rows = ProposedGrant.objects.filter(closed_at=None).select_related("staff").defer("staff__password").order_by("pk")
    return list(rows.filter(staff=staff) if staff else rows.filter(staff__in=_visible(viewer)))


def sessions_of(staff: Staff) -> list[StaffSession]:
    """Where the person is signed in, last seen first. One query."""
    return list(StaffSession.objects.filter(staff=staff, ended_at=None).order_by("-seen_at"))


def refused_attempts(viewer: Viewer, limit: int = PAGE) -> list[RefusedAttempt]:
    """What was tried and refused, newest first. One query. Needs security over the whole city."""
    viewer.require("security")
    return list(RefusedAttempt.objects.order_by("-at", "-id")[:limit])


def live_sessions(viewer: Viewer, *, limit: int = 200) -> list[StaffSession]:
    """Where anybody is signed in, last seen first; for security. One query."""
    viewer.require("security")
    return list(StaffSession.objects.filter(ended_at=None).select_related("staff").order_by("-seen_at")[:limit])


def session_of(uid: UUID) -> StaffSession:
    """One session; StaffSession.DoesNotExist. Whether it may be ended the act decides."""
    return StaffSession.objects.select_related("staff").get(uid=uid)


def session_with(staff: Staff, session_key: str) -> StaffSession | None:
    """The person's session with this key. One query."""
    return StaffSession.objects.filter(staff=staff, session_key=session_key, ended_at=None).first()


def is_known_place(login: str, address: str) -> bool:
    """Whether somebody has signed in under this login from this address (keyed digest) before. One query on an index."""
    return StaffSession.objects.filter(staff__login__iexact=login.strip(), address=address).exists()


def identities_of(staff: Staff) -> list[ExternalIdentity]:
    """Who the person is at the city's identity service now. One query."""
    return list(ExternalIdentity.objects.filter(staff=staff, ended_at=None).order_by("pk"))


def staff_of_identity(issuer: str, subject: str) -> Staff | None:
    """Who an identity service means by a subject; None if nobody active has confirmed that it is theirs. One query."""
    rows = ExternalIdentity.objects.filter(issuer=issuer, subject=subject, ended_at=None, staff__is_active=True)
    found = rows.exclude(confirmed_at=None).select_related("staff")
    return next((one.staff for one in found), None)


def without_second_factor(viewer: Viewer) -> int:
    """How many active staff have none; for security. One query."""
    viewer.require("security")
    having = SecondFactor.objects.filter(staff=OuterRef("pk"), removed_at=None)
    found = Staff.objects.filter(is_active=True).exclude(Exists(having)).aggregate(number=Count("pk"))
    return int(found["number"])


def names_of(actors: set[str]) -> dict[str, str]:
    """Names of "staff:<uid>" actors; other actors are left out. One query."""
    uids = {actor.removeprefix("staff:") for actor in actors if actor.startswith("staff:")}
    return {staff.actor: staff.name for staff in Staff.objects.filter(uid__in=uids).only("uid", "name")} if uids else {}
