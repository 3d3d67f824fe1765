"""The places that an officer keeps, as their list shows them: narrowed, a page at a time; and the form of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.errors import Place as Spot
from linli.kernel.hours import dates_lines, read_hours, short_lines
from linli.kernel.viewer import Viewer
from linli.programmes.naming import area_name
from linli.registers.acts.whereabouts import area_at
from linli.registers.categories import GROUPS, Category, categories
from linli.registers.models import Place, PlaceBefore, PlaceRole
from linli.registers.places import FORM, KIND_WORDS, LONGEST, StatedPlace, place_of
from linli.registers.queries.places import kept_by
from linli.web.frame import city
from linli.web.places.stating import PLAIN, StatedForm, system_field
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese, words

PAGE = 50
_PLAIN = ("code", "name_zh", "name_en", "kind", "area_code", "system", "address", "phone", "licence")
_LAST = Q(until__isnull=True) | Q(until=OuterRef("closed"))
"""The roles that a place has, or had when it closed."""
STATES = {"": gettext_lazy("现有的"), "closed": gettext_lazy("已停业的"), "all": gettext_lazy("全部")}
KINDS = {
    "shop": gettext_lazy("店铺"), "stall": gettext_lazy("摊点"), "institution": gettext_lazy("机构"), "green": gettext_lazy("绿地"),
    "terminal": gettext_lazy("终端"), "stop": gettext_lazy("站点"), "space": gettext_lazy("空间"),
}  # fmt: skip
CHANGE_WORDS = {
    "opened": gettext_lazy("新增"), "reopened": gettext_lazy("重新开业"), "kept": gettext_lazy("保留人工登记，不改"),
    "changed": gettext_lazy("信息变更"),
    "moved": gettext_lazy("搬迁"),    "closed": gettext_lazy("停业"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """How the list is narrowed. q: of a name, an address or a number; area: a county's or township's code;
    state: "" for those that are there."""

    q: str = ""
    category: str = ""
    area: str = ""
    state: str = ""
    after: str = ""

    @classmethod
    def read(cls, told: QueryDict | Mapping[str, str]) -> Choice:
        """What an address or a form says; anything that can't be is left out."""
        given = {name: str(told.get(name, "")).strip()[:100] for name in ("q", "category", "area", "state", "after")}
        given["category"] = given["category"] if given["category"] in known() else ""
        given["area"] = given["area"] if given["area"].isascii() and given["area"].isdigit() else ""
        given["state"] = given["state"] if given["state"] in STATES else ""
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Row:
    """A place of the list. does: its categories in words, each with how many it takes."""

    place: Place
    does: list[str]
    kind: str
    where: str
    hours: list[str]
    gone: bool


def known() -> Mapping[str, Category]:
    """The city's categories."""
    return categories(settings.LINLI_CITY)


def narrowed(viewer: Viewer, choice: Choice) -> QuerySet[Place]:
    """The viewer's places by number, from the choice's key on. Raises Refused for who keeps none."""
    if not (viewer.areas("officer") or viewer.areas("administrator")):
        viewer.require("officer")
    today = clock.today()
    there = Q(closed__isnull=True) | Q(closed__gt=today)
    found = kept_by(viewer).filter(code__gt=choice.after, area_code__startswith=choice.area)
    if choice.state != "all":
        found = found.exclude(there) if choice.state else found.filter(there)
    if choice.category:
        found = found.filter(Exists(PlaceRole.objects.filter(_LAST, place=OuterRef("pk"), category=choice.category)))
    if choice.q:
        found = found.filter(
            Q(name_zh__icontains=choice.q) | Q(name_en__icontains=choice.q) | Q(address__icontains=choice.q) | Q(code__istartswith=choice.q)
        )
    return found


def shown(places: Sequence[Place]) -> list[Row]:
    """Rows of the list. One query."""
    roles = roles_by_place(places)
    today = clock.today()
    return [
        Row(
            one,
            [role_words(role.category, role.capacity) for role in roles.get(one.pk, ())],
            str(KINDS[one.kind]),
            area_words(one.area_code),
            week(one.hours, one.dates),
            one.closed is not None and one.closed <= today,
        )
        for one in places
    ]


