"""“What can I get?”: which programmes are certain, impossible or open for the answers so far, and which question decides most next.

Pure: rules and answers in, standings and one question out. Nothing is stored. The verdicts are the rule engine's own: the answers so far
and every sample answer to every open question are rows of one small table, evaluated together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

import polars as pl

from linli.kernel.dates import add_years, age_on
from linli.kernel.errors import LinliError
from linli.rules import FactDeclaration, Rule
from linli.rules.columns import DTYPES
from linli.rules.evaluate import Tables, narrow, runs
from linli.rules.polars_engine import column_of
from linli.rules.program import RulePlan
from linli.rules.tree import Scalar

SITUATIONS = ("registered", "living", "insured", "study")
LEVELS = ("area", "county", "prefecture")
ELSEWHERE = "000000"
SAMPLE_AGES = (3, 12, 17, 22, 30, 42, 52, 58, 66, 74, 82)
SAMPLE_MONEY = (0, 20_000, 60_000, 150_000, 500_000, 2_000_000, 10_000_000, 40_000_000)
SAMPLE_NUMBERS = (0, 1, 3, 10, 30, 100, 1000)
MOST_SAMPLES = 16

Kind = Literal["fact", "holds", "place", "members", "each"]
State = Literal["certain", "impossible", "open"]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask. key: its stable name in the list of answers. fact: what an answer's value is, None for members and places.

    kind: fact (of the person asking), holds (has the programme `name` already), place (the county of a situation), members (who lives with
    them), each (one fact of everyone in the household, the asker first).
    """

    key: str
    kind: Kind
    name: str
    fact: FactDeclaration | None


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of the household besides the person asking."""

    role: str
    facts: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What is known: the asker's own facts, the others of the household (None: not asked yet), and questions without an answer."""

    facts: Mapping[str, Scalar] = field(default_factory=dict)
    members: tuple[Member, ...] | None = None
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one programme stands. failed and undecided: ids of conditions; missing: facts that would decide it."""

    slug: str
    state: State
    amount_fen: int | None
    failed: tuple[str, ...]
    undecided: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Standings in the order of the rules, and the question that can decide most; None when no answer can change anything."""

    standings: tuple[Standing, ...]
    question: Question | None
    open_questions: int


def answered(case: Case, question: Question, value: Any) -> Case:
    """The case with one more answer. value None: the person can't say, and is not asked again.

    A place is a county's six digits (ELSEWHERE: outside the city), members a list of roles, each a list of values: the asker's, then
    the members' in their order (None: not known); a list of another length answers nothing. What the asker said before stands.
    """
    if value is None:
        return replace(case, skipped=case.skipped | {question.key})
    if question.kind == "members":
        return replace(case, members=tuple(Member(role) for role in value))
    if question.kind == "place":
        return replace(case, facts={**case.facts, **_place_facts(question.name, value)})
    if question.kind == "each":
        return _told_of_each(case, question.name, value)
    return replace(case, facts={**case.facts, question.name: value})


def _told_of_each(case: Case, name: str, values: Sequence[Any]) -> Case:
    members = case.members or ()
    if len(values) != len(members) + 1:
        return case
    own, *others = values
    facts = case.facts if own is None else {name: own, **case.facts}
    pairs = zip(members, others, strict=True)
    told = (member if item is None else replace(member, facts={**member.facts, name: item}) for member, item in pairs)
    return replace(case, facts=facts, members=tuple(told))


def _place_facts(situation: str, county: str) -> dict[str, str]:
    return {f"{situation}_area": county, f"{situation}_county": county, f"{situation}_prefecture": county[:4]}


