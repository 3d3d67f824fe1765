"""What the codes in an archive mean, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.conf import settings

from linli.archives.pages import Said
from linli.batches.explained import explanation
from linli.batches.models import Item
from linli.casework.kinds import KINDS
from linli.casework.models import Case
from linli.kernel.money import yuan_text
from linli.ledger.models import Fund
from linli.programmes.naming import area_name
from linli.registers.models import Resident
from linli.registers.queries.staff import names_of as staff_names
from linli.rules.declare import Label

_RESIDENT = "resident:"
SHARES = (
    "资金承担的金额包括暂扣的质保金和经本人同意扣回的部分。",
    "What a fund bears includes what is retained and what is set off with consent.",
)

ERASED = Label("资料已注销", "personal data erased")
OPEN = Label("办理中", "open")
ORIGINS = {
    "invitation": Label("政策找人，本人确认", "found by policy, confirmed by the person"),
    "resident": Label("本人申请", "the person applied"),
    "proxy": Label("亲属代办", "applied for by a proxy"),
    "window": Label("窗口代办", "applied for at a window"),
    "phone": Label("来电，窗口代办", "by phone, applied for at a window"),
}
PARTS = {
    "opened": Label("提出时", "when it was opened"),
    "answered": Label("答复", "the answer"),
    "surveyed": Label("评价", "the rating"),
}
NEEDS = {
    "exempt": Label("免交，已有登记", "not needed: on record"),
    "commitment": Label("本人承诺", "promised by the person"),
    "wanted": Label("待交", "to be given"),
    "given": Label("已交", "given"),
    "refused": Label("未通过", "not accepted"),
}
OUTCOMES = {
    "granted": Label("给予", "granted"),
    "refused": Label("不予", "refused"),
    "registered": Label("予以登记", "registered"),
    "forwarded": Label("转办", "forwarded"),
}
AWARD_STATES = {
    "proposed": Label("拟给予", "proposed"),
    "active": Label("正在享受", "goes on"),
    "suspended": Label("暂停发放", "rests"),
    "ended": Label("已停止", "ended"),
    "dropped": Label("没有给予", "not granted"),
}
SIGNED = {
    "passed": Label("通过", "passed on"),
    "returned": Label("退回", "sent back"),
    "taken_back": Label("收回", "taken back"),
    **OUTCOMES,
}
HOLDS = {True: Label("符合", "met"), False: Label("不符合", "not met"), None: Label("未查明", "not known")}
PAUSES = {
    "supplement": Label("等申请人补正", "waiting for what is missing"),
    "appraisal": Label("评估鉴定", "appraisal"),
    "notice": Label("公示", "public notice"),
}
CHECKS = {"": Label("等审核", "not checked yet"), "accepted": Label("合格", "accepted"), "rejected": Label("不合格", "rejected")}
_HEADERS = {
    "fact": ("信息", "fact"),
    "value": ("内容", "value"),
    "by": ("依据", "by"),
    "step": ("步骤", "step"),
    "office": ("单位", "office"),
    "area": ("地区", "area"),
    "from": ("开始", "from"),
    "due": ("期限", "due"),
    "until": ("结束", "until"),
    "who": ("谁", "who"),
    "result": ("结果", "result"),
    "words": ("说明", "words"),
    "when": ("时间", "when"),
    "why": ("原因", "why"),
    "receipt": ("回执编号", "receipt"),
    "kind": ("类别", "kind"),
    "yuan": ("金额（元）", "yuan"),
    "how": ("怎样核定", "how it was reckoned"),
    "period": ("期间", "period"),
    "state": ("状态", "state"),
    "reference": ("流水号", "reference"),
    "order": ("发放文件", "bank file"),
    "tail": ("账户尾号", "account ends in"),
    "code": ("银行代码", "bank's code"),
    "draw": ("抽取编号", "number of the draw"),
    "payee": ("收款人", "payee"),
    "funds": ("由哪项资金支付（元）", "paid from, yuan"),
    "account": ("账号", "account"),
    "holder": ("户名", "account in the name of"),
    "check": ("校验结果", "check"),
    "day": ("日期", "day"),
    "answer": ("回盘文件摘要", "digest of the bank's answer"),
    "line": ("行", "line"),
    "batch": ("批次", "batch"),
    "digest": ("摘要", "digest"),
    "person": ("姓名", "name"),
    "folder": ("文件夹", "folder"),
    "papers": ("件数", "papers"),
    "count": ("数量", "number"),
    "remedy": ("怎么办", "what to do"),
    "level": ("标准（元）", "level, yuan"),
    "matter": ("事项", "matter"),
}


def headers(said: Said, *names: str) -> tuple[str, ...]:
    """The headers of a table."""
    return tuple(said(*_HEADERS[name]) for name in names)


def reckoned(said: Said, item: Item) -> str:
    """How an item's amount came about; "" for one that is the award's amount as it is."""
    return "; ".join(said.cell(Label(*line)) for line in explanation(item))


def place(code: str) -> Label | str:
    """An area's name, its code where the city has no name for it; "" for none."""
    return (area_name(Path(settings.LINLI_CITY), code) or code) if code else ""


def people(said: Said, actors: Iterable[str], subject: str = "") -> dict[str, str]:
    """Who did something, by name: staff, the person themself, residents who acted for them; the system, and what has no name as it is.
    Two queries at most."""
    asked = set(actors)
    found = staff_names(asked)
    uids = [one.removeprefix(_RESIDENT) for one in asked if one.startswith(_RESIDENT) and one != subject]
    found |= {f"{_RESIDENT}{uid}": name for uid, name in Resident.objects.filter(uid__in=uids).values_list("uid", "name")} if uids else {}
    found |= {subject: said("本人", "the person")} if subject else {}
    return {one: found.get(one) or (said("系统", "the system") if one.startswith("system:") else one) for one in asked}


def outcome(case: Case) -> Label | str:
    """What a case ended with; "" while it hasn't."""
    found = KINDS[case.kind].outcome(case.outcome) if case.outcome else None
    return Label(found.zh, found.en) if found else (ERASED if case.outcome else "")


def of_funds(said: Said, names: Mapping[str, Label], funds: Sequence[str], shares: Sequence[int]) -> str:
    """Which fund bears how much. names: of funds, by slug."""
    told = (f"{said.cell(names.get(fund, fund))} {yuan_text(fen)}" for fund, fen in zip(funds, shares, strict=True))
    return said("；", "; ").join(told)


def fund_names(slugs: Iterable[str]) -> dict[str, Label]:
    """What funds are for, as they were opened. One query."""
    rows = Fund.objects.filter(slug__in=set(slugs)).values_list("slug", "purpose_zh", "purpose_en")
    return {slug: Label(zh, en) for slug, zh, en in rows}
