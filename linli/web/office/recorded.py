"""Facts as auditors and security read them: what a fact is about and what it says, in words; people by ids alone, no digests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from linli.casework.kinds import KINDS, LEVEL_WORDS
from linli.casework.receipts import grouped
from linli.kernel.viewer import LEVEL_WORDS as KNOWN_BY
from linli.registers.lists import load_lists
from linli.rules.declare import Label
from linli.trace.models import Fact
from linli.web.office import accounts
from linli.web.templatetags.texts import chinese, day, words, yuan

# What a subject is, by the word before its colon: with the register or file it stands in.
SUBJECTS = {
    "resident": Label("居民", "resident"),
    "household": Label("家庭", "household"),
    "organisation": Label("单位", "organisation"),
    "staff": Label("工作人员", "staff"),
    "programme": Label("政策", "programme"),
    "list": Label("名单", "list"),
    "area": Label("区划", "division"),
    "case": Label("事项", "case"),
    "delivery": Label("提交", "delivery"),
    "doubtful": Label("存疑行", "doubtful row"),
    "form": Label("上级报表", "report for a higher authority"),
    "publication": Label("开放数据", "open data"),
    "register": Label("登记库", "register"),
    "batch": Label("批次", "batch"),
    "item": Label("批次中的一笔", "item of a batch"),
    "award": Label("待遇", "award"),
    "fund": Label("资金", "fund"),
    "account": Label("账簿账户", "account of the book"),
    "hold": Label("资金冻结", "hold"),
    "holds": Label("批量资金冻结", "holds"),
    "payer": Label("付款账户", "paying account"),
    "order": Label("发放文件", "bank file"),
    "inquiry": Label("账户核验文件", "account check"),
    "outcome": Label("银行回盘", "bank's answer"),
    "account_answer": Label("账户核验回盘", "bank's answer about accounts"),
    "draw": Label("公开抽取", "public draw"),
    "ranking": Label("评审排名", "ranking of a review"),
    "scenario": Label("测算方案", "scenario"),
    "prices": Label("医疗服务价格", "prices of medical services"),
    "window": Label("服务窗口", "service window"),
    "token": Label("接口令牌", "key for a program"),
    "guardianship": Label("监护关系", "guardianship"),
    "webhook": Label("事实推送", "webhook"),
    "log": Label("日志", "log"),
    "backup": Label("备份", "backup"),
}
VALUES = {
    "sms": Label("短信", "text message"),
    "email": Label("电子邮件", "email"),
    "eligible": Label("符合条件", "eligible"),
    "unknown": Label("还不能确定", "undecided"),
    "not_eligible": Label("不符合条件", "not eligible"),
    "opened": Label("新增", "added"),
    "changed": Label("变更", "changed"),
    "corrected": Label("更正", "corrected"),
    "closed": Label("终止", "ended"),
    "applied": Label("写入", "applied"),
    "undone": Label("撤回", "undone"),
    "given": Label("给予授权", "given"),
    "revoked": Label("撤回授权", "revoked"),
    "taken": Label("领取", "taken"),
    "released": Label("放行", "released"),
    "held": Label("等待放行", "held"),
    "done": Label("写完", "written"),
    "dropped": Label("取消", "dropped"),
    "visited": Label("见到本人", "met"),
    "needs_help": Label("需要帮助", "needs help"),
    "not_home": Label("没有人在家", "not at home"),
    "left_notice": Label("留了通知单", "note left"),
    "password": Label("密码", "password"),
    "activated": Label("启用", "activated"),
    "deactivated": Label("停用", "deactivated"),
    "totp": Label("动态码", "codes"),
    "passkey": Label("通行密钥", "passkey"),
    "file": Label("来自名单文件", "from a file"),
    "query": Label("来自逐人核验", "from a query"),
    "officer": Label("由工作人员更正", "from an officer"),
    "self": Label("本人", "themself"),
    "security": Label("安全管理员", "security"),
    "name_differs": Label("姓名不一致", "name differs"),
    "identity_differs": Label("身份证号不一致", "identity number differs"),
    "several_candidates": Label("有多个可能的人", "several candidates"),
    "area_differs": Label("地区不一致", "area differs"),
    "duplicate_rows": Label("重复行", "duplicate rows"),
    "cell_error": Label("单元格有误", "cell in error"),
}
COUNTED = {
    "people": Label("人数", "people"),
    "messages": Label("暂停发送的短信和邮件", "messages held back"),
    "mailings": Label("等待放行的群发", "mailings held back"),
    "webhooks": Label("暂停的推送", "webhook deliveries held back"),
    "timers": Label("推迟的到期提醒", "timers put off"),
    "rows": Label("行数", "rows"),
    "opened": Label("新增", "added"),
    "changed": Label("变更", "changed"),
    "closed": Label("终止", "ended"),
    "doubtful": Label("存疑", "doubtful"),
    "wrong": Label("有误", "wrong"),
    "eligible": Label("符合条件", "eligible"),
    "unknown": Label("还不能确定", "undecided"),
    "members": Label("成员", "members"),
    "links": Label("关系", "relations"),
    "cells": Label("单元格", "cells"),
    "codes": Label("备用码", "codes"),
    "factors": Label("验证方式", "factors"),
    "score": Label("评分", "rating"),
    "revision": Label("第几稿", "draft"),
    "version": Label("版本", "version"),
}
REFUSALS = {
    "viewer.not_granted": Label("没有这项权限", "no grant for it"),
    "viewer.level_too_low": Label("身份核验级别不够", "identity not checked far enough"),
    "casework.not_for_this_person": Label("不是可以办理的人", "not for this person"),
    "identity.refused": Label("统一身份认证没有通过", "the identity service's answer was refused"),
    "identity.unknown": Label("统一身份没有关联账号", "an identity that no account has"),
    "identity.unusable": Label("统一身份认证无法使用", "the identity service can't be used"),
    "insight.lists_not_granted": Label("没有查看名单质量的权限", "no grant for the lists"),
    "insight.not_granted": Label("没有查看全市概览的权限", "no grant for the city's figures"),
    "mandates.not_in_force": Label("委托未生效或已失效", "mandate not in force"),
    "notices.not_visible": Label("查看他人的通知", "somebody else's letter"),
    "notices.not_yours": Label("查看他人的通知", "somebody else's letter"),
    "programmes.same_person": Label("起草人自己发布", "publishing one's own draft"),
    "registers.not_visible": Label("查看授权范围以外的居民", "a resident outside the grant"),
    "staff.needs_second": Label("需要另一人确认的授权", "a grant that needs a second person"),
    "staff.own_proposal": Label("确认自己提出的授权", "confirming one's own proposal"),
    "staff.same_hands": Label("前后两步可能是同一人", "one person could be behind both steps"),
    "staff.own_grant": Label("给自己授权", "granting to oneself"),
    "staff.not_security": Label("不是安全管理员", "not of security"),
    "staff.not_yourself": Label("对自己的账号操作", "acting on one's own account"),
    "vault.purpose_refused": Label("查阅目的不允许", "purpose not allowed"),
    "vault.unknown_purpose": Label("没有这种查阅目的", "unknown purpose"),
    "visits.not_your_place": Label("不在负责的走访范围", "outside the round"),
    "visits.not_yours": Label("不在负责的走访范围", "outside the round"),
    "web.not_your_list": Label("不是自己的名单或下载", "somebody else's list"),
    "window.no_consent": Label("没有居民本人同意", "no consent of the resident"),
}


def refusal_words(code: str) -> str:
    """Why something was refused; a code that has no words here stands for itself."""
    return words(REFUSALS[code]) if code in REFUSALS else code


def by_ends(person: UUID) -> str:
    """A person's id by its beginning and end: enough to tell two apart, too little to look somebody up elsewhere."""
    return f"{str(person)[:4]}…{str(person)[-6:]}"


