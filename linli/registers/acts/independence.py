"""Whether two people who act one after the other on an account are really two, and not one with an account made for the purpose.

Whoever chose an account's password while nothing but the password kept it could be sitting behind it. Two people are independent
when nobody could be sitting behind both. What was done at the server's command line is nobody's: whoever runs the server is trusted.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from linli.kernel.errors import Refused
from linli.registers import facts
from linli.registers.models import SecondFactor, Staff
from linli.trace.models import Fact

_PASSWORDS = (facts.STAFF_ADDED.name, facts.STAFF_CHANGED.name)
_REMOVALS = (facts.FACTOR_REMOVED.name, facts.FACTORS_RESET.name)


def require_independent(one: str, other: str) -> None:
    """Raise Refused if the same person could be behind both actors. Two queries for each account that comes in."""
    common = hands_on(one) & hands_on(other)
    if common:
        raise Refused(
            "staff.same_hands",
            zh="前后两步可能是同一个人办的：一方的账号是另一方或同一人开的",
            en="One person could be behind both steps: the account of one was made by the other, or both by the same person.",
            expected="two people, neither of whom chose the other's first password",
            expected_zh="两个人，其中一人的初始密码不是另一人给的",
            found=", ".join(sorted(common)),
            remedy_zh="请另一位管理员或安全管理员办理，或在服务器上用 linli staff reset-factors",
            remedy_en="ask another administrator or security officer, or use linli staff reset-factors at the server",
        )


def hands_on(actor: str) -> set[str]:
    """The actor, whoever could be using their account, whoever could be using theirs, and so on; members of staff only."""
    found: set[str] = set()
    open_ones = {actor}
    while open_ones:
        one = open_ones.pop()
        if one.startswith("staff:") and one not in found:
            found.add(one)
            open_ones |= _choosers(one) - found
    return found


def _choosers(actor: str) -> set[str]:
    """Who else chose the person's password while no second factor of the person's own kept them out, then or later."""
    rows = list(Fact.objects.filter(subject=actor, type__in=(*_PASSWORDS, facts.FACTOR_REMOVED.name), echo_of=None).order_by("id"))
    removed = max((row.occurred_at for row in rows if row.type == facts.FACTOR_REMOVED.name and row.actor != actor), default=None)
    factors = list(SecondFactor.objects.filter(staff__uid=actor.removeprefix("staff:")).values_list("added_at", "removed_at"))

    def kept_out(at: datetime) -> bool:
        had = any(added <= at and (gone is None or gone > at) for added, gone in factors)
        return had and (removed is None or removed <= at)

    return {row.actor for row in rows if _sets_password(row) and row.actor != actor and not kept_out(row.occurred_at)}


def _sets_password(row: Fact) -> bool:
    return row.type == facts.STAFF_ADDED.name or (row.type == facts.STAFF_CHANGED.name and row.payload["change"] == "password")


def password_chosen_by(staff: Staff) -> str:
    """Who chose the password that its owner has not changed yet; "" once they have. One query."""
    if staff.password_given_at is None:
        return ""
    rows = Fact.objects.filter(subject=staff.actor, type__in=_PASSWORDS, echo_of=None).order_by("-id")
    return next((row.actor for row in rows if _sets_password(row)), "")


def factors_removed_by(staff: Staff) -> str:
    """Who took the last second factor of somebody who has none now; "" if they have one, or took it themself. Two queries.

    At the server it is whoever of security confirmed it.
    """
    if SecondFactor.objects.filter(Q(removed_at=None), staff=staff).exists():
        return ""
    last = Fact.objects.filter(subject=staff.actor, type__in=_REMOVALS, echo_of=None).order_by("-id").first()
    if last is None or last.actor == staff.actor:
        return ""
    return str(last.payload.get("confirmed_by") or last.actor)
