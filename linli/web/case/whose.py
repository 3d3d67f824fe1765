"""Which office an open case lies with, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from linli.casework.models import Case
from linli.kernel.compiled import compiled
from linli.kernel.looks import once
from linli.registers.models import Area, Organisation
from linli.registers.placenames import english
from linli.rules.declare import Label
from linli.web.frame.city import city, counties

BELOW = ("township_office", "village_committee")
_COUNTY = 6


def office_of(case: Case) -> Label:
    """The office on whose desk a case lies: the department's branch in its county, the city's own above that; below it the township's or
    village's, by the name of its office where that is registered, else of the place. Two queries where it lies below a county, else none.
    """
    desk, own = case.task.desk_code, city()
    body = next((one for one in own.bodies.values() if one.zh == case.department), Label(case.department, case.department))
    county = dict(counties()).get(desk[:_COUNTY])
    if county is None:
        return body if case.department else own.label
    if len(desk) > _COUNTY:
        return _below(desk, county)
    return _branch(body, own.label, county)


def named_office(name: str) -> Label:
    """An office on record by its name: a department, or its branch in a county, as city.yaml calls it in English; else as it is written."""
    return _offices(settings.LINLI_CITY).get(name, Label(name, name))


@cache
def _offices(_folder: Path) -> dict[str, Label]:
    """By name, the departments of the city in this folder and their branches; read once a process."""
    own, around = city(), counties()
    found = {body.zh: body for body in own.bodies.values()}
    for body in own.bodies.values():
        for _code, county in around:
            branch = _branch(body, own.label, county)
            found.setdefault(branch.zh, branch)
    return found


def _branch(body: Label, own: Label, county: Label) -> Label:
    return Label(*(_there(*words) for words in zip(_both(body), _both(own), _both(county), ("", " "), strict=True)))


def _both(label: Label) -> tuple[str, str]:
    return label.zh, label.en.partition(" (")[0]


def _there(name: str, city_name: str, county: str, space: str) -> str:
    """A department of the city by its county's name: where the city's stands in it, else before it."""
    return name.replace(city_name, county, 1) if city_name in name else f"{county}{space}{name}".strip()


def _below(desk: str, county: Label) -> Label:
    registered, place = once(("names of", desk), lambda: (_registered.first(desk), _place.first(desk) or ""))
    named = registered or place
    return Label(county.zh + named.removeprefix(county.zh), f"{registered or english(desk, place)}, {county.en}")


@compiled
def _registered(desk: str) -> QuerySet[Organisation, str]:
    return Organisation.objects.filter(area_code=desk, kind__in=BELOW).order_by("pk").values_list("name", flat=True)[:1]


@compiled
def _place(desk: str) -> QuerySet[Area, str]:
    return Area.objects.filter(code=desk).order_by("-valid_from").values_list("name", flat=True)[:1]
