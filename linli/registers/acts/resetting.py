"""Starting somebody's second factors afresh from the server's own command line, when nobody can sign in to do it on a page."""

from __future__ import annotations

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts import factors, sessions
from linli.registers.acts.independence import password_chosen_by, require_independent
from linli.registers.models import RecoveryCode, SecondFactor, Staff
from linli.registers.queries.staff import viewer_of
from linli.trace import act


def reset_factors(viewer: Viewer, *, staff: Staff, confirmed_by: Staff, code: str = "") -> int:
    """Take all factors and recovery codes of a person out of force and end their sessions; returns how many factors there were.

    For the system itself (an operator at the server), with somebody of the security role who has shown their password to the caller
    and shows their own second factor here: two people, none of them the person. Both are in the fact. Locks the person's factors.
    """
    if not viewer.all_seeing:
        viewer.require("security")
    _require_security(staff, confirmed_by, code)
    if chooser := password_chosen_by(staff):
        require_independent(confirmed_by.actor, chooser)
    with act(viewer) as a:
        rows = list(SecondFactor.objects.select_for_update(no_key=True).filter(staff=staff, removed_at=None))
        codes = list(RecoveryCode.objects.select_for_update(no_key=True).filter(staff=staff, ended_at=None))
        for row in rows:
            factors.remove_factor(viewer, factor=row)
        RecoveryCode.objects.filter(pk__in=[one.pk for one in codes]).update(ended_at=clock.now())
        payload = {"factors": len(rows), "codes": len(codes), "confirmed_by": confirmed_by.actor}
        a.record(facts.FACTORS_RESET, subject=staff.actor, payload=payload, rows=codes)
        sessions.end_other_sessions(viewer, staff=staff)
    return len(rows)


def _require_security(staff: Staff, confirmed_by: Staff, code: str) -> None:
    """Raise unless the second person is another, holds security over the whole city today, and shows the second factor they may have."""
    if confirmed_by.pk == staff.pk or not viewer_of(confirmed_by).may("security"):
        raise Refused(
            "staff.not_security",
            zh="须由另一位安全管理员确认",
            en="Somebody else of the security role has to confirm it.",
            expected="security over the whole city, not the person",
            expected_zh="全市的安全权限，且不是本人",
            found=confirmed_by.login,
            remedy_zh="请安全管理员到场输入密码",
            remedy_en="have a security officer come and type their password",
        )
    own = factors.factors_of(confirmed_by)
    shown = (
        factors.accept_totp(staff=confirmed_by, code=code) or factors.accept_recovery_code(staff=confirmed_by, code=code) if code else False
    )
    if own and not shown:
        raise LinliError(
            "staff.wrong_code",
            zh="确认人的动态码或备用码不对",
            en="This is not a code of whoever confirms.",
            place=Place(field="code"),
            expected="a code shown now, or an unused recovery code",
            expected_zh="此刻显示的验证码，或没有用过的恢复码",
            remedy_zh="请确认人再输一次",
            remedy_en="let them type another",
        )
