"""Random rules, as tuples for the oracle and as a mapping for load_rule, and random people with a fifth of the facts unknown."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import polars as pl

from tests.unit.rules.oracle import Expression, World

DAY = date(2026, 2, 28)
LEVELS = ["college", "undergraduate", "postgraduate"]
COUNTIES = ["990001", "990002", "990003", "990004"]
ROLES = ["head", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other"]
RELATIONS = ["father", "mother", "spouse", "child", "guardian", "ward", "grandparent", "grandchild", "sibling"]
SLUGS = ["aid-one", "aid-two"]
FACTS: dict[str, dict[str, Any]] = {
    "birth_date": {"type": "date"},
    "start_date": {"type": "date"},
    "level": {"type": "text", "values": LEVELS},
    "county": {"type": "text"},
    "score": {"type": "integer", "min": -20, "max": 50},
    "income": {"type": "money", "min": 0, "max": "20000 yuan"},
    "debt": {"type": "money", "min": -500000, "max": 500000},
    "share": {"type": "decimal", "digits": 4, "scale": 2},
    "rate": {"type": "decimal", "digits": 5, "scale": 3},
    "flag": {"type": "boolean"},
    "disabled": {"type": "boolean"},
    "home_rent": {"type": "money", "of": "household", "min": 0, "max": 900000},
}
FIRST = date(2020, 1, 1)
PARAMETERS: dict[str, tuple[dict[str, Any], Any]] = {
    "least": ({"type": "integer", "values": [{"from": FIRST, "value": 7}]}, Fraction(7)),
    "limit": ({"type": "money", "values": [{"from": FIRST, "value": "5000.50 yuan"}]}, Fraction(500050)),
    "factor": ({"type": "decimal", "values": [{"from": FIRST, "value": Decimal("0.125")}]}, Fraction(1, 8)),
    "cut_off": ({"type": "date", "values": [{"from": FIRST, "value": date(2000, 2, 29)}]}, date(2000, 2, 29)),
    "open": (
        {
            "type": "boolean",
            "values": [{"from": FIRST, "to": date(2025, 12, 31), "value": False}, {"from": date(2026, 1, 1), "value": True}],
        },
        True,
    ),
}
TABLES: dict[str, tuple[dict[str, Any], tuple[dict[Any, Any], Any]]] = {
    "standard": (
        {"key": "text", "type": "money", "values": [{"from": FIRST, "rows": {"990001": 60000, "990002": "700 yuan", "990003": 81000}}]},
        ({"990001": Fraction(60000), "990002": Fraction(70000), "990003": Fraction(81000)}, None),
    ),
    "bonus": (
        {
            "key": "integer",
            "type": "decimal",
            "values": [{"from": FIRST, "rows": {"1": Decimal("0.5"), "2": Decimal("1.25")}, "otherwise": Decimal("0.1")}],
        },
        ({Fraction(1): Fraction(1, 2), Fraction(2): Fraction(5, 4)}, Fraction(1, 10)),
    ),
}
SCALES: dict[str, tuple[dict[str, Any], list[tuple[Fraction, Any]]]] = {
    "tax": (
        {
            "input": "money",
            "type": "decimal",
            "values": [
                {
                    "from": FIRST,
                    "brackets": [
                        {"from": 0, "value": Decimal("0.03")},
                        {"from": "3000 yuan", "value": Decimal("0.1")},
                        {"from": "12000 yuan", "value": Decimal("0.255")},
                    ],
                }
            ],
        },
        [(Fraction(0), Fraction(3, 100)), (Fraction(300000), Fraction(1, 10)), (Fraction(1200000), Fraction(51, 200))],
    ),
    "steps": (
        {
            "input": "integer",
            "type": "money",
            "values": [{"from": FIRST, "brackets": [{"from": -20, "value": 0}, {"from": 10, "value": 5000}, {"from": 30, "value": 7500}]}],
        },
        [(Fraction(-20), Fraction(0)), (Fraction(10), Fraction(5000)), (Fraction(30), Fraction(7500))],
    ),
}


class RuleMaker:
    """Makes type-correct expressions of limited depth."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.scope = "subject"

    def condition(self, depth: int) -> Expression:
        """A boolean expression."""
        simple = [self.compare, self.compare, self.text_test, self.date_test, self.bare, self.member_of]
        compound = [self.logic, self.logic, self.logic, self.negation, self.between, lambda d: self.case("boolean", d)]
        if self.scope == "subject":
            compound += [self.group_test, self.group_test]
        made: Expression = self.rng.choice(simple if depth <= 0 else simple + compound * 2)(depth - 1)
        return made

    def compare(self, depth: int) -> Expression:
        kind = self.rng.choice(["integer", "money", "decimal"])
        other = self.rng.choice(["integer", "decimal"]) if kind != "money" else "money"
        return ("cmp", self.rng.choice(["=", "<>", "<", "<=", ">", ">="]), self.number(kind, depth), self.number(other, depth))

    def text_test(self, depth: int) -> Expression:
        name, codes = self.text_fact()
        options = self.rng.sample(codes, self.rng.randint(1, min(3, len(codes))))
        if self.rng.random() < 0.5:
            return ("in", self.rng.random() < 0.3, ("fact", name), [("lit", "text", code) for code in options])
        return ("cmp", self.rng.choice(["=", "<>"]), ("fact", name), ("lit", "text", options[0]))

    def text_fact(self) -> tuple[str, list[str]]:
        names = [("level", LEVELS), ("county", COUNTIES)]
        if self.scope == "family":
            names.append(("relation", RELATIONS))
        else:
            names.append(("role", ROLES))
        return self.rng.choice(names)

    def date_test(self, depth: int) -> Expression:
        return ("cmp", self.rng.choice(["=", "<>", "<", "<=", ">", ">="]), self.day(depth), self.day(depth))

    def day(self, depth: int) -> Expression:
        chosen = self.rng.randint(0, 5)
        if chosen <= 1:
            return ("fact", self.rng.choice(["birth_date", "start_date"]))
        if chosen == 2:
            return ("lit", "date", random_day(self.rng))
        if chosen == 3:
            return ("asof",)
        return ("param", "cut_off") if chosen == 4 or depth <= 0 else ("addyears", self.day(depth - 1), self.small())

    def small(self) -> Expression:
        return ("fact", "score") if self.rng.random() < 0.4 else ("lit", "integer", Fraction(self.rng.randint(-4, 20)))

    def bare(self, depth: int) -> Expression:
        chosen = self.rng.randint(0, 3)
        if chosen == 3:
            return ("holds", self.rng.choice(SLUGS))
        return ("param", "open") if chosen == 2 else ("fact", self.rng.choice(["flag", "disabled"]))

    def member_of(self, depth: int) -> Expression:
        kind = self.rng.choice(["integer", "decimal"])
        options = [("lit", "integer", Fraction(self.rng.randint(-3, 9))) for _ in range(self.rng.randint(1, 3))]
        return ("in", self.rng.random() < 0.3, self.number(kind, depth - 1), options)

    def between(self, depth: int) -> Expression:
        kind = self.rng.choice(["integer", "money", "decimal"])
        return ("between", self.rng.random() < 0.3, *(self.number(kind, depth) for _ in range(3)))

    def logic(self, depth: int) -> Expression:
        return (self.rng.choice(["and", "or"]), [self.condition(depth) for _ in range(self.rng.randint(2, 3))])

    def negation(self, depth: int) -> Expression:
        return ("not", self.condition(depth))

    def case(self, kind: str, depth: int) -> Expression:
        def result() -> Expression:
            return self.condition(depth) if kind == "boolean" else self.number(kind, depth)

        count = self.rng.randint(1, 3)
        if self.rng.random() < 0.4:
            name, codes = self.text_fact()
            whens: list[Expression] = [("lit", "text", code) for code in self.rng.sample(codes, min(count, len(codes)))]
            return ("case", ("fact", name), [(when, result()) for when in whens], result())
        return ("case", None, [(self.condition(depth), result()) for _ in range(count)], result())

    def group_test(self, depth: int) -> Expression:
        how = self.rng.choice(["any", "all"])
        return self.inside(lambda: ("agg", self.scope, how, self.condition(depth), self.maybe_filter(depth)))

    def maybe_filter(self, depth: int) -> Expression | None:
        return self.condition(min(depth, 1)) if self.rng.random() < 0.6 else None

    def inside(self, make: Any) -> Expression:
        self.scope = self.rng.choice(["household", "family"])
        try:
            made: Expression = make()
            return made
        finally:
            self.scope = "subject"

    def group_total(self, kind: str, depth: int) -> Expression:
        if kind == "integer" and self.rng.random() < 0.5:
            return self.inside(lambda: ("agg", self.scope, "count", None, self.maybe_filter(depth)))
        return self.inside(lambda: ("agg", self.scope, "sum", self.number(kind, min(depth, 1)), self.maybe_filter(depth)))

    def number(self, kind: str, depth: int) -> Expression:
        """A number of the kind."""
        if depth <= 0 or self.rng.random() < 0.35:
            return self.leaf(kind)
        choices = [self.added, self.added, self.multiplied, self.special, lambda k, d: ("neg", self.number(k, d)), self.case]
        if self.scope == "subject":
            choices.append(self.group_total)
        return self.rng.choice(choices)(kind, depth - 1)

    def leaf(self, kind: str) -> Expression:
        if kind == "integer":
            literal: Expression = ("lit", "integer", Fraction(self.rng.randint(-5, 40)))
            return self.rng.choice([("fact", "score"), literal, ("param", "least"), ("age", ("fact", "birth_date"))])
        if kind == "money":
            facts: list[Expression] = [("fact", "income"), ("fact", "debt"), ("param", "limit")]
            return self.rng.choice(facts + ([("fact", "home_rent")] if self.scope == "subject" else []))
        literal = ("lit", "decimal", Fraction(self.rng.randint(-300, 900), 100))
        return self.rng.choice([("fact", "share"), ("fact", "rate"), literal, ("param", "factor")])

    def added(self, kind: str, depth: int) -> Expression:
        return ("bin", self.rng.choice(["+", "-"]), self.number(kind, depth), self.number(kind, depth))

    def multiplied(self, kind: str, depth: int) -> Expression:
        other = "integer" if kind == "integer" else self.rng.choice(["integer", "decimal"])
        return ("bin", "*", self.leaf(kind), self.leaf(other))

    def special(self, kind: str, depth: int) -> Expression:
        if kind == "integer":
            return ("age", self.day(depth))
        if kind == "money":
            return self.rng.choice(
                [
                    ("lookup", "standard", ("fact", "county")),
                    ("bracket", "steps", ("fact", "score")),
                    ("marginal", "tax", ("fact", "income")),
                ]
            )
        return self.rng.choice([("lookup", "bonus", ("fact", "score")), ("bracket", "tax", ("fact", "income"))])


