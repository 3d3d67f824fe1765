"""The officers' inbox: tasks of cases, deliveries with doubtful rows, programmes whose owner has to confirm the reading; by deadline.

One list in one order: due time, then source, then id. Tasks are paged in the database; the other two are few and put between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from linli.casework.contesting import not_for
from linli.casework.deliveries import Deliveries, Delivery
from linli.casework.desks import Reach, reach_of
from linli.casework.kinds import APPLICATION, DOUBTFUL, FACT_DISPUTE, LEVELS, QUESTION, desk_level
from linli.casework.kinds import KINDS as CASE_KINDS
from linli.casework.models import Case, Task
from linli.casework.queries import Due, department_label, due, fact_label, matter_label
from linli.kernel import clock
from linli.kernel.compiled import Fixed, compiled
from linli.kernel.viewer import Viewer
from linli.programmes.catalogue import survey
from linli.programmes.drafting import label_of
from linli.programmes.models import ProgrammeVersion, ReadingConfirmation
from linli.programmes.queries import to_publish
from linli.registers.lists import ListDeclaration, load_lists
from linli.registers.models import Resident
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
    """What waits for the viewer, most urgent first. At most thirteen queries, whatever the number of things; eleven on a page, where the
    department is read once."""
    wanted = choice or Choice()
    start = _cursor(after)
    mine = _Mine.of(viewer)
    deliveries = Deliveries(viewer)
    few = [] if wanted.of_cases else deliveries.urgent(start[0], limit + 1, kind=wanted.kind, colour=wanted.colour)
    lists = load_lists(Path(settings.LINLI_CITY))
    others = [one for one in [*(_of_delivery(one, lists) for one in few), *_drafts(viewer, wanted)] if one.key > start]
    tasks = _tasks(viewer, mine, wanted, start, limit + 1)
    items = sorted([*_items(tasks), *others], key=_key)
    shown = tuple(items[:limit])
    more = len(items) > limit
    return Page(shown, _text(shown[-1].key) if more else "", _counts(mine, deliveries))


def following(viewer: Viewer, choice: Choice, task: Task) -> UUID | None:
    """The case that comes after a task in the inbox narrowed like that, passing over what colleagues have taken; the most urgent one
    where none comes after. At most two queries.
    """
    mine = _Mine.of(viewer)
    for start in ((task.due_at, _SOURCES["task"], f"{task.pk:019d}"), _BEGINNING):
        found = next((one for one in _tasks(viewer, mine, choice, start, 2, free=True) if one.pk != task.pk), None)
        if found is not None:
            return UUID(str(found.case.uid))
    return None


@dataclass(frozen=True, slots=True)
class _Mine:
    """The open tasks that are somebody's; without those on contested decisions that they never answer, of which there are few, and which
    are therefore looked up before."""

    reach: Reach
    barred: tuple[int, ...]

    @classmethod
    def of(cls, viewer: Viewer) -> _Mine:
        """The viewer's. Two queries at most."""
        return cls(reach_of(viewer), tuple(sorted(not_for(viewer))))

    def tasks(self) -> QuerySet[Task]:
        """As a query that nothing has narrowed."""
        rows = Task.objects.filter(self.reach.query, done_at__isnull=True)
        return rows.exclude(pk__in=self.barred) if self.barred else rows


@compiled
def _red(mine: Fixed[_Mine], now: datetime) -> QuerySet[Task, int]:
    return mine.value.tasks().filter(due_at__lt=now).order_by().values_list("pk", flat=True)[:MOST]


@compiled
def _yellow(mine: Fixed[_Mine], now: datetime) -> QuerySet[Task, int]:
    return mine.value.tasks().filter(due_at__gte=now, warn_at__lt=now).order_by().values_list("pk", flat=True)[:MOST]


@compiled
def _green(mine: Fixed[_Mine], now: datetime) -> QuerySet[Task, int]:
    return mine.value.tasks().filter(due_at__gte=now, warn_at__gte=now).order_by().values_list("pk", flat=True)[:MOST]


def _tasks(viewer: Viewer, mine: _Mine, choice: Choice, start: Key, limit: int, *, free: bool = False) -> list[Task]:
    """free: without what colleagues have taken. One query, none where nothing can be the viewer's."""
    at, source, key = start
    same = int(key) if source == _SOURCES["task"] and key else None
    now = clock.now() if choice.colour else None
    return [] if mine.reach.nothing else _from(Fixed(mine), Fixed(choice), Fixed(viewer.actor), free, at, same, now, Fixed(limit))


