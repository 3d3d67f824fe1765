"""A programme told field by field, in words: what a reader compares between two versions, and what a printed version shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import Any

from linli.programmes.declaration import EXEMPTIONS, FORMS, KINDS, NEVER, SITUATIONS, Programme
from linli.programmes.lines import NO, OPEN, YES, Line, both, day_words, days, facts_in_words, same, working_days
from linli.programmes.particulars.telling import particulars_told
from linli.programmes.procedure import telling as procedure
from linli.programmes.procedure.declaration import CHECKS
from linli.rules import tree
from linli.rules.declare import Dated, Label, Naming, ScaleDeclaration, TableDeclaration
from linli.rules.tree import Type
from linli.rules.words import Speaker

SECTIONS = {
    "names": Label("名称和说明", "Names and words"),
    "dates": Label("日期", "Dates"),
    "figures": Label("标准", "Figures"),
    "conditions": Label("条件和算法", "Conditions and calculation"),
    "office": Label("办理", "How it is dealt with"),
    "procedure": Label("办理流程", "From the application to the result"),
    "checks": Label("核查和公示", "Checks and public notice"),
    "paying": Label("发放和救济", "Payment and objection"),
    "particulars": Label("专项内容", "Particulars"),
    "papers": Label("材料", "Documents"),
    "basis": Label("依据和资金", "Basis and funds"),
    "kind": Label("事项性质", "Kind of programme"),
}
UNITS = {
    "yuan_per_day": Label("每天", "a day"),
    "yuan_per_month": Label("每月", "a month"),
    "yuan_per_year": Label("每年", "a year"),
}
TYPES = {
    "boolean": Label("是或否", "yes or no"),
    "integer": Label("整数", "whole number"),
    "money": Label("金额", "amount of money"),
    "decimal": Label("小数", "decimal"),
    "date": Label("日期", "day"),
    "text": Label("文字", "text"),
}
ENDS = {"min": Label("不低于", "at least"), "max": Label("不高于", "at most")}
RESULTS = {
    "payment": Label("资金", "payment"),
    "service": Label("服务", "service"),
    "confirmation": Label("认定", "confirmation"),
    "certificate": Label("证件", "certificate"),
}
FUND_LEVELS = {
    "central": Label("中央", "central"),
    "province": Label("省级", "province"),
    "city": Label("市级", "city"),
    "county": Label("县级", "county"),
}
SUBJECTS = {"person": Label("个人", "person"), "household": Label("家庭", "household"), "organisation": Label("单位", "organisation")}
HOUSEHOLDS = {"shared_living": Label("共同生活家庭成员", "those who live together"), "hukou_book": Label("户口簿", "household register")}
LIFECYCLES = {
    "entitlements": Label("待遇", "entitlements"),
    "orders": Label("服务单", "orders"),
    "bookings": Label("预约", "bookings"),
    "market": Label("双向选择", "market"),
    "claims": Label("批量结算", "claims"),
    "projects": Label("民生实事", "projects"),
    "incidents": Label("事件", "incidents"),
}


def told(programme: Programme, names: Naming, bodies: Mapping[str, Label]) -> list[Line]:
    """Every field of a version in the order of SECTIONS. names: the city's names for codes; bodies: its departments."""
    parts: tuple[Iterator[Line], ...] = (
        _names(programme),
        _dates(programme),
        _figures(programme, names),
        _conditions(programme, names),
        _office(programme, names, bodies),
        procedure.steps_told(programme, bodies),
        procedure.checks_told(programme, names),
        procedure.paying_told(programme),
        particulars_told(programme, bodies),
        _papers(programme, names),
        _basis(programme),
        _kind(programme),
    )
    return [line for part in parts for line in part]


def procedure_words(programme: Programme, language: str, names: Naming, bodies: Mapping[str, Label]) -> str:
    """The way from an application to paid in 'zh' or 'en', a line for each field and one for each step; without a procedure, that."""
    colon, between = ("：", "；") if language.startswith("zh") else (": ", "; ")
    parts = [
        procedure.steps_told(programme, bodies),
        procedure.checks_told(programme, names),
        procedure.paying_told(programme),
        particulars_told(programme, bodies),
    ]
    lines: list[str] = []
    for told_lines in parts:
        for group, each in groupby((line for line in told_lines if not line.language), key=lambda line: line.group):
            said = [f"{line.label.text(language)}{colon}{line.value.text(language)}" for line in each]
            lines += said if group is None else [f"{group.text(language)}{colon}{between.join(said)}"]
    return "\n".join(lines)