def text_of(e: Expression, rng: random.Random) -> str:
    """The expression in the language, with brackets around everything."""
    kind = e[0]
    say = partial(text_of, rng=rng)
    if kind == "lit":
        return literal_text(e)
    if kind in ("fact", "param"):
        return str(e[1])
    if kind == "case":
        operand = "" if e[1] is None else f"{say(e[1])} "
        return f"CASE {operand}{' '.join(f'WHEN {say(when)} THEN {say(result)}' for when, result in e[2])} ELSE {say(e[3])} END"
    if kind == "agg":
        arguments = ", ".join(say(part) for part in (e[3], e[4]) if part is not None)
        return f"{e[1]}_{e[2]}({arguments})"
    simple: dict[str, Callable[[], str]] = {
        "asof": lambda: "as_of()",
        "neg": lambda: f"(-{say(e[1])})" if not say(e[1]).startswith("-") else f"(-({say(e[1])}))",
        "bin": lambda: f"({say(e[2])} {e[1]} {say(e[3])})",
        "cmp": lambda: f"({say(e[2])} {e[1]} {say(e[3])})",
        "in": lambda: f"({say(e[2])} {'NOT ' if e[1] else ''}IN ({', '.join(say(option) for option in e[3])}))",
        "between": lambda: f"({say(e[2])} {'NOT ' if e[1] else ''}BETWEEN {say(e[3])} AND {say(e[4])})",
        "not": lambda: f"(NOT {say(e[1])})",
        "and": lambda: f"({' AND '.join(say(part) for part in e[1])})",
        "or": lambda: f"({' OR '.join(say(part) for part in e[1])})",
        "age": lambda: f"age({say(e[1])})",
        "addyears": lambda: f"add_years({say(e[1])}, {say(e[2])})",
        "holds": lambda: f"holds('{e[1]}')",
        "lookup": lambda: f"lookup('{e[1]}', {say(e[2])})",
        "bracket": lambda: f"bracket('{e[1]}', {say(e[2])})",
        "marginal": lambda: f"marginal('{e[1]}', {say(e[2])})",
    }
    return simple[kind]()


