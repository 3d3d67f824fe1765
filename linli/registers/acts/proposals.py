"""Grants that take two people (separation.needs_second): one person proposes, another confirms, and only then is there a right."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.independence import require_independent
from linli.registers.acts.separation import require_other_person, require_separate_roles
from linli.registers.acts.staff import grant_payload, require_grantable, save_grant
from linli.registers.models import ProposedGrant, Staff, StaffGrant
from linli.registers.models.staff import STAFF_ROLES
from linli.trace import act


def propose_grant(
    viewer: Viewer,
    *,
    staff: Staff,
    role: str,
    area_code: str = "",
    programme: str = "",
    valid_from: date,
    valid_to: date | None = None,
) -> ProposedGrant:
    """Propose a grant that takes two people: nothing is in force until confirm_grant. The same open proposal twice is one.

    Needs administrator over area_code; refused for oneself, and beside other roles, as place_grant refuses.
    """
    require_grantable(viewer, staff=staff, role=role, among=STAFF_ROLES, area_code=area_code, valid_from=valid_from, valid_to=valid_to)
    given = {"staff": staff, "role": role, "area_code": area_code, "programme_slug": programme}
    row = ProposedGrant(**given, valid_from=valid_from, valid_to=valid_to, proposed_by=viewer.actor, proposed_at=clock.now())
    try:
        with act(viewer) as a:
            require_separate_roles(staff, role, valid_from, valid_to)
            with transaction.atomic():
                row.save(force_insert=True)
            a.record(facts.GRANT_PROPOSED, subject=staff.actor, payload=grant_payload(row), rows=[row], area=area_code)
    except IntegrityError as error:
        if "proposed_grant_once" not in str(error):
            raise
        return ProposedGrant.objects.get(**given, closed_at=None)
    return row


def confirm_grant(viewer: Viewer, *, proposal: ProposedGrant) -> StaffGrant:
    """Confirm what somebody else proposed: from now on it is a grant. Locks the proposal.

    Needs administrator over its area or security over the whole city; never whoever proposed it, nor whom it is for, nor somebody
    behind whose account the proposer could be sitting.
    """
    require_confirmer(viewer, proposal)
    require_independent(viewer.actor, proposal.proposed_by)
    with act(viewer) as a:
        row = _open(proposal)
        require_separate_roles(row.staff, row.role, row.valid_from, row.valid_to)
        grant = StaffGrant(
            staff=row.staff,
            role=row.role,
            area_code=row.area_code,
            programme_slug=row.programme_slug,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        save_grant(grant)
        row.closed_at, row.grant = clock.now(), grant
        row.save(update_fields=["closed_at", "grant"])
        a.record(facts.GRANT_GIVEN, subject=row.staff.actor, payload=grant_payload(grant), rows=[grant, row], area=row.area_code)
    return grant


def decline_grant(viewer: Viewer, *, proposal: ProposedGrant) -> None:
    """Turn a proposal down, or take one's own back. Needs administrator over its area or security over the whole city."""
    if not viewer.may("security"):
        viewer.require("administrator", area=proposal.area_code)
    with act(viewer) as a:
        row = _open(proposal)
        row.closed_at = clock.now()
        row.save(update_fields=["closed_at"])
        a.record(facts.GRANT_DECLINED, subject=row.staff.actor, payload=grant_payload(row), rows=[row], area=row.area_code)


def require_confirmer(viewer: Viewer, proposal: ProposedGrant) -> None:
    """Raise Refused unless the viewer is a second person who may decide about such grants."""
    if not viewer.may("security"):
        viewer.require("administrator", area=proposal.area_code)
    require_other_person(viewer, proposal.staff)
    if viewer.actor == proposal.proposed_by:
        raise Refused(
            "staff.own_proposal",
            zh="自己提出的授权不能由自己确认",
            en="Nobody confirms a grant that they proposed.",
            expected="another administrator, or security",
            expected_zh="另一位系统管理员，或安全管理员",
            found=viewer.actor,
            remedy_zh="请另一位系统管理员或安全管理员确认",
            remedy_en="ask another administrator, or security, to confirm it",
        )


def may_confirm(viewer: Viewer, proposal: ProposedGrant) -> bool:
    """Whether the page offers the button; confirm_grant decides."""
    try:
        require_confirmer(viewer, proposal)
    except Refused:
        return False
    return True


def _open(proposal: ProposedGrant) -> ProposedGrant:
    row = ProposedGrant.objects.select_for_update(of=("self",)).select_related("staff").get(pk=proposal.pk)
    if row.closed_at is not None:
        raise LinliError(
            "staff.proposal_closed",
            zh="这项授权已经确认或退回",
            en="This proposal has been confirmed or turned down already.",
            remedy_zh="刷新页面查看",
            remedy_en="open the page anew",
        )
    return row
