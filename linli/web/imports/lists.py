"""Which lists somebody may deliver, how old and how good each is, what was delivered, and whom a delivery changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from linli.casework.desks import own_lists
from linli.insight import lists as quality
from linli.kernel import areas
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.imports import note_named
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import Area, HouseholdMember, ListImport, Organisation, Record
from linli.registers.queries.lists import deliveries
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.web.frame import city
from linli.web.insights import figures
from linli.web.insights.listquality import Lamp, lamp

PAGE = 50
CHANGES = ("opened", "changed", "closed")


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A list that the viewer may deliver. newest: the last delivery that speaks of a place of theirs; opens: it lies in their areas.

    rows: of the deliveries in force that lie there, None without one: of another only the day is theirs to know. wrong: how many of them
    have wrong cells, in per cent.
    """

    declaration: ListDeclaration
    label: Label
    owner: Label
    newest: ListImport | None
    opens: bool
    lamp: Lamp
    rows: int | None
    wrong: str
    doubtful: int


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
    """The viewer's lists, those that are due first. Four queries."""
    lists = own_lists(viewer)
    rows = [_deliverable(one) for one in quality.own(viewer) if one.standing.declaration.slug in lists]
    order = {"bad": 0, "open": 1, "note": 2, "good": 3}
    return sorted(rows, key=lambda row: (order[row.lamp.kind], row.declaration.slug))


def from_above(viewer: Viewer, slug: str) -> ListImport | None:
    """The last delivery of a list that speaks of the viewer's places and of others too, where it is the newest. Three queries."""
    return next((one.standing.newest for one in quality.own(viewer) if one.standing.declaration.slug == slug and not one.opens), None)


def _deliverable(one: quality.Own) -> Deliverable:
    stands, declaration = one.standing, one.standing.declaration
    rate = figures.percent(stands.errors, stands.rows) if stands.errors is not None and stands.rows else "–"
    label, owner = Label(declaration.zh, declaration.en), Label(declaration.owner_zh, declaration.owner_en)
    return Deliverable(declaration, label, owner, stands.newest, one.opens, lamp(stands.worst), stands.rows, rate, one.doubtful)


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
