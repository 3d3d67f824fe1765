"""Every version as it was published, from the files or from a draft written in the office; the files alone don't know the latter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from linli.kernel.compiled import compiled
from linli.kernel.looks import once
from linli.programmes.catalogue import survey
from linli.programmes.declaration import Programme
from linli.programmes.files import parse_programme
from linli.programmes.models import ProgrammeVersion


def published() -> list[Programme]:
    """Every published version as it was published, whatever became of its file since; oldest first.

    One query, one more for new ones; within one_look() only the first time.
    """
    return list(once("published", _published))


def _published() -> list[Programme]:
    digests = _digests()
    unread = [digest for digest in digests if digest not in _read]
    for row in ProgrammeVersion.objects.filter(digest__in=unread) if unread else ():
        _read[row.digest] = parse_programme(row.source.encode(), row.facts, file=f"{row.slug} {row.version}")
    return [_read[digest] for digest in digests]


@compiled
def _digests() -> QuerySet[ProgrammeVersion, str]:
    return ProgrammeVersion.objects.order_by("slug", "effective_from").values_list("digest", flat=True)


_read: dict[str, Programme] = {}  # by digest: a published version never changes


def named(slug: str, version: str) -> Programme | None:
    """The version that goes by this name, in the files or published from the office; another one of the programme where it is in neither.

    No query where the files have the version, else those of published().
    """
    files = survey(Path(settings.LINLI_CITY)).catalogue.versions.get(slug, ())
    found = next((one for one in files if one.version == version), None)
    if found is not None or not slug:
        return found
    kept = [one for one in published() if one.slug == slug]
    others = (*kept, *files)
    return next((one for one in kept if one.version == version), others[-1] if others else None)


def everything() -> Mapping[str, Sequence[Programme]]:
    """Every programme's versions, oldest first: the files', and those that were published from the office alone. As published() queries."""
    return once(("everything", str(settings.LINLI_CITY)), _everything)


def _everything() -> Mapping[str, Sequence[Programme]]:
    files = survey(Path(settings.LINLI_CITY)).catalogue.versions
    found: dict[str, list[Programme]] = {slug: list(several) for slug, several in files.items()}
    for one in published():
        known = found.setdefault(one.slug, [])
        if one.version not in {other.version for other in known}:
            known.append(one)
    return {slug: sorted(several, key=lambda one: one.effective_from) for slug, several in found.items()}
