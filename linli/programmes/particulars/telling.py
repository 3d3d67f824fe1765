"""The parts that only some programmes have, told field by field, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from linli.kernel.money import yuan_text
from linli.programmes.lines import NO, OPEN, THEN, YES, Line, both, days, facts_in_words, listed, same, working_days
from linli.programmes.particulars import declaration as declare
from linli.programmes.procedure.declaration import DAY_UNITS
from linli.rules.declare import Label

if TYPE_CHECKING:
    from linli.programmes.declaration import Programme

SECTION = "particulars"


def particulars_told(programme: Programme, bodies: Mapping[str, Label]) -> Iterator[Line]:
    """Every part that the file has. bodies: the city's departments."""
    parts = programme.particulars
    if parts.event is not None:
        yield from both(SECTION, ("event",), None, Label("事情发生的日期", "the day that it is about"), parts.event.label)
        yield _line("event.claim", "申请期限（自该日起）", "time to apply, from that day", _claim(parts.event))
    if parts.registers is not None:
        yield _line("registers.list", "登记写入的名单", "list that the registration writes", same(parts.registers.list))
        if parts.registers.facts:
            yield _line("registers.facts", "写入的信息", "what it writes", facts_in_words(programme, parts.registers.facts))
    if parts.forward_to is not None:
        yield from _forwarding(parts.forward_to, bodies)
    if parts.works is not None:
        yield from _works(parts.works)
    if parts.evidence is not None:
        yield from _pictures("before", Label("改造前照片", "pictures before"), parts.evidence.before)
        yield from _pictures("after", Label("改造后照片", "pictures after"), parts.evidence.after)
    if parts.loan is not None:
        yield from _loan(programme, parts.loan)
    if parts.scores is not None:
        yield from _scores(programme, parts.scores)
    if parts.escrow is not None:
        yield from _escrow(programme, parts.escrow)


def _claim(event: declare.Event) -> Label:
    term, unit = event.claim, DAY_UNITS[event.claim.unit]
    if term.days is None:
        return Label(f"{OPEN.zh}（{unit.zh}）", f"{OPEN.en} ({unit.en})")
    return working_days(term.days) if term.unit == "working" else days(term.days)


def _forwarding(forwarding: declare.Forwarding, bodies: Mapping[str, Label]) -> Iterator[Line]:
    yield _line("forward.body", "转给", "forwarded to", bodies.get(forwarding.body, same(forwarding.body)))
    yield from both(SECTION, ("forward.system",), None, Label("由哪个系统决定", "system that decides"), forwarding.system)
    for one in forwarding.outcomes:
        group = Label(f"办理结果：{one.label.zh}", f"outcome: {one.label.en}")
        yield Line(SECTION, ("outcome", one.id, "grants"), group, Label("同意申请", "grants what was asked"), YES if one.grants else NO)
        yield from both(SECTION, ("outcome", one.id, "label"), group, Label("说法", "in words"), one.label)


def _works(works: declare.Works) -> Iterator[Line]:
    yield from _several("works.areas", "改造内容", "areas of works", works.areas)
    yield _line("works.signers", "施工前签字确认清单", "sign the list before works", listed(declare.SIGNERS[one] for one in works.signers))
    cap = OPEN if works.cap is None else Label(f"{yuan_text(works.cap)} 元", f"{yuan_text(works.cap)} yuan")
    yield _line("works.cap", "每户费用上限", "most for one household", cap)


def _pictures(key: str, group: Label, pictures: tuple[declare.Pictures, ...]) -> Iterator[Line]:
    for one in pictures:
        own = Label(f"{group.zh}：{one.label.zh}", f"{group.en}: {one.label.en}")
        yield Line(SECTION, ("pictures", key, one.id, "least"), own, Label("至少张数", "at least"), same(one.least))
        yield from both(SECTION, ("pictures", key, one.id, "label"), own, Label("拍摄内容", "of what"), one.label)


def _loan(programme: Programme, loan: declare.Loan) -> Iterator[Line]:
    for key, fact, zh, en in (
        ("principal", loan.principal, "贷款本金", "principal of the loan"),
        ("begins", loan.begins, "贷款起始日", "loan begins on"),
        ("ends", loan.ends, "贷款到期日", "loan ends on"),
        ("repaid", loan.repaid, "提前结清日", "loan repaid early on"),
    ):
        yield _line(f"loan.{key}", zh, en, facts_in_words(programme, [fact]))


def _scores(programme: Programme, scores: declare.Scores) -> Iterator[Line]:
    figures = programme.rule.declarations.parameters
    for one in scores.criteria:

        def line(key: str, zh: str, en: str, value: Label, one: declare.Criterion = one) -> Line:
            return Line(SECTION, ("criterion", one.id, key), one.label, Label(zh, en), value)

        yield from both(SECTION, ("criterion", one.id, "label"), one.label, Label("名称", "name"), one.label)
        yield line("most", "最高分", "greatest number of points", same(one.most))
        yield line("weight", "权重", "weight", figures[one.weight].label if one.weight in figures else same(one.weight))
        source = Label("评审人员打分", "reviewers") if one.fact is None else facts_in_words(programme, [one.fact])
        yield line("fact", "得分来源", "points come from", source)
    labels = {one.id: one.label for one in scores.criteria}
    if scores.ties:
        yield _line(
            "ties", "总分相同时依次比较", "equal totals are told apart by", listed(labels.get(one, same(one)) for one in scores.ties)
        )


def _escrow(programme: Programme, escrow: declare.Escrow) -> Iterator[Line]:
    yield from _several("escrow.parties", "各方", "parties", escrow.parties)
    steps = {step.id: step.label for step in programme.procedure.steps} if programme.procedure is not None else {}
    order = listed((steps.get(one, same(one)) for one in escrow.steps), THEN)
    yield _line("escrow.order", "各方同意、资金到账、登记、放款", "agreed, paid in, registered, released", order)


def _several(key: str, zh: str, en: str, named: Iterable[declare.Named]) -> Iterator[Line]:
    yield _line(key, zh, en, listed(one.label for one in named))
    for one in named:
        yield from both(SECTION, (key, one.id), one.label, Label("名称", "name"), one.label)


def _line(key: str, zh: str, en: str, value: Label) -> Line:
    return Line(SECTION, (key,), None, Label(zh, en), value)
