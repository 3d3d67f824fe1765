"""A rule, loaded and checked: what it asks, of whom, on which day, with which dated values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from linli.kernel.dates import add_years, day_from_text
from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError, Place, Problems
from linli.rules import tree
from linli.rules.check import Checker
from linli.rules.declare import (
    SUBJECTS,
    Declarations,
    FactDeclaration,
    Label,
    Naming,
    label_of,
    load_vocabulary,
    mapping_of,
    need,
    read_facts,
    read_parameters,
    read_scales,
    read_tables,
    refuse_unknown_keys,
    text_of,
    wrong,
)
from linli.rules.source import Entry, from_plain, read_yaml, refuse
from linli.rules.syntax import ExpressionError, parse
from linli.rules.tree import Node

KEYS = ("name", "subject", "as_of", "facts", "parameters", "tables", "scales", "conditions", "amount", "amount_zh", "amount_en", "note")
CONDITION_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
MOST_CONDITIONS = 60


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its id, its words for citizens, its source text and its checked tree."""

    id: str
    label: Label
    text: str
    node: Node


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day on which ages and dated values are taken: the screening's own, a fixed one, or a month and day of the screening's year."""

    fixed: date | None = None
    month_day: tuple[int, int] | None = None

    def on(self, screening_day: date) -> date:
        """The day for a screening as of `screening_day`; 29 February falls back to 28 February."""
        if self.fixed is not None:
            return self.fixed
        if self.month_day is None:
            return screening_day
        month, day = self.month_day
        return add_years(date(2000, month, day), screening_day.year - 2000)


@dataclass(frozen=True)
class Rule:
    """A checked rule. Made by load_rule only."""

    name: str
    subject: str
    as_of: AsOf
    declarations: Declarations
    conditions: tuple[Condition, ...]
    amount: Node | None
    amount_label: Label | None
    digest: str

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of every expression."""
        roots = [condition.node for condition in self.conditions] + ([self.amount] if self.amount is not None else [])
        return tuple(node for root in roots for node in tree.walk(root))

    def _facts(self, scope: str) -> frozenset[str]:
        return frozenset(node.name for node in self.nodes if isinstance(node, tree.FactOf) and node.scope == scope)

    @cached_property
    def facts_used(self) -> frozenset[str]:
        """The subject's own facts that the rule reads."""
        return self._facts("subject")

    @cached_property
    def household_facts_used(self) -> frozenset[str]:
        """Facts read of every household member."""
        return self._facts("household")

    @cached_property
    def family_facts_used(self) -> frozenset[str]:
        """Facts read of every relative."""
        return self._facts("family")

    @cached_property
    def holdings_used(self) -> frozenset[str]:
        """Programmes that holds() asks about, whoever's holdings they are."""
        return frozenset(node.slug for node in self.nodes if isinstance(node, tree.Holds))

    @cached_property
    def groups_used(self) -> frozenset[str]:
        """'household' and 'family', as far as the rule aggregates over them."""
        return frozenset(node.group for node in self.nodes if isinstance(node, tree.Aggregate))

    def words(self, language: str, naming: Naming | None = None) -> str:
        """The rule said back in 'zh' or 'en', from the checked tree."""
        from linli.rules.words import words_of_rule  # words.py reads Rule

        return words_of_rule(self, language, naming)

    def check_in_force(self, screening_day: date) -> None:
        """Raises LinliError rules.not_in_force unless every dated value that the rule uses has a value on its day."""
        self.values_on(screening_day)

    def values_on(self, screening_day: date) -> dict[tuple[str, str], Any]:
        """The dated values on the rule's day, by ('parameter' | 'table' | 'scale', name). Raises rules.not_in_force."""
        day = self.as_of.on(screening_day)
        found: dict[tuple[str, str], Any] = {}
        for node in self.nodes:
            key = _dated_key(node)
            if key is None or key in found:
                continue
            declared: Mapping[str, Any] = getattr(self.declarations, key[0] + "s")
            value = declared[key[1]].dated.on(day)
            if value is None:
                raise LinliError(
                    "rules.not_in_force",
                    zh=f"规则在 {day} 尚未生效或已失效：{key[1]} 没有取值",
                    en=f"The rule is not in force on {day}: {key[1]} has no value.",
                    place=Place(field=f"{self.name}.{key[0]}s.{key[1]}"),
                    remedy_zh="补上该日期的取值和依据，或改变日期",
                    remedy_en="add the value for that date with its source, or change the date",
                )
            found[key] = value
        return found