def literal_text(e: Expression) -> str:
    """A literal as written in a rule."""
    value = e[2]
    if isinstance(value, date):
        return f"DATE '{value}'"
    if isinstance(value, str):
        return f"'{value}'"
    if e[1] == "decimal":
        return f"{Decimal(value.numerator * 100 // value.denominator).scaleb(-2):.2f}"
    return str(int(value))


def random_day(rng: random.Random) -> date:
    """Often a leap day or its neighbour."""
    if rng.random() < 0.3:
        return date(rng.choice([1960, 1988, 2000, 2008, 2012]), 2, 29)
    if rng.random() < 0.3:
        return rng.choice([date(2008, 2, 28), date(2009, 2, 28), date(2008, 3, 1), date(2010, 3, 1)])
    return date(1940, 1, 1) + timedelta(days=rng.randint(0, 31000))


def random_rule(rng: random.Random) -> tuple[dict[str, Any], list[Expression], Expression | None]:
    """The rule as a mapping, its conditions, its amount."""
    maker = RuleMaker(rng)
    conditions = [maker.condition(rng.randint(1, 3)) for _ in range(rng.randint(1, 3))]
    amount = maker.number(rng.choice(["money", "money", "decimal", "integer"]), 3) if rng.random() < 0.8 else None
    mapping: dict[str, Any] = {
        "subject": "person",
        "facts": {name: {"zh": name, "en": name, **fact} for name, fact in FACTS.items()},
        "parameters": {name: declared for name, (declared, _) in PARAMETERS.items()},
        "tables": {name: declared for name, (declared, _) in TABLES.items()},
        "scales": {name: declared for name, (declared, _) in SCALES.items()},
        "conditions": [{"id": f"c{index}", "zh": "甲", "en": "a", "when": text_of(e, rng)} for index, e in enumerate(conditions)],
    }
    if amount is not None:
        mapping["amount"] = text_of(amount, rng)
    return mapping, conditions, amount