@compiled
def _from(
    mine: Fixed[_Mine],
    choice: Fixed[Choice],
    actor: Fixed[str],
    free: bool,
    at: datetime,
    same: int | None,
    now: datetime | None,
    limit: Fixed[int],
) -> QuerySet[Task]:
    later = Q(due_at__gt=at) if same is None else Q(due_at__gt=at) | Q(due_at=at, id__gt=same)
    rows = mine.value.tasks().filter(later, _narrowing(choice.value, actor.value))
    if now is not None:
        rows = rows.filter(_coloured(now)[choice.value.colour])
    if free:
        rows = rows.filter(taken_by__in=("", actor.value))
    return rows.select_related("case").order_by("due_at", "id")[: limit.value]


def _narrowing(choice: Choice, actor: str) -> Q:
    """All but the colour, which is of a moment."""
    found = Q(case__kind=choice.kind) if choice.kind else Q()
    if choice.level in LEVELS:
        found &= Q(desk_code__regex=rf"^.{{{LEVELS[choice.level]}}}$")
    if choice.mine:
        found &= Q(taken_by=actor)
    if choice.programme:
        found &= Q(case__programme=choice.programme)
    if choice.step:
        found &= Q(case__kind=APPLICATION.slug, **_step(choice.step))
    return found


def _step(step: str) -> dict[str, Any]:
    return {"case__step__isnull": True} if step == ACCEPTING else {"case__step": step}


def _coloured(now: datetime) -> dict[str, Q]:
    return {"red": Q(due_at__lt=now), "yellow": Q(due_at__gte=now, warn_at__lt=now), "green": Q(due_at__gte=now, warn_at__gte=now)}


def _key(one: Item) -> Key:
    return one.key


def _counts(mine: _Mine, deliveries: Deliveries) -> dict[str, int]:
    """How many things of each colour wait, MOST where there are more: exactly what the list shows that is narrowed to the colour. A city
    with a hundred thousand open cases reads no more of them than that. One query."""
    if mine.reach.nothing:
        return {colour: min(MOST, deliveries.count(colour)) for colour in COLOURS}
    parts = [one.sql(Fixed(mine), clock.now()) for one in (_red, _yellow, _green)]
    counts = ", ".join(f"(SELECT count(*) FROM ({sql}) {colour})" for colour, (sql, _) in zip(COLOURS, parts, strict=True))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for _, values in parts for value in values])
        tasks = dict(zip(COLOURS, cursor.fetchone(), strict=True))
    return {colour: min(MOST, tasks[colour] + deliveries.count(colour)) for colour in COLOURS}


def _items(tasks: list[Task]) -> list[Item]:
    names = names_of_people({task.case.subject_uid for task in tasks})
    labels: dict[tuple[str | None, ...], Label] = {}
    return [_item(task, names.get(task.case.subject_uid, ""), _what(task.case, labels)) for task in tasks]


def names_of_people(uids: set[UUID]) -> dict[UUID, str]:
    """Whom cases are about; without those whose data are erased. One query, none for nobody."""
    return dict(_names(tuple(uids))) if uids else {}


@compiled
def _names(uids: tuple[UUID, ...]) -> QuerySet[Resident, tuple[UUID, str]]:
    return Resident.objects.filter(uid__in=uids).values_list("uid", "name")


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


def _of_delivery(one: Delivery, lists: Mapping[str, ListDeclaration]) -> Item:
    """A delivery as the list shows it."""
    declared = lists.get(one.list_slug)
    what = Label(declared.zh, declared.en) if declared else Label(one.list_slug, one.list_slug)
    key = (one.due.at, _SOURCES[one.kind], str(one.uid))
    return Item(key, one.kind, what, one.due, delivery=one.uid, list_slug=one.list_slug, number=one.number)


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
    published, confirmed = set(_published()), set(_confirmed())
    waiting = [one for one in mine if (one.slug, one.version) not in published]
    return [
        Item((_NEVER, _SOURCES[DRAFT], f"{one.slug} {one.version}"), DRAFT, one.label, None, programme=one.slug)
        for one in waiting
        if (one.slug, one.version, one.words_digest()) not in confirmed
    ]


@compiled
def _published() -> QuerySet[ProgrammeVersion, tuple[str, str]]:
    return ProgrammeVersion.objects.values_list("slug", "version")


@compiled
def _confirmed() -> QuerySet[ReadingConfirmation, tuple[str, str, str]]:
    return ReadingConfirmation.objects.values_list("slug", "version", "words_digest")


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