def unnamed(_fact: str, _code: str) -> Label | None:
    """Names for no code; days are said in words all the same."""
    return None


def _names(programme: Programme) -> Iterator[Line]:
    for key, label, words in (
        ("label", Label("名称", "name"), programme.label),
        ("summary", Label("简介", "summary"), programme.summary),
        ("audience", Label("谁可以享受", "who it is for"), programme.audience),
        ("benefit", Label("能得到什么", "what they get"), programme.benefit),
        ("letter", Label("告知信", "letter"), programme.letter),
    ):
        yield from both("names", (key,), None, label, words)


def _dates(programme: Programme) -> Iterator[Line]:
    def line(key: str, zh: str, en: str, value: Label) -> Line:
        return Line("dates", (key,), None, Label(zh, en), value)

    yield line("issued_on", "印发", "issued", _issued(programme))
    yield line("effective_from", "起始日", "first day", day_words(programme.effective_from))
    if programme.effective_to is not None:
        yield line("effective_to", "终止日", "last day", day_words(programme.effective_to))
    yield from both("dates", ("retroactive",), None, Label("溯及既往的理由", "why it is retroactive"), programme.retroactive)


def _issued(programme: Programme) -> Label:
    day, whole = programme.issued_on, day_words(programme.issued_on)
    if programme.issued_precision == "year":
        return Label(f"{day.year}年", str(day.year))
    if programme.issued_precision == "month":
        return Label(f"{day.year}年{day.month}月", whole.en.split(" ", 1)[1])
    return whole


def _figures(programme: Programme, names: Naming) -> Iterator[Line]:
    declared = programme.rule.declarations
    zh, en = (Speaker(declared, language, naming=unnamed) for language in ("zh", "en"))
    for section, each in (("parameters", declared.parameters), ("tables", declared.tables), ("scales", declared.scales)):
        for name, figures in each.items():
            yield Line("figures", (section, name, "type"), figures.label, Label("数值类型", "kind of figure"), _type(figures.type))
    for name, parameter in declared.parameters.items():
        kind, per = parameter.type, unit_of(programme, "parameters", name)

        def figure(value: Any, kind: Type = kind, per: str = per) -> Label:
            return per_time(Label(zh.value(value, kind), en.value(value, kind)), per)

        yield from _periods(("parameters", name), parameter.label, parameter.dated, figure)
    for name, table in declared.tables.items():
        per = unit_of(programme, "tables", name)

        def cell(value: Any, kind: Type = table.type, per: str = per) -> Label:
            return per_time(Label(zh.value(value, kind), en.value(value, kind)), per)

        yield from _rows(name, table, names, cell)
    for name, scale in declared.scales.items():
        yield from _periods(("scales", name), scale.label, scale.dated, partial(_brackets, zh, en, scale))


def _type(kind: Type) -> Label:
    words = TYPES[kind.kind]
    return Label(f"{words.zh}，{kind.scale} 位小数", f"{words.en}, {kind.scale} digits") if kind.scale else words


def _rows(name: str, table: TableDeclaration, names: Naming, say: Callable[[Any], Label]) -> Iterator[Line]:
    """A table period by period: each row, what holds for all others, and the last day where there is one."""
    for period in table.dated.periods:
        listed, otherwise = period.value
        first, key = day_words(period.first), ("tables", name, str(period.first))

        def since(row: Label, first: Label = first) -> Label:
            return Label(f"{row.zh}，自{first.zh}起", f"{row.en}, from {first.en}")

        for code, value in listed:
            row = names("registered_county", str(code)) or same(code)
            yield Line("figures", (*key, "row", str(code)), table.label, since(row), say(value))
        others = Label("没有列出的", "all others")
        yield Line("figures", (*key, "others"), table.label, since(others), Label("无", "none") if otherwise is None else say(otherwise))
        if period.last is not None:
            yield Line("figures", (*key, "last"), table.label, since(Label("终止日", "last day")), day_words(period.last))


def _brackets(zh: Speaker, en: Speaker, scale: ScaleDeclaration, rows: Any) -> Label:
    return Label(zh.brackets(rows, scale), en.brackets(rows, scale))


def unit_of(programme: Programme, section: str, name: str) -> str:
    """The unit that a figure is declared with, "" where it has none."""
    unit = programme.entry.value["rule"].value[section].value[name].get("unit")
    return str(unit.value) if unit else ""


def per_time(value: Label, unit: str) -> Label:
    """An amount with the time it is for: 50.00 元（每月）."""
    if not unit:
        return value
    words = UNITS.get(unit, same(unit))
    return Label(f"{value.zh}（{words.zh}）", f"{value.en} {words.en}")


