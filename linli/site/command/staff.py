"""linli staff: add staff, give and end grants, list both."""

from __future__ import annotations

import secrets
from datetime import date, datetime

import click
from django.db.models import Q

from linli.casework.workplaces import work_in
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.registers import acts, queries
from linli.registers.acts import resetting
from linli.registers.acts.factors import factors_of
from linli.registers.models import Staff, StaffGrant
from linli.registers.models.staff import STAFF_ROLES
from linli.site.command import language
from linli.trace import act

DAY = click.DateTime(formats=["%Y-%m-%d"])
ROLES = dict(
    zip(STAFF_ROLES, ("业务人员", "窗口人员", "网格员或楼栋管家", "审计人员", "规划人员", "系统管理员", "安全管理员"), strict=True)
)


@click.group()
def command() -> None:
    """Staff and their grants (role × area × programme, for a time)."""


def _say(zh: str, en: str) -> None:
    click.echo(zh if language() == "zh" else en)


@command.command()
@click.argument("login")
@click.argument("name")
@click.option("--password", help="Default: one is made and printed once.")
@click.option("--department", default="", help="Key in city.yaml of the department that they work in; default none.")
@click.option("--area", default="", help="Area code of its place; default the whole city's.")
def add(login: str, name: str, password: str | None, department: str, area: str) -> None:
    """Add someone who signs in; what they may do is granted separately."""
    chosen = password or secrets.token_urlsafe(9)
    operator = system("staff-command")
    with act(operator):
        added = acts.add_staff(operator, login=login, name=name, password=chosen, temporary=True)
        if department:
            work_in(operator, staff=added, department=department, area=area)
    _say(f"已新增 {login}（{name}）", f"added {login} ({name})")
    if password is None:
        _say(f"初始密码（只显示这一次）：{chosen}", f"first password (shown only now): {chosen}")


@command.command("department")
@click.argument("login")
@click.argument("department")
@click.option("--area", default="", help="Area code of its place; default the whole city's.")
def place(login: str, department: str, area: str) -> None:
    """Say that LOGIN works in DEPARTMENT, its key in city.yaml; "none" for none."""
    staff = queries.staff_named(login)
    placed = work_in(system("staff-command"), staff=staff, department="" if department == "none" else department, area=area)
    where = placed.organisation.name if placed.organisation else None
    _say(f"{login}：{where or '不在部门工作'}", f"{login}: {where or 'in no department'}")


@command.command()
@click.argument("login")
@click.argument("role", type=click.Choice(STAFF_ROLES))
@click.option("--area", default="", help="Area code; default the whole city.")
@click.option("--programme", default="", help="Programme slug; default every programme.")
@click.option("--from", "valid_from", type=DAY, help="First day; default today.")
@click.option("--to", "valid_to", type=DAY, help="First day on which the grant no longer holds; default open.")
def grant(login: str, role: str, area: str, programme: str, valid_from: datetime | None, valid_to: datetime | None) -> None:
    """Give LOGIN a ROLE over an area subtree and a programme for a time."""
    given = acts.place_grant(
        system("staff-command"),
        staff=queries.staff_named(login),
        role=role,
        area_code=area,
        programme=programme,
        valid_from=_day(valid_from),
        valid_to=valid_to.date() if valid_to else None,
    )
    click.echo(_line(given))


@command.command()
@click.argument("login")
@click.argument("role", type=click.Choice(STAFF_ROLES))
@click.option("--area", default="", help="Area code of the grant.")
@click.option("--programme", default="", help="Programme slug of the grant.")
@click.option("--on", type=DAY, help="First day without it; default today.")
def revoke(login: str, role: str, area: str, programme: str, on: datetime | None) -> None:
    """End LOGIN's grants of this role, area and programme."""
    day = _day(on)
    rows = StaffGrant.objects.filter(staff=queries.staff_named(login), role=role, area_code=area, programme_slug=programme)
    for row in rows.filter(Q(valid_to=None) | Q(valid_to__gt=day)):
        click.echo(_line(acts.end_grant(system("staff-command"), grant=row, on=day)))


@command.command("reset-factors")
@click.argument("login")
@click.option("--confirmed-by", "confirmer", required=True, help="Login of a security officer, who types their password here.")
def reset_factors(login: str, confirmer: str) -> None:
    """Take LOGIN's second factors and recovery codes out of force; two people are needed, and both are in the trace."""
    second = queries.staff_named(confirmer)
    zh = language() == "zh"
    password = click.prompt(f"{second.name} 的密码" if zh else f"Password of {confirmer}", hide_input=True)
    if not second.is_active or not second.check_password(password):
        raise LinliError(
            "staff.not_confirmed",
            zh="确认人的密码不对",
            en="This is not the password of whoever confirms.",
            remedy_zh="请确认人再输一次",
            remedy_en="let them type it again",
        )
    code = click.prompt("动态码或备用码" if zh else "Code or recovery code", default="", show_default=False) if factors_of(second) else ""
    done = resetting.reset_factors(system("staff-command"), staff=queries.staff_named(login), confirmed_by=second, code=code)
    _say(f"已停用 {login} 的 {done} 个第二验证方式，下次登录时重新设置", f"took {done} second factors of {login} out of force")


@command.command("list")
def list_staff() -> None:
    """List staff and their grants."""
    for staff in Staff.objects.select_related("organisation").prefetch_related("grants").order_by("login"):
        works = f"  {staff.organisation.name}" if staff.organisation else ""
        _say(
            f"{staff.login}  {staff.name}{works}{'' if staff.is_active else '  （已停用）'}",
            f"{staff.login}  {staff.name}{works}{'' if staff.is_active else '  (inactive)'}",
        )
        for row in staff.grants.all():
            click.echo(f"    {_line(row)}")


def _line(row: StaffGrant) -> str:
    chinese = language() == "zh"
    everywhere, every = ("全市", "全部事项") if chinese else ("whole city", "every programme")
    role = ROLES[row.role] if chinese else row.role
    return f"{role} · {row.area_code or everywhere} · {row.programme_slug or every} · {row.valid_from} – {row.valid_to or '…'}"


def _day(chosen: datetime | None) -> date:
    return chosen.date() if chosen else clock.today()
