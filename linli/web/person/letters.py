"""Who a letter is about: both sides of a mandate, or a ward; and where an invitation leads. Read from the register when it is opened.

The letter itself names nobody, so that once one side is erased nothing of them is left with the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from linli.agreements.models import STANDING, Award
from linli.casework.kinds import APPLICATION
from linli.casework.models import Case
from linli.notices.models import Notice
from linli.notices.queries import INVITING, Letter
from linli.registers.models import Mandate, Resident
from linli.registers.models.accounts import AGENT_UNREAD
from linli.rules import Label
from linli.web.case.cases import standing_words
from linli.web.person.matters import labelled
from linli.web.programme import shelf
from linli.web.programme.ways_in import WayIn

INVITATION = INVITING[0]
COME_TO_NOTHING = ("withdrawn", "lapsed")


@dataclass(frozen=True, slots=True)
class Told:
    """A mandate with the names of both sides. matter: None if it is for no single one."""

    mandate: Mandate
    principal: str
    agent: str
    clerk: bool
    matter: Label | None


def mandates_told(letters: Iterable[Letter]) -> dict[str, Told]:
    """By Letter.about, the mandates that the letters are about, as far as the register still has them. At most two queries."""
    uids = _uids(letters, "mandate:")
    if not uids:
        return {}
    rows = Mandate.objects.filter(uid__in=uids).select_related("principal", "agent_resident", "agent_staff").defer(*AGENT_UNREAD)
    return {f"mandate:{one.uid}": _told(one, matter) for one, matter in labelled(rows)}


def wards_named(letters: Iterable[Letter]) -> dict[str, str]:
    """By Letter.about, the names of the wards whom the letters are about, as far as the register still has them. At most one query."""
    uids = _uids(letters, "resident:")
    rows = Resident.objects.filter(uid__in=uids, erased_at__isnull=True).values_list("uid", "name") if uids else ()
    return {f"resident:{uid}": name for uid, name in rows}


def _uids(letters: Iterable[Letter], kind: str) -> list[str]:
    return [one.about.removeprefix(kind) for one in letters if one.about.startswith(kind)]


def _told(one: Mandate, matter: Label | None) -> Told:
    agent = one.agent_staff or one.agent_resident
    return Told(one, one.principal.name, agent.name if agent else "", one.agent_staff is not None, matter)


@dataclass(frozen=True, slots=True)
class Invited:
    """What an invitation has led to. apply: where it is confirmed and applied for, "" where that is done or nobody begins it at home; case:
    the application that followed, None before; outcome: of that, None while it is under way."""

    apply: str
    case: Case | None
    outcome: Label | None


def invited_to(letters: Iterable[Letter], cases: Sequence[Case]) -> dict[str, Invited]:
    """By the number of a letter that tells somebody that a programme found them, what it has led to. cases: the person's, newest first. Two
    queries at most, and one more where an application was decided."""
    invitations = [one.notice for one in letters if one.notice.template == INVITATION]
    ways = {one.slug: one.way for one in shelf.shelf()} if invitations else {}
    wanted = {one.programme for one in invitations}
    asked = [one for one in cases if one.kind == APPLICATION.slug and one.programme in wanted]
    had = set(Award.objects.filter(case__in=asked, state__in=STANDING).values_list("case", flat=True)) if asked else set()
    return {one.code: _invited(one, ways.get(one.programme), asked, had) for one in invitations}


def _invited(invitation: Notice, way: WayIn | None, asked: Sequence[Case], had: set[int]) -> Invited:
    """What was asked for before and is decided was another invitation's, unless it is had; after one that came to nothing it may be
    asked for again. had: keys of the applications whose award stands."""
    found = (one for one in asked if one.programme == invitation.programme)
    case = next((one for one in found if one.status == "open" or one.pk in had or one.opened_at >= invitation.written_at), None)
    again = case is None or case.outcome in COME_TO_NOTHING
    offered = again and way is not None and (way.online or way.invited)
    outcome = standing_words(case) if case is not None and case.status != "open" else None
    return Invited(reverse("my:apply", args=[invitation.programme]) if offered else "", case, outcome)
