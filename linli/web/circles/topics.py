"""One subject for every scope: nursery places and play spaces for children, green spaces; by county, circle and community, both counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.circles import queries
from linli.circles.declared import Norm, standard
from linli.circles.few import FEW, Split, exact_for, number
from linli.circles.models import Circle
from linli.circles.queries import Covered, NurseryPlaces
from linli.circles.reckoning.people import COMMUNITY
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.rules import Label
from linli.web.circles import said
from linli.web.circles.ranking import circle_words
from linli.web.frame.counted import counted
from linli.web.places.kept import area_words
from linli.web.templatetags.texts import words

# address -> what it is called, categories of places whose norms it shows, whether nursery places stand beside children
TOPICS: dict[str, tuple[Any, frozenset[str], bool]] = {
    "children": (gettext_lazy("托位和儿童活动场地"), frozenset({"play-space"}), True),
    "green": (gettext_lazy("推窗见绿、出门入园"), frozenset({"green-space"}), False),
}
SHOWN = 40
"""Communities that the page lists; the export has all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A norm of the subject, in words: how far, how its group walks, what that is in metres, whose rule."""

    what: str
    group: Label
    far: Label
    walks: str
    metres: int
    source: Label


@dataclass(frozen=True, slots=True)
class Column:
    """headers: of the export; label: on the page; values: of a scope, as many as headers, None for none; says: them in words;
    wide: left to the export and to wide pages."""

    headers: tuple[str, ...]
    label: str
    values: Callable[[Scope], tuple[Any, ...] | None]
    says: Callable[[tuple[Any, ...]], tuple[str, str]]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: a circle, or an area ("" for the whole city). by: its figures by norm; nursery: where the subject has it.

    exact: whether the reader is told exact counts of its people.
    """

    circle: Circle | None
    area: str
    by: Mapping[str, Covered]
    nursery: NurseryPlaces | None
    exact: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return circle_words(self.circle) if self.circle else area_words(self.area) if self.area else _("全市")


@dataclass(frozen=True, slots=True)
class Row:
    """A scope in words: (label, figure, what stands under it, whether on wide pages only) for each column."""

    circle: Circle | None
    name: str
    cells: list[tuple[str, str, str, bool]]


@dataclass(frozen=True, slots=True)
class Topic:
    """Scopes of a subject: areas (the city, counties), circles with most people left out first, communities likewise."""

    asked: list[Asked]
    columns: list[Column]
    areas: list[Scope]
    circles: list[Scope]
    communities: list[Scope]


def topic(viewer: Viewer, slug: str) -> Topic:
    """Everything of a subject that the viewer may see. Seven queries at most, and the areas' names."""
    _title, categories, nursery = TOPICS[slug]
    told, today = standard(), clock.today()
    norms = sorted(
        (norm for norm in told.asked(today) if not categories.isdisjoint(norm.categories)), key=lambda norm: (-norm.level, norm.key)
    )
    groups = told.groups_on(today)
    found: dict[tuple[int | None, str], dict[str, Covered]] = {}
    known: dict[int, Circle] = {one.pk: one for one in queries.circles(viewer)}
    for one in queries.beside(viewer, norms):
        found.setdefault((one.figure.circle_id, one.figure.area_code), {})[one.norm.key] = one
    beds: dict[tuple[int | None, str], NurseryPlaces] = {}
    for place in queries.nursery_places(viewer, communities=True) if nursery else ():
        beds[place.circle.pk if place.circle else None, place.area] = place
    scopes = [
        Scope(
            row := known.get(circle or 0),
            area,
            found.get((circle, area), {}),
            beds.get((circle, area)),
            exact_for(viewer, row.area_code if row else area),
        )
        for circle, area in sorted(found.keys() | beds.keys(), key=str)
        if circle is None or circle in known
    ]
    worst = norms[0].key if norms else ""

    def order(one: Scope) -> tuple[Any, ...]:
        return -_left(one, norms, worst), one.circle.code if one.circle else one.area

    asked = [
        Asked(
            said.norm_words(norm.key),
            groups[norm.group].label,
            norm.far(),
            str(said.WALKS[groups[norm.group].profile]),
            _metres(norm, found.values()),
            norm.source,
        )
        for norm in norms
    ]
    return Topic(
        asked,
        [*(_nursery() if nursery else ()), *(_reached(norm) for norm in norms)],
        [one for one in scopes if one.circle is None and len(one.area) < COMMUNITY],
        sorted((one for one in scopes if one.circle is not None), key=order),
        sorted((one for one in scopes if one.circle is None and len(one.area) == COMMUNITY), key=order),
    )


