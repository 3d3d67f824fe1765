"""查一查 for programs: the city's interview, and answers checked before any rule sees them. Anonymous; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Said
from linli.programmes import Programme, load_city
from linli.programmes.queries import live_versions, programme_of
from linli.registers.lists import load_lists
from linli.registers.queries import subtree
from linli.rules import FactDeclaration
from linli.screening.interview import ELSEWHERE, Case, Interview, Question, answered

SUBJECTS = {"person": ("person", "household"), "organisation": ("organisation",)}
ROLES = ("spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other")
_ROLES = ", ".join(f"`{role}`" for role in ROLES)
LARGEST_HOUSEHOLD = 20


def programmes_for(subject: str) -> list[Programme]:
    """The programmes in force today that a person (with their household) or an organisation may be found for. One query."""
    live = (programme_of(version) for version in live_versions(clock.today()))
    return [one for one in live if one.invites and one.subject in SUBJECTS[subject]]


def interview_over(programmes: Sequence[Programme]) -> Interview:
    """The interview over these programmes, made once a process and day."""
    key = tuple(one.digest for one in programmes)
    known = _made.get(clock.today(), {})
    if key not in known:
        rules = [one.rule for one in programmes]
        known = known | {key: Interview(rules, clock.today(), next(iter(counties())), _gates(), _asking_ages(settings.LINLI_CITY))}
        _made.clear()
        _made[clock.today()] = known
    return known[key]


_made: dict[date, dict[tuple[str, ...], Interview]] = {}


def counties() -> frozenset[str]:
    """The codes of the city's counties today."""
    return _counties(load_city(settings.LINLI_CITY).area, clock.today())


@lru_cache(maxsize=2)
def _counties(city: str, day: date) -> frozenset[str]:
    return frozenset(subtree(city, day).filter(level="county").values_list("code", flat=True)) or frozenset({city + "01"})


@cache
def _asking_ages(city: Path) -> dict[str, int]:
    """The years of age from which the city asks for a fact (questions.yaml)."""
    known = yaml.safe_load((city / "questions.yaml").read_text(encoding="utf-8"))["questions"]
    return {key.removeprefix("fact:"): entry["from_age"]["years"] for key, entry in known.items() if "from_age" in entry}


def _gates() -> dict[str, str]:
    """For every fact that a list gives of those on it, the fact that says whether someone is on it."""
    found: dict[str, str] = {}
    for declaration in load_lists(settings.LINLI_CITY).values():
        if declaration.presence:
            found |= {column.fact: declaration.presence.fact for column in declaration.fact_columns if column.fact}
    return found


def case_of(interview: Interview, said: Sequence[tuple[str, Any]]) -> Case:
    """The answers in their order as the engine takes them; raises LinliError for one that no question has."""
    case = Case()
    for place, (key, value) in enumerate(said):
        question = interview.questions.get(key)
        if question is None:
            raise _wrong(place, "question", ("本次问答中一个问题的键", "the key of a question of this interview"), key)
        case = answered(case, question, None if value is None else _checked(place, question, value, case))
    return interview.presumed(case)


def _checked(place: int, question: Question, value: Any, case: Case) -> Any:
    if question.kind == "holds":
        return _of_type(place, value, isinstance(value, bool), ("`true` 或 `false`", "`true` or `false`"))
    if question.kind == "place":
        known = isinstance(value, str) and (value == ELSEWHERE or value in counties())
        return _of_type(
            place,
            value,
            known,
            (f"本市一个县（市、区）的六位代码，或 {ELSEWHERE}", f"the six digits of a county of the city, or {ELSEWHERE}"),
        )
    if question.kind == "members":
        fits = isinstance(value, list) and len(value) <= LARGEST_HOUSEHOLD and all(isinstance(one, str) and one in ROLES for one in value)
        return _of_type(place, value, fits, (f"由这些组成的列表：{_ROLES}", f"a list of these: {_ROLES}"))
    if question.kind == "each":
        people = 1 + len(case.members or ())
        _of_type(
            place,
            value,
            isinstance(value, list) and len(value) == people,
            (f"{people} 项的列表：先本人，再各成员", f"a list of {people}: the asker's, then the members'"),
        )
        return [None if one is None else _fact_value(place, question.fact, one) for one in value]
    return _fact_value(place, question.fact, value)


def _fact_value(place: int, fact: FactDeclaration | None, value: Any) -> Any:
    assert fact is not None  # only questions of kind fact and each come here
    return _READERS[fact.type.kind](place, fact, value)


def _boolean(place: int, fact: FactDeclaration, value: Any) -> bool:
    return bool(_of_type(place, value, isinstance(value, bool), ("`true` 或 `false`", "`true` or `false`")))


def _text(place: int, fact: FactDeclaration, value: Any) -> str:
    fits = isinstance(value, str) and len(value) <= 200 and (not fact.values or value in fact.values)
    return str(_of_type(place, value, fits, ", ".join(f"`{one}`" for one in fact.values) or ("文字", "text")))


def _number(place: int, fact: FactDeclaration, value: Any) -> int:
    low, high = fact.span or (-(2**53), 2**53)
    fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    zh, en = ("（分）", " (fen)") if fact.type.kind == "money" else ("", "")
    return int(_of_type(place, value, fits, (f"{low} 到 {high} 的整数{zh}", f"a whole number from {low} to {high}{en}")))


def _day(place: int, fact: FactDeclaration, value: Any) -> date:
    low, high = fact.span or (1800, 2200)
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    _of_type(
        place,
        value,
        day is not None and low <= day.year <= high,
        (f"{low} 到 {high} 年的日期，如 `2024-01-05`", f"a day from {low} to {high}, like `2024-01-05`"),
    )
    assert day is not None
    return day


def _decimal(place: int, fact: FactDeclaration, value: Any) -> Decimal:
    low, high = fact.span or (-(2**53), 2**53)
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) <= 40 else None
    except InvalidOperation:
        number = None
    scaled = number.scaleb(fact.type.scale) if number is not None and number.is_finite() and abs(number.adjusted()) < 30 else None
    fits = scaled is not None and scaled == scaled.to_integral_value() and low <= scaled <= high
    _of_type(
        place,
        value,
        fits,
        (f"写成文字的小数，最多 {fact.type.scale} 位", f"a decimal as text with at most {fact.type.scale} digits after the point"),
    )
    assert number is not None
    return number


_READERS: Mapping[str, Callable[[int, FactDeclaration, Any], Any]] = {
    "boolean": _boolean,
    "text": _text,
    "integer": _number,
    "money": _number,
    "date": _day,
    "decimal": _decimal,
}


def _of_type(place: int, value: Any, fits: bool, expected: Said) -> Any:
    if not fits:
        raise _wrong(place, "value", expected, repr(value)[:200])
    return value


def _wrong(place: int, field: str, expected: Said, found: str) -> LinliError:
    return LinliError(
        "api.bad_answer",
        zh="这个回答用不了",
        en="This answer cannot be used.",
        place=Place(field=f"answers.{place}.{field}"),
        expected=expected,
        found=found,
        remedy_zh="按问题的类型回答；不清楚填 null",
        remedy_en="answer as the question's kind asks; null where it is not known",
    )
