"""Who works here and what they may do on a day."""

from __future__ import annotations

from datetime import date

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.registers.bitemporal import true_on
from linli.registers.models import Staff, StaffGrant


def viewer_of(staff: Staff, on: date | None = None) -> Viewer:
    """The viewer that a staff member is on a day (today): the grants in force, none for someone who may no longer sign in. One query."""
    if not staff.is_active:
        return Viewer(staff.actor)
    grants = StaffGrant.objects.filter(true_on(on or clock.today()), staff=staff).order_by("role", "area_code", "programme_slug")
    return Viewer(staff.actor, tuple(Grant(grant.role, grant.area_code, grant.programme_slug) for grant in grants))


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