def rows(topic: Topic, scopes: Iterable[Scope]) -> list[Row]:
    """Scopes in words."""
    return [Row(one.circle, one.name, [_cell(column, one) for column in topic.columns]) for one in scopes]


def _cell(column: Column, scope: Scope) -> tuple[str, str, str, bool]:
    values = column.values(scope)
    figure, under = ("–", "") if values is None else column.says(values)
    return column.label, figure, under, column.wide


def _metres(norm: Norm, found: Iterable[Mapping[str, Covered]]) -> int:
    return next((by[norm.key].metres for by in found if norm.key in by), 0)


def _left(scope: Scope, norms: list[Norm], key: str) -> int:
    one = scope.by.get(key)
    if one is None:
        return scope.nursery.infants if scope.nursery and not norms and (scope.exact or scope.nursery.infants >= FEW) else 0
    return Split.of(one.people[one.norm.group], exact=scope.exact).rank


def _reached(norm: Norm) -> Column:
    name = said.norm_words(norm.key)
    headers = tuple(
        _("%(what)s：%(part)s") % {"what": name, "part": part} for part in (_("走得到的人"), _("走不到的人"), _("其中查不到位置"))
    )

    def values(scope: Scope) -> tuple[Any, ...] | None:
        one = scope.by.get(norm.key)
        return None if one is None else (Split.of(one.people[norm.group], exact=scope.exact),)

    def says(numbers: tuple[Any, ...]) -> tuple[str, str]:
        (people,) = numbers
        return said.reached(people), words(people.lost) if people.lost else ""

    return Column(headers, name, values, says)


def _nursery() -> list[Column]:
    def places(scope: Scope) -> tuple[Any, ...] | None:
        one = scope.nursery
        return None if one is None else (one.nurseries, one.places, one.unknown)

    def in_all(numbers: tuple[Any, ...]) -> tuple[str, str]:
        nurseries, beds, unknown = numbers
        return (
            _("%(nurseries)s 家，%(places)s 个") % {"nurseries": nurseries, "places": f"{beds:,}"},
            counted("另有 %(number)s 家没有登记托位", number=unknown) if unknown else "",
        )

    return [
        Column((_("托育机构"), _("托位"), _("没有登记托位的机构")), _("托位"), places, in_all),
        _per_thousand("infants", _("三岁以下的孩子"), _("每千名三岁以下孩子的托位")),
        _per_thousand("children", _("未满十八岁的孩子"), _("每千名未满十八岁孩子的托位"), wide=True),
    ]


def _per_thousand(group: str, people: str, ratio: str, *, wide: bool = False) -> Column:
    def values(scope: Scope) -> tuple[Any, ...] | None:
        if (one := scope.nursery) is None:
            return None
        children = getattr(one, group)
        if scope.exact or children >= FEW or not children:
            return one.places, children, _tenths(one.per_thousand(children))
        return one.places, number(children), None

    def says(numbers: tuple[Any, ...]) -> tuple[str, str]:
        beds, children, per = numbers
        told = words(number(children, exact=True) if isinstance(children, int) else children)
        return (f"{per:,.1f}" if per is not None else _("没有孩子") if children == 0 else "–"), _("%(places)s 个托位 / %(number)s 人") % {
            "places": f"{beds:,}",
            "number": told,
        }

    return Column((_("%(ratio)s：托位数") % {"ratio": ratio}, people, ratio), ratio, values, says, wide)


def _tenths(exact: Fraction | None) -> float | None:
    return None if exact is None else round(float(exact), 1)
