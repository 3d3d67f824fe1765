"""Give a document for a case, take one over that was given before, check it; forget those of an erased person.

Every act locks the case; who opens cases locks the person first, so none of these waits for the person while it holds the case.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli import vault
from linli.casework import facts, said
from linli.casework.desks import no_case, require_impartial, workable
from linli.casework.documents.pages import MEDIA, packed
from linli.casework.documents.queries import alike, document, first_given, likeness, materials_of, no_document, offers, pictures_of
from linli.casework.endings import told
from linli.casework.kinds import APPLICATION, KINDS
from linli.casework.models import Case, Document, Requirement
from linli.casework.steps import intake
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.papers.scans import take_in
from linli.trace import Act, AlreadyDone, act
from linli.vault.files import acts as files

MOST = 60
"""Documents of one case: more is a mistake, or somebody filling the disk."""
PICTURES = ("before", "after")
GIVEN_PARTS = ("material", "before", "after", "evidence")


def give(
    viewer: Viewer, case: UUID, material: str, content: bytes, *, part: str = "material", key: str | None = None, ended: bool = False
) -> Document:
    """A photo or a PDF for a case; what is kept is drawn anew from it. material: an id of the programme's materials, of a picture before or
    after, "" for other evidence. ended: also after the case has ended, for the stage that pays what it granted by later bills; a material
    that was rejected is given again then without it.

    Allowed: the person and whoever acts for them, a clerk at any window, an officer of the case. A missing material counts as given at
    once, and the clock that waited for it runs again. Raises LinliError "scans.…" for what is no photo and no PDF. Looking into the
    file takes a second, before anything is locked; then the case is locked. About 15 statements.
    """
    row = _givable(viewer, case)
    _require_wanted(row, material, part)
    taken = take_in(content)
    try:
        with act(viewer, key=said.scoped(viewer, "give", key)) as a:
            row = _locked(row, open_only=not ended and not _rejected(row, material, part))
            content = packed(taken)
            _require_new(row, content, material, part)
            kept = files.keep(row.subject_uid, content, MEDIA)
            made = Document(material=material, part=part, digest=kept.address, bytes=kept.size, pages=len(taken.pages))
            made.likeness = likeness(content)
            _added(a, viewer, row, made)
            a.result = {"document": str(made.uid)}
    except AlreadyDone as done:
        return Document.objects.get(uid=done.result["document"])
    return made


def take_over(viewer: Viewer, case: UUID, earlier: UUID, material: str, *, key: str | None = None) -> Document:
    """Use a document again that was given before and accepted, as queries.offers() offers it. An officer looks at it again. As give()."""
    row = _givable(viewer, case)
    try:
        with act(viewer, key=said.scoped(viewer, "take_over", key)) as a:
            row = _locked(row)
            offer = next((one for one in offers(row) if one.document.uid == earlier and one.material.id == material), None)
            if offer is None:
                raise no_document(earlier)
            was = offer.document
            made = Document(material=material, digest=was.digest, bytes=was.bytes, pages=was.pages)
            made.reused, made.likeness = first_given(was), was.likeness
            _added(a, viewer, row, made)
            a.result = {"document": str(made.uid)}
    except AlreadyDone as done:
        return Document.objects.get(uid=done.result["document"])
    return made


def check(viewer: Viewer, uid: UUID, result: str, reasons: str = "", *, key: str | None = None) -> Document:
    """An officer's word on a document: accepted or rejected, the latter with reasons that the person reads. May be changed later on.

    Never by who gave it, and not in one's own matter. A rejected material is missing again. Locks the case.
    """
    found = document(viewer, uid)
    text = said.tidy(reasons)
    _require_result(result, text)
    try:
        with act(viewer, key=said.scoped(viewer, "check", key)) as a:
            row = _locked(found.case, open_only=False)
            if not workable(viewer).filter(case=row).exists():
                raise no_case(row.uid)
            require_impartial(viewer, row)
            found = Document.objects.select_for_update(of=("self",)).get(pk=found.pk)
            _require_another(viewer, found)
            found.check_result, found.checked_at, found.checked_by = result, clock.now(), viewer.actor
            found.cipher = vault.protect(found.subject, {"words": text})["words"] if text else ""
            found.save(update_fields=["check_result", "checked_at", "checked_by", "cipher"])
            rows = [found, *_requirement_after(row, found), *_changed(row)]
            told(a, row, facts.DOCUMENT_CHECKED, {"document": str(found.uid), "result": result}, rows)
            a.result = {"document": str(found.uid)}
    except AlreadyDone:
        return document(viewer, uid)
    return found


def add_scan(a: Act, viewer: Viewer, case: Case, content: bytes) -> Document:
    """The scan of a letter's stamped original, for the act that attaches it and has locked the case. Nobody has to check it."""
    taken = take_in(content)
    kept = files.keep(case.subject_uid, packed(taken), MEDIA)
    made = Document(part="scan", digest=kept.address, bytes=kept.size, pages=len(taken.pages))
    _added(a, viewer, case, made)
    return made