def _periods(key: tuple[str, ...], group: Label, dated: Dated[Any], say: Callable[[Any], Label]) -> Iterator[Line]:
    for period in dated.periods:
        if period.first == NEVER:
            yield Line("figures", (*key, "open"), group, Label("数值", "figure"), Label("尚未填写", "not filled in yet"))
            continue
        first, value = day_words(period.first), say(period.value)
        if period.last is not None:
            last = day_words(period.last)
            value = Label(f"{value.zh}，至{last.zh}", f"{value.en}, until {last.en}")
        label = Label(f"自{first.zh}起", f"from {first.en}")
        yield Line("figures", (*key, str(period.first), "value"), group, label, value)
        if period.source is not None:
            words = Label(f"{label.zh}：出处", f"{label.en}: source")
            yield Line("figures", (*key, str(period.first), "source"), group, words, period.source)


def _conditions(programme: Programme, names: Naming) -> Iterator[Line]:
    declared = programme.rule.declarations
    zh, en = (Speaker(declared, language, naming=names) for language in ("zh", "en"))
    yield from _own_facts(programme, zh, en)
    for condition in programme.rule.conditions:
        group = condition.label
        said = Label(zh.truth(condition.node), en.truth(condition.node))
        yield Line("conditions", (condition.id, "rule"), group, Label("规则", "rule"), said)
        yield from both(
            "conditions", (condition.id, "label"), group, Label("给居民看的说法", "in the words for residents"), condition.label
        )
    if programme.rule.amount is not None:
        label = programme.rule.amount_label or Label("金额", "amount")
        said = Label(zh.say(programme.rule.amount), en.say(programme.rule.amount))
        yield Line("conditions", ("amount", "rule"), label, Label("算法", "calculation"), said)
        yield from both("conditions", ("amount", "label"), label, Label("名称", "name"), programme.rule.amount_label)


def _own_facts(programme: Programme, zh: Speaker, en: Speaker) -> Iterator[Line]:
    """What only this programme asks of a person: its type, and between which ends it must lie where the file says so."""
    own = programme.entry.value["rule"].value.get("facts")
    for name, entry in own.value.items() if own else ():
        fact = programme.rule.declarations.facts[name]
        yield Line("conditions", ("facts", name, "type"), fact.label, Label("信息类型", "kind of answer"), _type(fact.type))
        for (key, label), end in zip(ENDS.items(), fact.span or (), strict=False):
            if key in entry.value or "digits" in entry.value:
                said = same(end) if fact.type.kind == "date" else Label(zh.value(end, fact.type), en.value(end, fact.type))
                yield Line("conditions", ("facts", name, key), fact.label, label, said)


def _office(programme: Programme, names: Naming, bodies: Mapping[str, Label]) -> Iterator[Line]:
    def line(key: str, zh: str, en: str, value: Label) -> Line:
        return Line("office", (key,), None, Label(zh, en), value)

    item, place = programme.item, programme.place
    yield line("body", "主办单位", "implementing body", bodies.get(item.body, same(item.body)))
    for body in item.joint_bodies:
        yield line(f"joint.{body}", "会同单位", "joint body", bodies.get(body, same(body)))
    yield line("kind", "事项类型", "kind of matter", KINDS[item.kind])
    yield line("code", "事项编码", "item code", same(item.code) if item.code else OPEN)
    for key, label, desk in (
        ("enquiry", Label("咨询", "enquiries"), item.enquiry),
        ("complaint", Label("投诉", "complaints"), item.complaint),
    ):
        yield line(f"{key}.phone", f"{label.zh}电话", f"telephone for {label.en}", same(desk.phone))
        yield from both("office", (key,), None, label, desk.label)
    yield line("statutory", "法定办结时限", "statutory time limit", working_days(programme.statutory_working_days))
    yield line("promised", "承诺办结时限", "promised time limit", working_days(programme.promised_working_days))
    yield line("result.kind", "办理结果类型", "kind of result", RESULTS[programme.result_kind])
    yield from both("office", ("result",), None, Label("办理结果", "result"), programme.result)
    yield line("place.eligibility", "资格看哪里", "eligibility looks at", SITUATIONS[place.eligibility])
    yield line("place.area", "在哪里", "of which area", names("living_area", place.area) or place.label)
    yield line("place.office", "在哪里办", "office", SITUATIONS[place.office])
    yield line("place.payer", "哪里出钱", "payer", SITUATIONS[place.payer])


