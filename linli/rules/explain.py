"""Why a verdict is what it is: condition by condition, with the values that were used and who lacks what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from linli.kernel.money import yuan_text
from linli.rules import tree
from linli.rules.declare import BUILT_IN, Label, Naming
from linli.rules.live import Facts, Verdict, carried, compiled
from linli.rules.phrases import EXPLAIN, STATES
from linli.rules.rule import Rule
from linli.rules.tree import Node
from linli.rules.words import Speaker


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact that a condition or the amount reads.

    who: '' for the subject, else the member's or relative's id. value: in words; None for unknown.
    """

    name: str
    label: Label
    who: str
    value: Label | None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class ConditionExplained:
    """holds: True, False or None for unknown. words: the condition from the checked tree. label: its author's words for citizens."""

    id: str
    label: Label
    words: Label
    holds: bool | None
    facts: tuple[FactUsed, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with its reasons. missing_from: which members or relatives lack a fact of household.* or family.*, by missing fact."""

    rule: str
    digest: str
    day: date
    verdict: Verdict
    conditions: tuple[ConditionExplained, ...]
    amount_words: Label | None
    amount_facts: tuple[FactUsed, ...]
    missing_labels: tuple[tuple[str, Label], ...]
    missing_from: tuple[tuple[str, tuple[str, ...]], ...]
    assumed: bool

    @property
    def read(self) -> tuple[FactUsed, ...]:
        """Every fact that a condition or the amount reads, of whomever; one that several read stands there for each."""
        return (*(fact for condition in self.conditions for fact in condition.facts), *self.amount_facts)

    def text(self, language: str) -> str:
        """The explanation in 'zh' or 'en', one statement a line."""
        index = 0 if language.startswith("zh") else 1
        say = {key: words[index] for key, words in EXPLAIN.items()}
        lines = [say["head"].format(self.rule, self.day, STATES[self.verdict.verdict][index])]
        lines.extend([say["assumed_run"]] if self.assumed else [])
        for condition in self.conditions:
            lines.append(f"{say[str(condition.holds)]} {condition.label.text(language)}: {condition.words.text(language)}")
            lines.extend(_fact_line(fact, language, say) for fact in condition.facts)
        if self.amount_words is not None:
            amount = say["none"] if self.verdict.amount_fen is None else say["yuan"].format(yuan_text(self.verdict.amount_fen))
            lines.append(say["amount"].format(amount, self.amount_words.text(language)))
            lines.extend(_fact_line(fact, language, say) for fact in self.amount_facts)
        who = dict(self.missing_from)
        for key, label in self.missing_labels:
            lines.append(say["missing"].format(label.text(language), key) + (f" ← {', '.join(who[key])}" if who.get(key) else ""))
        return "\n".join(lines)


def _fact_line(fact: FactUsed, language: str, say: dict[str, str]) -> str:
    value = say["unknown"] if fact.value is None else fact.value.text(language)
    owner = f" [{fact.who}]" if fact.who else ""
    return f"    {fact.label.text(language)}{owner}: {value}" + (say["assumed"] if fact.assumed else "")


def explain(
    rule: Rule,
    facts: Facts,
    members: Sequence[Facts] | None = None,
    relatives: Sequence[Facts] | None = None,
    *,
    as_of: date,
    connection: Any | None = None,
    assume: bool = False,
) -> Explanation:
    """The verdict for one subject with its reasons; arguments as for LiveRules.evaluate. Members are named by their `person_id`."""
    live = compiled([rule], as_of)
    verdict = live.evaluate(connection, facts, members, relatives, assume=assume)[0]
    return explain_verdict(rule, verdict, facts, members, relatives, as_of=as_of, assume=assume)


def explain_verdict(
    rule: Rule,
    verdict: Verdict,
    facts: Facts,
    members: Sequence[Facts] | None = None,
    relatives: Sequence[Facts] | None = None,
    *,
    as_of: date,
    assume: bool = False,
    naming: Naming | None = None,
) -> Explanation:
    """The reasons of a verdict that was reached before, from the facts it was reached with. No database. naming: names for codes."""
    rows = {"subject": [facts], "household": members or [], "family": relatives or []}
    witness = _Witness(rule, rows, rule.as_of.on(as_of), assume, naming)
    states = dict(verdict.conditions)
    conditions = tuple(
        ConditionExplained(item.id, item.label, witness.words(item.node), states[item.id], witness.facts(item.node))
        for item in rule.conditions
    )
    return Explanation(
        rule.name,
        rule.digest,
        rule.as_of.on(as_of),
        verdict,
        conditions,
        witness.words(rule.amount) if rule.amount is not None else None,
        witness.facts(rule.amount) if rule.amount is not None else (),
        tuple((key, missing_label(rule, key, naming)) for key in verdict.missing),
        tuple((key, witness.lacking(key)) for key in verdict.missing if key.startswith(("household.", "family."))),
        assume,
    )


def missing_label(rule: Rule, key: str, naming: Naming | None = None) -> Label:
    """Words for an entry of `missing`. naming: names of the programmes that a rule asks about; None: by their slugs."""
    prefix, _, rest = key.partition(".")
    if key in MISSING_GROUPS:
        return MISSING_GROUPS[key]
    if prefix == "table" and rest:
        label = rule.declarations.tables[rest].label
        return Label(f"“{label.zh}”表中缺少对应的行", f"a row for this key in table “{label.en}”")
    if prefix == "holds" and rest:
        named = (naming("holds", rest) if naming else None) or Label(rest, rest)
        return Label(f"是否正在享受“{named.zh}”", f"whether “{named.en}” is being received")
    if prefix in MISSING_OWNERS and rest:
        owner, inner = MISSING_OWNERS[prefix], missing_label(rule, rest, naming)
        return Label(f"{owner.zh}的{inner.zh}", f"{owner.en}: {inner.en}")
    fact = rule.declarations.facts.get(key) or BUILT_IN.get(key)
    return fact.label if fact else Label(key, key)


MISSING_GROUPS = {"household": Label("家庭成员情况", "who belongs to the household"), "family": Label("亲属关系", "who the relatives are")}
MISSING_OWNERS = {"household": Label("家庭成员", "a household member"), "family": Label("亲属", "a relative")}


class _Witness:
    """What each expression read, and of whom."""

    def __init__(self, rule: Rule, rows: dict[str, Sequence[Facts]], day: date, assume: bool, naming: Naming | None) -> None:
        self.rule, self.rows, self.assume, self.naming = rule, rows, assume, naming
        self.speakers = (Speaker(rule.declarations, "zh", day), Speaker(rule.declarations, "en", day))
        self.tellers = (Speaker(rule.declarations, "zh", day, naming), Speaker(rule.declarations, "en", day, naming))

    def words(self, node: Node) -> Label:
        return Label(self.tellers[0].say(node), self.tellers[1].say(node))

    def facts(self, node: Node) -> tuple[FactUsed, ...]:
        found: list[FactUsed] = []
        for part in dict.fromkeys(tree.walk(node)):
            if isinstance(part, tree.FactOf | tree.Holds):
                found.extend(self._used(part, row) for row in self.rows[part.scope])
        return tuple(found)

    def _used(self, node: tree.FactOf | tree.Holds, row: Facts) -> FactUsed:
        name = node.name if isinstance(node, tree.FactOf) else f"holds.{node.slug}"
        who = "" if node.scope == "subject" else str(row.get("person_id", "?"))
        declared = self.rule.declarations.facts.get(name) or BUILT_IN.get(name)
        value, assumed = row.get(name), False
        if value is not None:
            value = carried(name, value, node.type, declared)
        elif self.assume and declared is not None and declared.assume is not None:
            value, assumed = declared.assume, True
        said = None if value is None else Label(*(speaker.value(value, node.type, declared) for speaker in self.speakers))
        return FactUsed(name, missing_label(self.rule, name, self.naming), who, said, assumed)

    def lacking(self, key: str) -> tuple[str, ...]:
        """The ids of the members or relatives for whom the fact is not known."""
        group, _, name = key.partition(".")
        return tuple(str(row.get("person_id", "?")) for row in self.rows[group] if row.get(name) is None)
