"""Reads of programmes. What is published is public, so no viewer is asked for; drafts are for officers and auditors of the programme."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from linli.kernel.compiled import compiled
from linli.kernel.digests import algorithm_of, default_algorithm
from linli.kernel.errors import Refused
from linli.kernel.looks import once
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.drafting import EXAMPLES, entry_of
from linli.programmes.files import parse_programme
from linli.programmes.models import Draft, ProgrammeVersion, ReadingConfirmation
from linli.programmes.naming import PUBLISHED
from linli.registers import prepared
from linli.registers.snapshot import may_be_asked

_LATEST = """
    SELECT uid, effective_to FROM programmes_programmeversion
    WHERE slug = %(slug)s AND effective_from <= %(on)s::date
        AND (%(known_at)s::timestamptz IS NULL OR published_at <= %(known_at)s::timestamptz)
    ORDER BY effective_from DESC
    LIMIT 1
"""


def versions(slug: str) -> list[ProgrammeVersion]:
    """The published versions of a programme in order of their first day. One query."""
    return list(ProgrammeVersion.objects.filter(slug=slug).order_by("effective_from"))


def live_version(slug: str, on: date, known_at: datetime | None = None) -> ProgrammeVersion | None:
    """The published version that applies on a day, or None. One query. The row is shared by all callers: nobody may change it.

    known_at: as it was known then: versions published later are left out. A version with an open end ends where the next begins.
    """
    for row in prepared.rows(_LATEST, {"slug": slug, "on": on, "known_at": known_at}):
        if row["effective_to"] is None or on <= row["effective_to"]:
            return _published(row["uid"])
    return None


@lru_cache(maxsize=256)
def _published(uid: UUID) -> ProgrammeVersion:
    """A version once published never changes (sql/immutable.sql), so it is read once per process."""
    return ProgrammeVersion.objects.get(uid=uid)


def pinned(slug: str, version: str) -> Programme:
    """The programme as published under that version, whatever has been published since. One query, within one_look() the first time only.

    Raises ProgrammeVersion.DoesNotExist.
    """
    return once(("pinned", slug, version), lambda: _pinned(slug, version))


def _pinned(slug: str, version: str) -> Programme:
    uid = _named.first(slug, version)
    if uid is None:
        raise ProgrammeVersion.DoesNotExist(f"{slug}/{version}")
    return _as_published(uid, default_algorithm())


@compiled
def _named(slug: str, version: str) -> QuerySet[ProgrammeVersion, UUID]:
    return ProgrammeVersion.objects.filter(slug=slug, version=version).values_list("uid", flat=True)


@lru_cache(maxsize=256)
def _as_published(uid: UUID, _algorithm: str) -> Programme:
    return programme_of(_published(uid))


def live_versions(on: date, known_at: datetime | None = None) -> list[ProgrammeVersion]:
    """The version of every programme that applies on a day, by slug. One query."""
    begun = ProgrammeVersion.objects.filter(effective_from__lte=on)
    if known_at is not None:
        begun = begun.filter(published_at__lte=known_at)
    latest = begun.order_by("slug", "-effective_from").distinct("slug")
    return [row for row in latest if row.effective_to is None or on <= row.effective_to]


def programme_of(row: ProgrammeVersion) -> Programme:
    """The programme as published, from the row alone: its own text and the declarations of its facts. Parsed once per process."""
    facts = json.dumps(row.facts, sort_keys=True)
    return _parsed(row.source, facts, f"{row.slug}/{row.version} (published)", default_algorithm())


@lru_cache(maxsize=256)
def _parsed(source: str, facts: str, name: str, _algorithm: str) -> Programme:
    found = parse_programme(source.encode(), json.loads(facts), file=name)
    may_be_asked(found.rule.holdings_used)
    PUBLISHED[found.slug] = found.label
    return found


def confirmation(programme: Programme) -> ReadingConfirmation | None:
    """The owner's confirmation of exactly these words, or None, whichever digest algorithm was in use then. One query."""
    rows = ReadingConfirmation.objects.filter(slug=programme.slug, version=programme.version).order_by("-confirmed_at")
    return next((row for row in rows if row.words_digest == programme.words_digest(algorithm_of(row.words_digest))), None)


READERS = ("officer", "auditor")


def published_programmes(slug: str) -> list[Programme]:
    """Every published version of a programme, as published, in order of their first day. One query."""
    return [programme_of(row) for row in versions(slug)]


def may_read_drafts(viewer: Viewer, slug: str) -> bool:
    """Whether the viewer is an officer or auditor of the programme for the whole city."""
    return any(viewer.may(role, programme=slug) for role in READERS)


def draft(viewer: Viewer, uid: UUID) -> Draft:
    """One draft. Draft.DoesNotExist where there is none, Refused without a grant for its programme. One query."""
    row = Draft.objects.get(uid=uid)
    if not may_read_drafts(viewer, row.slug):
        raise Refused("viewer.not_granted", zh="您没有这项政策的权限", en="You have no grant for this programme.", found=row.slug)
    return row


def open_draft(slug: str) -> Draft | None:
    """The draft of a programme that is being written or waits to be published, or None. One query."""
    return Draft.objects.filter(slug=slug, state__in=Draft.OPEN).first()


def open_drafts(viewer: Viewer) -> list[Draft]:
    """Every open draft that the viewer may read, by slug. One query."""
    return [row for row in Draft.objects.filter(state__in=Draft.OPEN).order_by("slug") if may_read_drafts(viewer, row.slug)]


def base_of(draft: Draft, published: Sequence[Programme]) -> Programme | None:
    """The published version that a draft would take the place of: the last one that begins before it, else the first there is.

    Not the one it was begun from: beside an old version a reader would not see what changes for people. published: in order of their
    first day. While the draft's own first day can't be read, it is the newest.
    """
    own = entry_of(draft.text)
    first, name = (own.get(key) if own is not None else None for key in ("effective_from", "version"))
    others = [one for one in published if name is None or one.version != name.value]
    day = first.value if first is not None and isinstance(first.value, date) else date.max
    return next((one for one in reversed(others) if one.effective_from <= day), next(iter(others), None))


def examples_for(version: ProgrammeVersion | None, slug: str, city: Path) -> str:
    """The examples a new draft begins with: of the draft that became the version, else of the city's folder, else none. One query."""
    before = version.drafts.order_by("-id").first() if version is not None else None
    if before is not None and before.examples:
        return before.examples
    file = city / "programmes" / slug / EXAMPLES
    return file.read_text("utf-8") if file.is_file() else f"programme: {slug}\nexamples: []\n"


def to_publish(viewer: Viewer) -> list[Draft]:
    """Drafts that were handed in and that the viewer may publish: of their programmes, and none of it theirs. One query."""
    return [row for row in _submitted() if viewer.may("officer", programme=row.slug) and viewer.actor not in row.authors]


@compiled
def _submitted() -> QuerySet[Draft]:
    return Draft.objects.filter(state="submitted").order_by("saved_at", "id")