def forget(viewer: Viewer, subject: UUID) -> int:
    """An erased person's documents: the files go, the words with them too; what stays is that there were so many. Returns how many."""
    with act(viewer) as a:
        rows = list(Document.objects.select_for_update(of=("self",)).select_related("case").filter(subject=subject).order_by("pk"))
        for row in rows:
            row.cipher = ""
        Document.objects.bulk_update(rows, ["cipher"])
        files.forget(subject)
        for case in {row.case_id: row.case for row in rows}.values():
            told(a, case, facts.DOCUMENTS_FORGOTTEN, {}, [row for row in rows if row.case_id == case.pk])
    return len(rows)


def _givable(viewer: Viewer, uid: UUID) -> Case:
    """The case if the viewer may give something for it."""
    row = Case.objects.select_related("task").filter(uid=uid).first()
    if row is None:
        raise no_case(uid)
    if viewer.acts_for_resident(row.subject_uid) and KINDS[row.kind].told:
        viewer.require_level(KINDS[row.kind].level)
        return row
    at_a_window = any(grant.role == "clerk" for grant in viewer.grants)
    if not at_a_window and not workable(viewer).filter(case=row).exists():
        raise no_case(uid)
    return row


def _locked(row: Case, *, open_only: bool = True) -> Case:
    fresh = Case.objects.select_for_update(of=("self",)).select_related("task").get(pk=row.pk)
    if open_only and fresh.status != "open":
        raise LinliError(
            "documents.closed",
            zh="事项已经办结，不再接收材料",
            en="The case has ended: nothing more is taken in.",
            expected=("办理中的事项", "an open case"),
            found=fresh.outcome,
            remedy_zh="如有新的材料，请重新申请或提出异议",
            remedy_en="with something new, apply anew or object",
        )
    return fresh


def _rejected(row: Case, material: str, part: str) -> bool:
    return part == "material" and Requirement.objects.filter(case=row, material=material, state="refused").exists()


def _require_wanted(row: Case, material: str, part: str) -> None:
    known = materials_of(row)
    pictured = part in PICTURES and (part, material) in pictures_of(row)
    named = pictured if part in PICTURES else material in known if material else part != "material"
    if part not in GIVEN_PARTS or not named:
        raise LinliError(
            "documents.unknown_material",
            zh="这项政策没有这种材料",
            en="The programme asks for no such paper.",
            place=Place(field="material"),
            expected="、".join(known) or "evidence",
            found=material or part,
            remedy_zh="从列出的材料中选择",
            remedy_en="choose one of those listed",
        )


