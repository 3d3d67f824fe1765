"""The officers' inbox: tasks of cases, deliveries with doubtful rows, programmes whose owner has to confirm the reading; by deadline.

One list in one order: due time, then source, then id. Tasks are paged in the database; the other two are few and put between them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from heapq import nsmallest
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q, Value

from linli.casework.contesting import not_for
from linli.casework.desks import departments_of, workable
from linli.casework.kinds import APPLICATION, DOUBTFUL, FACT_DISPUTE, LEVELS, QUESTION, desk_level
from linli.casework.kinds import KINDS as CASE_KINDS
from linli.casework.models import Case, Task
from linli.casework.queries import Due, department_label, due, due_of_doubts, fact_label, matter_label
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.catalogue import survey
from linli.programmes.drafting import label_of
from linli.programmes.models import ProgrammeVersion, ReadingConfirmation
from linli.programmes.queries import to_publish
from linli.registers.imports import waiting
from linli.registers.lists import load_lists
from linli.registers.models import DoubtQuestion, Resident
from linli.rules.declare import Label

PAGE = 50
MOST = 1_000
"""What is counted of a colour; a page says that there are more."""
DRAFT = "draft"
ACCEPTING = "accept"
"""Where an application is before its first step."""
KINDS = (*CASE_KINDS, DOUBTFUL, QUESTION, DRAFT)
COLOURS = ("red", "yellow", "green")
_SOURCES = {"task": 0, DOUBTFUL: 1, DRAFT: 2, QUESTION: 3}
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
Key = tuple[datetime, int, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """How the list is narrowed; every part may be empty. level: the desk where tasks lie; mine: only what the viewer has taken.

    programme: slug; step: an id of its steps, or ACCEPTING for what is not accepted yet. Both are of cases that go through steps.
    """

    kind: str = ""
    colour: str = ""
    level: str = ""
    mine: bool = False
    programme: str = ""
    step: str = ""

    @property
    def of_cases(self) -> bool:
        """Whether it leaves nothing but cases: deliveries and drafts lie on no desk, nobody takes them, and they go through no steps."""
        return bool(self.level or self.mine or self.programme or self.step)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do. case, person, level, holder: of a task; list_slug, delivery, number: of doubtful rows; programme: of a version in
    the files that waits; draft: one that was handed in for publishing.

    what: the fact, the list or the programme in words. due None: nothing promises a day for it.
    """

    key: Key
    kind: str
    what: Label
    due: Due | None
    case: UUID | None = None
    person: str = ""
    receipt: str = ""
    level: str = ""
    escalated: int = 0
    holder: str = ""
    department: Label | None = None
    delivery: UUID | None = None
    list_slug: str = ""
    number: int = 0
    programme: str = ""
    draft: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the inbox. after: hand it back for the next page, "" at the end; counts: all open tasks by colour, up to MOST."""

    items: tuple[Item, ...]
    after: str
    counts: dict[str, int]


def inbox(viewer: Viewer, choice: Choice | None = None, *, after: str = "", limit: int = PAGE) -> Page:
    """What waits for the viewer, most urgent first. At most fourteen queries, whatever the number of things; twelve on a page, where the
    department is read once."""
    wanted = choice or Choice()
    start = _cursor(after)
    tasks = list(_tasks(viewer, wanted, start)[: limit + 1])
    doubts = _doubtful(viewer)
    few = nsmallest(limit + 1, (one for one in _chosen(doubts, wanted) if one.key > start), key=_key)
    drafts = [one for one in _drafts(viewer, wanted) if one.key > start]
    items = sorted([*_items(tasks), *(one.item() for one in few), *drafts], key=_key)
    shown = tuple(items[:limit])
    more = len(items) > limit
    return Page(shown, _text(shown[-1].key) if more else "", _counts(viewer, doubts))


def following(viewer: Viewer, choice: Choice, task: Task) -> UUID | None:
    """The case that comes after a task in the inbox narrowed like that, passing over what colleagues have taken; the most urgent one
    where none comes after. At most two queries.
    """
    free = Q(taken_by__in=("", viewer.actor))
    for start in ((task.due_at, _SOURCES["task"], f"{task.pk:019d}"), _BEGINNING):
        found = _tasks(viewer, choice, start).filter(free).exclude(pk=task.pk).first()
        if found is not None:
            return UUID(str(found.case.uid))
    return None


def _tasks(viewer: Viewer, choice: Choice, start: Key) -> Any:
    rows = (
        workable(viewer)
        .filter(_after(start), done_at__isnull=True)
        .exclude(pk__in=not_for(viewer).values("pk"))
        .select_related("case")
        .order_by("due_at", "id")
    )
    if choice.kind:
        rows = rows.filter(case__kind=choice.kind)
    if choice.colour:
        rows = rows.filter(_coloured()[choice.colour])
    if choice.level in LEVELS:
        rows = rows.filter(desk_code__regex=rf"^.{{{LEVELS[choice.level]}}}$")
    if choice.mine:
        rows = rows.filter(taken_by=viewer.actor)
    if choice.programme:
        rows = rows.filter(case__programme=choice.programme)
    if choice.step:
        rows = rows.filter(case__kind=APPLICATION.slug, **_step(choice.step))
    return rows


def _step(step: str) -> dict[str, Any]:
    return {"case__step__isnull": True} if step == ACCEPTING else {"case__step": step}


def _after(start: Key) -> Q:
    at, source, key = start
    later = Q(due_at__gt=at)
    return later | Q(due_at=at, id__gt=int(key)) if source == _SOURCES["task"] and key else later


def _coloured() -> dict[str, Q]:
    now = clock.now()
    return {"red": Q(due_at__lt=now), "yellow": Q(due_at__gte=now, warn_at__lt=now), "green": Q(due_at__gte=now, warn_at__gte=now)}


def _key(one: Item | _Waiting) -> Key:
    return one.key


def _counts(viewer: Viewer, doubts: list[_Waiting]) -> dict[str, int]:
    """How many things of each colour wait, MOST where there are more: exactly what the list shows that is narrowed to the colour. A city
    with a hundred thousand open cases reads no more of them than that."""
    waiting = workable(viewer).filter(done_at__isnull=True).exclude(pk__in=not_for(viewer).values("pk"))
    first, *others = [waiting.filter(q).order_by().values_list(Value(colour))[:MOST] for colour, q in _coloured().items()]
    tasks = Counter(colour for (colour,) in first.union(*others, all=True))
    return {colour: min(MOST, tasks[colour] + len(_chosen(doubts, Choice(colour=colour)))) for colour in COLOURS}


def _items(tasks: list[Task]) -> list[Item]:
    names = dict(Resident.objects.filter(uid__in={task.case.subject_uid for task in tasks}).values_list("uid", "name")) if tasks else {}
    labels: dict[tuple[str | None, ...], Label] = {}
    return [_item(task, names.get(task.case.subject_uid, ""), _what(task.case, labels)) for task in tasks]


def _what(case: Case, known: dict[tuple[str | None, ...], Label]) -> Label:
    """What a case is about, of those alike once a page: each look for it goes over the city's files."""
    key = (case.kind, case.fact, case.programme, case.programme_version, case.step)
    if key not in known:
        known[key] = fact_label(case.fact) if case.kind == FACT_DISPUTE.slug else matter_label(case)
    return known[key]


