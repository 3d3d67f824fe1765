"""Who may hold which roles together, who may give them, and that somebody always can."""

from __future__ import annotations

from datetime import date

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import overlapping, true_on
from linli.registers.models import Staff, StaffGrant

# Each of these is held alone: who gives rights does not use them, who watches does neither (等保 2.0, GB/T 22239: 三权分立).
APART = ("administrator", "security", "auditor")


COUNTY = 6


def needs_second(role: str, area_code: str) -> bool:
    """Whether a grant takes two people: a role that is held alone, or an officer's of more than one county, who reads everybody there and,
    of the whole city, drafts and publishes programmes: an administrator alone could otherwise make both pairs of eyes."""
    return role in APART or (role == "officer" and len(area_code) < COUNTY)


def require_other_person(viewer: Viewer, staff: Staff) -> None:
    """Raise Refused where someone would change their own rights."""
    if viewer.actor == staff.actor:
        raise Refused(
            "staff.own_grant",
            zh="不能给自己授权，也不能停用自己的账号",
            en="Nobody gives rights to themselves, or closes their own account.",
            expected="another administrator",
            expected_zh="另一位管理员",
            found=viewer.actor,
            remedy_zh="请另一位管理员办理",
            remedy_en="ask another administrator",
        )


def not_yourself(viewer: Viewer, staff: Staff) -> Refused:
    """What only the person may do, somebody else tried."""
    return Refused(
        "staff.not_yourself",
        zh="只能由本人办理",
        en="Only the person can do this.",
        expected=staff.actor,
        found=viewer.actor,
        remedy_zh="请本人登录后办理",
        remedy_en="let the person sign in and do it",
    )


def require_separate_roles(staff: Staff, role: str, valid_from: date, valid_to: date | None) -> None:
    """Raise LinliError if the role may not be held beside those that the person holds in that time. Locks the person's row; two queries."""
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    held = set(StaffGrant.objects.filter(overlapping(valid_from, valid_to), staff=staff).exclude(role=role).values_list("role", flat=True))
    clash = held if role in APART else held & set(APART)
    if clash:
        raise LinliError(
            "staff.roles_apart",
            zh="系统管理、安全管理、审计三个岗位各由专人担任，不能与其他岗位兼任",
            en="Administrator, security and auditor are each held alone, beside no other role.",
            expected="one of these roles, or none of them",
            expected_zh="这些权限中的一种，或都没有",
            found=", ".join(sorted({*clash, role})),
            remedy_zh="先终止原授权，或授予另一个人",
            remedy_en="end the earlier grant first, or give it to someone else",
        )


def require_another_administrator(staff: Staff, on: date) -> None:
    """Raise LinliError if nobody else administers the whole city on that day. Locks the grants that say so: two can't go at once."""
    others = (
        StaffGrant.objects.select_for_update(of=("self",), no_key=True)
        .filter(true_on(on), role="administrator", area_code="", programme_slug="", staff__is_active=True)
        .order_by("pk")
        .values_list("staff_id", flat=True)
    )
    if not set(others) - {staff.pk}:
        raise LinliError(
            "staff.last_administrator",
            zh="这是最后一位全市系统管理员，不能移除",
            en="This is the last administrator of the whole city.",
            found=staff.actor,
            remedy_zh="先授权另一位系统管理员",
            remedy_en="grant the role to someone else first",
        )


def administers_city(grant: StaffGrant) -> bool:
    """Whether the grant is one that the city cannot be without."""
    return (grant.role, grant.area_code, grant.programme_slug) == ("administrator", "", "")
