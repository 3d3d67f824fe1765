"""Which lists somebody may deliver, how old and how good each is, what was delivered, and whom a delivery changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from linli.casework.desks import own_lists
from linli.kernel import areas, clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.imports import note_named, waiting
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import Area, HouseholdMember, ListImport, Organisation, Record
from linli.registers.queries.lists import deliveries
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.web import city
from linli.web.cases import LAMP_WORDS, LAMPS
from linli.web.counted import counted

PAGE = 50
SOON = 7
"""Days before a list is stale in which its light is yellow."""
CHANGES = ("opened", "changed", "closed")


@dataclass(frozen=True, slots=True)
class Light:
    """How old a list is by colour, shape and words."""

    kind: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A list that the viewer may deliver. newest: the last delivery that speaks of a place of theirs; opens: it lies in their areas.

    Of one that does not, only the day is theirs to know: its rows are others' too. wrong: rows with wrong cells in per cent.
    """

    declaration: ListDeclaration
    label: Label
    owner: Label
    newest: ListImport | None
    opens: bool
    light: Light
    wrong: str
    doubtful: int


def _touch(one: str, other: str) -> bool:
    return areas.contains(one, other) or areas.contains(other, one)


def of(viewer: Viewer, slug: str) -> ListDeclaration:
    """One of them; Refused for any other."""
    found = own_lists(viewer).get(slug)
    if found is None:
        raise Refused(
            "web.not_your_list",
            zh="这份名单不由您提交",
            en="This list is not yours to deliver.",
            found=slug,
            remedy_zh="请名单的主管部门提交，或请管理员授权",
            remedy_en="have its department deliver it, or ask an administrator for the grant",
        )
    return found


def overview(viewer: Viewer) -> list[Deliverable]:
    """The viewer's lists, those that are due first. Three queries."""
    lists = own_lists(viewer)
    newest = _newest(viewer, lists)
    doubts = dict(waiting(viewer).filter(list_slug__in=lists).values_list("list_slug").annotate(Count("id")))
    rows = [_deliverable(viewer, one, newest.get(slug), doubts.get(slug, 0)) for slug, one in lists.items()]
    order = {"bad": 0, "open": 1, "good": 2}
    return sorted(rows, key=lambda row: (order[row.light.kind], row.declaration.slug))


def _newest(viewer: Viewer, lists: Iterable[str]) -> dict[str, ListImport]:
    """The last delivery of each list that speaks of a place of the viewer's: theirs, or a larger one's."""
    rows = ListImport.objects.filter(list_slug__in=list(lists), undone_at__isnull=True)
    last = rows.order_by("list_slug", "area_code", "-as_of", "-pk").distinct("list_slug", "area_code")
    found: dict[str, ListImport] = {}
    for row in last:
        touches = any(_touch(area, row.area_code) for area in viewer.areas("officer"))
        before = found.get(row.list_slug)
        if touches and (before is None or (before.as_of, before.pk) < (row.as_of, row.pk)):
            found[row.list_slug] = row
    return found


def from_above(viewer: Viewer, slug: str) -> ListImport | None:
    """The last delivery of a list that speaks of the viewer's places and of others too, where it is the newest. One query."""
    newest = _newest(viewer, [slug]).get(slug)
    return newest if newest and not _opens(viewer, newest) else None


def _opens(viewer: Viewer, row: ListImport) -> bool:
    return any(areas.contains(area, row.area_code) for area in viewer.areas("officer"))


def _deliverable(viewer: Viewer, declaration: ListDeclaration, newest: ListImport | None, doubtful: int) -> Deliverable:
    opens = newest is not None and _opens(viewer, newest)
    rate = f"{100 * newest.error_rows / newest.rows:.1f}%" if newest and opens and newest.rows else "–"
    label, owner = Label(declaration.zh, declaration.en), Label(declaration.owner_zh, declaration.owner_en)
    return Deliverable(declaration, label, owner, newest, opens, light(newest.fresh_until if newest else None), rate, doubtful)


def light(fresh_until: date | None) -> Light:
    """“黄灯 · 3 天后过期”; a list that never came is red."""
    left = None if fresh_until is None else (fresh_until - clock.today()).days
    colour = "red" if left is None or left <= 0 else "yellow" if left <= SOON else "green"
    if left is None:
        words = _("从未提交")
    elif left <= 0:
        words = counted("已过期 %(days)s 天", days=-left) if left else _("今天起过期")
    else:
        words = counted("%(days)s 天后过期", days=left)
    kind, sign = LAMPS[colour]
    return Light(kind, sign, f"{LAMP_WORDS[colour]} · {words}")


