"""Who looked at a matter in one part of it stays out of another: a check is worth nothing by whoever decides, an objection by whoever is
objected to."""

from __future__ import annotations

from linli.batches.models import Check, Objection
from linli.batches.refusals import require_other
from linli.casework.models import Case, StepTaken
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import DECIDES
from linli.trace import Act


def require_not_checked(viewer: Viewer, case: Case, taken: StepTaken) -> None:
    """Raise Refused where whoever decides has checked the same case on a list that was drawn before. One query."""
    if taken.kind in DECIDES:
        checked = Check.objects.filter(item__award__case=case, done_by=viewer.actor).values_list("done_by", flat=True)
        require_other(viewer.actor, tuple(checked[:1]), ("核查过的事项，决定", "What somebody checked"))


def before_objection(a: Act, viewer: Viewer, case: Case, outcome: str, words: str) -> None:
    """An objection to a notice is answered by nobody who signed the case, made, froze or checked the list, or put the notice up."""
    row = Objection.objects.select_related("announcement__batch", "item__award").filter(case=case).first()
    if row is None:
        return
    batch = row.announcement.batch
    parts = {batch.opened_by, batch.frozen_by, row.announcement.put_up_by}
    if row.item is not None:
        signed = StepTaken.objects.filter(case=row.item.award.case_id).values_list("signatures", flat=True)
        parts |= {one["actor"] for signatures in signed for one in signatures}
        parts |= set(Check.objects.filter(item=row.item).values_list("done_by", flat=True))
    require_other(viewer.actor, tuple(parts - {""}), ("公示异议", "An objection to a public notice"))
