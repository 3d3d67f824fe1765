"""Who a signed-in resident is as a viewer, and the mandates by which people act for one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from linli import vault
from linli.kernel import clock
from linli.kernel.compiled import Fixed, compiled
from linli.kernel.errors import Refused
from linli.kernel.identity import parse_identity
from linli.kernel.viewer import Viewer
from linli.registers.acts.accounts import require_clerk
from linli.registers.acts.guards import resident_of, subject_of
from linli.registers.bitemporal import true_on
from linli.registers.guardians import guarded, guarded_by, guardians_of, guards, is_guarded
from linli.registers.models import Mandate, Resident, ResidentAccount, Staff, StaffGrant
from linli.registers.models.accounts import AGENT_UNREAD
from linli.registers.models.staff import ACCOUNT_FIELDS
from linli.registers.names import tidy
from linli.vault.acts import as_uuid

SHOWN = 10


def account_of(uid: UUID | str) -> ResidentAccount | None:
    """The account that a session names, None once it or its person is gone. One query."""
    found = _account.first(as_uuid(uid))
    return found if found is not None and found.resident.erased_at is None and found.resident.deceased_on is None else None


@compiled
def _account(uid: UUID) -> QuerySet[ResidentAccount]:
    return ResidentAccount.objects.select_related("resident").filter(uid=uid)


def on_record(on: date | None = None) -> Q:
    """Mandates that have begun and not ended on a day (today), those that rest too."""
    return true_on(on or clock.today()) & Q(ended_at__isnull=True)


def resting(on: date | None = None) -> Q:
    """Mandates that open nothing on a day (today): given by somebody who has a guardian now, who has not agreed to it (yet)."""
    return ~Q(kind="guardian") & Q(agreed_by__isnull=True) & guarded("principal", on)


def in_force(on: date | None = None) -> Q:
    """Mandates by which somebody may act on a day (today)."""
    return on_record(on) & ~resting(on)


def viewer_of_resident(account: ResidentAccount, level: str | None = None) -> Viewer:
    """The viewer that a resident is today. level: of this session: "city" where the city's identity service has just said who it is,
    else never above the account's. Two queries.

    acts_for: principals of family and guardian mandates; a guardian's only while the register still says so. A mandate for a
    single matter gives no more than that matter: see covers().
    """
    rank = ("phone", "card", "city")
    known = level if level == "city" else min(level or account.level, account.level, key=rank.index)
    held = _held(account.resident.pk, Fixed(clock.today()))
    # Whom somebody acted for and who has died has no agent any longer (Civil Code, art. 173).
    rows = [one for one in held if one.principal.erased_at is None and one.principal.deceased_on is None]
    wards = guarded_by(account.resident, [one.principal for one in rows if one.kind == "guardian"])
    principals = {str(one.principal.uid) for one in rows if one.kind == "family" or one.principal_id in wards}
    return Viewer(subject_of(account.resident), subject=str(account.resident.uid), acts_for=tuple(sorted(principals)), level=known)


@compiled
def _held(agent: int, day: Fixed[date]) -> QuerySet[Mandate]:
    rows = Mandate.objects.filter(in_force(day.value), agent_resident=agent, kind__in=("family", "guardian"))
    return rows.select_related("principal")


def covers(viewer: Viewer, principal: Resident, matter: str) -> bool:
    """Whether the viewer may act for the person in this matter: in person, for family, or by a mandate for it. One query at most."""
    if viewer.acts_for_resident(principal.uid):
        return True
    kind, _, uid = viewer.actor.partition(":")
    agents = {"staff": Q(agent_staff__uid=uid), "resident": Q(agent_resident__uid=uid)}
    return kind in agents and Mandate.objects.filter(in_force(), agents[kind], principal=principal, matter=matter).exists()


def decides_for(viewer: Viewer, principal: Resident) -> bool:
    """Whether the viewer is the person, or their guardian by the register: for what a mandate does not pass on. One query."""
    return viewer.is_self(principal.uid) or guards(viewer, principal)


def binds(viewer: Viewer, person: Resident) -> bool:
    """Whether the viewer's word binds the person where money is at stake: their own unless they have a guardian, or that guardian's;
    never that of whoever holds a mandate. Three queries at most."""
    return guards(viewer, person) or (viewer.is_self(person.uid) and not is_guarded(person))


def lapsed(mandate: Mandate) -> bool:
    """Whether a mandate is over without having been ended: its last day has passed, a side has died, or a guardian is none any longer."""
    if mandate.valid_to is not None and mandate.valid_to <= clock.today():
        return True
    if mandate.principal.deceased_on is not None or not _lives_on(mandate.agent_resident):
        return True
    agent = mandate.agent_resident
    return mandate.kind == "guardian" and agent is not None and not guardians_of(mandate.principal, [agent])


def viewer_at_window(viewer: Viewer, staff: Staff, matter: str) -> Viewer:
    """The clerk as somebody who acts for whoever gave them a mandate for this matter. One query."""
    held = Mandate.objects.filter(in_force(), agent_staff=staff, matter=matter).values_list("principal__uid", flat=True)
    return replace(viewer, acts_for=tuple(str(uid) for uid in held))


@dataclass(frozen=True, slots=True)
class Mandates:
    """given: others who may act for the person; held: people whom the person may act for; of_wards: others who may act for those whose
    guardian the person is. Each has `rests`: it opens nothing before a guardian has agreed.
    """

    given: tuple[Mandate, ...]
    held: tuple[Mandate, ...]
    of_wards: tuple[Mandate, ...] = ()


def mandates_of(viewer: Viewer, uid: UUID | str) -> Mandates:
    """The mandates on record of the resident who looks, both ways, and of their wards. Six queries at most. Needs level card."""
    person = resident_of(uid)
    if not viewer.is_self(person.uid):
        require_clerk(viewer)
    viewer.require_level("card")
    rows = _recorded()
    wards = guarded_by(person, Resident.objects.filter(uid__in=viewer.acts_for)) if viewer.is_self(person.uid) else set()
    theirs = tuple(rows.filter(principal__in=wards).exclude(kind="guardian")) if wards else ()
    return Mandates(tuple(rows.filter(principal=person)), tuple(rows.filter(agent_resident=person)), theirs)


def agents_of(viewer: Viewer, resident: Resident, homes: Iterable[str]) -> list[Mandate] | None:
    """The mandates by which somebody may act for a person today, newest first; a guardian's only while the register says so. Two queries.

    Each has `rests`, as in Mandates. For an officer or clerk of one of the person's homes (area codes), None for anybody else.
    """
    if not any(viewer.may(role, area=area) for role in ("officer", "clerk") for area in (*homes, "")):
        return None
    rows = [one for one in _given(resident.pk, Fixed(clock.today())) if _lives_on(one.agent_resident)]
    guardians = [one.agent_resident for one in rows if one.kind == "guardian" and one.agent_resident]
    standing = guardians_of(resident, guardians) if guardians else set()
    return [one for one in rows if one.kind != "guardian" or one.agent_resident_id in standing]


def _lives_on(agent: Resident | None) -> bool:
    return agent is None or (agent.erased_at is None and agent.deceased_on is None)


def mandate(viewer: Viewer, uid: UUID | str) -> Mandate | None:
    """A mandate that the viewer is a side of, or the guardian of whoever gave it; None for any other. Two queries at most."""
    found = _mandates().filter(uid=uid).first()
    if found is None:
        return None
    sides = {subject_of(found.principal)} | {subject_of(found.agent_resident) if found.agent_resident else ""}
    sides |= {found.agent_staff.actor if found.agent_staff else ""}
    return found if viewer.actor in sides or guards(viewer, found.principal) else None


def errand_of(viewer: Viewer, uid: UUID | str) -> Mandate:
    """The single-matter mandate in force by which the resident who looks acts for another. One query. Needs level card.

    One that is somebody else's, has ended or never was is refused in the same words.
    """
    viewer.require_level("card")
    own = _mandates().filter(in_force(), uid=uid, kind="single_matter", agent_resident__uid=viewer.subject) if viewer.subject else None
    held = own.first() if own is not None else None
    if held is None or held.principal.erased_at is not None or held.principal.deceased_on is not None:
        raise Refused(
            "mandates.not_in_force",
            zh="没有这项委托，或者委托已经结束",
            en="There is no such mandate, or it has ended.",
            remedy_zh="请对方在自己的页面或窗口重新委托",
            remedy_en="have the other person give it again on their pages or at a window",
        )
    return held


def errands_of(viewer: Viewer) -> list[Mandate]:
    """The single-matter mandates in force by which the resident who looks acts for others, newest first. One query."""
    return _errands(UUID(viewer.subject), Fixed(clock.today())) if viewer.subject else []


@compiled
def _errands(agent: UUID, day: Fixed[date]) -> QuerySet[Mandate]:
    rows = _mandates().filter(in_force(day.value), kind="single_matter", agent_resident__uid=agent)
    return rows.filter(principal__erased_at__isnull=True, principal__deceased_on__isnull=True)


def widened(viewer: Viewer, mandate: Mandate) -> Viewer:
    """The viewer as somebody who acts for the mandate's principal, for a page that belongs to its matter."""
    return replace(viewer, acts_for=(*viewer.acts_for, str(mandate.principal.uid)))


