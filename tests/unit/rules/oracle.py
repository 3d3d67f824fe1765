"""An independent meaning of the rule language: expressions as tuples, values as Fractions, unknown as None.

It shares nothing with linli.rules: it is what the engines are compared with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

Expression = tuple[Any, ...]
Row = dict[str, Any]


@dataclass
class World:
    """Everything outside the rule: who there is, who belongs together, and the dated values of the day."""

    people: dict[str, Row]
    households: dict[str, Row]
    relations: list[tuple[str, str, str | None]]
    relations_known: dict[str, bool | None]
    parameters: dict[str, Any]
    tables: dict[str, tuple[dict[Any, Any], Any]]
    scales: dict[str, list[tuple[Fraction, Any]]]
    day: date
    household_facts: set[str] = field(default_factory=set)

    def members(self, group: str, person: str) -> list[Row] | None:
        """The rows of a person's household or family, or None if it is not known."""
        if group == "household":
            home = self.people[person]["household_id"]
            return None if home is None else [row for row in self.people.values() if row["household_id"] == home]
        if not self.relations_known.get(person):
            return None
        return [{**self.people.get(relative, {}), "relation": relation} for owner, relative, relation in self.relations if owner == person]


class Oracle:
    """Evaluates for one person."""

    def __init__(self, world: World, person: str) -> None:
        self.world, self.person = world, person
        row = dict(world.people[person])
        home = world.households.get(row["household_id"], {})
        self.row = {**row, **{name: home.get(name) for name in world.household_facts}}

    def value(self, e: Expression, row: Row | None = None) -> Any:
        """The expression's value; None if it is unknown."""
        row = self.row if row is None else row
        return getattr(self, f"_{e[0]}")(e, row)

    def _lit(self, e: Expression, row: Row) -> Any:
        return e[2]

    def _fact(self, e: Expression, row: Row) -> Any:
        return row.get(e[1])

    def _holds(self, e: Expression, row: Row) -> Any:
        return row.get(f"holds.{e[1]}")

    def _param(self, e: Expression, row: Row) -> Any:
        return self.world.parameters[e[1]]

    def _asof(self, e: Expression, row: Row) -> Any:
        return self.world.day

    def _strict(self, parts: list[Expression], row: Row, compute: Any) -> Any:
        values = [self.value(part, row) for part in parts]
        return None if any(value is None for value in values) else compute(*values)

    def _neg(self, e: Expression, row: Row) -> Any:
        return self._strict([e[1]], row, lambda a: -a)

    def _bin(self, e: Expression, row: Row) -> Any:
        return self._strict([e[2], e[3]], row, {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}[e[1]])

    def _cmp(self, e: Expression, row: Row) -> Any:
        return self._strict([e[2], e[3]], row, COMPARE[e[1]])

    def _in(self, e: Expression, row: Row) -> Any:
        return self._strict([e[2]], row, lambda a: (a in [option[2] for option in e[3]]) != e[1])

    def _between(self, e: Expression, row: Row) -> Any:
        both = self._and(("and", [("cmp", ">=", e[2], e[3]), ("cmp", "<=", e[2], e[4])]), row)
        return None if both is None else both != e[1]

    def _not(self, e: Expression, row: Row) -> Any:
        return self._strict([e[1]], row, lambda a: not a)

    def _and(self, e: Expression, row: Row) -> Any:
        values = [self.value(part, row) for part in e[1]]
        return False if False in values else None if None in values else True

    def _or(self, e: Expression, row: Row) -> Any:
        values = [self.value(part, row) for part in e[1]]
        return True if True in values else None if None in values else False

    def _case(self, e: Expression, row: Row) -> Any:
        for when, result in branches(e):
            chosen = self.value(when, row)
            if chosen is None:
                return None
            if chosen:
                return self.value(result, row)
        return self.value(e[3], row)

    def _age(self, e: Expression, row: Row) -> Any:
        return self._strict([e[1]], row, lambda born: Fraction(age(born, self.world.day)))

    def _addyears(self, e: Expression, row: Row) -> Any:
        return self._strict([e[1], e[2]], row, lambda day, years: later(day, int(years)))

    def _lookup(self, e: Expression, row: Row) -> Any:
        rows, otherwise = self.world.tables[e[1]]
        return self._strict([e[2]], row, lambda key: rows.get(key, otherwise))

    def _bracket(self, e: Expression, row: Row) -> Any:
        return self._strict([e[2]], row, lambda x: [value for start, value in self.world.scales[e[1]] if start <= x][-1])

    def _marginal(self, e: Expression, row: Row) -> Any:
        rows = self.world.scales[e[1]]

        def total(x: Fraction) -> Fraction:
            ends = [start for start, _ in rows[1:]] + [max(x, rows[-1][0])]
            parts = [rate * max(Fraction(0), min(x, end) - start) for (start, rate), end in zip(rows, ends, strict=True)]
            return sum(parts, Fraction(0))

        return self._strict([e[2]], row, total)

    def _agg(self, e: Expression, row: Row) -> Any:
        _, group, how, value, where = e
        members = self.world.members(group, self.person)
        if members is None:
            return None
        if how in ("any", "all"):
            found = [self.value(member_test(how, value, where), member) for member in members]
            decisive = how == "any"
            return decisive if decisive in found else None if None in found else not decisive
        total = Fraction(0)
        for member in members:
            included = True if where is None else self.value(where, member)
            part = Fraction(1) if value is None else self.value(value, member)
            if included is None or (included and part is None):
                return None
            total += part if included else 0
        return total

    def missing(self, e: Expression, row: Row | None = None) -> set[str]:
        """The facts that are unknown and still matter: nothing below a decided expression does."""
        row = self.row if row is None else row
        if self.value(e, row) is not None:
            return set()
        kind = e[0]
        if kind == "fact":
            return {e[1]}
        if kind == "holds":
            return {f"holds.{e[1]}"}
        if kind == "case":
            return self._case_missing(e, row)
        if kind == "agg":
            return self._agg_missing(e)
        if kind == "lookup":
            return self.missing(e[2], row) or {f"table.{e[1]}"}
        if kind == "between":
            return self.missing(("cmp", ">=", e[2], e[3]), row) | self.missing(("cmp", "<=", e[2], e[4]), row)
        return set().union(*(self.missing(part, row) for part in operands(e)))

    def _case_missing(self, e: Expression, row: Row) -> set[str]:
        found: set[str] = set()
        for when, result in branches(e):
            chosen = self.value(when, row)
            found |= self.missing(when, row)
            if chosen is not False:
                found |= self.missing(result, row)
            if chosen:
                return found
        return found | self.missing(e[3], row)

    def _agg_missing(self, e: Expression) -> set[str]:
        _, group, how, value, where = e
        members = self.world.members(group, self.person)
        if members is None:
            return {group}
        found: set[str] = set()
        for member in members:
            if how in ("any", "all"):
                found |= self.missing(member_test(how, value, where), member)
                continue
            included = True if where is None else self.value(where, member)
            found |= self.missing(where, member) if where is not None else set()
            if included is not False and value is not None:
                found |= self.missing(value, member)
        return {name if name.startswith("table.") else f"{group}.{name}" for name in found}

    def verdict(self, conditions: list[Expression], amount: Expression | None) -> tuple[str, list[Any], int | None, set[str]]:
        """(verdict, conditions, amount in fen, missing facts)."""
        values = [self.value(condition) for condition in conditions]
        if False in values:
            return "not_eligible", values, None, set()
        missing = set().union(*(self.missing(condition) for condition in conditions))
        missing |= self.missing(amount) if amount is not None else set()
        if None in values:
            return "unknown", values, None, missing
        paid = self.value(amount) if amount is not None else None
        return "eligible", values, None if paid is None else rounded(paid), missing


def member_test(how: str, value: Expression, where: Expression | None) -> Expression:
    """What any and all ask of each member."""
    if where is None:
        return value
    return ("and", [where, value]) if how == "any" else ("or", [("not", where), value])


def branches(e: Expression) -> list[tuple[Expression, Expression]]:
    """A CASE's conditions and results; with an operand the conditions are equalities."""
    return [(when if e[1] is None else ("cmp", "=", e[1], when), result) for when, result in e[2]]


def operands(e: Expression) -> list[Expression]:
    """The expressions directly below."""
    found: list[Expression] = []
    for part in e[1:]:
        if isinstance(part, tuple):
            found.append(part)
        elif isinstance(part, list) and e[0] in ("and", "or"):
            found.extend(part)
    return found


def rounded(value: Fraction) -> int:
    """Half away from zero."""
    size = int(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def later(day: date, years: int) -> date:
    """29 February falls back."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def age(born: date, day: date) -> int:
    """Counts birthdays one by one."""
    years = day.year - born.year
    while later(born, years) > day:
        years -= 1
    while later(born, years + 1) <= day:
        years += 1
    return years


COMPARE: dict[str, Any] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
