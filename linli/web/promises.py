"""The officers' list of programmes by department, and what is known of each version: in force since when, published by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from linli.kernel.clock import today
from linli.kernel.viewer import Viewer
from linli.programmes import Programme, queries
from linli.programmes.catalogue import survey
from linli.programmes.declaration import applying
from linli.programmes.models import Draft, ProgrammeVersion
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.screening.queries import readable_programmes
from linli.web import city, shelf
from linli.web.programme_page import period_words


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
        body = known[-1].item.body if known else ""
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
    label = shown.label if shown else Label(slug, slug)
    return Promise(slug, label, live, coming, draft, len(waiting), len(shown.open_fields) if shown else 0)


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
