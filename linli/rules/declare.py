"""What a rule may speak about: declared facts, dated parameters, lookup tables and scales."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from linli.kernel.errors import LinliError, Place, Problems, Said
from linli.rules.source import Entry, from_plain, read_yaml, refuse
from linli.rules.tree import LIMIT, NUMBERS, Scalar, Span, Type
from linli.rules.values import read_type, read_value, span_of_values

T = TypeVar("T")
NAME_LENGTH = 60
DEFAULT_SPANS: dict[str, Span] = {"integer": (-(10**9), 10**9), "money": (-(10**12), 10**12), "date": (1800, 2200)}
ROLES = ("head", "spouse", "child", "parent", "grandparent", "grandchild", "sibling", "other")
RELATIONS = ("father", "mother", "spouse", "child", "guardian", "ward", "grandparent", "grandchild", "sibling")
SUBJECTS = ("person", "household", "organisation")


@dataclass(frozen=True, slots=True)
class Label:
    """Words for citizens in both languages."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """The words in 'zh' or 'en'."""
        return self.zh if language.startswith("zh") else self.en

    @classmethod
    def of(cls, name: str) -> Label:
        """A name as data has it: in both languages where it is “中文 / English”, else the same in both."""
        zh, slash, en = name.partition(" / ")
        return cls(zh, en) if slash and zh and en.isascii() and not zh.isascii() else cls(name, name)


Naming = Callable[[str, str], Label | None]
"""The city's words for a code: (name of the fact, code) → words, None where it has none; "holds" and "list" with a slug too."""


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """A fact that rules may use.

    span: lowest and highest number in the type's own units; for a date the years. values: the codes a text may take (empty: any).
    of: whose fact it is (person, household, organisation). assume: the value that the closed-world switch puts in for unknown, or None.
    """

    name: str
    type: Type
    label: Label
    of: str | None = None
    span: Span | None = None
    values: tuple[str, ...] = ()
    value_labels: tuple[Label, ...] = ()
    assume: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Period(Generic[T]):
    """A value with the first and last day on which it holds (last None: still) and where it comes from."""

    first: date
    last: date | None
    value: T
    source: Label | None


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """Periods in order, never overlapping."""

    periods: tuple[Period[T], ...]

    def on(self, day: date) -> T | None:
        """The value that holds on `day`, or None."""
        return next((period.value for period in self.periods if period.first <= day and (period.last is None or day <= period.last)), None)


@dataclass(frozen=True, slots=True)
class ParameterDeclaration:
    name: str
    type: Type
    label: Label
    dated: Dated[Scalar]
    span: Span | None


@dataclass(frozen=True, slots=True)
class TableDeclaration:
    """rows: key and value pairs. otherwise: the value for any other key, or None: unknown."""

    name: str
    key: Type
    type: Type
    label: Label
    dated: Dated[tuple[tuple[tuple[Scalar, Scalar], ...], Scalar | None]]
    span: Span | None


@dataclass(frozen=True, slots=True)
class ScaleDeclaration:
    """brackets: (from, value) in rising order; a bracket reaches up to the next one's `from`, which it does not include."""

    name: str
    input: Type
    type: Type
    label: Label
    dated: Dated[tuple[tuple[int, Scalar], ...]]
    span: Span | None


@dataclass(frozen=True, slots=True)
class Declarations:
    """Everything an expression may name."""

    facts: Mapping[str, FactDeclaration]
    parameters: Mapping[str, ParameterDeclaration]
    tables: Mapping[str, TableDeclaration]
    scales: Mapping[str, ScaleDeclaration]


BUILT_IN = {
    "role": FactDeclaration("role", Type("text"), Label("家庭角色", "role in the household"), "person", None, ROLES),
    "relation": FactDeclaration("relation", Type("text"), Label("亲属关系", "relation"), "person", None, RELATIONS),
}


def load_vocabulary(source: str | Path | Mapping[str, Any] | Entry | None) -> dict[str, FactDeclaration]:
    """The facts that a city declares once for all its rules.

    source: a facts.yaml (its `facts` key, or the mapping itself), the same as a mapping, or declarations read before.
    Raises Problems with every refusal.
    """
    if source is None:
        return {}
    if isinstance(source, Mapping):
        ready = {name: item for name, item in source.items() if isinstance(item, FactDeclaration)}
        if len(ready) == len(source):
            return ready
    entry = read_yaml(source) if isinstance(source, str | Path) else from_plain(source)
    problems: list[LinliError] = []
    facts = read_facts(entry.get("facts") or entry, problems)
    if problems:
        raise Problems(problems)
    return facts


