"""Reads of documents: those of a case, one page, what may be taken over from earlier, and what an officer still has to look at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from linli import vault
from linli.casework import queries as cases
from linli.casework.documents.pages import page_of
from linli.casework.models import Case, Document
from linli.kernel import clock
from linli.kernel.compiled import compiled
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Material, Programme
from linli.programmes.particulars.declaration import Pictures
from linli.programmes.queries import pinned
from linli.rules.declare import Label
from linli.vault.files import acts as files

CHECKING, OWN = "casework.document", "self.view"
"""Purposes: why staff look at a document, and why the person or whoever acts for them does."""
OF_LETTERS = "scan"
MOST_ELSEWHERE = 5
NO_PICTURES: Mapping[tuple[str, str], Pictures] = MappingProxyType({})
PARTS = {
    "material": Label("申请材料", "paper"),
    "before": Label("实施前照片", "photo before"),
    "after": Label("实施后照片", "photo after"),
    "scan": Label("盖章件扫描", "scan of a sealed original"),
    "evidence": Label("其他证明", "other evidence"),
}


def materials_of(case: Case) -> dict[str, Material]:
    """What the version of the programme under which the case runs asks for, by id. At most one query."""
    if not case.programme or not case.programme_version:
        return {}
    return {material.id: material for material in pinned(case.programme, case.programme_version).materials}


def pictures_of(case: Case) -> dict[tuple[str, str], Pictures]:
    """The pictures that the version asks for, by (before or after, id). At most one query."""
    return pictures_in(pinned(case.programme, case.programme_version)) if case.programme and case.programme_version else {}


def pictures_in(programme: Programme) -> dict[tuple[str, str], Pictures]:
    """The same of a version at hand."""
    evidence = programme.particulars.evidence
    if evidence is None:
        return {}
    return {(part, one.id): one for part, every in (("before", evidence.before), ("after", evidence.after)) for one in every}


def label_of(document: Document, materials: dict[str, Material], pictures: Mapping[tuple[str, str], Pictures] = NO_PICTURES) -> Label:
    """What a document is called: its material, the picture that it is, else the part that it plays."""
    picture = pictures.get((document.part, document.material))
    material = materials.get(document.material) if document.part == "material" else None
    return picture.label if picture is not None else material.label if material is not None else PARTS[document.part]


def documents_of(case: Case) -> list[Document]:
    """Everything given for a case that the viewer was already shown, in the order of arrival. One query."""
    found = _documents(case.pk)
    for one in found:
        one.case = case
    return found


@compiled
def _documents(case: int) -> QuerySet[Document]:
    return Document.objects.filter(case=case).order_by("id")


def _awaiting() -> Q:
    return Q(check_result="") & ~Q(part=OF_LETTERS)


def unchecked(case: Case) -> list[Document]:
    """What an officer still has to look at; while there is anything, nothing is paid. One query."""
    return list(Document.objects.filter(_awaiting(), case=case).order_by("id"))


def unchecked_among(cases: Iterable[int]) -> dict[int, int]:
    """How many unchecked documents each of these cases (by primary key) has; those without any are left out. One query."""
    rows = Document.objects.filter(_awaiting(), case__in=list(cases)).order_by().values_list("case").annotate(Count("pk"))
    return dict(rows)


def document(viewer: Viewer, uid: UUID) -> Document:
    """A document of a case that the viewer may see, or one that they gave. Raises LinliError where there is none. Five queries at most."""
    found = Document.objects.select_related("case", "case__task").filter(uid=uid).first()
    if found is None:
        raise no_document(uid)
    if found.given_by != viewer.actor:
        try:
            cases.case(viewer, found.case.uid)
        except LinliError:
            raise no_document(uid) from None
    return found


def page(viewer: Viewer, found: Document, number: int) -> bytes:
    """One page as JPEG; the reading is recorded for the person. For a document that document() gave. Three queries and a file."""
    purpose = OWN if viewer.acts_for_resident(found.subject) else CHECKING
    portions = files.read(viewer, purpose=purpose, subject=found.subject, address=found.digest, place=found.case.area_code)
    return page_of(portions, number)


def reasons_of(viewer: Viewer, found: Iterable[Document]) -> dict[UUID, str]:
    """Why documents were rejected, or a note with an acceptance, by uid; the reading is recorded. Two queries, none without any."""
    noted = [one for one in found if one.cipher]
    if not noted:
        return {}
    own = viewer.acts_for_resident(noted[0].subject)
    people = [(one.subject, {"words": one.cipher}) for one in noted]
    plain = vault.reveal_many(viewer, purpose=OWN if own else CHECKING, people=people, place=noted[0].case.area_code)
    return {one.uid: told["words"] for one, told in zip(noted, plain, strict=True)}


@dataclass(frozen=True, slots=True)
class Offer:
    """A document given earlier that fits a material of this case: the person only says yes."""

    material: Material
    document: Document


def offers(case: Case) -> list[Offer]:
    """What the person gave before and an officer accepted, for each material that may be taken over and isn't there yet; the newest.

    It fits for the programme's days if it was given as the same material, or as one that shows the same facts. For a case that the
    viewer was already shown. Three queries at most, and one more for each other programme's version.
    """
    wanted = {name: one for name, one in materials_of(case).items() if one.reuse_days is not None}
    if not wanted:
        return []
    held = set(Document.objects.filter(case=case).exclude(check_result="rejected").values_list("material", flat=True))
    earlier = list(_earlier(case, max(one.reuse_days or 0 for one in wanted.values())))
    found = []
    for name, material in wanted.items():
        since = clock.now() - timedelta(days=material.reuse_days or 0)
        fitting = (one for one in earlier if first_given(one).given_at >= since and _fits(one, material))
        if name not in held and (newest := next(fitting, None)) is not None:
            found.append(Offer(material, newest))
    return found


def _earlier(case: Case, days: int) -> QuerySet[Document]:
    rows = Document.objects.filter(subject=case.subject_uid, part="material", check_result="accepted").exclude(case=case)
    since = clock.now() - timedelta(days=days)
    return rows.filter(given_at__gte=since).select_related("case", "reused").order_by("-given_at", "-id")


def likeness(content: bytes) -> str:
    """By what the same content is known again, under the index key: nobody without it can try a picture that they have."""
    return vault.blind("document", hashlib.sha256(content).hexdigest())


def alike(content: bytes) -> QuerySet[Document]:
    """Everything given with this very content."""
    return Document.objects.filter(likeness__in=vault.blinds("document", hashlib.sha256(content).hexdigest()))


def elsewhere(found: Document) -> list[str]:
    """Receipts of other people's cases in which the same content was given: one picture doesn't show two homes. One query."""
    if not found.likeness:
        return []
    rows = Document.objects.filter(likeness=found.likeness).exclude(subject=found.subject).order_by("case__receipt")
    return list(rows.values_list("case__receipt", flat=True).distinct()[:MOST_ELSEWHERE])


def first_given(document: Document) -> Document:
    """The document itself, or the one that it was taken over from: a paper does not become younger by being taken over."""
    return document.reused or document


def _fits(one: Document, material: Material) -> bool:
    if one.material == material.id:
        return True
    theirs = materials_of(one.case).get(one.material)
    return bool(material.gives) and theirs is not None and set(theirs.gives) == set(material.gives)


def no_document(found: object) -> LinliError:
    """There is no such document for whoever asks."""
    return LinliError(
        "documents.none",
        zh="没有这份材料，或不在您的职责范围内",
        en="There is no such document, or it is not yours to see.",
        place=Place(field="document"),
        found=str(found),
        remedy_zh="从事项的页面打开材料",
        remedy_en="open it from the page of its case",
    )
