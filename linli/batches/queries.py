"""Reads of batches. Officers see batches of their area and programme, those of a county that reviews also the checks that are theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from linli.batches.declared import Declared, Level
from linli.batches.models import AnnouncedCase, AnnouncedLine, Announcement, Batch, Check, Item, Posted
from linli.casework.desks import inside
from linli.casework.models import Case as CaseRow
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.queries import pinned

READERS = ("officer", "auditor")
PAYABLE = ("approved", "paying")


@dataclass(frozen=True, slots=True)
class Payable:
    """One item that is to be paid. payee: self, guardian, provider, school or employer; payee_uid: whose account, None: the person's own;
    person: whose key seals the award's account. fund: the ledger's slug; hold: what the fund holds for this item."""

    uid: UUID
    award: UUID
    person: UUID
    beneficiary_kind: str
    beneficiary: UUID
    payee: str
    payee_uid: UUID | None
    area_code: str
    amount_fen: int
    fund: str
    hold: UUID


def batches(viewer: Viewer) -> QuerySet[Batch]:
    """Every batch that the viewer may read, newest first."""
    if viewer.all_seeing:
        return Batch.objects.order_by("-id")
    seen = Q(pk__in=[])
    for grant in viewer.grants:
        if grant.role in READERS:
            own = inside("area_code", grant.area) if grant.area else Q(pk__isnull=False)
            seen |= own & Q(programme=grant.programme) if grant.programme else own
    return Batch.objects.filter(seen).order_by("-id")


def announcements(viewer: Viewer) -> QuerySet[Announcement]:
    """Every notice that the viewer may read: of their batches, and of cases that no batch pays."""
    seen = Q(batch__in=batches(viewer).order_by())
    for grant in () if viewer.all_seeing else viewer.grants:
        if grant.role in READERS:
            own = inside("area_code", grant.area) if grant.area else Q()
            seen |= own & Q(batch__isnull=True) & (Q(programme=grant.programme) if grant.programme else Q())
    if viewer.all_seeing:
        seen |= Q(batch__isnull=True)
    return Announcement.objects.select_related("batch").filter(seen)


def programme_shown(found: Announcement) -> Programme:
    """The version of the programme that a notice was put up under."""
    if found.batch is not None:
        return programme_of(found.batch)
    return pinned(found.programme, found.programme_version or "")


def batch(viewer: Viewer, uid: UUID, *, lock: bool = False) -> Batch:
    """One batch that the viewer may read. lock: for an act that changes it, until the commit. Raises LinliError."""
    rows = batches(viewer)
    found = (rows.select_for_update() if lock else rows).filter(uid=uid).first()
    if found is None:
        raise LinliError(
            "batches.no_batch",
            zh="没有这个批次，或不在您的范围内",
            en="There is no such batch, or it isn't yours to see.",
            found=str(uid),
            remedy_zh="从批次列表进入",
            remedy_en="open it from the list of batches",
        )
    return found


def checks(viewer: Viewer) -> QuerySet[Check]:
    """Checks that the viewer's office does, and those of the batches that they may read, oldest first."""
    own = Q(item__batch__in=batches(viewer).order_by())
    for grant in viewer.grants:
        if grant.role == "officer":
            theirs = inside("desk_code", grant.area) if grant.area else Q(pk__isnull=False)
            own |= theirs & Q(item__programme=grant.programme) if grant.programme else theirs
    return Check.objects.filter(own).select_related("item__batch", "item__award").order_by("id")


def check(viewer: Viewer, uid: UUID) -> Check:
    """One check that the viewer may see. Raises LinliError."""
    found = checks(viewer).filter(uid=uid).first()
    if found is None:
        raise LinliError(
            "batches.no_check",
            zh="没有这份核查，或不在您的范围内",
            en="There is no such check, or it isn't yours to see.",
            found=str(uid),
            remedy_zh="从核查列表进入",
            remedy_en="open it from the list of checks",
        )
    return found


def programme_of(found: Batch) -> Programme:
    """The version of the programme that a batch was opened under. One query, parsed once per process."""
    return pinned(found.programme, found.programme_version)


def listed(found: Batch) -> QuerySet[Item]:
    """What stands on the list, in the order in which it was gathered."""
    return Item.objects.filter(batch=found, state="listed").order_by("id")


def line_uid(line: AnnouncedLine) -> UUID:
    """The item, or the case, that a line of a notice is about. One query."""
    if line.case_id is not None:
        return CaseRow.objects.values_list("uid", flat=True).get(pk=line.case_id)
    return Item.objects.values_list("uid", flat=True).get(pk=line.item_id or 0)


def numbers_of(found: Batch) -> dict[int, int]:
    """The number that each item has on the batch's posters, by primary key: its place among all that were ever listed, which never changes.
    One query, of which only keys come back."""
    return {key: number for number, key in enumerate(Item.objects.filter(batch=found).order_by("id").values_list("pk", flat=True), 1)}


def numbered(notice: Announcement, number: int) -> UUID | None:
    """The item, or the case, that bears a number on the posters of a notice. One query."""
    if notice.batch_id is None:
        cases = AnnouncedCase.objects.filter(announcement=notice, number=number, off_at=None)
        return cases.values_list("case__uid", flat=True).first()
    rows = Item.objects.filter(batch=notice.batch_id).order_by("id").values_list("uid", flat=True)
    return rows[number - 1 : number].first() if number > 0 else None


def declared_of(found: Batch) -> Declared | None:
    """What was handed in of the list, None where nothing was."""
    told = found.declared
    if told is None:
        return None
    levels = tuple(Level(*level) for level in told["levels"])
    return Declared(levels, told["total_fen"], told["count"], tuple(told["parts"]), told["over_fen"])


def payable(found: Batch) -> Iterator[Payable]:
    """The items that are to be paid of an approved batch, oldest first, in bounded memory; nothing of any other batch. One cursor."""
    rows = listed(found).filter(batch__state__in=PAYABLE).select_related(None)
    columns = (
        "uid",
        "award__uid",
        "person",
        "beneficiary_kind",
        "beneficiary",
        "payee",
        "payee_uid",
        "area_code",
        "amount_fen",
        "fund",
        "hold",
    )
    for row in rows.values_list(*columns).iterator(chunk_size=2000):
        yield Payable(*row)


def with_photos(found: Batch) -> QuerySet[Announcement]:
    """The notices of a batch, newest first, each with `photographed`, whether a photo shows that it hung, and `over`, whether its last day
    has come: then one should be there. One query."""
    pictured = Posted.objects.filter(announcement=OuterRef("pk")).exclude(digest="")
    over = Case(When(ends_on__lte=clock.today(), then=True), default=False)
    return found.announcements.annotate(photographed=Exists(pictured), over=over).order_by("-id")
