"""The officers' list of programmes by department, and of each: its versions, by whom, when it was screened and when it is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from linli.kernel.clock import today
from linli.kernel.viewer import Viewer
from linli.notices.manners import manners
from linli.programmes import Programme, queries
from linli.programmes.catalogue import survey
from linli.programmes.declaration import applying
from linli.programmes.drafting import entry_of, label_of
from linli.programmes.models import Draft, ProgrammeVersion
from linli.programmes.procedure.declaration import STARTS
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.rules.source import Entry
from linli.screening import asking
from linli.screening.models import Asked
from linli.screening.queries import latest_runs, readable_programmes
from linli.web.frame import city
from linli.web.programme import shelf
from linli.web.programme.findings import NamedRun, named_runs
from linli.web.programme.programme_page import period_words
from linli.web.templatetags.texts import chinese, count, listed, moment, words
from linli.web.templatetags.texts import day as day_words


@dataclass(frozen=True, slots=True)
class Promise:
    """A programme as a row: the version in force or None, the next one or None, its open draft, versions waiting in files, what is open."""

    slug: str
    label: Label
    live: Programme | None
    coming: Programme | None
    draft: Draft | None
    waiting: int
    open: int


@dataclass(frozen=True, slots=True)
class Department:
    """A department with its programmes."""

    label: Label
    promises: tuple[Promise, ...]


def departments(viewer: Viewer) -> list[Department]:
    """Every programme that the viewer reads somewhere, by the department that owns it. At most three queries."""
    published: dict[str, list[Programme]] = {}
    for one in shelf.published():
        published.setdefault(one.slug, []).append(one)
    drafts = {row.slug: row for row in queries.open_drafts(viewer)}
    files = survey(settings.LINLI_CITY).catalogue.versions
    slugs = readable_programmes(viewer, sorted({*published, *drafts, *files}))
    bodies, found = city.city().bodies, dict[str, list[Promise]]()
    for slug in slugs:
        known = [*published.get(slug, ()), *files.get(slug, ())]
        body = known[-1].item.body if known else _body_in(drafts.get(slug))
        found.setdefault(body, []).append(_promise(slug, published.get(slug, []), list(files.get(slug, ())), drafts.get(slug)))
    order = [*bodies, ""]
    keys = sorted(found, key=lambda key: order.index(key) if key in order else len(order))
    return [Department(bodies.get(key, Label("其他", "Others")), tuple(found[key])) for key in keys]


def _promise(slug: str, published: list[Programme], files: list[Programme], draft: Draft | None) -> Promise:
    day = today()
    live = applying(published, day)
    coming = next((one for one in published if one.effective_from > day), None)
    waiting = unpublished(published, files)
    shown = live or coming or next(reversed(published or files), None)
    label = shown.label if shown else label_of(draft) if draft else Label(slug, slug)
    return Promise(slug, label, live, coming, draft, len(waiting), len(shown.open_fields) if shown else 0)


def _body_in(draft: Draft | None) -> str:
    """The department that a programme's first draft names, "" where it can't be read."""
    found: Entry | None = entry_of(draft.text) if draft is not None else None
    for key in ("item", "body"):
        found = found.get(key) if found is not None and isinstance(found.value, dict) else None
    return str(found.value) if found is not None else ""


def unpublished(published: Iterable[Programme], files: Iterable[Programme]) -> list[Programme]:
    """Versions that the city's files have and that were never published."""
    taken = {one.version for one in published}
    return [one for one in files if one.version not in taken]


@dataclass(frozen=True, slots=True)
class Version:
    """A published version. previous: the name of the one before it, "" for the first; confirmed: the office that stands by its reading."""

    programme: Programme
    state: str
    period: str
    published_at: datetime
    published_by: str
    authors: str
    previous: str
    confirmed: str