def _papers(programme: Programme, names: Naming) -> Iterator[Line]:
    for material in programme.materials:
        group = material.label

        def line(key: str, zh: str, en: str, value: Label, one: Any = material, group: Label = group) -> Line:
            return Line("papers", (one.id, key), group, Label(zh, en), value)

        yield from both("papers", (material.id, "label"), group, Label("名称", "name"), material.label)
        yield line("source", "谁出具", "issued by", material.source)
        yield line("form", "形式", "form", FORMS[material.form])
        yield line("copies", "份数", "copies", same(material.copies))
        yield line("exempt", "能否免交", "waived", EXEMPTIONS[material.exempt])
        if material.list:
            yield line("list", "代替它的名单", "list that stands for it", names("list", material.list) or same(material.list))
        yield line("check", "审核", "checked", CHECKS[material.check])
        if material.reuse_days is not None:
            yield line("reuse", "已交材料可再用", "offered again for", days(material.reuse_days))
        if material.gives:
            yield line("gives", "证明哪些信息", "facts that it shows", facts_in_words(programme, material.gives))


def _basis(programme: Programme) -> Iterator[Line]:
    for basis in programme.legal_basis:
        group = basis.label
        yield from both("basis", ("law", basis.id, "label"), group, Label("名称", "name"), basis.label)
        if basis.article:
            yield Line("basis", ("law", basis.id, "article"), group, Label("条款", "article"), same(basis.article))
        if basis.supports:
            supports = Label("支持的条件", "conditions that rest on it")
            yield Line("basis", ("law", basis.id, "supports"), group, supports, _supported(programme, basis.supports))
        yield from both("basis", ("law", basis.id, "note"), group, Label("说明", "note"), basis.note)
    for fund in programme.funds:
        yield from both("basis", ("fund", fund.id, "label"), fund.label, Label("资金名称", "fund"), fund.label)
        yield Line("basis", ("fund", fund.id, "level"), fund.label, Label("资金级次", "level of the fund"), FUND_LEVELS[fund.level])
    if programme.reading is not None:
        for key, label, words in (
            ("source_text", Label("原文", "words of the source"), programme.reading.source_text),
            ("question", Label("有哪些理解", "question"), programme.reading.question),
            ("chosen", Label("采用的理解", "reading taken"), programme.reading.chosen),
        ):
            yield from both("basis", ("reading", key), Label("不同理解", "readings"), label, words)
    yield from both("basis", ("demonstration",), None, Label("演示数值", "stand-in figures"), programme.demonstration)


def _supported(programme: Programme, ids: tuple[str, ...]) -> Label:
    labels = {condition.id: condition.label for condition in programme.rule.conditions}
    found = [labels.get(one, same(one)) for one in ids]
    return Label("；".join(label.zh for label in found), "; ".join(label.en for label in found))


def _kind(programme: Programme) -> Iterator[Line]:
    def line(key: str, zh: str, en: str, value: Label) -> Line:
        return Line("kind", (key,), None, Label(zh, en), value)

    yield line("subject", "对象", "subject", SUBJECTS[programme.subject])
    if programme.household_kind:
        yield line("household", "家庭口径", "kind of household", HOUSEHOLDS[programme.household_kind])
    yield line("lifecycle", "办理方式", "lifecycle", LIFECYCLES[programme.lifecycle])
    yield line("employment", "就业类事项", "about employment", YES if programme.employment else NO)
    yield line("requires", "必须有依据才能发布", "needs a legal basis", YES if programme.requires_legal_basis else NO)
    yield line("as_of", "按哪一天计算", "reckoned on", Label(*(_as_of(programme, language) for language in ("zh", "en"))))


def _as_of(programme: Programme, language: str) -> str:
    """The line of the rule in words that names its day."""
    return programme.rule.words(language, unnamed).splitlines()[1]


def payment_months(programme: Programme) -> int | None:
    """In how many payments of a year the amount is paid, 12 or 1, by the units of its figures; None where they don't say."""
    rule = programme.rule
    if rule.amount is None:
        return None
    units = set()
    for node in tree.walk(rule.amount):
        if isinstance(node, tree.Parameter) and rule.declarations.parameters[node.name].type.kind == "money":
            units.add(unit_of(programme, "parameters", node.name))
        elif isinstance(node, tree.Lookup) and rule.declarations.tables[node.table].type.kind == "money":
            units.add(unit_of(programme, "tables", node.table))
        elif isinstance(node, tree.Bracket | tree.Marginal) and rule.declarations.scales[node.scale].type.kind == "money":
            units.add(unit_of(programme, "scales", node.scale))
    return {"yuan_per_month": 12, "yuan_per_year": 1}.get(units.pop()) if len(units) == 1 else None