def _item(task: Task, person: str, what: Label) -> Item:
    case = task.case
    dispute = case.kind == FACT_DISPUTE.slug
    return Item(
        (task.due_at, _SOURCES["task"], f"{task.pk:019d}"),
        case.kind,
        what,
        due(task.due_at, task.warn_at),
        case=case.uid,
        person=person,
        receipt=case.receipt,
        level=desk_level(task.desk_code),
        escalated=task.level,
        holder=task.taken_by,
        department=department_label(case) if dispute else None,
    )


class _Waiting(NamedTuple):
    """A delivery with rows that wait: of a city's thousand only what their place in the list and the counts by colour need."""

    key: Key
    kind: str
    due: Due
    list_slug: str
    delivery: UUID
    number: int

    def item(self) -> Item:
        """As the list shows it."""
        declared = load_lists(Path(settings.LINLI_CITY)).get(self.list_slug)
        what = Label(declared.zh, declared.en) if declared else Label(self.list_slug, self.list_slug)
        return Item(self.key, self.kind, what, self.due, delivery=self.delivery, list_slug=self.list_slug, number=self.number)


def _chosen(doubts: list[_Waiting], choice: Choice) -> list[_Waiting]:
    """Of the deliveries, those that the list is narrowed to."""
    if choice.of_cases:
        return []
    wanted = [one for one in doubts if choice.kind in ("", one.kind)]
    return [one for one in wanted if not choice.colour or one.due.colour == choice.colour]


