"""A rule said back in Chinese and English, from the checked tree and not from its author's words.

Every AND and OR below another one stands in brackets, so that what binds to what can't be read in two ways.

Said plainly, a rule has its codes and ISO dates as written: an owner's confirmation is bound to that text. Said for readers (naming),
codes have their names and days are words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from linli.kernel.money import yuan_text
from linli.rules import tree
from linli.rules.declare import BUILT_IN, Dated, Declarations, FactDeclaration, Label, Naming
from linli.rules.phrases import GROUPS, PHRASES, ROLE_WORDS, SIGNS, SUBJECT_WORDS
from linli.rules.rule import AsOf, Rule
from linli.rules.tree import Node, Scalar, Type

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def words_of_rule(rule: Rule, language: str, naming: Naming | None = None) -> str:
    """The whole rule in 'zh' or 'en', one statement a line."""
    speaker = Speaker(rule.declarations, language, naming=naming)
    say = speaker.phrase
    lines = [say("subject", SUBJECT_WORDS[rule.subject][speaker.index]), say("as_of", _day_words(rule.as_of, speaker))]
    lines.append(say("all_conditions", str(len(rule.conditions))) if len(rule.conditions) > 1 else say("one_condition"))
    for number, condition in enumerate(rule.conditions, 1):
        lines.append(say("condition", str(number), condition.label.text(language), speaker.say(condition.node)))
    if rule.amount is not None:
        label = rule.amount_label.text(language) if rule.amount_label else say("amount_label")
        lines.append(say("amount", label, speaker.say(rule.amount)))
    lines.extend(_dated_lines(rule, speaker))
    return "\n".join(lines)


def day_in_words(day: date, language: str) -> str:
    """2026年9月1日 or 1 September 2026."""
    if language.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _day_words(as_of: AsOf, speaker: Speaker) -> str:
    if as_of.fixed is not None:
        return speaker.day_words(as_of.fixed)
    if as_of.month_day is not None:
        return speaker.phrase("each_year", *(str(part) for part in as_of.month_day))
    return speaker.phrase("screening_day")


def _dated_lines(rule: Rule, speaker: Speaker) -> list[str]:
    """The values behind the names that the rule uses, with their dates and sources."""
    lines: list[str] = []
    for node in dict.fromkeys(rule.nodes):
        if isinstance(node, tree.Parameter):
            parameter = rule.declarations.parameters[node.name]
            lines.extend(_periods(parameter.label, parameter.dated, speaker, partial(speaker.value, kind=node.type)))
        elif isinstance(node, tree.Bracket | tree.Marginal):
            scale = rule.declarations.scales[node.scale]
            lines.extend(_periods(scale.label, scale.dated, speaker, partial(speaker.brackets, scale=scale)))
        elif isinstance(node, tree.Lookup):
            table = rule.declarations.tables[node.table]
            lines.extend(_periods(table.label, table.dated, speaker, lambda rows: speaker.phrase("rows", str(len(rows[0])))))
    return list(dict.fromkeys(lines))


def _periods(label: Label, dated: Dated[Any], speaker: Speaker, say: Callable[[Any], str]) -> list[str]:
    lines = []
    for period in dated.periods:
        first = speaker.day_words(period.first)
        span = speaker.phrase("from_to", first, speaker.day_words(period.last)) if period.last else speaker.phrase("from", first)
        source = speaker.phrase("source", period.source.text(speaker.language)) if period.source else ""
        lines.append(speaker.phrase("dated", label.text(speaker.language), span, say(period.value)) + source)
    return lines


class Speaker:
    """Says nodes in one language. A condition of an inner level is bracketed. day: parameters are said with their value on it.

    naming: names of codes, and days in words; None: both as written.
    """

    def __init__(self, declarations: Declarations, language: str, day: date | None = None, naming: Naming | None = None) -> None:
        self.declarations, self.day, self.naming = declarations, day, naming
        self.language = "zh" if language.startswith("zh") else "en"
        self.index = 0 if self.language == "zh" else 1

    def phrase(self, key: str, *parts: str) -> str:
        """A phrase of this language with its gaps filled."""
        return PHRASES[key][self.index].format(*parts)

    def say(self, node: Node) -> str:
        """The node in words."""
        return SAY[type(node)](self, node)

    def inner(self, node: Node) -> str:
        """The node in words, in brackets if it is made of several."""
        text = self.say(node)
        return self.phrase("brackets", text) if isinstance(node, tree.AllOf | tree.AnyOf | tree.Case | tree.Not | tree.Arithmetic) else text

    def truth(self, node: Node) -> str:
        """A condition; a bare yes/no fact gets its predicate."""
        if isinstance(node, tree.FactOf | tree.Parameter | tree.Lookup | tree.Bracket):
            return self.phrase("is_so", self.say(node))
        return self.inner(node)

    def value(self, value: Scalar, kind: Type, fact: FactDeclaration | None = None) -> str:
        """A constant in words: money in yuan, codes by their labels."""
        if isinstance(value, bool):
            return self.phrase("yes" if value else "no")
        if isinstance(value, date):
            return self.day_words(value)
        if isinstance(value, str):
            return self.code(value, fact)
        if kind.kind == "money":
            yuan = yuan_text(value) if not kind.scale else f"{Decimal(value).scaleb(-kind.scale - 2):,}"
            return self.phrase("yuan", yuan)
        return f"{Decimal(value).scaleb(-kind.scale):f}"

    def day_words(self, day: date) -> str:
        """A day: 2026-09-01, or for readers 2026年9月1日 and 1 September 2026."""
        return day.isoformat() if self.naming is None else day_in_words(day, self.language)

    def _named(self, fact: str, code: str) -> str:
        label = self.naming(fact, code) if self.naming else None
        return label.text(self.language) if label else code

    def code(self, value: str, fact: FactDeclaration | None) -> str:
        """A code by its label, if it has one; for readers otherwise by the city's name for it."""
        if fact is None:
            return value
        if value not in fact.values:
            return self._named(fact.name, value)
        if fact.name in BUILT_IN:
            return ROLE_WORDS[value][self.index]
        return fact.value_labels[fact.values.index(value)].text(self.language) if fact.value_labels else self._named(fact.name, value)

    def fact(self, node: tree.FactOf) -> str:
        return self.phrase("quoted", self._declared(node).label.text(self.language))

    def _declared(self, node: tree.FactOf) -> FactDeclaration:
        return self.declarations.facts.get(node.name) or BUILT_IN[node.name]

    def beside(self, node: Node, other: Node) -> str:
        """One side of a comparison: a code beside a fact is said by the fact's label for it."""
        if isinstance(node, tree.Constant) and isinstance(other, tree.FactOf):
            return self.value(node.value, node.type, self._declared(other))
        return self.inner(node)

    def constant(self, node: tree.Constant) -> str:
        return self.value(node.value, node.type)

    def parameter(self, node: tree.Parameter) -> str:
        declared = self.declarations.parameters[node.name]
        text = self.phrase("quoted", declared.label.text(self.language))
        value = declared.dated.on(self.day) if self.day is not None else None
        return text if value is None else text + self.phrase("valued", self.value(value, declared.type))

    def compare(self, node: tree.Compare) -> str:
        sign = SIGNS[node.operator][self.index]
        return self.phrase("compare", self.beside(node.left, node.right), sign, self.beside(node.right, node.left))

    def one_of(self, node: tree.OneOf) -> str:
        options = self.phrase("comma").join(self.beside(option, node.item) for option in node.options)
        return self.phrase("not_one_of" if node.negated else "one_of", self.inner(node.item), options)

    def between(self, node: tree.Between) -> str:
        key = "not_between" if node.negated else "between"
        return self.phrase(key, self.inner(node.item), self.beside(node.low, node.item), self.beside(node.high, node.item))

    def negation(self, node: tree.Not) -> str:
        return self.phrase("not", self.truth(node.item))

    def all_of(self, node: tree.AllOf) -> str:
        return self.phrase("and").join(self.truth(item) for item in node.items)

    def any_of(self, node: tree.AnyOf) -> str:
        return self.phrase("or").join(self.truth(item) for item in node.items)

    def case(self, node: tree.Case) -> str:
        branches = [self.phrase("if", self.truth(when), self.inner(result)) for when, result in node.branches]
        return self.phrase("semicolon").join([*branches, self.phrase("otherwise", self.inner(node.otherwise))])

    def arithmetic(self, node: tree.Arithmetic) -> str:
        sign = {"+": " + ", "-": " − ", "*": " × "}[node.operator]
        return self.inner(node.left) + sign + self.inner(node.right)

    def negative(self, node: tree.Negative) -> str:
        return "−" + self.inner(node.item)

    def rescale(self, node: tree.Rescale) -> str:
        return self.say(node.item)

    def age(self, node: tree.Age) -> str:
        return self.phrase("age", self.say(node.birth))

    def add_years(self, node: tree.AddYears) -> str:
        return self.phrase("add_years", self.say(node.day), self.inner(node.years))

    def as_of(self, node: tree.AsOf) -> str:
        return self.phrase("that_day")

    def holds(self, node: tree.Holds) -> str:
        return self.phrase("holds", self._named("holds", node.slug))

    def lookup(self, node: tree.Lookup) -> str:
        return self.phrase("lookup", self.declarations.tables[node.table].label.text(self.language), self.say(node.key))

    def bracket(self, node: tree.Bracket) -> str:
        return self.phrase("bracket", self.declarations.scales[node.scale].label.text(self.language), self.say(node.item))

    def marginal(self, node: tree.Marginal) -> str:
        return self.phrase("marginal", self.declarations.scales[node.scale].label.text(self.language), self.say(node.item))

    def brackets(self, rows: Any, scale: Any) -> str:
        """A scale's brackets in words."""
        parts = [self.phrase("bracket_row", self.value(start, scale.input), self.value(value, scale.type)) for start, value in rows]
        return self.phrase("semicolon").join(parts)

    def aggregate(self, node: tree.Aggregate) -> str:
        group = GROUPS[node.group][self.index]
        where = "" if node.where is None or _is_true(node.where) else self.phrase("where", self.truth(node.where))
        if node.value is None:
            return self.phrase("count", group, where)
        return self.phrase(node.how, group, where, self.inner(node.value) if node.how == "sum" else self.truth(node.value))


def _is_true(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is True


SAY: dict[type[Node], Callable[[Speaker, Any], str]] = {
    tree.Constant: Speaker.constant,
    tree.FactOf: Speaker.fact,
    tree.Parameter: Speaker.parameter,
    tree.AsOf: Speaker.as_of,
    tree.Holds: Speaker.holds,
    tree.Arithmetic: Speaker.arithmetic,
    tree.Negative: Speaker.negative,
    tree.Rescale: Speaker.rescale,
    tree.Compare: Speaker.compare,
    tree.OneOf: Speaker.one_of,
    tree.Between: Speaker.between,
    tree.Not: Speaker.negation,
    tree.AllOf: Speaker.all_of,
    tree.AnyOf: Speaker.any_of,
    tree.Case: Speaker.case,
    tree.Age: Speaker.age,
    tree.AddYears: Speaker.add_years,
    tree.Lookup: Speaker.lookup,
    tree.Bracket: Speaker.bracket,
    tree.Marginal: Speaker.marginal,
    tree.Aggregate: Speaker.aggregate,
}