def read_facts(entry: Entry | None, problems: list[LinliError]) -> dict[str, FactDeclaration]:
    """The declarations of a `facts:` mapping; refusals are appended to `problems`."""
    return {name: fact for name, fact in _each(entry, _fact, problems) if fact is not None}


def read_parameters(entry: Entry | None, problems: list[LinliError]) -> dict[str, ParameterDeclaration]:
    """The declarations of a `parameters:` mapping."""
    return dict(_each(entry, _parameter, problems))


def read_tables(entry: Entry | None, problems: list[LinliError]) -> dict[str, TableDeclaration]:
    """The declarations of a `tables:` mapping."""
    return dict(_each(entry, _table, problems))


def read_scales(entry: Entry | None, problems: list[LinliError]) -> dict[str, ScaleDeclaration]:
    """The declarations of a `scales:` mapping."""
    return dict(_each(entry, _scale, problems))


def _each(entry: Entry | None, read: Any, problems: list[LinliError]) -> list[tuple[str, Any]]:
    found = []
    for name, item in mapping_of(entry, problems).items():
        try:
            _check_name(name, item)
            found.append((name, read(name, item)))
        except LinliError as error:
            problems.append(error)
    return found


def mapping_of(entry: Entry | None, problems: list[LinliError]) -> dict[str, Entry]:
    """The entry's mapping; empty when absent, a problem when it is something else."""
    if entry is None:
        return {}
    if isinstance(entry.value, dict):
        return entry.value
    problems.append(wrong(entry, ("键值对", "a mapping")))
    return {}


def wrong(entry: Entry, expected: Said) -> LinliError:
    """A value of the wrong kind."""
    found = type(entry.value).__name__ if isinstance(entry.value, dict | list) else repr(entry.value)
    return refuse(
        "rules.wrong_value",
        entry,
        zh="值不符合要求",
        en="This value is not what is wanted here.",
        expected=expected,
        found=found,
        remedy_zh="按要求改写",
        remedy_en="write it as expected",
    )


def need(entry: Entry, key: str) -> Entry:
    """A required key."""
    item = entry.get(key)
    if item is None:
        raise missing(entry, key)
    return item


def missing(entry: Entry, key: str, code: str = "rules.missing_key") -> LinliError:
    """A key that is not there, at its own place; a language is named."""
    zh, en = _TONGUES.get(key, (f" {key}", f"The key {key}"))
    at = entry.place()
    place = Place(at.file, at.line, at.column, f"{entry.path}.{key}" if entry.path else key)
    return LinliError(code, zh=f"缺少{zh}", en=f"{en} is missing.", place=place, remedy_zh=f"补上{zh}", remedy_en=f"add {key}")


_TONGUES = {"zh": ("中文", "The Chinese text (zh)"), "en": ("英文", "The English text (en)")}


def text_of(entry: Entry, choices: tuple[str, ...] = ()) -> str:
    """A text value, one of `choices` if given."""
    if not isinstance(entry.value, str) or (choices and entry.value not in choices):
        raise wrong(entry, " | ".join(choices) or ("文字", "text"))
    return entry.value


def label_of(entry: Entry, fallback: str | None = None) -> Label:
    """The zh and en of an entry; both are required unless `fallback` stands in for both."""
    zh, en = entry.get("zh"), entry.get("en")
    if zh is None and en is None and fallback is not None:
        return Label(fallback, fallback)
    return Label(text_of(need(entry, "zh")), text_of(need(entry, "en")))


def refuse_unknown_keys(entry: Entry, allowed: tuple[str, ...]) -> None:
    """A misspelt key must not be dropped in silence."""
    if not isinstance(entry.value, dict):
        raise wrong(entry, ("键值对", "a mapping"))
    for key, item in entry.value.items():
        if key not in allowed:
            raise refuse(
                "rules.unknown_key",
                item,
                zh=f"不认识的键 {key}",
                en=f"The key {key} is not known here.",
                expected=", ".join(allowed),
                found=key,
                remedy_zh="改正拼写或删除",
                remedy_en="correct its spelling or remove it",
            )


def _check_name(name: str, entry: Entry) -> None:
    plain = name.isascii() and name[:1].isalpha() and name.replace("_", "a").isalnum() and name == name.lower() and len(name) <= NAME_LENGTH
    if not plain:
        raise refuse(
            "rules.bad_name",
            entry,
            zh="名称只能用小写英文字母、数字和下划线",
            en="A name is lower-case letters, digits and underscores.",
            expected=(f"`[a-z][a-z0-9_]*`，最多 {NAME_LENGTH} 个字符", f"`[a-z][a-z0-9_]*`, at most {NAME_LENGTH} characters"),
            found=name,
            remedy_zh="改名",
            remedy_en="rename it",
        )


