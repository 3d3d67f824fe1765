"""The way from an application to paid told field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from linli.kernel.money import yuan_text
from linli.programmes.lines import NO, OPEN, THEN, YES, Line, both, days, facts_in_words, listed, same, share, working_days
from linli.programmes.procedure import declaration as declare
from linli.rules import Rule
from linli.rules.declare import Label, Naming
from linli.rules.words import Speaker

if TYPE_CHECKING:
    from linli.programmes.declaration import Programme

STEPS, CHECKS, PAYING = "procedure", "checks", "paying"


def steps_told(programme: Programme, bodies: Mapping[str, Label]) -> Iterator[Line]:
    """Who may begin, what happens in which order, by when. bodies: the city's departments."""
    procedure = programme.procedure
    yield _line(STEPS, "apply", "可以申请", "can be applied for", YES if procedure else NO)
    if procedure is None:
        return
    yield _line(STEPS, "start", "怎样开始", "who may begin it", listed(declare.STARTS[one] for one in procedure.start))
    yield _line(STEPS, "accept", "受理时限", "time for acceptance", working_days(procedure.accept_days))
    if procedure.supplement is not None:
        yield _line(STEPS, "supplement", "补正期限", "time to hand in what is missing", _term(procedure.supplement))
    yield _line(STEPS, "order", "步骤", "steps", listed((step.label for step in procedure.steps), THEN))
    for step in procedure.steps:
        yield from _step(step, bodies)
    labels = {step.id: step.label for step in procedure.steps}
    for identity, level in procedure.delegated.items():
        group = labels.get(identity, same(identity))
        yield Line(STEPS, ("step", identity, "delegated"), group, Label("下放到", "delegated to"), declare.LEVELS[level])
    yield _line(STEPS, "late", "逾期", "when late", declare.LATE[procedure.late])
    instant = procedure.instant
    yield _line(STEPS, "instant", "秒批", "instant approval", YES if instant else NO)
    if instant is not None:
        yield _line(STEPS, "instant.cap", "秒批金额上限", "greatest amount approved at once", _yuan(instant.cap))
        yield _line(STEPS, "instant.fresh", "秒批信息最久", "greatest age of facts approved on", days(instant.fresh_days))
        yield _line(STEPS, "instant.sample", "秒批事后抽查", "checked after instant approval", share(instant.sample))


def _step(step: declare.Step, bodies: Mapping[str, Label]) -> Iterator[Line]:
    def line(key: str, zh: str, en: str, value: Label) -> Line:
        return Line(STEPS, ("step", step.id, key), step.label, Label(zh, en), value)

    yield from both(STEPS, ("step", step.id, "label"), step.label, Label("名称", "name"), step.label)
    yield line("kind", "环节", "kind of step", declare.STEP_KINDS[step.kind])
    yield line("level", "层级", "level", declare.LEVELS[step.level])
    yield line("role", "经办", "done by", declare.ROLES[step.role])
    yield line("bodies", "部门", "department", listed(bodies.get(body, same(body)) for body in step.bodies))
    if step.kind != "notice":
        yield line("days", "时限", "time", working_days(step.days))
    yield line("officers", "经办人数", "officers", same(step.officers))


def checks_told(programme: Programme, names: Naming) -> Iterator[Line]:
    """How a batch is checked and what is shown to everyone."""
    verification, notice = programme.verification, programme.public_notice
    if verification is not None:
        yield _line(CHECKS, "every", "逐份核查", "every file is checked", YES if verification.every else NO)
        if verification.key is not None:
            yield from _key(verification.key, names)
        if verification.random is not None:
            yield from _random(verification.random)
        cross = declare.STRATA[verification.cross] if verification.cross else NO
        yield _line(CHECKS, "cross", "交叉核查", "cross review between", cross)
    if notice is not None:
        yield _line(
            CHECKS, "fields", "公示内容", "shown to everyone", listed(declare.NOTICE_FIELDS.get(one, same(one)) for one in notice.fields)
        )
        yield _line(CHECKS, "term", "公示期", "shown for", _term(notice.term))
        yield _line(CHECKS, "place", "公示时间", "shown", declare.NOTICE_PLACES[notice.place])
        yield _line(CHECKS, "online", "网上公示（未成年人除外）", "shown online, minors apart", YES if notice.online else NO)


def _key(rule: Rule, names: Naming) -> Iterator[Line]:
    zh, en = (Speaker(rule.declarations, language, naming=names) for language in ("zh", "en"))
    for condition in rule.conditions:
        group = Label(f"重点核查：{condition.label.zh}", f"key files: {condition.label.en}")
        said = Label(zh.truth(condition.node), en.truth(condition.node))
        yield Line(CHECKS, ("key", condition.id, "rule"), group, Label("规则", "rule"), said)
        yield from both(CHECKS, ("key", condition.id, "label"), group, Label("说法", "in words"), condition.label)


def _random(drawn: declare.RandomCheck) -> Iterator[Line]:
    level = declare.STRATA[drawn.strata]
    yield _line(CHECKS, "random", "随机抽查比例", "random sample", share(drawn.rate))
    yield _line(CHECKS, "strata", "抽查分层", "drawn in each", level)
    for number, raised in enumerate(drawn.raises, 1):
        found = share(raised.share)
        zh = f"问题率达到 {found.zh}" if raised.share else "发现问题"
        en = f"once {found.en} have findings" if raised.share else "once anything is found"
        label = Label(f"第 {number} 级提高", f"raised, step {number}")
        value = share(raised.rate)
        yield Line(CHECKS, ("raise", str(number)), None, label, Label(f"{zh}，下次抽查 {value.zh}", f"{en}: {value.en} next time"))


