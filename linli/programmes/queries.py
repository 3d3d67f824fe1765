"""Reads of published programmes. They are public, so no viewer is asked for."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from linli.kernel.digests import algorithm_of, default_algorithm
from linli.programmes.declaration import Programme
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion, ReadingConfirmation
from linli.registers import prepared

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
    return parse_programme(source.encode(), json.loads(facts), file=name)


def confirmation(programme: Programme) -> ReadingConfirmation | None:
    """The owner's confirmation of exactly these words, or None, whichever digest algorithm was in use then. One query."""
    rows = ReadingConfirmation.objects.filter(slug=programme.slug, version=programme.version).order_by("-confirmed_at")
    return next((row for row in rows if row.words_digest == programme.words_digest(algorithm_of(row.words_digest))), None)
