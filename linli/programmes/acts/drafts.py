"""Drafts: written by some, published by somebody else. Every save is kept, and whoever saves says which revision they saw."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Viewer
from linli.programmes import facts, queries
from linli.programmes.acts.publishing import ROLE, record_version, version_to_publish
from linli.programmes.catalogue import Catalogue
from linli.programmes.drafting import content_digest, draft_findings, programme_of_draft, slug_in
from linli.programmes.models import Draft, DraftRevision, ProgrammeVersion
from linli.trace import FactType, act
from linli.trace.acts import Act

LONGEST = 2_000_000


def begin_draft(*, viewer: Viewer, text: str, examples: str = "", base: str = "") -> Draft:
    """Begin a draft from a file's text. base: the published version it is taken from, "" for none.

    One draft of a programme is open at a time: where there is one already, LinliError programmes.draft_open names it.
    Raises LinliError where the text names no programme, Refused without the grant.
    """
    _refuse_long(text, examples)
    slug = slug_in(text)
    viewer.require(ROLE, programme=slug)
    now = clock.now()
    with act(viewer) as a:
        if (there := queries.open_draft(slug)) is not None:
            raise _open_already(there)
        own = {"text": text, "examples": examples, "saved_at": now, "saved_by": viewer.actor}
        digest = content_digest(text, examples)
        draft = Draft.objects.create(slug=slug, base=base, begun_at=now, authors=[viewer.actor], digest=digest, **own)
        DraftRevision.objects.create(draft=draft, number=1, **own)
        a.record(facts.DRAFT_BEGUN, subject=f"programme:{slug}", payload=_payload(draft), rows=[draft])
        return draft


def save_draft(*, viewer: Viewer, draft: UUID, revision: int, text: str, examples: str) -> Draft:
    """Keep what an editor wrote as the next revision. revision: the one the editor saw; where somebody saved since, LinliError
    programmes.draft_changed and nothing is written. What was handed in is not changed: it is returned or taken back first.
    """
    _refuse_long(text, examples)
    with act(viewer) as a:
        row = _locked(viewer, draft, ("editing",))
        if row.revision != revision:
            raise _changed_since(row)
        if slug_in(text) != row.slug:
            raise _another_programme(row, slug_in(text))
        if (text, examples) == (row.text, row.examples):
            return row
        row.text, row.examples, row.revision = text, examples, row.revision + 1
        row.digest, row.saved_at, row.saved_by = content_digest(text, examples), clock.now(), viewer.actor
        row.authors = list(dict.fromkeys([*row.authors, viewer.actor]))
        row.save()
        DraftRevision.objects.create(
            draft=row, number=row.revision, text=text, examples=examples, saved_by=viewer.actor, saved_at=row.saved_at
        )
        a.record(facts.DRAFT_SAVED, subject=f"programme:{row.slug}", payload=_payload(row), rows=[row])
        return row


def upload_draft(*, viewer: Viewer, city: Path, text: str, examples: str | None = None, revision: int | None = None) -> Draft:
    """A file from elsewhere as a draft: a new one, or the next revision of the open one of the same programme.

    examples None: those that the open draft, the version in force or the city's folder has. revision: of the open draft as its editor
    saw it, None for whichever it is now.
    """
    slug = slug_in(text)
    viewer.require(ROLE, programme=slug)
    there, live = queries.open_draft(slug), queries.live_version(slug, clock.today())
    if there is None:
        told = queries.examples_for(live, slug, city) if examples is None else examples
        return begin_draft(viewer=viewer, text=text, examples=told, base=live.version if live else "")
    told = there.examples if examples is None else examples
    seen = there.revision if revision is None else revision
    return save_draft(viewer=viewer, draft=there.uid, revision=seen, text=text, examples=told)


def submit_draft(*, viewer: Viewer, catalogue: Catalogue, draft: UUID, revision: int) -> Draft:
    """Hand a draft in for somebody else to publish. Refused with Problems while something speaks against it but the owner's reading."""
    row = queries.draft(viewer, draft)
    against = [finding.error for finding in draft_findings(row, catalogue, queries.published_programmes(row.slug)) if finding.blocks]
    if against:
        raise Problems(against)
    with act(viewer) as a:
        row = _locked(viewer, draft, ("editing",))
        if row.revision != revision:
            raise _changed_since(row)
        row.state, row.note = "submitted", ""
        return _moved(a, row, facts.DRAFT_SUBMITTED)


def return_draft(*, viewer: Viewer, draft: UUID, note: str = "") -> Draft:
    """Give a handed-in draft back to its authors, with the reason; an author takes their own back the same way."""
    with act(viewer) as a:
        row = _locked(viewer, draft, ("submitted",))
        row.state, row.note = "editing", note.strip()[:500]
        return _moved(a, row, facts.DRAFT_RETURNED)