def random_fact(name: str, rng: random.Random) -> Any:
    """A known value in the oracle's units."""
    if name.startswith("holds.") or FACTS.get(name, {}).get("type") == "boolean":
        return rng.random() < 0.5
    makers: dict[str, Any] = {
        "birth_date": lambda: random_day(rng),
        "start_date": lambda: random_day(rng),
        "level": lambda: rng.choice(LEVELS),
        "county": lambda: rng.choice(COUNTIES),
        "role": lambda: rng.choice(ROLES),
        "score": lambda: Fraction(rng.randint(-20, 50)),
        "income": lambda: Fraction(rng.choice([0, 300000, 1200000, rng.randint(0, 2000000)])),
        "debt": lambda: Fraction(rng.randint(-500000, 500000)),
        "share": lambda: Fraction(rng.randint(-999, 9999), 100),
        "rate": lambda: Fraction(rng.randint(-9999, 9999), 1000),
        "home_rent": lambda: Fraction(rng.randint(0, 900000)),
    }
    return makers[name]()


PERSON_FACTS = [name for name in FACTS if name != "home_rent"] + ["role"] + [f"holds.{slug}" for slug in SLUGS]


def random_world(rng: random.Random, size: int = 14, unknown: float = 0.2) -> World:
    """People in households with relations; a fifth of everything is unknown."""
    homes = [f"h{index}" for index in range(max(2, size // 3))]
    people: dict[str, dict[str, Any]] = {}
    for index in range(size):
        facts = {name: None if rng.random() < unknown else random_fact(name, rng) for name in PERSON_FACTS}
        people[f"p{index}"] = {"household_id": None if rng.random() < 0.1 else rng.choice(homes), **facts}
    households = {
        home: {"home_rent": None if rng.random() < unknown else random_fact("home_rent", rng)} for home in homes if rng.random() < 0.9
    }
    ids = list(people)
    relations = [(rng.choice(ids), rng.choice([*ids, "absent"]), rng.choice([*RELATIONS, None])) for _ in range(size)]
    known = {person: rng.choice([True, True, True, False, None]) for person in ids}
    return World(
        people,
        households,
        relations,
        known,
        {name: value for name, (_, value) in PARAMETERS.items()},
        {name: value for name, (_, value) in TABLES.items()},
        {name: value for name, (_, value) in SCALES.items()},
        DAY,
        {"home_rent"},
    )


def column(name: str, values: list[Any]) -> pl.Series:
    """A fact's column as a city would deliver it."""
    kind = FACTS.get(name, {}).get("type", "text" if name == "role" else "boolean")
    if kind in ("integer", "money"):
        return pl.Series(name, [None if value is None else int(value) for value in values], dtype=pl.Int64)
    if kind == "decimal":
        scale = FACTS[name]["scale"]
        plain = [None if value is None else Decimal(value.numerator * 10**scale // value.denominator).scaleb(-scale) for value in values]
        return pl.Series(name, plain, dtype=pl.Decimal(12, scale))
    return pl.Series(name, values, dtype={"date": pl.Date, "boolean": pl.Boolean, "text": pl.String}[kind])


def tables(world: World) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The world as people, households and relations frames."""
    rows = list(world.people.values())
    people = pl.DataFrame(
        [
            pl.Series("person_id", list(world.people)),
            pl.Series("household_id", [row["household_id"] for row in rows], dtype=pl.String),
            pl.Series("relations_known", [world.relations_known[person] for person in world.people], dtype=pl.Boolean),
            *(column(name, [row[name] for row in rows]) for name in PERSON_FACTS),
        ]
    )
    homes = pl.DataFrame(
        [
            pl.Series("household_id", list(world.households), dtype=pl.String),
            column("home_rent", [home["home_rent"] for home in world.households.values()]),
        ]
    )
    relations = pl.DataFrame(
        world.relations, schema={"person_id": pl.String, "relative_id": pl.String, "relation": pl.String}, orient="row"
    )
    return people, homes, relations