def _dated_key(node: Node) -> tuple[str, str] | None:
    if isinstance(node, tree.Parameter):
        return "parameter", node.name
    if isinstance(node, tree.Lookup):
        return "table", node.table
    if isinstance(node, tree.Bracket | tree.Marginal):
        return "scale", node.scale
    return None


Source = str | Path | Mapping[str, Any] | Entry
Vocabulary = str | Path | Mapping[str, Any] | Entry | None


def load_rule(source: Source, vocabulary: Vocabulary = None, *, file: str | None = None, name: str | None = None) -> Rule:
    """A checked rule from a RULE.yaml, a programme file (its `rule` part), a mapping, or an Entry of read_yaml.

    vocabulary: facts that the city declares for all rules. file and name: used in refusals when `source` is a mapping.
    Raises Problems with every refusal found, each with file, line, column and remedy.
    """
    try:
        entry = read_yaml(source) if isinstance(source, str | Path) else from_plain(source, file=file)
        facts = load_vocabulary(vocabulary)
    except LinliError as error:
        raise Problems([error]) from error
    inner = entry.get("rule")
    if inner is not None and isinstance(inner.value, dict):
        entry = inner
    fallback = name or (Path(source).stem if isinstance(source, str | Path) else "rule")
    return _Loader(entry, facts, fallback).load()


class _Loader:
    def __init__(self, entry: Entry, vocabulary: Mapping[str, FactDeclaration], name: str) -> None:
        self.entry, self.vocabulary, self.name = entry, vocabulary, name
        self.problems: list[LinliError] = []

    def load(self) -> Rule:
        self.attempt(lambda: refuse_unknown_keys(self.entry, KEYS))
        declared_name = self.entry.get("name")
        name = self.attempt(lambda: text_of(declared_name)) if declared_name else self.name
        subject = self.attempt(lambda: text_of(need(self.entry, "subject"), SUBJECTS))
        as_of = self.attempt(lambda: _as_of(self.entry.get("as_of")))
        declarations = self.declarations()
        checker = Checker(declarations, subject or "person")
        conditions = self.conditions(checker)
        text = self.entry.get("amount")
        amount = self.expression(text, checker.amount) if text else None
        words = self.attempt(lambda: self.amount_label())
        if self.problems:
            raise Problems(self.problems)
        assert name is not None
        assert subject is not None
        assert as_of is not None
        digest = self.digest(declarations, conditions, amount)
        return Rule(name, subject, as_of, declarations, tuple(conditions), amount, words, digest)

    def attempt(self, read: Callable[[], Any]) -> Any:
        """The value, or None with the refusal kept, so that one pass finds all of them."""
        try:
            return read()
        except LinliError as error:
            self.problems.append(error)
            return None

    def declarations(self) -> Declarations:
        own = read_facts(self.entry.get("facts"), self.problems)
        for name, fact in own.items():
            common = self.vocabulary.get(name)
            if common is not None and common.type != fact.type:
                place = self.entry.value["facts"].value[name]
                self.problems.append(wrong(place, (f"{common.type}，与公共声明一致", f"{common.type}, as the vocabulary declares it")))
        parameters = read_parameters(self.entry.get("parameters"), self.problems)
        for name in set(parameters) & {*own, *self.vocabulary}:
            self.problems.append(wrong(self.entry.value["parameters"].value[name], ("不与信息重名", "a name that is not also a fact")))
        tables, scales = read_tables(self.entry.get("tables"), self.problems), read_scales(self.entry.get("scales"), self.problems)
        return Declarations({**self.vocabulary, **own}, parameters, tables, scales)

    def conditions(self, checker: Checker) -> list[Condition]:
        listed = self.attempt(lambda: need(self.entry, "conditions"))
        if listed is None:
            return []
        if not isinstance(listed.value, list) or not 1 <= len(listed.value) <= MOST_CONDITIONS:
            self.problems.append(wrong(listed, (f"1 到 {MOST_CONDITIONS} 个条件的列表", f"a list of 1 to {MOST_CONDITIONS} conditions")))
            return []
        found: list[Condition] = []
        for item in listed.value:
            condition = self.attempt(partial(self.condition, item, checker, {one.id for one in found}))
            if condition is not None:
                found.append(condition)
        return found

    def condition(self, item: Entry, checker: Checker, taken: set[str]) -> Condition | None:
        refuse_unknown_keys(item, ("id", "zh", "en", "when", "source", "note"))
        identity = need(item, "id")
        text_of(identity)
        if not CONDITION_ID.fullmatch(identity.value) or identity.value in taken:
            raise wrong(identity, ("不重复的标识：小写字母、数字、下划线", "a unique id of lower-case letters, digits and underscores"))
        when = need(item, "when")
        node = self.expression(when, checker.condition)
        return Condition(identity.value, label_of(item), str(when.value), node) if node is not None else None

    def expression(self, entry: Entry, check: Callable[[Any], Node]) -> Node | None:
        text = entry.value if isinstance(entry.value, str) else entry.raw
        if not text:
            self.problems.append(wrong(entry, ("表达式", "an expression")))
            return None
        try:
            return check(parse(text))
        except ExpressionError as problem:
            self.problems.append(
                refuse(
                    problem.code,
                    entry,
                    offset=problem.at,
                    zh=problem.zh,
                    en=problem.en,
                    remedy_zh=problem.remedy_zh,
                    remedy_en=problem.remedy_en,
                    expected=problem.more.get("expected"),
                    found=problem.more.get("found"),
                )
            )
            return None

    def amount_label(self) -> Label | None:
        zh, en = self.entry.get("amount_zh"), self.entry.get("amount_en")
        if zh is None and en is None:
            return None
        return Label(text_of(need(self.entry, "amount_zh")), text_of(need(self.entry, "amount_en")))

    def digest(self, declarations: Declarations, conditions: list[Condition], amount: Node | None) -> str:
        """Over everything that can change a verdict: the rule's own text and the declarations of the vocabulary's facts it uses."""
        roots = [condition.node for condition in conditions] + ([amount] if amount is not None else [])
        names = {node.name for root in roots for node in tree.walk(root) if isinstance(node, tree.FactOf)}
        facts = {
            name: [str(fact.type), fact.of, list(fact.span or ()), list(fact.values), None if fact.assume is None else str(fact.assume)]
            for name, fact in declarations.facts.items()
            if name in names
        }
        mapping_of(self.entry, self.problems)
        text = {key: item.plain() for key, item in self.entry.value.items() if key not in ("facts", "name", "note")}
        return digest_of({"language": 1, "facts": facts, "rule": text})


