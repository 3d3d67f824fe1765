"""Staff accounts in words: roles, grants with their areas and programmes, and what happened to an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from linli.kernel.clock import today
from linli.kernel.viewer import Viewer
from linli.registers.acts.proposals import may_confirm
from linli.registers.facts import STAFF_PLACED
from linli.registers.models import Area, Organisation, ProposedGrant, StaffGrant
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.trace.facts import words_of
from linli.trace.models import Fact
from linli.web.frame.city import area_words
from linli.web.programme.shelf import shelf
from linli.web.templatetags.texts import chinese, day, words


def role_names() -> dict[str, str]:
    """Every role of a grant in the reader's language."""
    return {
        "officer": _("业务人员"),
        "clerk": _("窗口人员"),
        "steward": _("网格员或楼栋管家"),
        "planner": _("规划人员"),
        "auditor": _("审计人员"),
        "administrator": _("系统管理员"),
        "security": _("安全管理员"),
    }


@dataclass(frozen=True, slots=True)
class GrantWords:
    """A grant as the page says it. state: coming, live or past."""

    row: StaffGrant | ProposedGrant
    role: str
    area: str
    programme: str
    state: str


def proposed(viewer: Viewer, rows: list[ProposedGrant]) -> list[tuple[GrantWords, str, bool]]:
    """Proposed grants in words, with who proposed each and whether the viewer may confirm it. Three queries, none without proposals."""
    names = names_of({row.proposed_by for row in rows})
    worded = in_words(rows) if rows else []
    return [(one, actor_words(row.proposed_by, names), may_confirm(viewer, row)) for one, row in zip(worded, rows, strict=True)]


def in_words(grants: Iterable[StaffGrant | ProposedGrant]) -> list[GrantWords]:
    """Grants with the names of their areas and programmes. One query for areas, one for programmes."""
    rows = list(grants)
    areas, programmes, roles, on = area_names(row.area_code for row in rows), programme_names(), role_names(), today()
    return [
        GrantWords(
            row,
            roles[row.role],
            areas[row.area_code],
            programmes.get(row.programme_slug, row.programme_slug) if row.programme_slug else _("全部事项"),
            _state(row, on),
        )
        for row in rows
    ]


def _state(row: StaffGrant | ProposedGrant, on: date) -> str:
    if row.valid_from > on:
        return "coming"
    return "past" if row.valid_to is not None and row.valid_to <= on else "live"


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of area codes, "" being the whole city; a code without a name stands for itself. One query."""
    wanted = set(codes)
    found = dict(Area.objects.filter(code__in=wanted - {""}).order_by("valid_from").values_list("code", "name"))
    return {code: (area_words(code, found.get(code, "")) or code) if code else _("全市") for code in wanted}


def programme_names() -> dict[str, str]:
    """Names of published programmes by slug. One query."""
    return {one.slug: words(one.programme.label) for one in shelf()}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: what, in detail, by whom, when."""

    at: datetime
    what: str
    detail: str
    by: str


def history(facts: list[Fact]) -> list[Event]:
    """What happened to an account, newest first, from the trace. Four queries for any number of facts."""
    names = names_of({fact.actor for fact in facts})
    areas, programmes = area_names(fact.payload.get("area", "") for fact in facts), programme_names()
    offices = _offices(facts)
    return [
        Event(fact.occurred_at, fact_words(fact.type), _detail(fact, areas, programmes, offices), actor_words(fact.actor, names))
        for fact in reversed(facts)
    ]


def placed(actor: str) -> Event | None:
    """Who last said in which department a member of staff works, and when; None where nobody did since the account was opened. Five
    queries at most."""
    found = Fact.objects.filter(subject=actor, type=STAFF_PLACED.name).order_by("-id").first()
    return history([found])[0] if found else None


def _offices(facts: list[Fact]) -> dict[str, str]:
    """The names of the departments that facts speak of. One query, none where none does."""
    told = {fact.payload["organisation"] for fact in facts if fact.type == STAFF_PLACED.name} - {None}
    uids = [one.partition(":")[2] for one in told]
    return (
        {f"organisation:{uid}": name for uid, name in Organisation.objects.filter(uid__in=uids).values_list("uid", "name")} if uids else {}
    )


def fact_words(name: str) -> str:
    """What a fact type is called in the reader's language."""
    return words_of(name, "zh" if chinese() else "en")


