"""Rows left to a human, side by side with the people whom they may mean. What a sensitive list says is masked until it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli import vault
from linli.casework.desks import own_lists
from linli.kernel import clock
from linli.kernel.identity import masked as masked_number
from linli.kernel.viewer import Viewer
from linli.registers.bitemporal import believed, true_on
from linli.registers.imports import masking, note_named, open_doubtful
from linli.registers.lists import ListDeclaration, load_lists, vocabulary
from linli.registers.models import Doubtful, Record, Resident, Situation
from linli.registers.models.lists import DOUBTS
from linli.rules.declare import Label
from linli.web.person import page as person_page
from linli.web.person.page import place_names, situation_words
from linli.web.tables import exports
from linli.web.templatetags.texts import sex_words, words

PAGE = 50
MOST_AT_ONCE = 100
PURPOSE = "registers.match"
REASONS = {
    "name_differs": gettext_lazy("号码登记在另一姓名下"),
    "identity_differs": gettext_lazy("同名同日出生，号码不同"),
    "several_candidates": gettext_lazy("有多人符合"),
    "area_differs": gettext_lazy("姓名和出生日期相符，地区对不上"),
    "duplicate_rows": gettext_lazy("两行说法矛盾"),
    "cell_error": gettext_lazy("单元格有错"),
}
VERBS = {"same": gettext_lazy("是同一个人"), "dismiss": gettext_lazy("不是这里的人"), "ask": gettext_lazy("请部门核实")}


@dataclass(frozen=True, slots=True)
class Row:
    """A doubt as a row of the list. meant: names of the people whom it may mean."""

    doubt: Doubtful
    reason: str
    name: str
    meant: tuple[str, ...]
    asked: bool


def of_delivery(viewer: Viewer, uid: UUID) -> QuerySet[Doubtful]:
    """The open doubts of one delivery that the viewer may resolve, in the file's order."""
    mine = open_doubtful(viewer).filter(list_import__uid=uid, list_slug__in=own_lists(viewer))
    return mine.select_related("list_import", "organisation", "household", "question")


def page(viewer: Viewer, uid: UUID, reason: str, after: str, *, asked: bool = False) -> tuple[list[Row], str]:
    """A page of them. Being named by a sensitive list is recorded for the people shown. asked: only those about which the department
    was asked. Five queries."""
    rows = of_delivery(viewer, uid)
    if asked:
        rows = rows.filter(question__isnull=False)
    if reason in DOUBTS:
        rows = rows.filter(reason=reason)
    if after.isdecimal() and len(after) < 10:
        rows = rows.filter(row__gt=int(after))
    found = list(rows[: PAGE + 1])
    return _shown(viewer, found[:PAGE]), str(found[PAGE - 1].row) if len(found) > PAGE else ""


def selected(viewer: Viewer, uid: UUID, texts: Sequence[str]) -> list[Row]:
    """The ticked doubts of one delivery; whatever else is among the texts is left out."""
    uids = set()
    for text in texts[:MOST_AT_ONCE]:
        try:
            uids.add(UUID(text))
        except ValueError:
            continue
    return _shown(viewer, list(of_delivery(viewer, uid).filter(uid__in=uids)))


def _shown(viewer: Viewer, found: Sequence[Doubtful]) -> list[Row]:
    for slug in {one.list_slug for one in found}:
        note_named(viewer, slug, [candidate.resident.uid for one in found for candidate in one.candidates.all()])
    rows = []
    for one in found:
        meant = [candidate.resident.name for candidate in one.candidates.all()] + ([one.organisation.name] if one.organisation else [])
        rows.append(Row(one, str(REASONS[one.reason]), one.name, tuple(meant), hasattr(one, "question")))
    return rows


@dataclass(frozen=True, slots=True)
class Side:
    """One column of the comparison: (label, value) in the same order for all. uid: of the person, None for the row of the file."""

    title: str
    uid: UUID | None
    name: str
    born: date | None
    sex: str
    places: tuple[str, ...]
    number: str
    says: tuple[tuple[Label, str], ...]