def _as_of(entry: Entry | None) -> AsOf:
    if entry is None or entry.value == "screening":
        return AsOf()
    if isinstance(entry.value, date):
        return AsOf(fixed=entry.value)
    if isinstance(entry.value, dict):
        refuse_unknown_keys(entry, ("month_day",))
        text = need(entry, "month_day")
        try:
            day = day_from_text(f"2000-{text.raw or text.value}")
        except ValueError:
            raise wrong(text, 'a month and day such as "09-01"') from None
        return AsOf(month_day=(day.month, day.day))
    raise wrong(entry, 'screening, a date, or {month_day: "09-01"}')


def merged_facts(rules: Iterable[Rule]) -> dict[str, FactDeclaration]:
    """The declarations of every fact that the rules use. Raises LinliError if two rules declare one fact differently."""
    found: dict[str, FactDeclaration] = {}
    for rule in rules:
        for name in rule.facts_used | rule.household_facts_used | rule.family_facts_used:
            fact = rule.declarations.facts.get(name)
            if fact is None:
                continue
            if name in found and (found[name].type, found[name].of) != (fact.type, fact.of):
                raise LinliError(
                    "rules.conflicting_facts",
                    zh=f"两条规则对 {name} 的声明不同",
                    en=f"Two rules declare {name} differently.",
                    place=Place(field=f"{rule.name}.facts.{name}"),
                    expected=str(found[name].type),
                    found=str(fact.type),
                    remedy_zh="统一声明，或写入公共声明",
                    remedy_en="declare it once, in the vocabulary",
                )
            found[name] = fact
    return found
