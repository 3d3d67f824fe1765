"""Whether a member of staff is, or belongs to, the people a matter is about: then a colleague deals with it (回避).

Civil Servant Law (公务员法) art. 76: an official stays out of what concerns their own interests or those of close relatives.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from linli.kernel import clock
from linli.kernel.compiled import compiled
from linli.kernel.errors import Refused
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import FamilyLink, Household, HouseholdMember, Resident, Staff, StaffPerson


def is_near(actor: str, people: Iterable[Resident]) -> bool:
    """Whether the actor is one of these residents, or of their household or family today. Two queries; nobody but staff is.

    While nobody has checked who the member of staff is, somebody of the same name is taken for the same.
    """
    kind, _, uid = actor.partition(":")
    if kind != "staff":
        return False
    keys = tuple(one.pk for one in people)
    checked, own = _identity.first(UUID(uid)) or (None, "")
    if not keys or (checked is None and not own):
        return False
    return bool(_near(keys, checked, clock.today()) if checked is not None else _near_namesake(keys, own, clock.today()))


@compiled
def _identity(staff: UUID) -> QuerySet[Staff, tuple[int | None, str]]:
    return Staff.objects.filter(uid=staff).values_list("person__resident", "name")


@compiled
def _near(keys: tuple[int, ...], resident: int, day: date) -> QuerySet[Resident, int]:
    return _around(keys, day).filter(pk=resident).values_list("pk", flat=True)[:1]


@compiled
def _near_namesake(keys: tuple[int, ...], name: str, day: date) -> QuerySet[Resident, int]:
    return _around(keys, day).filter(name=name).values_list("pk", flat=True)[:1]


def _around(keys: tuple[int, ...], day: date) -> QuerySet[Resident]:
    """These residents, their households and their families on a day."""
    links, members = FamilyLink.objects.filter(believed(), true_on(day)), HouseholdMember.objects.filter(believed(), true_on(day))
    family = links.filter(resident__in=keys).values("relative"), links.filter(relative__in=keys).values("resident")
    together = members.filter(household__in=members.filter(resident__in=keys).values("household")).values("resident")
    return Resident.objects.filter(Q(pk__in=keys) | Q(pk__in=together) | Q(pk__in=family[0]) | Q(pk__in=family[1]))


def all_near(actor: str) -> frozenset[UUID]:
    """The uids of all residents and households whose matters aren't the actor's to deal with, as is_near() has it; none of who isn't staff.

    For a list of any length: five queries, then the caller asks once which of the list are among them.
    """
    kind, _, uid = actor.partition(":")
    if kind != "staff":
        return frozenset()
    keys = list(StaffPerson.objects.filter(staff__uid=uid).values_list("resident", flat=True))
    if not keys:
        own = Staff.objects.filter(uid=uid).values_list("name", flat=True).first()
        keys = list(Resident.objects.filter(name=own, erased_at__isnull=True).values_list("pk", flat=True)) if own else []
    if not keys:
        return frozenset()
    members = HouseholdMember.objects.filter(believed(), true_on(clock.today()), resident__in=keys)
    homes = Household.objects.filter(pk__in=members.values("household"))
    return frozenset(_around(tuple(keys), clock.today()).values_list("uid", flat=True)) | frozenset(homes.values_list("uid", flat=True))


def require_none_near(number: int) -> None:
    """Raise Refused where so many of a list are among all_near(): a colleague deals with the list."""
    if number:
        raise Refused(
            "registers.near_among",
            zh="名单里有关系到您本人或家人（或同名的人）的项目，应由同事办理",
            en="The list concerns you or your family (or somebody of your name): a colleague has to do it.",
            expected="a list with nobody who is near to you",
            expected_zh="名单里没有与您有关的人",
            found=f"{number} of the list",
            found_zh=f"{number} 项与您有关",
            remedy_zh="请同事办理；如果只是同名，请管理员在您的账号上核对身份证号",
            remedy_en="ask a colleague; if it is only the name, have an administrator check your identity number on your account",
        )


def require_not_near(actor: str, people: Iterable[Resident]) -> None:
    """Raise Refused where a colleague has to do it. As is_near()."""
    if is_near(actor, people):
        raise Refused(
            "registers.too_near",
            zh="这件事关系到您本人或家人（或同名的人），应由同事办理",
            en="This is about you or your family (or somebody of your name): a colleague has to do it.",
            expected="somebody who isn't concerned",
            expected_zh="与当事人没有关系的工作人员",
            remedy_zh="请同事办理；如果只是同名，请管理员在您的账号上核对身份证号",
            remedy_en="ask a colleague; if it is only the name, have an administrator check your identity number on your account",
        )