def roles_by_place(places: Sequence[Place]) -> dict[int, list[PlaceRole]]:
    """What each place does, or did when it closed. One query."""
    closed, found = {one.pk: one.closed for one in places}, dict[int, dict[str, PlaceRole]]()
    for role in PlaceRole.objects.filter(place__in=list(closed)).order_by("category", "id"):
        if role.until is None or role.until == closed[role.place_id]:
            found.setdefault(role.place_id, {})[role.category] = role  # the last, where it closed and opened within a day
    return {place: list(roles.values()) for place, roles in found.items()}


def role_words(category: str, capacity: int | None) -> str:
    """“托育机构（40）”."""
    label = words(known()[category].label) if category in known() else category
    return label if capacity is None else _("%(what)s（%(many)s）") % {"what": label, "many": capacity}


def area_words(code: str) -> str:
    """The village or community, else the code alone."""
    found = area_name(Path(settings.LINLI_CITY), code)
    return words(found) if found else code


def week(hours: str, dates: str = "") -> list[str]:
    """Opening hours line by line in the reader's language; none where nobody has said."""
    return short_lines(read_hours(hours, dates), chinese=chinese()) if hours else []


def choices() -> list[Any]:
    """Categories that a place can be, by group."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in known().values():
        if not one.register:
            found.setdefault(one.group, []).append((one.slug, words(one.label)))
    return [(words(GROUPS[group]), some) for group, some in found.items()]


def counties(viewer: Viewer) -> list[tuple[str, str]]:
    """(code, name) of the counties whose places the viewer keeps. No query."""
    own = {code for role in ("officer", "administrator") for code in viewer.areas(role)}
    named = [(code, words(label)) for code, label in city.counties()]
    return [(code, name) for code, name in named if any(code.startswith(area) or area.startswith(code) for area in own)]


class PlaceForm(StatedForm):
    """One place, field by field as in a list; checked by the same reader."""

    name_zh = forms.CharField(label=gettext_lazy("名称"), max_length=LONGEST["name_zh"])
    name_en = forms.CharField(label=gettext_lazy("英文名称（可不填）"), max_length=LONGEST["name_en"], required=False)
    code = forms.CharField(label=gettext_lazy("编号"), help_text=gettext_lazy("本市自己的编号，各不相同"), max_length=LONGEST["code"])
    kind = forms.ChoiceField(label=gettext_lazy("形式"), choices=list(KINDS.items()))
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("提供什么服务"), help_text=gettext_lazy("一处有几样，就选几样"), widget=forms.CheckboxSelectMultiple
    )
    capacity = forms.CharField(
        label=gettext_lazy("能接收多少人（可不填）"),
        help_text=gettext_lazy("写明是哪一样，如：托育机构 40、老年助餐点 60"),
        max_length=400,
        required=False,
    )
    hours = forms.CharField(
        label=gettext_lazy("营业时间（不清楚就不填）"),
        help_text=gettext_lazy(
            "一行写几天，如：每天 06:00-09:30。“每天”也包括节假日，“周一至周日”不包括。没有写的日子休息；摊点只在写明的时间里算数"
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=1000,
        required=False,
    )
    dates = forms.CharField(
        label=gettext_lazy("个别日子（可不填）"),
        help_text=gettext_lazy("和平常不同的日子，一行一个，如：2026-12-05 休息"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=4000,
        required=False,
    )
    lon = forms.CharField(label=gettext_lazy("经度"), max_length=20)
    lat = forms.CharField(label=gettext_lazy("纬度"), max_length=20)
    system = system_field()
    area_code = forms.CharField(
        label=gettext_lazy("行政区划代码（可不填）"),
        help_text=gettext_lazy("在哪个村或社区。不填就按位置定；要填，填 12 位代码"),
        max_length=12,
        required=False,
    )
    address = forms.CharField(label=gettext_lazy("地址（可不填）"), max_length=LONGEST["address"], required=False)
    phone = forms.CharField(label=gettext_lazy("电话（可不填）"), max_length=LONGEST["phone"], required=False)
    licence = forms.CharField(label=gettext_lazy("证照号（可不填）"), max_length=LONGEST["licence"], required=False)
    on = DayField(
        (1990, 2100),
        label=gettext_lazy("从哪天起是这样"),
        help_text=gettext_lazy("这天以前的情况照旧留存"),
        require_all_fields=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = choices()  # type: ignore[attr-defined]
        for name in ("code", "name_zh", "name_en", "area_code", "lon", "lat", "address", "phone", "licence", "capacity"):
            self.fields[name].widget.attrs.update(PLAIN)
        if area := self.initial.get("area_code"):
            self.fields["area_code"].help_text = _("现在是%(area)s。搬了就清空，按新位置定") % {"area": area_words(area)}

    def stated(self, row: Place | None) -> StatedPlace | None:
        """What is described, None where something is wrong, which then stands beside its field. row: as it stands now."""
        if not self.is_valid():
            return None
        told = self.cleaned_data
        given = {name: str(told[name]) for name in told if name not in ("roles", "capacity", "on")}
        given["kind"] = KIND_WORDS[told["kind"]]
        try:
            given["area_code"] = given["area_code"] or _community(given)
            given["categories"] = "、".join(self._roles())
            given |= {"opened": str(row.opened or "") if row else str(told["on"])}
            return place_of(given, known())
        except Problems as found:
            for problem in found.problems:
                self.refuse(problem)
        return None

    def _roles(self) -> list[str]:
        """“托育机构（40）” for each that is chosen. A number for what isn't chosen is refused."""
        many: dict[str, str] = {}
        for part in self.cleaned_data["capacity"].replace("，", "、").replace(",", "、").replace("；", "、").split("、"):
            name = part.rstrip("0123456789 （）()：:人个张").strip()
            number = "".join(sign for sign in part[len(name) :] if sign.isdigit())
            slug = next((one for one in self.cleaned_data["roles"] if name in (one, known()[one].label.zh, known()[one].label.en)), None)
            if part.strip() and (slug is None or not number):
                raise Problems([self._capacity(part.strip())])
            if slug:
                many[slug] = number
        return [f"{slug}({many[slug]})" if slug in many else slug for slug in self.cleaned_data["roles"]]

    def _capacity(self, found: str) -> LinliError:
        return LinliError(
            "places.malformed",
            zh="看不懂这个数量",
            en="This number can't be read.",
            place=Spot(field="capacity"),
            expected=("选中的服务和人数，如：托育机构 40", "a service that is chosen and a number, such as: childcare 40"),
            found=found[:40],
            remedy_zh="改正后重试",
            remedy_en="mend it and try again",
        )

    def refuse(self, problem: LinliError) -> None:
        """The roles of a list are its categories."""
        if problem.place and problem.place.field == "categories":
            self.add_error("roles", problem.zh if chinese() else problem.en)
        else:
            super().refuse(problem)