def _require_new(row: Case, content: bytes, material: str, part: str) -> None:
    """Refuse what is in the case already: as the same material, or, of pictures and bills, as anything. One query."""
    known = alike(content).filter(case=row).exclude(check_result="rejected")
    again = known.filter(part="material", material=material) if part == "material" else known.exclude(part__in=("material", "scan"))
    before = again.first()
    if before is not None:
        raise LinliError(
            "documents.same_again",
            zh="同样的照片或文件已经交过",
            en="This very picture or paper is in the case already.",
            place=Place(field="file"),
            expected=("另一张照片或另一份文件", "another picture or paper"),
            found=(f"{clock.day_of(before.given_at)} 已交", f"given on {clock.day_of(before.given_at)}"),
            remedy_zh="换一张再交；已经交过的不用再交",
            remedy_en="give another one; what is there needn't be given again",
        )


def _added(a: Act, viewer: Viewer, row: Case, made: Document) -> None:
    """Save the document with what it changes, and tell it."""
    if Document.objects.filter(case=row).count() >= MOST:
        raise LinliError(
            "documents.too_many",
            zh="这件事项的材料已经很多",
            en="There are very many documents in this case already.",
            expected=f"≤ {MOST}",
            remedy_zh="请到窗口办理",
            remedy_en="go to a service window",
        )
    now = clock.now()
    made.case, made.subject, made.media, made.given_at, made.given_by = row, row.subject_uid, MEDIA, now, viewer.actor
    material = materials_of(row).get(made.material)
    if material is not None and material.check == "none":
        made.check_result, made.checked_at = "accepted", now
    made.save(force_insert=True)
    rows: list[Any] = [made, *_given(row, made), *_changed(row)]
    behalf = {} if viewer.is_self(row.subject_uid) else {"on_behalf_of": row.subject}
    payload = {"document": str(made.uid), "part": made.part, "material": made.material, "pages": made.pages, **behalf}
    told(a, row, facts.DOCUMENT_GIVEN, payload, rows)
    if row.kind == APPLICATION.slug and row.status == "open":
        intake.supplied(a, row)


def _given(row: Case, made: Document) -> list[Requirement]:
    if made.part != "material":
        return []
    need, _new = Requirement.objects.select_for_update().get_or_create(case=row, material=made.material, defaults={"state": "given"})
    need.state = "given"
    need.save(update_fields=["state"])
    return [need]


def _requirement_after(row: Case, found: Document) -> list[Requirement]:
    """What a check means for the material: given as long as one document of it was not rejected."""
    need = Requirement.objects.select_for_update().filter(case=row, material=found.material).first()
    if need is None or found.part != "material":
        return []
    stands = Document.objects.filter(case=row, part="material", material=found.material).exclude(check_result="rejected").exists()
    need.state = "given" if stands else "refused"
    need.save(update_fields=["state"])
    return [need]


def _changed(row: Case) -> list[Case]:
    row.version += 1
    row.save(update_fields=["version"])
    return [row]


def _require_result(result: str, text: str) -> None:
    if result not in ("accepted", "rejected"):
        raise LinliError(
            "documents.unknown_result",
            zh="没有这种审核结果",
            en="A document is accepted or rejected.",
            place=Place(field="result"),
            expected="accepted, rejected",
            found=result,
            remedy_zh="选择合格或不合格",
            remedy_en="choose one of the two",
        )
    if result == "rejected" and not text:
        raise LinliError(
            "documents.no_reasons",
            zh="请写明为什么不合格，居民会看到",
            en="Say why it is rejected: the person will read it.",
            place=Place(field="reasons"),
            remedy_zh="写明理由后再提交",
            remedy_en="write the reasons and try again",
        )


def _require_another(viewer: Viewer, found: Document) -> None:
    if found.given_by == viewer.actor or found.part == "scan":
        raise LinliError(
            "documents.own",
            zh="自己交的材料由同事审核",
            en="What you handed in yourself is checked by a colleague.",
            expected=("没有经手这份材料的经办人", "an officer who didn't hand it in"),
            remedy_zh="请同事审核",
            remedy_en="ask a colleague",
        )