def withdraw_draft(*, viewer: Viewer, draft: UUID) -> Draft:
    """Close a draft without publishing it. Its texts are kept."""
    with act(viewer) as a:
        row = _locked(viewer, draft, Draft.OPEN)
        row.state, row.closed_at, row.closed_by = "withdrawn", clock.now(), viewer.actor
        return _moved(a, row, facts.DRAFT_WITHDRAWN)


def publish_draft(
    *, viewer: Viewer, catalogue: Catalogue, draft: UUID, digest: str, effective_from: date, demonstration: bool | None = None
) -> ProgrammeVersion:
    """Publish a handed-in draft: never by one of its authors. Version, draft and both facts in one transaction.

    digest and effective_from: what the publisher saw and states; anything else than what the draft has is refused. The same again returns
    the version published before. Raises Refused for an author or without the grant, Problems with every obstacle. Locks the draft.
    """
    with act(viewer) as a:
        row = _locked(viewer, draft, ("submitted", "published"))
        if viewer.actor in row.authors:
            raise _same_person()
        if row.digest != digest:
            raise _changed_since(row)
        if row.published is not None:
            return row.published
        programme = programme_of_draft(row, catalogue)
        if programme.effective_from != effective_from:
            raise _another_day(programme.effective_from, effective_from)
        published = queries.published_programmes(row.slug)
        if any(one.version == programme.version for one in published):
            raise Problems([finding.error for finding in draft_findings(row, catalogue, published) if finding.blocks])
        version = version_to_publish(viewer, catalogue, programme, demonstration, row.examples)
        record_version(a, version)
        row.state, row.published, row.closed_at, row.closed_by = "published", version, clock.now(), viewer.actor
        row.save()
        payload = {**_payload(row), "version": version.version, "authors": list(row.authors)}
        a.record(facts.DRAFT_PUBLISHED, subject=f"programme:{row.slug}", payload=payload, rows=[row])
        return version


def _locked(viewer: Viewer, uid: UUID, states: tuple[str, ...]) -> Draft:
    row = Draft.objects.select_for_update().get(uid=uid)
    viewer.require(ROLE, programme=row.slug)
    if row.state not in states:
        raise LinliError(
            "programmes.draft_state", zh="草案现在不能这样办", en="The draft is in no state for this.", expected=" / ".join(states),
            found=row.state, remedy_zh="刷新页面，看现在到了哪一步", remedy_en="open the page again and see how far it is",
        )  # fmt: skip
    return row


def _moved(a: Act, row: Draft, fact: FactType) -> Draft:
    row.save()
    a.record(fact, subject=f"programme:{row.slug}", payload=_payload(row), rows=[row])
    return row


def _payload(row: Draft) -> dict[str, object]:
    return {"draft": str(row.uid), "revision": row.revision, "digest": row.digest}


def _refuse_long(*texts: str) -> None:
    if any(len(text) > LONGEST for text in texts):
        raise LinliError(
            "programmes.draft_too_long", zh="文件太大", en="The file is too large.", expected=f"at most {LONGEST:,} characters",
            expected_zh=f"最多 {LONGEST:,} 个字符",
            remedy_zh="检查是否选错了文件", remedy_en="check whether this is the right file",
        )  # fmt: skip


def _changed_since(row: Draft) -> LinliError:
    return LinliError(
        "programmes.draft_changed",
        zh="您打开以后，别人又保存了这份草案",
        en="Somebody saved this draft after you opened it.",
        found=f"revision {row.revision}",
        found_zh=f"第 {row.revision} 次保存",
        remedy_zh="看过对方的改动再保存，您写的内容还在页面上",
        remedy_en="look at what they changed and save again; what you wrote is still on the page",
    )


def _open_already(row: Draft) -> LinliError:
    return LinliError(
        "programmes.draft_open", zh="这项政策已有一份草案", en="This programme has an open draft already.", found=str(row.uid),
        remedy_zh="在那份草案里接着改，或先撤回它", remedy_en="go on with that draft, or withdraw it first",
    )  # fmt: skip


def _another_programme(row: Draft, found: str) -> LinliError:
    return LinliError(
        "programmes.draft_of_another", zh="事项代号不能改", en="A draft stays with its programme.", expected=row.slug, found=found,
        remedy_zh="改回原来的代号；新的事项另行上传", remedy_en="put the slug back; upload a new programme by itself",
    )  # fmt: skip


def _same_person() -> Refused:
    return Refused(
        "programmes.same_person", zh="起草的人不能发布自己的草案", en="Whoever wrote a draft does not publish it.",
        expected="somebody else",
            expected_zh="另一位同事", remedy_zh="请另一位有权限的同事发布", remedy_en="ask a colleague with the grant to publish it",
    )  # fmt: skip


def _another_day(expected: date, found: date) -> LinliError:
    return LinliError(
        "programmes.another_day", zh="写的起始日与草案不同", en="The first day stated is not the draft's.", expected=str(expected),
        found=str(found), remedy_zh="核对起始日；要改日期，退回起草人修改", remedy_en="check the day; to change it, return the draft",
    )  # fmt: skip