def _community(given: Mapping[str, str]) -> str:
    """The community in which the position lies, "" where the position can't be read. Raises Problems where nobody can tell."""
    try:
        where = FORM.position(given)
    except LinliError:  # said beside its own field
        return ""
    if found := area_at(where):
        return found
    raise Problems(
        [
            LinliError(
                "places.no_area",
                zh="附近没有登记了位置的地址，看不出在哪个村或社区",
                en="No address with a position is near, so nobody can tell the community.",
                place=Spot(field="area_code"),
                expected=("12 位区划代码", "a division code of 12 digits"),
                remedy_zh="核对位置；位置没错，请填区划代码",
                remedy_en="check the position; if it is right, fill in the code",
            )
        ]
    )


def initial(row: Place, roles: Sequence[PlaceRole]) -> dict[str, Any]:
    """What the form of a place begins with."""
    lon, _comma, lat = row.given.partition(", ")
    dates = "\n".join(dates_lines(read_hours(row.hours, row.dates), chinese=chinese())) if row.dates else ""
    return {
        **{
            name: getattr(row, name)
            for name in ("code", "name_zh", "name_en", "kind", "area_code", "system", "address", "phone", "licence")
        },
        "lon": lon,
        "lat": lat,
        "hours": "\n".join(week(row.hours, row.dates)),
        "dates": dates,
        "roles": [one.category for one in roles],
        "capacity": _("、").join(
            f"{words(known()[one.category].label)} {one.capacity}" for one in roles if one.capacity is not None and one.category in known()
        ),
        "on": clock.today(),
    }


def roles_of(row: Place) -> list[PlaceRole]:
    """What a place does, or did when it closed. One query."""
    return roles_by_place([row]).get(row.pk, [])


@dataclass(frozen=True, slots=True)
class Earlier:
    """How a place was until a day."""

    until: date
    address: str
    hours: list[str]
    moved: bool


def earlier(row: Place) -> list[Earlier]:
    """Where it was and when it was open before, newest first. One query."""
    found = PlaceBefore.objects.filter(place=row).order_by("-until")[:20]
    return [Earlier(one.until, one.address, week(one.hours, one.dates), (one.lon, one.lat) != (row.lon, row.lat)) for one in found]