def mandate_at_window(viewer: Viewer, principal: UUID, uid: UUID) -> Mandate | None:
    """A mandate that the person at the window gave or holds, None for any other. One query. Needs clerk somewhere."""
    require_clerk(viewer)
    return _mandates().filter(Q(principal__uid=principal) | Q(agent_resident__uid=principal), uid=uid).first()


def entrusted_to(staff: Staff) -> list[Mandate]:
    """What residents have entrusted to a clerk and is in force, newest first. One query."""
    return list(_mandates().filter(in_force(), agent_staff=staff, principal__erased_at__isnull=True))


def clerk_known_as(name: str, login: str) -> Staff | None:
    """The active clerk of this name and work number, None for anything else, wrong name and wrong number alike. One query."""
    clerks = StaffGrant.objects.filter(true_on(clock.today()), role="clerk").values("staff")
    return Staff.objects.defer(*ACCOUNT_FIELDS).filter(login=login.strip(), name=tidy(name), is_active=True, pk__in=clerks).first()


def _mandates() -> QuerySet[Mandate]:
    """With both sides; of an agent who works here only what the public site's database role may read."""
    rows = Mandate.objects.select_related("principal", "agent_resident", "agent_staff").order_by("-id")
    return rows.defer(*AGENT_UNREAD)