_APPLIED = """
    SELECT id, uid, list_slug, (applied_at AT TIME ZONE 'Asia/Shanghai')::date FROM registers_listimport WHERE id = ANY(%s::bigint[])
"""


def _doubtful(viewer: Viewer) -> list[_Waiting]:
    """One for each delivery with rows that wait for a human, due in the promised days after it was applied, and one for those of them
    about which its department was asked, due in the promised days after the first question. At most four queries; the waiting rows, of
    which a city has tens of thousands, are counted from an index.
    """
    lists, own = load_lists(Path(settings.LINLI_CITY)), departments_of(viewer)
    rows = waiting(viewer).order_by()
    counted = dict(rows.values_list("list_import").annotate(number=Count("*")))
    if not counted:
        return []
    questions = DoubtQuestion.objects.filter(doubtful__in=rows).values_list("doubtful__list_import")
    asked = {key: (number, first) for key, number, first in questions.annotate(number=Count("id"), first=Min("asked_at"))}
    with connection.cursor() as cursor:
        cursor.execute(_APPLIED, [list(counted)])
        deliveries = cursor.fetchall()
    due_since = cache(due_of_doubts)  # a thousand deliveries began on a few days
    found = []
    for pk, uid, slug, applied in deliveries:
        if own is None or (slug in lists and lists[slug].owner_zh in own):
            found.append(_delivery(DOUBTFUL, due_since(applied), slug, uid, counted[pk]))
            if pk in asked:
                number, first = asked[pk]
                found.append(_delivery(QUESTION, due_since(clock.day_of(first)), slug, uid, number))
    return found


def _delivery(kind: str, lasting: Due, slug: str, uid: UUID, number: int) -> _Waiting:
    return _Waiting((lasting.at, _SOURCES[kind], str(uid)), kind, lasting, slug, uid, number)


def _drafts(viewer: Viewer, choice: Choice) -> list[Item]:
    """Drafts that colleagues handed in, and versions of files that are neither published nor confirmed in their present words. At most
    three queries.
    """
    if choice.kind not in ("", DRAFT) or choice.colour or choice.of_cases:
        return []
    return [*_handed_in(viewer), *_in_files(viewer)]


def _handed_in(viewer: Viewer) -> list[Item]:
    return [
        Item((_NEVER, _SOURCES[DRAFT], f"{row.slug} {row.uid}"), DRAFT, label_of(row), None, programme=row.slug, draft=row.uid)
        for row in to_publish(viewer)
    ]


def _in_files(viewer: Viewer) -> list[Item]:
    versions = [one for several in survey(settings.LINLI_CITY).catalogue.versions.values() for one in several]
    mine = [one for one in versions if viewer.may("officer", programme=one.slug)]
    if not mine:
        return []
    published = set(ProgrammeVersion.objects.values_list("slug", "version"))
    confirmed = set(ReadingConfirmation.objects.values_list("slug", "version", "words_digest"))
    waiting = [one for one in mine if (one.slug, one.version) not in published]
    return [
        Item((_NEVER, _SOURCES[DRAFT], f"{one.slug} {one.version}"), DRAFT, one.label, None, programme=one.slug)
        for one in waiting
        if (one.slug, one.version, one.words_digest()) not in confirmed
    ]


def _text(key: Key) -> str:
    at, source, name = key
    return f"{at.timestamp():.6f}~{source}~{name}"


def _cursor(text: str) -> Key:
    """Where a page starts; from the beginning for anything that is no cursor."""
    at, _, rest = text.partition("~")
    source, _, name = rest.partition("~")
    try:
        moment = datetime.fromtimestamp(float(at), UTC)
        return (moment, int(source), name) if source != str(_SOURCES["task"]) or name.isdecimal() else _BEGINNING
    except (ValueError, OverflowError, OSError):
        return _BEGINNING


_BEGINNING: Key = (datetime(1, 1, 1, tzinfo=UTC), -1, "")