def versions(slug: str) -> list[Version]:
    """Every published version of a programme, newest first, with who wrote and published it. Three queries."""
    rows = {row.version: row for row in ProgrammeVersion.objects.filter(slug=slug).prefetch_related("drafts")}
    dated = shelf.dated([queries.programme_of(row) for row in sorted(rows.values(), key=_first_day)], today())
    authors = {name: [actor for draft in row.drafts.all() for actor in draft.authors] for name, row in rows.items()}
    names = names_of({row.published_by for row in rows.values()} | {actor for each in authors.values() for actor in each})
    found, previous = [], ""
    for one in dated:
        row = rows[one.programme.version]
        wrote = "、".join(names.get(actor, _("系统")) for actor in authors[row.version])
        by = names.get(row.published_by, _("系统"))
        found.append(Version(one.programme, one.state, period_words(one), row.published_at, by, wrote, previous, row.confirmed_by))
        previous = row.version
    return found[::-1]


def _first_day(row: ProgrammeVersion) -> date:
    return row.effective_from


@dataclass(frozen=True, slots=True)
class Screened:
    """When a programme was last screened, what was found in the viewer's areas, and what comes next.

    asked: the last request for a screening now, shown while it waits, runs or has failed; at: the step that it is at, of steps; then:
    what happens next, in words; may_ask: whether the viewer may have it screened now.
    """

    last: NamedRun | None
    asked: Asked | None
    at: int
    then: tuple[str, ...]
    may_ask: bool

    @property
    def steps(self) -> int:
        """How many steps a screening has."""
        return len(asking.STEPS)

    @property
    def under_way(self) -> bool:
        """Whether a screening that somebody asked for waits or runs."""
        return self.asked is not None and self.asked.state in Asked.OPEN

    @property
    def error(self) -> str:
        """Why a screening that somebody asked for came to nothing; "" where the worker broke off."""
        return "" if self.asked is None else self.asked.error_zh if chinese() else self.asked.error_en

    @property
    def step(self) -> str:
        """What the worker is doing."""
        return [_("排队等待"), _("准备数据"), _("逐人核对条件"), _("记下结果")][self.at]


def screened(viewer: Viewer, slug: str, published: Iterable[Programme]) -> Screened:
    """Of a programme with these published versions. At most eight queries."""
    versions = sorted(published, key=lambda one: one.effective_from)
    whole = queries.may_read_drafts(viewer, slug)
    asked = asking.last_asked(viewer, slug) if whole else None
    last = next(iter(named_runs(viewer, latest_runs(viewer, slug))), None)
    live = applying(versions, today())
    if asked is not None and (asked.state == "finished" or (asked.state == "failed" and last and last.run.started_at > asked.asked_at)):
        asked = None
    at = asking.STEPS.index(asked.step) + 1 if asked is not None and asked.step else 0
    may = viewer.may("officer", programme=slug) and live is not None and live.invites
    return Screened(last, asked, at, tuple(_then(versions, live)), may)


def _then(versions: list[Programme], live: Programme | None) -> Iterable[str]:
    """What happens next, sentence by sentence: the screening, the letters, the applications."""
    night = asking.next_by_itself(versions)
    coming = live or next((one for one in versions if one.effective_from > today()), None)
    if coming is None:
        yield _("各个版本的适用期都已结束，不再匹配，也不再受理。")
        return
    if live is None:
        yield _("自 %(day)s 起适用，之前不匹配，也不受理。") % {"day": day_words(coming.effective_from)}
    if night is None:
        yield _("这项政策不主动找人，系统不作匹配。")
    else:
        yield _("系统在 %(moment)s 自动匹配，把每个人核对一遍，以后每天夜里一次。") % {"moment": moment(night)}
        told = {"number": count(manners().hold_above)}
        yield _("新找到的人会收到通知；一次多于 %(number)s 人的，通知先在“通知”里等经办人放行。") % told
    starts = [words(STARTS[one]) for one in coming.procedure.start] if coming.procedure is not None else []
    if starts:
        yield _("申请这样开始：%(ways)s。收到的申请在“待办”里，按办理步骤办。") % {"ways": listed(starts)}