SYSTEM = {
    "notices.deliver": Label("发送通知", "sending letters"),
    "notices.write": Label("写信", "writing letters"),
    "screening.nightly": Label("每夜匹配", "nightly screening"),
    "screening.after_import": Label("名单更新后的匹配", "screening after a list"),
    "screening.rescreen": Label("个人情况变化后的匹配", "screening after a change"),
    "casework.timer": Label("办理时限", "deadlines"),
    "casework.settle": Label("确定期限", "settling due days"),
    "casework.unmanned": Label("无人岗位的事项上移", "moving tasks up from empty desks"),
    "casework.verify": Label("核验", "checking with an authority"),
    "casework.withdrawn": Label("撤回事项", "withdrawn cases"),
    "batches.notices": Label("公示到期撤下", "taking notices down"),
    "entitlements.register": Label("登记结果入库", "entering a registration"),
    "entitlements.answered": Label("其他系统的答复", "another system's answer"),
    "entitlements.reckon": Label("核算", "reckoning"),
    "entitlements.follow": Label("办理完毕后的事项", "what follows a case"),
    "entitlements.standing": Label("持续待遇", "awards that go on"),
    "entitlements.instant": Label("秒批", "instant approval"),
    "entitlements.contest": Label("异议和复议的结果", "results of objections and reviews"),
    "settlement": Label("发放", "payments"),
    "settlement.forget": Label("清空已注销人员的账户", "emptying accounts of erased people"),
    "settlement.recover": Label("多发款项", "money paid too much"),
    "ledger": Label("账簿", "the book"),
    "insight.publish": Label("公布开放数据", "publishing open data"),
    "operator": Label("命令行", "command line"),
    "windows-import": Label("导入服务窗口", "importing windows"),
    "prices-import": Label("导入医疗服务价格", "importing medical prices"),
    "casework.forget": Label("清空已注销的事项", "emptying erased cases"),
    "casework.visits": Label("走访提醒", "visits"),
    "api.deliver": Label("事实推送", "webhooks"),
    "demo": Label("演示城市", "the demo city"),
    "sign-in": Label("登录", "sign-in"),
    "witness": Label("见证日志", "witness"),
    "restore": Label("恢复备份", "restore"),
    "command": Label("命令行", "command line"),
    "command-line": Label("命令行", "command line"),
    "staff-command": Label("命令行", "command line"),
    "token-command": Label("命令行", "command line"),
    "people-generate": Label("生成居民", "generated residents"),
    "areas-import": Label("导入区划", "importing divisions"),
    "registers.operator": Label("登记库维护", "register upkeep"),
}


def system_words(name: str) -> str:
    """What a part of the system that acts by itself is called."""
    return words(SYSTEM[name]) if name in SYSTEM else name


def actor_words(actor: str, names: dict[str, str]) -> str:
    """Who acted: a member of staff by name, the system by what ran, a resident by the ends of their opaque id, anyone else by theirs."""
    if actor.startswith("system:"):
        return _("系统（%(name)s）") % {"name": system_words(actor.removeprefix("system:"))}
    if actor.startswith("resident:"):
        return _("居民（%(id)s）") % {"id": f"{actor[9:13]}…{actor[-6:]}"}
    return names.get(actor, actor)


def _detail(fact: Fact, areas: dict[str, str], programmes: dict[str, str], offices: dict[str, str]) -> str:
    payload: dict[str, Any] = fact.payload
    if fact.type == STAFF_PLACED.name:
        return offices.get(payload["organisation"] or "", _("不在这些部门工作"))
    if fact.type.startswith("registers.grant_"):
        end = day(payload["valid_to"]) if payload["valid_to"] else _("未定")
        parts = [
            role_names().get(payload["role"], payload["role"]),
            areas[payload["area"]],
            programmes.get(payload["programme"], payload["programme"]) or _("全部事项"),
            f"{day(payload['valid_from'])} – {end}",
        ]
        return " · ".join(parts)
    changes = {
        "password": _("密码"), "activated": _("启用"), "deactivated": _("停用"), "totp": _("动态码"), "passkey": _("通行密钥"),
        "self": _("本人"), "security": _("安全管理员"),
    }  # fmt: skip
    said = payload.get("change") or payload.get("kind") or payload.get("by") or ""
    return changes.get(said, "")