class Interview:
    """The questions and verdicts of a set of rules on a day. Made once, used by every visitor; holds no answers."""

    def __init__(
        self,
        rules: Sequence[Rule],
        as_of: date,
        county: str,
        gates: Mapping[str, str] | None = None,
        asking_ages: Mapping[str, int] | None = None,
    ) -> None:
        """rules: those in force are kept. county: a county of the city, the sample answer for 'lives in the city'.

        gates: for a fact that only people on a list have, the fact that says whether someone is on it. asking_ages: the years of age
        from which a yes-or-no fact is asked of someone; before that the answer is taken to be no.
        """
        self.gates = gates or {}
        self.asking_ages = dict(asking_ages or {})
        self.rules = tuple(rule for rule in rules if _in_force(rule, as_of))
        self.as_of, self.county = as_of, county
        self.facts: dict[str, FactDeclaration] = {}
        for rule in self.rules:
            used = rule.facts_used | rule.household_facts_used
            self.facts |= {name: rule.declarations.facts[name] for name in sorted(used) if name in rule.declarations.facts}
        self.holdings = sorted({slug for rule in self.rules for slug in rule.holdings_used})
        self.questions = {question.key: question for question in self._questions()}
        self._schema: dict[str, Any] = {f"{place}_{level}": pl.String for place in SITUATIONS for level in LEVELS}
        self._schema |= {name: _dtype(fact) for name, fact in self.facts.items()}
        self._schema |= {f"holds.{slug}": pl.Boolean for slug in self.holdings}

    def _questions(self) -> Iterable[Question]:
        for situation in SITUATIONS:
            yield Question(f"place:{situation}", "place", situation, None)
        yield Question("members", "members", "members", None)
        for name, fact in self.facts.items():
            if _situation(name) is None and name != "role":
                yield Question(f"fact:{name}", "fact", name, fact)
                yield Question(f"each:{name}", "each", name, fact)
        for slug in self.holdings:
            yield Question(f"holds:{slug}", "holds", f"holds.{slug}", None)

    def too_young_for(self, facts: Mapping[str, Scalar]) -> list[str]:
        """The facts that aren't asked of someone this young and that nobody has answered for them; none while the age isn't known."""
        born = facts.get("birth_date")
        if not isinstance(born, date):
            return []
        years = age_on(born, self.as_of)
        return [name for name, least in self.asking_ages.items() if name in self.facts and name not in facts and years < least]

    def presumed(self, case: Case) -> Case:
        """The case with a no for what isn't asked at the age of the asker or of a member; what was answered stands."""
        members = case.members and tuple(replace(one, facts=self._with_noes(one.facts)) for one in case.members)
        return replace(case, facts=self._with_noes(case.facts), members=members)

    def _with_noes(self, facts: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
        return {**facts, **dict.fromkeys(self.too_young_for(facts), False)}

    def assess(self, case: Case) -> Assessment:
        """Where every programme stands and what to ask next: one evaluation of the answers, one of every sample answer that may matter."""
        case = self.presumed(case)
        standings = self._standings(case)
        wanted = self._wanted(standings, case)
        answers = [(self.questions[key], value) for key in wanted for value in self._samples(self.questions[key], case)]
        trials = [(question.key, self.presumed(answered(case, question, value))) for question, value in answers]
        open_rules = [rule for rule, standing in zip(self.rules, standings, strict=True) if standing.missing]
        gains: dict[str, list[float]] = {key: [] for key in wanted}
        for (key, _), gain in zip(trials, self._settled(open_rules, [trial for _, trial in trials]), strict=True):
            gains[key].append(gain)
        best = max(wanted, key=lambda key: sum(gains[key]) / max(1, len(gains[key])) + wanted[key] / 1000, default=None)
        return Assessment(tuple(standings), self.questions[best] if best else None, len(wanted))

    def _samples(self, question: Question, case: Case) -> list[Any]:
        """Answers that people may give, spread over what matters. A household's members are sampled as all alike."""
        if question.kind == "place":
            return [self.county, ELSEWHERE]
        if question.kind == "members":
            return [[], ["spouse", "child"]]
        if question.kind == "holds":
            return [True, False]
        values = _sample_values(question.fact, self.as_of) if question.fact else []
        return values if question.kind == "fact" else [[value] * (1 + len(case.members or ())) for value in values]

    def _wanted(self, standings: Sequence[Standing], case: Case) -> dict[str, int]:
        """Questions whose answer a programme still lacks, with how many programmes lack it."""
        wanted: dict[str, int] = {}
        for standing in standings:
            for key in {key for name in standing.missing for key in self._asked_by(name, case)}:
                wanted[key] = wanted.get(key, 0) + 1
        return wanted

    def _asked_by(self, missing: str, case: Case) -> list[str]:
        """The questions for one missing fact that can still be asked."""
        group, _, name = missing.partition(".") if missing.startswith(("household.", "family.")) else ("", "", missing)
        if group == "family":
            return []
        if missing == "household" or (group and case.members is None):
            keys = ["members"]
        else:
            keys = [self._first_asked(name, case, "each" if group and case.members else "fact")]
        asked = (self.questions[key] for key in keys if key in self.questions)
        return [question.key for question in asked if question.key not in case.skipped and not _is_answered(case, question)]

    def _first_asked(self, name: str, case: Case, kind: str) -> str:
        """The question for a fact, or the one that must come before it: whether someone is on a list, before what the list says of them."""
        if name.startswith("holds."):
            return f"holds:{name.removeprefix('holds.')}"
        if situation := _situation(name):
            return f"place:{situation}"
        gate = self.gates.get(name, "")
        if gate in self.facts and gate != name:
            question = self.questions[f"{kind}:{gate}"]
            if not _is_answered(case, question):
                return question.key
            if not _may_have(case, gate, kind):
                return ""
        return f"{kind}:{name}"

    def _standings(self, case: Case) -> list[Standing]:
        """The case's standings in the order of the rules."""
        found: dict[str, Standing] = {}
        for plan, ids, outputs in self._outputs(self.rules, [case]):
            found[plan.name] = _standing(plan.name, narrow(plan, ids, outputs).row(0, named=True))
        return [found[rule.name] for rule in self.rules]

    def _settled(self, rules: Sequence[Rule], cases: Sequence[Case]) -> list[float]:
        """For every case how much it settles of these rules: a verdict counts one, an amount a half."""
        settled = [0.0] * len(cases)
        for plan, _, outputs in self._outputs(rules, cases) if cases else ():
            settled = [sum(pair) for pair in zip(settled, _settled_by(plan, outputs), strict=True)]
        return settled

    def _outputs(self, rules: Sequence[Rule], cases: Sequence[Case]) -> Iterable[tuple[RulePlan, pl.Series, pl.DataFrame]]:
        """Every rule's plan with the engine's outputs, one row per case in their order."""
        people, homes = self._tables(cases)
        for subject in ("person", "household", "organisation"):
            chosen = [rule for rule in rules if rule.subject == subject]
            if not chosen:
                continue
            (session,) = runs(chosen, Tables(people, homes if subject == "household" else None), self.as_of)
            for ids, outputs in session.outputs():
                asking = ids.str.starts_with("asker")
                for plan in session.program.plans:
                    yield plan, ids.filter(asking), outputs.filter(asking)

    def _tables(self, cases: Sequence[Case]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """One person per case and the members of its household; a household nobody told of has no members."""
        rows: list[dict[str, Any]] = []
        for index, case in enumerate(cases):
            home = None if case.members is None else f"asker{index}"
            rows.append({**case.facts, "person_id": f"asker{index}", "household_id": home, "role": "head"})
            for place, member in enumerate(case.members or ()):
                rows.append({**member.facts, "person_id": f"member{index}.{place}", "household_id": home, "role": member.role})
        schema = {"person_id": pl.String, "household_id": pl.String, "role": pl.String, **self._schema}
        known = [{key: value for key, value in row.items() if key in schema} for row in rows]
        homes = pl.DataFrame({"household_id": [f"asker{index}" for index in range(len(cases))]})
        return pl.DataFrame(known, schema=schema), homes


def _in_force(rule: Rule, as_of: date) -> bool:
    try:
        rule.check_in_force(as_of)
    except LinliError:
        return False
    return True


def _dtype(fact: FactDeclaration) -> Any:
    return pl.Decimal(38, fact.type.scale) if fact.type.kind == "decimal" else DTYPES[fact.type.kind]


def _situation(name: str) -> str | None:
    """'registered' for registered_county, registered_prefecture and registered_area; None for a fact that is no place."""
    head, _, level = name.rpartition("_")
    return head if head in SITUATIONS and level in LEVELS else None


def _is_answered(case: Case, question: Question) -> bool:
    if question.kind == "members":
        return case.members is not None
    if question.kind == "place":
        return f"{question.name}_county" in case.facts
    if question.kind == "each":
        return question.name in case.facts and all(question.name in member.facts for member in case.members or ())
    return question.name in case.facts


def _may_have(case: Case, gate: str, kind: str) -> bool:
    """Whether the asker, or for a question about each of the household anyone in it, may be on the gate's list."""
    asked = [case.facts, *(member.facts for member in case.members or ())] if kind == "each" else [case.facts]
    return any(facts.get(gate) is not False for facts in asked)


def _sample_values(fact: FactDeclaration, as_of: date) -> list[Any]:
    kind = fact.type.kind
    if kind == "boolean":
        return [True, False]
    if kind == "text":
        return list(fact.values[:MOST_SAMPLES])
    if kind == "date":
        return [_around(add_years(as_of, -years) - timedelta(days=40), fact) for years in (-2, 0, *SAMPLE_AGES)]
    low, high = fact.span or (0, 10**9)
    spread = SAMPLE_MONEY if kind == "money" else SAMPLE_NUMBERS
    every = range(low, high + 1) if high - low < MOST_SAMPLES else [number for number in spread if low <= number <= high]
    return list(every)


def _around(day: date, fact: FactDeclaration) -> date:
    low, high = fact.span or (1800, 2200)
    return day.replace(year=min(max(day.year, low), high))


def _settled_by(plan: RulePlan, outputs: pl.DataFrame) -> list[float]:
    """For every row 1 if the verdict is known, and a half if nothing is missing any more."""
    lacking = [pl.col(column_of(place)) for _, place in plan.missing]
    known = pl.col(column_of(plan.verdict)).is_not_null().cast(pl.Float64)
    whole = ~pl.any_horizontal(lacking) if lacking else pl.lit(True)
    settled: list[float] = outputs.select(known + whole.cast(pl.Float64) / 2).to_series().to_list()
    return settled


def _standing(slug: str, row: Mapping[str, Any]) -> Standing:
    conditions = {key.removeprefix("condition."): value for key, value in row.items() if key.startswith("condition.")}
    state: State = {"eligible": "certain", "not_eligible": "impossible", "unknown": "open"}[row["verdict"]]  # type: ignore[assignment]
    return Standing(
        slug,
        state,
        row["amount_fen"],
        tuple(name for name, holds in conditions.items() if holds is False),
        tuple(name for name, holds in conditions.items() if holds is None),
        tuple(row["missing"]),
    )


def to_text(answers: Sequence[tuple[str, Any]]) -> str:
    """Answers in the order they were given, as one line of JSON; days as ISO text."""
    plain = [[key, _plain(value)] for key, value in answers]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {"day": value.isoformat()} if isinstance(value, date) else value


def from_text(text: str) -> list[tuple[str, Any]]:
    """What to_text wrote."""
    return [(key, _value(value)) for key, value in json.loads(text)]


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(item) for item in value]
    return date.fromisoformat(value["day"]) if isinstance(value, dict) else value
