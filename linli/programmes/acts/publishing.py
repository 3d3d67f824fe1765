"""Writes: an owner confirms a reading, a version is published."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.kernel.viewer import Viewer
from linli.programmes import queries
from linli.programmes.catalogue import Catalogue
from linli.programmes.declaration import Programme, place_of
from linli.programmes.facts import READING_CONFIRMED, VERSION_PUBLISHED
from linli.programmes.models import ProgrammeVersion, ReadingConfirmation
from linli.programmes.publishing import Gate, obstacles
from linli.trace import AlreadyDone, act
from linli.trace.acts import Act

ROLE = "officer"


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What publish_ready did: versions now published, and for each version left out the reasons."""

    published: tuple[ProgrammeVersion, ...]
    refused: tuple[tuple[Programme, tuple[LinliError, ...]], ...]


def confirm_reading(*, viewer: Viewer, programme: Programme, confirmed_by: str) -> ReadingConfirmation:
    """Record that the owner stands by the rule in these words. confirmed_by: the office, shown in public; never a person's name.

    Confirming the same words again returns the first confirmation; changed words need a new one. Raises Refused without the grant.
    """
    viewer.require(ROLE, programme=programme.slug)
    office = confirmed_by.strip()
    if not office:
        raise LinliError(
            "programmes.no_office", zh="没有写明确认部门", en="The confirming office is missing.",
            remedy_zh="写明部门名称", remedy_en="name the office",
        )  # fmt: skip
    words = programme.words_digest()
    own = {"slug": programme.slug, "version": programme.version, "words_digest": words}
    try:
        with act(viewer, key=f"programmes.confirm:{programme.slug}:{programme.version}:{words}") as a:
            row = ReadingConfirmation.objects.create(
                **own,
                words_zh=programme.words("zh"),
                words_en=programme.words("en"),
                confirmed_by=office,
                confirmed_at=clock.now(),
                actor=viewer.actor,
            )
            payload = {"version": programme.version, "words_digest": words, "confirmed_by": office}
            a.record(READING_CONFIRMED, subject=f"programme:{programme.slug}", payload=payload, rows=[row])
            return row
    except AlreadyDone:
        return ReadingConfirmation.objects.get(**own)


def publish_version(*, viewer: Viewer, catalogue: Catalogue, programme: Programme, demonstration: bool | None = None) -> ProgrammeVersion:
    """Publish one version of a programme file. From then on it never changes.

    demonstration: whether stand-in figures are allowed, settings.LINLI_DEMO if left out. The same content again returns the row
    published before. Raises Problems with every obstacle, Refused without the grant.
    """
    viewer.require(ROLE, programme=programme.slug)
    existing = ProgrammeVersion.objects.filter(slug=programme.slug, version=programme.version).first()
    if existing is not None:
        return _unchanged(existing, programme)
    row = version_to_publish(viewer, catalogue, programme, demonstration)
    try:
        with act(viewer, key=f"programmes.publish:{programme.slug}:{programme.version}") as a:
            record_version(a, row)
            return row
    except AlreadyDone:
        return _unchanged(ProgrammeVersion.objects.get(slug=programme.slug, version=programme.version), programme)


def version_to_publish(
    viewer: Viewer, catalogue: Catalogue, programme: Programme, demonstration: bool | None, examples: str | None = None
) -> ProgrammeVersion:
    """The row of a version that nothing speaks against, not saved yet. examples: a draft's own; None: those of the city's folder."""
    confirmation = queries.confirmation(programme)
    allowed = settings.LINLI_DEMO if demonstration is None else demonstration
    gate = Gate({programme.words_digest()} if confirmation else set[str](), allowed)
    problems = obstacles(programme, catalogue, gate, queries.published_programmes(programme.slug), examples)
    if problems:
        raise Problems(problems)
    return _row(programme, viewer, confirmation.confirmed_by if confirmation else "")


def record_version(a: Act, row: ProgrammeVersion) -> None:
    """Save a new version with its fact, inside an act."""
    row.save(force_insert=True)
    a.record(VERSION_PUBLISHED, subject=f"programme:{row.slug}", payload=_payload(row), rows=[row])


def publish_ready(*, viewer: Viewer, catalogue: Catalogue, demonstration: bool | None = None) -> PublishReport:
    """Publish every version of the catalogue that can be published, each in its own act; the others are reported with their reasons."""
    published, refused = [], []
    for versions in catalogue.versions.values():
        for programme in versions:
            try:
                row = publish_version(viewer=viewer, catalogue=catalogue, programme=programme, demonstration=demonstration)
                published.append(row)
            except Problems as several:
                refused.append((programme, tuple(several.problems)))
    return PublishReport(tuple(published), tuple(refused))


def _unchanged(row: ProgrammeVersion, programme: Programme) -> ProgrammeVersion:
    """The published row, if the file still says the same; a published version is never overwritten."""
    if queries.programme_of(row).digest == programme.digest:
        return row
    raise Problems(
        [
            LinliError(
                "programmes.published_version_changed",
                zh=f"版本 {row.version} 已于 {row.published_at:%Y-%m-%d} 发布，不能更改",
                en=f"Version {row.version} was published on {row.published_at:%Y-%m-%d} and never changes.",
                place=place_of(programme, "version"),
                expected=row.digest,
                found=programme.digest,
                remedy_zh="还原文件，或另立新版本号和起始日期",
                remedy_en="restore the file, or give a new version with its own first day",
            )
        ]
    )


def _row(programme: Programme, viewer: Viewer, confirmed_by: str) -> ProgrammeVersion:
    return ProgrammeVersion(
        slug=programme.slug,
        version=programme.version,
        zh=programme.label.zh,
        en=programme.label.en,
        subject=programme.subject,
        source=programme.text,
        facts=dict(programme.facts),
        digest=programme.digest,
        rule_digest=programme.rule.digest,
        words_zh=programme.words("zh"),
        words_en=programme.words("en"),
        words_digest=programme.words_digest(),
        confirmed_by=confirmed_by,
        issued_on=programme.issued_on,
        issued_precision=programme.issued_precision,
        effective_from=programme.effective_from,
        effective_to=programme.effective_to,
        retroactive=programme.is_retroactive,
        published_at=clock.now(),
        published_by=viewer.actor,
    )


def _payload(row: ProgrammeVersion) -> dict[str, object]:
    return {
        "version": row.version,
        "digest": row.digest,
        "rule_digest": row.rule_digest,
        "words_digest": row.words_digest,
        "issued_on": row.issued_on.isoformat(),
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else None,
        "retroactive": row.retroactive,
    }
