"""Who a letter is about: both sides of a mandate, or a ward; and where an invitation leads. Read from the register when it is opened.

The letter itself names nobody, so that once one side is erased nothing of them is left with the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from linli.notices.queries import INVITING, Letter
from linli.registers.models import Mandate, Resident
from linli.registers.models.accounts import AGENT_UNREAD
from linli.rules import Label
from linli.web.person.matters import labelled
from linli.web.programme import shelf

INVITATION = INVITING[0]


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


def invited_to(letters: Iterable[Letter]) -> dict[str, str]:
    """Where what a letter found is confirmed and applied for, by programme; the letters that tell somebody that a programme found them.
    One query at most."""
    wanted = {one.notice.programme for one in letters if one.notice.template == INVITATION}
    ways = {one.slug: one.way for one in shelf.shelf()} if wanted else {}
    return {slug: reverse("my:apply", args=[slug]) for slug in wanted if (way := ways.get(slug)) and (way.online or way.invited)}