FACT_KEYS = ("type", "zh", "en", "of", "min", "max", "values", "digits", "scale", "assume", "list", "sensitive", "question", "note")


def _fact(name: str, entry: Entry) -> FactDeclaration:
    refuse_unknown_keys(entry, FACT_KEYS)
    if name in BUILT_IN:
        raise refuse(
            "rules.reserved",
            entry,
            zh=f"{name} 是内置名称",
            en=f"{name} is built in.",
            remedy_zh="改名",
            remedy_en="rename the fact",
            found=name,
        )
    kind = read_type(need(entry, "type"), entry)
    of = entry.get("of")
    codes, labels = _codes(entry, kind)
    assume = entry.get("assume")
    return FactDeclaration(
        name,
        kind,
        label_of(entry),
        text_of(of, SUBJECTS) if of else None,
        _fact_span(entry, kind),
        codes,
        labels,
        read_value(assume, kind) if assume else None,
    )


def _codes(entry: Entry, kind: Type) -> tuple[tuple[str, ...], tuple[Label, ...]]:
    values = entry.get("values")
    if values is None:
        return (), ()
    if kind.kind != "text":
        raise wrong(values, ("只有文字类可列举", "no `values`: only text has them"))
    if isinstance(values.value, dict):
        return tuple(values.value), tuple(label_of(item) for item in values.value.values())
    if not isinstance(values.value, list) or not values.value:
        raise wrong(values, ("代码列表", "a list of codes"))
    return tuple(text_of(item) for item in values.value), ()


def _fact_span(entry: Entry, kind: Type) -> Span | None:
    if kind.kind not in (*NUMBERS, "date"):
        return None
    low, high = DEFAULT_SPANS.get(kind.kind, (0, 0))
    if kind.kind == "decimal":
        digits = entry.get("digits")
        high = 10 ** (digits.value if digits is not None else 12) - 1
        low = -high
    ends = [low, high]
    for index, key in enumerate(("min", "max")):
        item = entry.get(key)
        if item is not None:
            value = read_value(item, kind)
            ends[index] = _whole_year(item, value, key) if isinstance(value, date) else int(value)
    if ends[0] > ends[1] or max(map(abs, ends)) >= LIMIT:
        raise wrong(entry, "-2^62 ≤ min ≤ max ≤ 2^62")
    return ends[0], ends[1]


def _whole_year(item: Entry, day: date, key: str) -> int:
    """A date's limits are whole years, within those for which ages are reckoned."""
    low, high = DEFAULT_SPANS["date"]
    if (day.month, day.day) != ((1, 1) if key == "min" else (12, 31)) or not low <= day.year <= high:
        raise wrong(item, (f"整年：{low}-01-01 到 {high}-12-31", f"whole years: {low}-01-01 to {high}-12-31"))
    return day.year


def _dated(entry: Entry, read: Any) -> Dated[Any]:
    values = need(entry, "values")
    if not isinstance(values.value, list) or not values.value:
        raise wrong(values, ("带日期的值列表", "a list of dated values"))
    periods = []
    for item in values.value:
        first, last, source = need(item, "from"), item.get("to"), item.get("source")
        if not isinstance(first.value, date) or (last is not None and not isinstance(last.value, date)):
            raise wrong(item, ("`from`（和 `to`）：如 2026-01-01 的日期", "from (and to): a date such as 2026-01-01"))
        periods.append(Period(first.value, last.value if last else None, read(item), label_of(source) if source else None))
    periods.sort(key=lambda period: period.first)
    _refuse_overlap(values, periods)
    return Dated(tuple(periods))


def _span(period: Period[Any]) -> tuple[str, str]:
    if period.last is None:
        return f"{period.first} 起", f"from {period.first} on"
    return f"{period.first} 至 {period.last}", f"{period.first} to {period.last}"