class Told:
    """The words for a page of facts. Two queries: names of areas, programmes."""

    def __init__(self, facts: Iterable[Fact], staff: dict[str, str]) -> None:
        rows = list(facts)
        codes = {one.subject.partition(":")[2] for one in rows if one.subject.startswith("area:")}
        self.areas = accounts.area_names(codes | {str(one.payload["area"]) for one in rows if one.payload.get("area")})
        self.programmes, self.staff = accounts.programme_names(), staff
        self.lists = {slug: words(one) for slug, one in load_lists(Path(settings.LINLI_CITY)).items()}
        self.receipts = {one.subject: one.payload["receipt"] for one in rows if one.payload.get("receipt")}

    def subject(self, subject: str) -> str:
        """What a fact is about: by name where that is nobody's secret, a case by its receipt, people by the end of their id."""
        kind, _colon, key = subject.partition(":")
        named = {"programme": self.programmes, "list": self.lists, "area": self.areas}.get(kind, {}).get(key) or self.staff.get(subject)
        if kind == "case" and subject in self.receipts:
            named = grouped(self.receipts[subject])
        label = words(SUBJECTS[kind]) if kind in SUBJECTS else kind
        return f"{label} {named or _ending(key)}".strip()

    def payload(self, fact: Fact) -> str:
        """What a fact says, as far as it has words: no digest, no key of the house's own."""
        said = [self._said(name, value) for name, value in fact.payload.items() if value not in ("", None)]
        return " · ".join(dict.fromkeys(one for one in said if one))

    def _said(self, name: str, value: Any) -> str:
        if name == "counts":
            return " · ".join(filter(None, (self._said(each, number) for each, number in sorted(value.items()))))
        if isinstance(value, bool):
            return (_("按时") if value else _("超期")) if name == "on_time" else ""
        if isinstance(value, int):
            return yuan(value) if name == "amount_fen" else f"{words(COUNTED[name])} {value:,}" if name in COUNTED else ""
        return self._text(name, value) if isinstance(value, str) else ""

    def _text(self, name: str, value: str) -> str:
        if name in ("programme", "list", "area"):
            return {"programme": self.programmes, "list": self.lists, "area": self.areas}[name].get(value, "")
        if name == "receipt":
            return grouped(value)
        if name in ("due", "promised", "valid_from", "effective_from", "issued_on", "as_of", "on"):
            return day(value)
        found = _levels(name).get(value) or (accounts.role_names().get(value) if name == "role" else None)
        return found or (words(VALUES[value]) if value in VALUES else "")


def _levels(name: str) -> dict[str, str]:
    """What the values of a payload's key are called, where other rooms declare that."""
    if name in ("from_level", "to_level", "level"):
        return {slug: zh if chinese() else en for slug, (zh, en) in {**LEVEL_WORDS, **KNOWN_BY}.items()}
    return {slug: words(Label(kind.zh, kind.en)) for slug, kind in KINDS.items()} if name == "kind" else {}


def _ending(key: str) -> str:
    """The last six signs of an id, enough to tell the rows of a page apart; the link beside it carries the whole."""
    try:
        return f"…{UUID(key).hex[-6:]}"
    except ValueError:
        return ""
