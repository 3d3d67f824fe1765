"""Which resident a member of staff is: checked against the identity card once, so that nobody deals with their own matters."""

from __future__ import annotations

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.identity import parse_identity
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import lock
from linli.registers.acts.separation import require_other_person
from linli.registers.models import Resident, Staff, StaffPerson
from linli.trace import act


def identify_staff(viewer: Viewer, *, staff: Staff, identity: str) -> StaffPerson:
    """Record who this member of staff is in the population register; the number itself is not kept. Said again, the later one holds.

    Needs administrator over the whole city, and nobody says it of themself. One resident is one member of staff: a second account of
    the same person is refused while the first is open, since two people have to be two. Locks the resident.
    """
    viewer.require("administrator")
    require_other_person(viewer, staff)
    tokens = vault.blinds("identity", parse_identity(identity.strip()).number)
    resident = Resident.objects.filter(identity_blind__in=tokens, erased_at=None).first()
    if resident is None:
        raise LinliError(
            "staff.not_a_resident",
            zh="人口登记里没有这个身份证号",
            en="The population register has nobody with this identity number.",
            place=Place(field="identity"),
            remedy_zh="核对号码；外地户籍的工作人员先到窗口登记为居民",
            remedy_en="check the number; somebody from elsewhere is registered at a window first",
        )
    with act(viewer) as a:
        (who,) = lock(resident)
        require_only_account(staff, who)
        row = StaffPerson.objects.select_for_update().filter(staff=staff).first() or StaffPerson(staff=staff)
        row.resident, row.checked_by, row.checked_at = who, viewer.actor, clock.now()
        row.save()
        a.record(facts.STAFF_IDENTIFIED, subject=staff.actor, payload={"change": "checked"}, rows=[row])
    return row


def require_only_account(staff: Staff, resident: Resident) -> None:
    """Raise LinliError if this resident has another account that is open. One query; the caller has locked the resident."""
    if not StaffPerson.objects.filter(resident=resident, staff__is_active=True).exclude(staff=staff).exists():
        return
    raise LinliError(
        "staff.same_person",
        zh="这个人已经有一个启用的账号",
        en="This person has another account that is open.",
        place=Place(field="identity"),
        expected="one account for each person",
        expected_zh="一人一个账号",
        remedy_zh="在原账号上授权；原账号不再用的，先停用",
        remedy_en="give the grants to that account, or close it first",
    )
