"""Where an officer works: the departments that one can work in, the name of one in a county, and whose key in city.yaml it goes by."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from linli.casework.desks import departments_of
from linli.kernel.areas import contains
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.programmes import load_city
from linli.registers.acts.workplaces import place_staff
from linli.registers.lists import load_lists
from linli.registers.models import Area, Organisation, Staff
from linli.rules.declare import Label


def departments() -> dict[str, Label]:
    """Every department of the city by its key: those of city.yaml, then the other owners of lists under their own names. No query."""
    folder = Path(settings.LINLI_CITY)
    bodies = dict(load_city(folder).bodies)
    known = {one.zh for one in bodies.values()}
    owners = {one.owner_zh: Label(one.owner_zh, one.owner_en) for one in load_lists(folder).values() if one.source == "file"}
    return bodies | {name: label for name, label in sorted(owners.items()) if name not in known}


def body_of(viewer: Viewer) -> str | None:
    """The key in city.yaml of the department that the viewer works in, None for who works in none of them. One query."""
    own = departments_of(viewer) or frozenset()
    return next((key for key, body in load_city(Path(settings.LINLI_CITY)).bodies.items() if body.zh in own), None)


def staffed_in(area: str) -> list[str]:
    """Names of the departments in which somebody works who can sign in, of this area, within it or above it. One query."""
    rows = (
        Organisation.objects.filter(kind="department", staff__is_active=True).order_by("name").distinct().values_list("name", "area_code")
    )
    return list(dict.fromkeys(name for name, held in rows if contains(held or "", area) or contains(area, held or "")))


def work_in(viewer: Viewer, *, staff: Staff, department: str, area: str = "") -> Staff:
    """Say that somebody works in a department, by its key, of the whole city or of a county; department "": in none. As place_staff()."""
    if not department:
        return place_staff(viewer, staff=staff, name="")
    label, city = departments().get(department), load_city(Path(settings.LINLI_CITY))
    if label is None:
        raise LinliError(
            "casework.no_department",
            zh="城市文件里没有这个部门",
            en="city.yaml has no such department, and no list has it as its owner.",
            place=Place(field="department"),
            expected=", ".join(departments()),
            found=department[:60],
            remedy_zh="从清单中选择；缺少的，先写进 city.yaml",
            remedy_en="choose one of these, or add it to city.yaml first",
        )
    place = area or city.area
    return place_staff(viewer, staff=staff, name=name_in(label.zh, place), area_code=place)


def name_in(department: str, area: str) -> str:
    """What a department of the city is called in one of its places: 运城市民政局 is 盐湖区民政局 there. One query, none for the city."""
    city = load_city(Path(settings.LINLI_CITY))
    if area == city.area:
        return department
    name = Area.objects.filter(code=area).order_by("-valid_from").values_list("name", flat=True).first() or ""
    return name + department.removeprefix(city.label.zh)
