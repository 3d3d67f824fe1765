"""What the page of a programme says beyond the file's own words: dated values, people's conditions, materials."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from linli.programmes import Programme
from linli.programmes.declaration import EXEMPTIONS, FORMS, KINDS, SITUATIONS, Material
from linli.programmes.naming import naming
from linli.programmes.telling import per_time, unit_of
from linli.rules.declare import Label, ParameterDeclaration, TableDeclaration
from linli.rules.tree import Scalar, Type
from linli.web.frame import city
from linli.web.programme.shelf import Dated
from linli.web.templatetags.texts import chinese, words, yuan
from linli.web.templatetags.texts import day as day_words

EXEMPT_TAGS = {"none": ("not", "dot"), "data_sharing": ("good", "tick"), "commitment": ("note", "pencil")}


@dataclass(frozen=True, slots=True)
class Value:
    """One dated value of the rule with its source."""

    label: Label
    text: str
    first: date
    last: date | None
    source: Label | None


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table in force, its keys in words."""

    label: Label
    rows: tuple[tuple[str, str], ...]
    source: Label | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A material and how it may be spared."""

    material: Material
    form: Label
    exempt: Label
    kind: str
    sign: str


@dataclass(frozen=True, slots=True)
class Description:
    """See the template public/programme.html."""

    body: Label
    joint: tuple[Label, ...]
    kind: Label
    conditions: tuple[Label, ...]
    values: tuple[Value, ...]
    tables: tuple[Table, ...]
    papers: tuple[Paper, ...]
    office: Label
    payer: Label
    issued: str
    period: str
    words: str


def describe(version: Dated, on: date) -> Description:
    """Everything the programme page shows that has to be looked up or put into words. No query."""
    programme, bodies = version.programme, city.city().bodies
    return Description(
        body=bodies[programme.item.body],
        joint=tuple(bodies[key] for key in programme.item.joint_bodies),
        kind=KINDS[programme.item.kind],
        conditions=tuple(condition.label for condition in programme.rule.conditions),
        values=tuple(_values(version)),
        tables=tuple(_tables(programme, on)),
        papers=tuple(_paper(material) for material in programme.materials),
        office=SITUATIONS[programme.place.office],
        payer=SITUATIONS[programme.place.payer],
        issued=_issued(programme),
        period=period_words(version),
        words=programme.words("zh" if chinese() else "en", naming(settings.LINLI_CITY)),
    )


def period_words(version: Dated) -> str:
    """From when to when a version applies; "until now" only for the one in force."""
    first = day_words(version.programme.effective_from)
    if version.last is not None:
        return f"{first} – {day_words(version.last)}"
    if version.state == "live":
        return _("%(day)s至今") % {"day": first}
    return _("%(day)s起") % {"day": first}


def value_text(kind: Type, value: Scalar) -> str:
    """A value of the rule in the reader's language: money in yuan, days as days, yes and no."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, str):
        return value
    if kind.kind == "money":
        return yuan(value)
    whole, rest = divmod(abs(value), 10**kind.scale)
    text = f"{whole}.{rest:0{kind.scale}d}".rstrip("0").rstrip(".") if kind.scale else f"{whole:,}"
    return f"-{text}" if value < 0 else text


def _values(version: Dated) -> Iterator[Value]:
    for name, parameter in version.programme.rule.declarations.parameters.items():
        yield from _periods(parameter, unit_of(version.programme, "parameters", name), version.last)


def _with_time(text: str, unit: str) -> str:
    """An amount with the time that it is for."""
    return words(per_time(Label(text, text), unit))


def _periods(parameter: ParameterDeclaration, unit: str, ended: date | None) -> Iterator[Value]:
    """ended: the last day of the version, after which none of its values holds."""
    for period in parameter.dated.periods:
        if period.first.year < date.max.year:
            last = min((day for day in (period.last, ended) if day), default=None)
            text = _with_time(value_text(parameter.type, period.value), unit)
            yield Value(parameter.label, text, period.first, last, period.source)


def _tables(programme: Programme, on: date) -> Iterator[Table]:
    for name, table in programme.rule.declarations.tables.items():
        current = next(
            (period for period in table.dated.periods if period.first <= on and (period.last is None or on <= period.last)), None
        )
        if current is not None:
            unit = unit_of(programme, "tables", name)
            yield Table(table.label, tuple(_rows(table, unit, current.value[0])), current.source)


def _rows(table: TableDeclaration, unit: str, rows: tuple[tuple[Any, Any], ...]) -> Iterator[tuple[str, str]]:
    names = dict(city.counties())
    for key, value in rows:
        yield words(names.get(str(key), str(key))), _with_time(value_text(table.type, value), unit)


def _paper(material: Material) -> Paper:
    kind, sign = EXEMPT_TAGS[material.exempt]
    return Paper(material, FORMS[material.form], EXEMPTIONS[material.exempt], kind, sign)


def _issued(programme: Programme) -> str:
    """The day, month or year that the source states."""
    stated = programme.issued_on
    if programme.issued_precision == "day":
        return day_words(stated)
    if programme.issued_precision == "month":
        return f"{stated.year}年{stated.month}月" if chinese() else day_words(stated).split(" ", 1)[1]
    return f"{stated.year}年" if chinese() else str(stated.year)
