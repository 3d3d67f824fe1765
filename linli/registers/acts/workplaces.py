"""In which department somebody works: whose cases are theirs, and in whose name they act."""

from __future__ import annotations

from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import require_known_areas
from linli.registers.acts.separation import needs_second, require_other_person
from linli.registers.bitemporal import true_on
from linli.registers.models import Organisation, Staff, StaffGrant
from linli.trace import Act, act

LONGEST_NAME = 200


def place_staff(viewer: Viewer, *, staff: Staff, name: str, area_code: str = "") -> Staff:
    """Say in which department of a place somebody works; name "": in none. A department that isn't known yet is registered.

    Needs administrator over the whole city, and nobody places themselves. Whoever holds a grant that two people gave was given it as one of
    their department: such a grant ends first, the second person then confirms it anew with the department before their eyes. Locks the
    account.
    """
    viewer.require("administrator")
    require_other_person(viewer, staff)
    told = name.strip()
    if len(told) > LONGEST_NAME:
        raise _too_long(told)
    if told:
        areas.level(area_code)
        require_known_areas([area_code])
    with act(viewer) as a:
        row = Staff.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=staff.pk)
        before = row.organisation
        if _same(before, told, area_code):
            return row
        if before is not None and not viewer.all_seeing:
            _require_no_grant_by_two(row)
        row.organisation = _department(a, told, area_code) if told else None
        row.save(update_fields=["organisation"])
        where = f"organisation:{row.organisation.uid}" if row.organisation else None
        a.record(facts.STAFF_PLACED, subject=row.actor, payload={"organisation": where}, rows=[row])
    return row


def _same(before: Organisation | None, name: str, area_code: str) -> bool:
    return before is None if not name else before is not None and (before.name, before.area_code) == (name, area_code)


def _department(a: Act, name: str, area_code: str) -> Organisation:
    """The department of this name there: the one that is known, else a new one."""
    found = Organisation.objects.filter(kind="department", name=name, area_code=area_code).order_by("pk").first()
    if found is None:
        found = Organisation.objects.create(uid=uuid7(), kind="department", name=name, area_code=area_code)
        subject = f"organisation:{found.uid}"
        a.record(facts.ORGANISATION_REGISTERED, subject=subject, payload={"kind": found.kind}, rows=[found], area=area_code)
    return found


def _require_no_grant_by_two(staff: Staff) -> None:
    held = StaffGrant.objects.filter(true_on(clock.today()), staff=staff).values_list("role", "area_code")
    found = sorted({role for role, area in held if needs_second(role, area)})
    if found:
        raise Refused(
            "staff.placed_with_grant",
            zh="此人持有经两人确认的授权，所在部门不能由一个人变更",
            en="This person holds a grant that two people gave: one alone doesn't change the department.",
            expected="no such grant in force",
            expected_zh="没有这样的有效授权",
            found=", ".join(found),
            remedy_zh="先终止该授权，变更部门后重新提出，由另一个人确认",
            remedy_en="end the grant, change the department, and propose the grant anew for a second person to confirm",
        )


def _too_long(found: str) -> LinliError:
    return LinliError(
        "staff.department_name",
        zh="部门名称过长",
        en="The department's name is too long.",
        place=Place(field="department"),
        expected=f"at most {LONGEST_NAME} characters",
        expected_zh=f"至多 {LONGEST_NAME} 字",
        found=found[:60],
        remedy_zh="填写部门全称",
        remedy_en="write its full name",
    )