def paying_told(programme: Programme) -> Iterator[Line]:
    """What is paid from where to whom, how long it goes on, and how a decision is contested."""
    if programme.payment is not None:
        yield from _payment(programme, programme.payment)
    if programme.standing is not None:
        yield from _standing(programme, programme.standing)
    if programme.objection is not None:
        yield from _objection(programme.objection)
    if programme.procedure is not None:
        yield _line(PAYING, "satisfaction", "办后评价", "asked afterwards how it went", YES if programme.satisfaction else NO)


def _payee(programme: Programme, kind: str) -> Label:
    """Of an organisation, `self` is no person."""
    own = programme.subject == "organisation" and kind in ("self", "employer")
    return Label("申请的单位", "the organisation that applies") if own else declare.PAYEES[kind]


def _payment(programme: Programme, payment: declare.Payment) -> Iterator[Line]:
    funds = {fund.id: fund.label for fund in programme.funds}
    yield _line(
        PAYING,
        "funds",
        "依次使用的资金",
        "funds, in the order they are drawn on",
        listed(funds.get(one, same(one)) for one in payment.funds),
    )
    yield _line(PAYING, "cycle", "发放周期", "paid", declare.CYCLES[payment.cycle])
    if payment.reckoned != "rule":
        yield _line(PAYING, "reckoned", "每次金额", "one payment is", declare.RECKONED[payment.reckoned])
    if payment.reckoned == "slips":
        most = OPEN if payment.slip_cap is None else _yuan(payment.slip_cap)
        yield _line(PAYING, "slip_cap", "每期最多", "most for one period", most)
    yield _line(PAYING, "payees", "收款方", "paid to", listed(_payee(programme, one) for one in payment.payees))
    yield _line(PAYING, "channel", "发放方式", "paid through", declare.CHANNELS[payment.channel])
    if payment.channel == "yikatong" or payment.project_code:
        code = same(payment.project_code) if payment.project_code else OPEN
        yield _line(PAYING, "project_code", "一卡通项目编码", "project code", code)
    if payment.levels:
        yield _line(PAYING, "levels", "发放档次", "amounts paid", listed(_yuan(fen) for fen in payment.levels))
    retention = payment.retention
    if retention is not None:
        yield _line(PAYING, "retention.rate", "质量保证金", "kept back from the contractor", share(retention.rate))
        yield _line(PAYING, "retention.cap", "质量保证金法定上限", "most that the law lets keep back", share(retention.cap))
        yield _line(PAYING, "retention.days", "验收后返还", "released after acceptance in", days(retention.days))
        yield from both(PAYING, ("retention.source",), None, Label("上限的依据", "law that sets the limit"), retention.source)


def _standing(programme: Programme, standing: declare.Standing) -> Iterator[Line]:
    yield _line(PAYING, "renews", "重新核定", "screened anew", declare.CYCLES[standing.renews])
    if standing.until is not None:
        yield _line(PAYING, "until", "发放到", "goes on until", facts_in_words(programme, [standing.until]))
    yield _line(PAYING, "stops", "停发情形", "stopped by", listed(declare.STOPS[one] for one in standing.stops))
    labels = {one.id: one.label for one in programme.rule.conditions}
    for stop, condition in standing.conditions.items():
        said = declare.STOPS.get(stop, same(stop))
        words = Label(f"“{said.zh}”指不再满足", f"{said.en} means that this no longer holds")
        yield Line(PAYING, (f"conditions.{stop}",), None, words, labels.get(condition, same(condition)))
    if standing.resumes:
        yield _line(PAYING, "resumes", "恢复情形", "taken up again after", listed(declare.RESUMES[one] for one in standing.resumes))
    yield _line(PAYING, "prorate", "不足一期", "a broken cycle", declare.PRORATES[standing.prorate])


def _objection(objection: declare.Objection) -> Iterator[Line]:
    yield _line(PAYING, "objection", "提出异议期限", "time to object", _term(objection.term))
    for key, label, recourse in (
        ("review", Label("行政复议", "administrative review"), objection.review),
        ("court", Label("行政诉讼", "court"), objection.court),
    ):
        yield Line(PAYING, (key,), None, label, YES if recourse else NO)
        if recourse is not None:
            unit = declare.RECOURSE_UNITS[recourse.unit]
            within = Label(f"{recourse.within} {unit.zh}内", f"within {recourse.within} {unit.en}")
            yield Line(PAYING, (key, "within"), None, Label(f"{label.zh}期限", f"time for {label.en}"), within)
            yield from both(PAYING, (key, "organ"), None, Label(f"{label.zh}机关", f"organ for {label.en}"), recourse.label)


def _line(section: str, key: str, zh: str, en: str, value: Label) -> Line:
    return Line(section, (key,), None, Label(zh, en), value)


def _term(term: declare.Term) -> Label:
    if term.days is None:
        unit = declare.DAY_UNITS[term.unit]
        return Label(f"{OPEN.zh}（{unit.zh}）", f"{OPEN.en} ({unit.en})")
    return working_days(term.days) if term.unit == "working" else days(term.days)


def _yuan(fen: int) -> Label:
    return Label(f"{yuan_text(fen)} 元", f"{yuan_text(fen)} yuan")
