"""Organisations, staff and their grants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.identity import parse_credit_code
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import day_text, lock, require_known_areas, require_range, require_word
from linli.registers.acts.independence import factors_removed_by, require_independent
from linli.registers.acts.separation import (
    administers_city,
    needs_second,
    require_another_administrator,
    require_other_person,
    require_separate_roles,
)
from linli.registers.acts.staff_persons import require_only_account
from linli.registers.bitemporal import true_on
from linli.registers.models import Organisation, ProposedGrant, Staff, StaffGrant, StaffPerson
from linli.registers.models.staff import ORGANISATION_KINDS, STAFF_ROLES
from linli.trace import AlreadyDone, act

PASSWORD_RULES = (MinimumLengthValidator(8), CommonPasswordValidator(), NumericPasswordValidator())


def register_organisation(
    viewer: Viewer, *, name: str, area_code: str, kind: str, credit_code: str | None = None, generated: bool = False, key: str | None = None
) -> Organisation:
    """Register an organisation, or return the one already registered under this credit code. Needs clerk over its area."""
    viewer.require("clerk", area=area_code)
    require_known_areas([area_code])
    require_word("kind", kind, ORGANISATION_KINDS)
    code = parse_credit_code(credit_code) if credit_code else None
    organisation = Organisation(uid=uuid7(), name=name.strip(), area_code=area_code, kind=kind, credit_code=code, generated=generated)
    try:
        with act(viewer, key=key) as a:
            if _insert_organisation(organisation):
                subject = f"organisation:{organisation.uid}"
                a.record(facts.ORGANISATION_REGISTERED, subject=subject, payload={"kind": kind}, rows=[organisation], area=area_code)
            else:
                organisation = Organisation.objects.get(credit_code=code)
            a.result = {"organisation": str(organisation.uid)}
    except AlreadyDone as done:
        return Organisation.objects.get(uid=done.result["organisation"])
    return organisation


def _insert_organisation(organisation: Organisation) -> bool:
    try:
        with transaction.atomic():
            organisation.save(force_insert=True)
    except IntegrityError as error:
        if organisation.credit_code and "credit_code" in str(error):
            return False
        raise
    return True


def add_staff(
    viewer: Viewer,
    *,
    login: str,
    name: str,
    password: str,
    organisation: Organisation | None = None,
    temporary: bool = False,
    key: str | None = None,
) -> Staff:
    """Add someone who signs in. Grants are given separately. Needs the role administrator over the whole city.

    temporary: whoever chose the password is not its owner, who must choose another before anything else.
    """
    viewer.require("administrator")
    _check_password(password)
    if not login.strip() or login != login.strip() or len(login) > 60:
        raise LinliError(
            "staff.bad_login",
            zh="登录名为空、过长或首尾有空格",
            en="The login is empty, too long or has spaces around it.",
            place=Place(field="login"),
            expected="1 to 60 characters",
            expected_zh="1 到 60 个字",
            found=repr(login),
            remedy_zh="换一个登录名",
            remedy_en="choose another login",
        )
    given = clock.now() if temporary else None
    hashed = make_password(password)
    staff = Staff(uid=uuid7(), login=login, name=name, organisation=organisation, password=hashed, password_given_at=given)
    try:
        with act(viewer, key=key) as a:
            if Staff.objects.filter(login=login).exists():
                raise _taken(login)
            staff.save(force_insert=True)
            a.record(facts.STAFF_ADDED, subject=staff.actor, rows=[staff], payload={})
            a.result = {"staff": str(staff.uid)}
    except IntegrityError as error:
        raise _taken(login) from error
    except AlreadyDone as done:
        return Staff.objects.get(uid=done.result["staff"])
    return staff


def _taken(login: str) -> LinliError:
    return LinliError(
        "staff.login_taken",
        zh="登录名已被使用",
        en="This login is taken.",
        place=Place(field="login"),
        found=login,
        remedy_zh="换一个登录名",
        remedy_en="choose another login",
    )


def _check_password(password: str) -> None:
    try:
        validate_password(password, password_validators=PASSWORD_RULES)
    except ValidationError as error:
        raise LinliError(
            "staff.weak_password",
            zh="密码不符合要求",
            en="The password does not meet the rules.",
            place=Place(field="password"),
            expected=" ".join(error.messages),
            remedy_zh="换一个更长、更少见的密码",
            remedy_en="choose a longer, less common one",
        ) from error


def change_password(viewer: Viewer, *, staff: Staff, password: str) -> None:
    """Set a new password: one's own, or another's by an administrator of the whole city; that one must be changed by its owner.

    Another's is refused where their second factor was taken by somebody behind whom the administrator could be sitting: with both
    gone the account would be theirs.
    """
    if viewer.actor != staff.actor:
        viewer.require("administrator")
        if not viewer.all_seeing and (remover := factors_removed_by(staff)):
            require_independent(viewer.actor, remover)
    _check_password(password)
    with act(viewer) as a:
        row = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
        row.password = make_password(password)
        row.password_given_at = None if viewer.actor == staff.actor else clock.now()
        row.save(update_fields=["password", "password_given_at"])
        a.record(facts.STAFF_CHANGED, subject=row.actor, payload={"change": "password"}, rows=[row])


def set_active(viewer: Viewer, *, staff: Staff, active: bool) -> None:
    """Let someone sign in or no longer. Their grants stay as they are. Needs administrator over the whole city.

    Nobody does so to themselves, the last administrator stays, and one person has one open account.
    """
    viewer.require("administrator")
    require_other_person(viewer, staff)
    with act(viewer) as a:
        if not active and any(administers_city(one) for one in StaffGrant.objects.filter(true_on(clock.today()), staff=staff)):
            require_another_administrator(staff, clock.today())
        row = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
        if row.is_active == active:
            return
        person = StaffPerson.objects.filter(staff=row).select_related("resident").first() if active else None
        if person is not None:
            require_only_account(row, *lock(person.resident))
        row.is_active = active
        row.save(update_fields=["is_active"])
        a.record(facts.STAFF_CHANGED, subject=row.actor, payload={"change": "activated" if active else "deactivated"}, rows=[row])


def place_grant(
    viewer: Viewer,
    *,
    staff: Staff,
    role: str,
    area_code: str = "",
    programme: str = "",
    valid_from: date,
    valid_to: date | None = None,
    key: str | None = None,
) -> StaffGrant:
    """Give a role over an area subtree and a programme for a time; it ends by itself on valid_to. The same grant twice is one.

    Needs administrator over area_code, so a county's administrator cannot grant beyond the county. A second steward of one
    building, group or grid at the same time is refused, and so is a grant to oneself or beside a role that is held alone. Grants that
    take two people are given here by the system alone, at the server's command line: people propose and confirm them (proposals).
    """
    require_grantable(viewer, staff=staff, role=role, among=STAFF_ROLES, area_code=area_code, valid_from=valid_from, valid_to=valid_to)
    if needs_second(role, area_code) and not viewer.all_seeing:
        raise _needs_second(role)
    grant = StaffGrant(staff=staff, role=role, area_code=area_code, programme_slug=programme, valid_from=valid_from, valid_to=valid_to)
    try:
        with act(viewer, key=key) as a:
            same = StaffGrant.objects.filter(
                staff=staff, role=role, area_code=area_code, programme_slug=programme, valid_from=valid_from, valid_to=valid_to
            ).first()
            if same is not None:
                return same
            require_separate_roles(staff, role, valid_from, valid_to)
            save_grant(grant)
            a.record(facts.GRANT_GIVEN, subject=staff.actor, payload=grant_payload(grant), rows=[grant], area=area_code)
            a.result = {"grant": grant.pk}
    except AlreadyDone as done:
        return StaffGrant.objects.get(pk=done.result["grant"])
    return grant


def require_grantable(
    viewer: Viewer, *, staff: Staff, role: str, among: Sequence[str], area_code: str, valid_from: date, valid_to: date | None
) -> None:
    """Raise Refused or LinliError unless the viewer may give the staff member one of these roles over a known area for such a time."""
    viewer.require("administrator", area=area_code)
    require_other_person(viewer, staff)
    require_word("role", role, among)
    require_range(valid_from, valid_to)
    if area_code:
        areas.level(area_code)
        require_known_areas([area_code])


def _needs_second(role: str) -> Refused:
    return Refused(
        "staff.needs_second",
        zh="系统管理、安全管理、审计和全市经办的授权要由另一个人确认",
        en="A grant of administrator, security, auditor or of officer over the whole city is confirmed by a second person.",
        expected="propose_grant, then confirm_grant by somebody else",
        expected_zh="先提出，再由另一个人确认",
        found=role,
        remedy_zh="先提出授权，再请另一位系统管理员或安全管理员确认",
        remedy_en="propose it, and let another administrator, or security, confirm it",
    )


def save_grant(grant: StaffGrant) -> None:
    """Insert a grant inside an act; a second steward of a place is refused."""
    try:
        with transaction.atomic():
            grant.save(force_insert=True)
    except IntegrityError as error:
        if "one_steward_at_a_time" not in str(error):
            raise
        raise LinliError(
            "staff.second_steward",
            zh="该网格或楼栋在这一时期已有负责人",
            en="This grid, group or building already has its steward in that time.",
            place=Place(field="area_code"),
            expected="one steward at a time",
            expected_zh="同一时间一位",
            found=grant.area_code,
            remedy_zh="先终止原授权",
            remedy_en="end the earlier grant first",
        ) from error


def end_grant(viewer: Viewer, *, grant: StaffGrant, on: date) -> StaffGrant:
    """End a grant on a day; one that has not begun by then is never in force. Needs administrator over its area.

    The last administrator of the whole city stays.
    """
    viewer.require("administrator", area=grant.area_code)
    with act(viewer) as a:
        row = StaffGrant.objects.select_for_update(no_key=True).select_related("staff").get(pk=grant.pk)
        if row.valid_to is not None and row.valid_to <= on:
            return row
        if administers_city(row):
            require_another_administrator(row.staff, on)
        row.valid_to = max(on, row.valid_from)
        row.save(update_fields=["valid_to"])
        a.record(facts.GRANT_ENDED, subject=row.staff.actor, payload=grant_payload(row), rows=[row], area=row.area_code)
    return row


def grant_payload(grant: StaffGrant | ProposedGrant) -> dict[str, str | None]:
    """What facts say of a grant."""
    return {
        "role": grant.role,
        "area": grant.area_code,
        "programme": grant.programme_slug,
        "valid_from": str(grant.valid_from),
        "valid_to": day_text(grant.valid_to),
    }