def _recorded(on: date | None = None) -> QuerySet[Mandate]:
    """Those on record on a day (today), with `rests`."""
    return _mandates().filter(on_record(on)).annotate(rests=ExpressionWrapper(resting(on), output_field=BooleanField()))


@compiled
def _given(principal: int, on: Fixed[date]) -> QuerySet[Mandate]:
    return _recorded(on.value).filter(principal=principal)


def find_person(viewer: Viewer, *, identity: str = "", name: str = "", birth_date: date | None = None) -> list[Resident]:
    """People of any county by whole identity number, or by whole name and birth date. At most ten; one query. Needs clerk somewhere."""
    require_clerk(viewer)
    people = Resident.objects.filter(erased_at__isnull=True)
    if identity:
        return list(people.filter(identity_blind__in=vault.blinds("identity", parse_identity(identity).number)))
    if not name or birth_date is None:
        return []
    return list(people.filter(name=tidy(name), birth_date=birth_date).order_by("id")[:SHOWN])


def known_as(name: str, identity: str) -> Resident | None:
    """The living resident of this name and number, None for anything else: wrong number and wrong name are not told apart. One query."""
    blinds = vault.blinds("identity", parse_identity(identity).number)
    return Resident.objects.filter(identity_blind__in=blinds, name=tidy(name), erased_at__isnull=True, deceased_on__isnull=True).first()
