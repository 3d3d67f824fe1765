"""Cases that a notice without a batch shows: they go on when it comes down, back where an objection was right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from linli.batches import facts
from linli.batches.models import AnnouncedCase, AnnouncedLine, Announcement, Objection
from linli.casework.models import Case
from linli.casework.steps import acts as steps
from linli.casework.steps import showing
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.trace import Act

FOUNDED = "founded"
_OPEN = Objection.objects.filter(about=OuterRef("case"), case__status="open")


def begin(notice: Announcement, cases: Iterable[int]) -> list[AnnouncedCase]:
    """The notice shows these cases, by primary key, numbered in this order."""
    rows = [AnnouncedCase(announcement=notice, case_id=key, number=number) for number, key in enumerate(cases, 1)]
    return AnnouncedCase.objects.bulk_create(rows)


def still_shown(notice: Announcement) -> QuerySet[AnnouncedCase]:
    """What the notice shows, without those against whom an objection was right, as they are numbered."""
    return AnnouncedCase.objects.filter(announcement=notice, off_at=None).order_by("number")


def keys_of(notice: Announcement) -> QuerySet[Any, Any]:
    """Primary keys of its cases, as a subquery."""
    return still_shown(notice).order_by().values("case")


def go_on(viewer: Viewer, notice: Announcement) -> None:
    """The notice is over: its cases go on where nobody has objected, the clocks of the others run again. About 20 statements for each."""
    for case in still_shown(notice).filter(~Exists(_OPEN)).values_list("case__uid", flat=True):
        steps.finish_notice(viewer, case)
    showing.down(viewer, keys_of(notice))


def answered(a: Act, viewer: Viewer, objection: Objection, outcome: str) -> None:
    """In the act that answers an objection: the case goes back a step where it was right; else on, once the notice is over and no other is
    open."""
    notice, case = objection.announcement, objection.about
    assert case is not None
    row = still_shown(notice).select_for_update(of=("self",)).filter(case=case).first()
    if row is None:
        return
    if outcome == FOUNDED and steps.back_from_notice(viewer, case.uid):
        _off(a, notice, row, case)
    elif notice.state == "ended" and not Objection.objects.filter(about=case, case__status="open").exists():
        steps.finish_notice(viewer, case.uid)


def _off(a: Act, notice: Announcement, row: AnnouncedCase, case: Case) -> None:
    row.off_at = clock.now()
    row.save(update_fields=["off_at"])
    AnnouncedLine.objects.filter(announcement=notice, case=case).delete()
    payload = {"announcement": str(notice.uid), "case": str(case.uid)}
    a.record(facts.SHOWN_NO_MORE, subject=str(notice), payload=payload, area=case.area_code, rows=[row], also=[str(case)])