def sides(viewer: Viewer, doubt: Doubtful, *, in_full: bool) -> list[Side]:
    """The row, then each person whom it may mean. in_full reads numbers and what the list says, recorded for each of them.

    At most six queries for any number of people, beside the readings.
    """
    declaration = load_lists(Path(settings.LINLI_CITY))[doubt.list_slug]
    people = [candidate.resident for candidate in doubt.candidates.all()]
    numbers = _numbers(viewer, people) if in_full else {}
    if in_full:
        vault.note_readings(viewer, purposes=(PURPOSE,), people={person.uid: frozenset({"list_fact"}) for person in people})
    else:
        note_named(viewer, doubt.list_slug, [person.uid for person in people])
    says = {record.resident_id: record.data for record in _records(doubt, people)}
    places = _places(people)
    row = Side(
        _("名单上的这一行"),
        None,
        doubt.name,
        doubt.birth_date,
        "",
        _row_place(doubt),
        _("没有保留"),
        _said(declaration, doubt.data, in_full),
    )
    return [row, *(_side(declaration, person, places, numbers, says, in_full) for person in people)]


def _side(
    declaration: ListDeclaration, person: Resident, places: dict[int, tuple[str, ...]], numbers: dict[int, str], says: Any, in_full: bool
) -> Side:
    number = numbers.get(person.pk) or (_("已登记，未显示") if person.identity_cipher else _("没有登记"))
    said = _said(declaration, says[person.pk], in_full) if person.pk in says else ()
    return Side(_("登记的居民"), person.uid, person.name, person.birth_date, sex_words(person.sex), places.get(person.pk, ()), number, said)


def _numbers(viewer: Viewer, people: Sequence[Resident]) -> dict[int, str]:
    """Identity numbers, masked all the same: enough to compare with the card. One read is recorded for each person."""
    holders = [person for person in people if person.identity_cipher]
    shown = {
        person.pk: vault.reveal(viewer, purpose=PURPOSE, subject=person.uid, fields={"identity": person.identity_cipher})
        for person in holders
    }
    return {key: masked_number(fields["identity"]) for key, fields in shown.items()}


def _records(doubt: Doubtful, people: Sequence[Resident]) -> QuerySet[Record]:
    return Record.objects.filter(believed(), true_on(clock.today()), resident__in=people, list_slug=doubt.list_slug, present=True)


def _places(people: Sequence[Resident]) -> dict[int, tuple[str, ...]]:
    kinds = ("registered", "lives")
    rows = list(Situation.objects.filter(believed(), true_on(clock.today()), resident__in=people, kind__in=kinds).order_by("-kind"))
    names = place_names(row.area_code for row in rows)
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        text = f"{situation_words(row.kind)}{_('：')}{names.get(row.area_code, '')}"
        found[row.resident_id] = (*found.get(row.resident_id, ()), text)
    return found


def _row_place(doubt: Doubtful) -> tuple[str, ...]:
    return (place_names([doubt.area_code]).get(doubt.area_code) or doubt.area_code,) if doubt.area_code else ()


def _said(declaration: ListDeclaration, data: dict[str, Any], in_full: bool) -> tuple[tuple[Label, str], ...]:
    facts = vocabulary(settings.LINLI_CITY)
    found = []
    for fact, value in data.items():
        label, text = person_page.said_words(facts.get(fact), fact, value)
        column = next((one.name for one in declaration.fact_columns if one.fact == fact), "")
        found.append((label, words(text) if in_full or not masking.is_hidden(declaration, column) else "•••"))
    return tuple(found)


def following(viewer: Viewer, doubt: Doubtful) -> Doubtful | None:
    """The next open doubt of the same delivery, or the first that is left. At most four queries."""
    left = of_delivery(viewer, doubt.list_import.uid)
    return left.filter(row__gt=doubt.row).first() or left.first()


def questions(viewer: Viewer, uid: UUID) -> exports.Sheet:
    """The rows that the department was asked about: where they stand in its file and what is unclear. Nobody's name or number."""
    rows = of_delivery(viewer, uid).filter(question__isnull=False)
    headers = (_("行"), _("问题"), _("请核实"), _("提出日期"))
    asked = ((one.row, str(REASONS[one.reason]), _("核对号码、姓名和地区"), clock.day_of(one.question.asked_at)) for one in rows)
    return exports.Sheet(_("请部门核实"), headers, asked)