def _refuse_overlap(entry: Entry, periods: list[Period[Any]]) -> None:
    """A period without `to` ends where the next begins; one with `to` must not reach into the next."""
    for index, (period, following) in enumerate(itertools.pairwise(periods)):
        if period.last is None and period.first < following.first:
            periods[index] = Period(period.first, date.fromordinal(following.first.toordinal() - 1), period.value, period.source)
        elif period.last is None or period.last >= following.first:
            raise refuse(
                "rules.overlap",
                entry,
                zh="两个期间重叠",
                en="Two periods overlap.",
                found=(f"{_span(period)[0]}；{_span(following)[0]}", f"{_span(period)[1]}; {_span(following)[1]}"),
                remedy_zh="改正起始日或终止日",
                remedy_en="correct from and to",
            )
    for period in periods:
        if period.last is not None and period.last < period.first:
            raise wrong(entry, ("终止日不早于起始日", "to on or after from"))


def _parameter(name: str, entry: Entry) -> ParameterDeclaration:
    refuse_unknown_keys(entry, ("type", "zh", "en", "unit", "scale", "digits", "values", "note"))
    kind = read_type(need(entry, "type"), entry, [need(item, "value") for item in _listed(entry)])

    def value(item: Entry) -> Scalar:
        refuse_unknown_keys(item, ("from", "to", "value", "source", "note"))
        return read_value(need(item, "value"), kind)

    dated: Dated[Scalar] = _dated(entry, value)
    return ParameterDeclaration(name, kind, label_of(entry, name), dated, span_of_values(kind, [period.value for period in dated.periods]))


def _listed(entry: Entry) -> list[Entry]:
    values = need(entry, "values")
    return values.value if isinstance(values.value, list) else []


def _table(name: str, entry: Entry) -> TableDeclaration:
    refuse_unknown_keys(entry, ("key", "type", "zh", "en", "unit", "scale", "digits", "values", "note"))
    key = Type(text_of(need(entry, "key"), ("text", "integer")))
    others = [item.get("otherwise") for item in _listed(entry)]
    cells = [*(cell for item in _listed(entry) for cell in _rows(item).values()), *(cell for cell in others if cell is not None)]
    kind = read_type(need(entry, "type"), entry, cells)

    def rows(item: Entry) -> Any:
        refuse_unknown_keys(item, ("from", "to", "rows", "otherwise", "source", "note"))
        otherwise = item.get("otherwise")
        pairs = tuple((_key(code, cell, key), read_value(cell, kind)) for code, cell in _rows(item).items())
        return pairs, read_value(otherwise, kind) if otherwise else None

    dated = _dated(entry, rows)
    found = [value for period in dated.periods for _, value in period.value[0]] + [
        p.value[1] for p in dated.periods if p.value[1] is not None
    ]
    return TableDeclaration(name, key, kind, label_of(entry, name), dated, span_of_values(kind, found))


def _rows(item: Entry) -> dict[str, Entry]:
    rows = need(item, "rows")
    if not isinstance(rows.value, dict) or not rows.value:
        raise wrong(rows, ("键值对，至少一行", "rows: key and value pairs, at least one"))
    return rows.value


def _key(code: str, cell: Entry, kind: Type) -> Scalar:
    """The key as it is written in one way only: 01 or a full-width 1 would be a second row for 1."""
    if kind.kind == "text":
        return code
    if not re.fullmatch(r"0|-?[1-9]\d{0,17}", code, re.ASCII):
        raise wrong(cell, ("最多 18 位的整数键", "an integer key of at most 18 digits"))
    return int(code)


def _scale(name: str, entry: Entry) -> ScaleDeclaration:
    refuse_unknown_keys(entry, ("input", "type", "zh", "en", "unit", "scale", "digits", "values", "note"))
    taken = Type(text_of(need(entry, "input"), ("integer", "money")))
    cells = [need(row, "value") for item in _listed(entry) for row in _brackets(item)]
    kind = read_type(need(entry, "type"), entry, cells)

    def brackets(item: Entry) -> Any:
        refuse_unknown_keys(item, ("from", "to", "brackets", "source", "note"))
        rows = tuple((int(str(read_value(need(row, "from"), taken))), read_value(need(row, "value"), kind)) for row in _brackets(item))
        if [start for start, _ in rows] != sorted({start for start, _ in rows}):
            raise wrong(need(item, "brackets"), ("各档按 `from` 升序", "brackets in rising order of from"))
        return rows

    dated = _dated(entry, brackets)
    found = [value for period in dated.periods for _, value in period.value]
    return ScaleDeclaration(name, taken, kind, label_of(entry, name), dated, span_of_values(kind, found))


def _brackets(item: Entry) -> list[Entry]:
    rows = need(item, "brackets")
    if not isinstance(rows.value, list) or not rows.value:
        raise wrong(rows, ("档次列表", "a list of brackets"))
    return rows.value