def area_choices(viewer: Viewer, declaration: ListDeclaration) -> list[tuple[str, str]]:
    """What a file may cover: all the list covers, its counties, or the viewer's own areas in it. One query for places below counties."""
    counties = dict(city.counties())
    reach = viewer.areas("officer")
    codes = [declaration.area] if viewer.may("officer", area=declaration.area) else []
    codes += [code for code in counties if areas.contains(declaration.area, code) and viewer.may("officer", area=code)]
    codes += [area for area in reach if len(area) > 6 and areas.contains(declaration.area, area)]
    names = area_names(codes)
    return [(code, names[code]) for code in dict.fromkeys(codes)]


def area_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of areas in the reader's language, the code itself where the table doesn't know it. One query."""
    wanted = set(codes)
    known = dict(Area.objects.filter(code__in=wanted, valid_to__isnull=True).values_list("code", "name"))
    found = {code: city.area_words(code, known.get(code, code)) for code in wanted}
    return found | ({"": _("全部地区")} if "" in wanted else {})


def sender_of(viewer: Viewer) -> str:
    """Under whose name the columns of a file are remembered: the viewer's organisation, or the viewer. One query."""
    works = Organisation.objects.filter(staff__uid=UUID(viewer.actor.partition(":")[2])).values_list("uid", flat=True).first()
    return f"organisation:{works}" if works else viewer.actor


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery as a row: who sent it, what it covers."""

    row: ListImport
    label: Label
    who: str
    area: str


def history(viewer: Viewer, slug: str = "", after: str = "") -> tuple[list[Delivered], str]:
    """Deliveries in the viewer's areas, newest first, a page at a time, and the key of the next page. Four queries."""
    rows = deliveries(viewer, list_slug=slug).order_by("-pk")
    if not slug:
        rows = rows.filter(list_slug__in=own_lists(viewer))
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: PAGE + 1])
    return shown(found[:PAGE]), str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def shown(rows: Sequence[ListImport]) -> list[Delivered]:
    """Deliveries with names. Two queries."""
    lists = load_lists(Path(settings.LINLI_CITY))
    names, places = names_of({row.actor for row in rows}), area_names(row.area_code for row in rows)
    return [Delivered(row, _label(lists, row.list_slug), names.get(row.actor) or _("系统"), places[row.area_code]) for row in rows]


def _label(lists: dict[str, ListDeclaration], slug: str) -> Label:
    return Label(lists[slug].zh, lists[slug].en) if slug in lists else Label(slug, slug)


def delivery(viewer: Viewer, uid: UUID) -> ListImport:
    """A delivery of one of the viewer's lists in their areas; ListImport.DoesNotExist for any other. Two queries."""
    return deliveries(viewer).filter(list_slug__in=own_lists(viewer)).get(uid=uid)


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody whose record a delivery began, changed or ended. uid: of a resident, for a link to their page."""

    name: str
    uid: UUID | None
    since: date
    until: date | None


def touched(viewer: Viewer, row: ListImport, change: str, after: str = "") -> tuple[list[Touched], str]:
    """Whom a delivery changed, a page at a time. What a sensitive list says of them is read for a purpose, and recorded. Three queries."""
    again = Record.objects.filter(withdrawn_by=row, list_slug=row.list_slug)
    new = Record.objects.filter(recorded_by=row, source_import=row)
    same = {
        "resident_id": OuterRef("resident_id"),
        "household_id": OuterRef("household_id"),
        "organisation_id": OuterRef("organisation_id"),
    }
    one = next(name for name in same if name.startswith(_subject(row)))
    match = {one: same[one]}
    rows = {
        "opened": new.exclude(Exists(again.filter(**match))),
        "changed": new.filter(Exists(again.filter(**match))),
        "closed": again.exclude(Exists(new.filter(**match))),
    }[change]
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows.select_related("resident", "organisation").order_by("pk")[: PAGE + 1])
    heads = _heads({record.household_id for record in found if record.household_id})
    note_named(viewer, row.list_slug, [record.resident.uid for record in found[:PAGE] if record.resident])
    until = row.as_of if change == "closed" else None
    return [_touched(record, heads, until) for record in found[:PAGE]], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def _subject(row: ListImport) -> str:
    declared = load_lists(Path(settings.LINLI_CITY)).get(row.list_slug)
    return {"household": "household", "organisation": "organisation"}.get(declared.subject if declared else "", "resident")


def _touched(record: Record, heads: dict[int, str], until: date | None) -> Touched:
    subject: Any = record.resident or record.organisation
    name = subject.name if subject else heads.get(record.household_id or 0, "")
    return Touched(name, record.resident.uid if record.resident else None, record.valid_from, until or record.valid_to)


def _heads(households: set[int]) -> dict[int, str]:
    if not households:
        return {}
    rows = HouseholdMember.objects.filter(household__in=households, role="head", known_to__isnull=True).select_related("resident")
    return {row.household_id: row.resident.name for row in rows}


def name_of(actor: str) -> str:
    """The name of a member of staff, or the system. One query."""
    return names_of({actor}).get(actor) or _("系统")
