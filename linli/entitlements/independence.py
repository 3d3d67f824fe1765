"""Who looked at a matter in one part of it stays out of another: a check is worth nothing by whoever decides, an objection by whoever is
objected to."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.batches.models import Check, Item, Objection
from linli.batches.refusals import require_other
from linli.casework.contesting import CONTESTING, contested, of_contested
from linli.casework.kinds import NOTICE_OBJECTION
from linli.casework.models import Case, StepTaken, Task
from linli.entitlements.models import Recovery
from linli.kernel.viewer import Viewer
from linli.programmes.procedure.declaration import DECIDES

_LISTED = ("batch__opened_by", "batch__frozen_by", "batch__approved_by")
"""Who had a part in a list, of an item of it."""
_CHECKED = ("done_by", "settled_by")
_TAKING_BACK = ("proposed_by", "consented_by")
"""Who had a part in taking back what was paid too much, of a recovery, beside whoever opened and answered its case."""


def require_not_checked(viewer: Viewer, case: Case, taken: StepTaken) -> None:
    """Raise Refused where whoever decides has checked the same case on a list that was drawn before. One query."""
    if taken.kind in DECIDES:
        checked = Check.objects.filter(item__award__case=case, done_by=viewer.actor).values_list("done_by", flat=True)
        require_other(viewer.actor, tuple(checked[:1]), ("核查过的事项，决定", "What somebody checked"))


def of_lists(case: Case) -> set[str]:
    """Who made, froze, approved, checked or put up the lists that an award stands on, proposed how what was paid too much of it is taken
    back or entered the person's consent: of the decision that is contested, or of the line that a notice's objection is about, with whoever
    signed its case. Five queries at most."""
    if case.kind == NOTICE_OBJECTION.slug:
        row = Objection.objects.select_related("announcement__batch", "item__award").filter(case=case).first()
        if row is None:
            return set()
        batch = row.announcement.batch
        made = {row.announcement.put_up_by} | ({batch.opened_by, batch.frozen_by} if batch is not None else set())
        return made | (_of_item(row.item) if row.item else set()) | (_signers(row.about_id) if row.about_id else set())
    about = contested(case)
    items = Item.objects.filter(award__case__in=about)
    found = {one for row in items.values_list(*_LISTED, "batch__announcements__put_up_by") for one in row}
    taking_back = Recovery.objects.filter(case__in=about).values_list(*_TAKING_BACK)
    return {one for one in found | _checkers(items) | {one for row in taking_back for one in row} if one}


def _of_item(item: Item) -> set[str]:
    return _signers(item.award.case_id) | _checkers(Item.objects.filter(pk=item.pk))


def _signers(case: int) -> set[str]:
    signed = StepTaken.objects.filter(case=case).values_list("signatures", flat=True)
    return {one["actor"] for signatures in signed for one in signatures}


def _checkers(items: QuerySet[Item]) -> set[str]:
    return {one for row in Check.objects.filter(item__in=items).values_list(*_CHECKED) for one in row}


def barred(actor: str) -> QuerySet[Task, int]:
    """Tasks on contested decisions whose list or recovery somebody had a part in, and on objections to a notice of theirs."""
    listed = _any(_LISTED, actor) | Q(batch__announcements__put_up_by=actor)
    part = of_contested(Item.objects.filter(listed), "award__case")
    part |= of_contested(Check.objects.filter(_any(_CHECKED, actor)), "item__award__case")
    part |= of_contested(Recovery.objects.filter(_any(_TAKING_BACK, actor)), "case")
    decision = Q(case__kind__in=CONTESTING, case__parent__isnull=False) & part
    rows = Task.objects.filter(decision, done_at__isnull=True).order_by().values_list("pk", flat=True)
    return rows.union(_of_notices(actor))


def _of_notices(actor: str) -> QuerySet[Task, int]:
    notice = "announcement__"
    made = _any((f"{notice}batch__opened_by", f"{notice}batch__frozen_by", f"{notice}put_up_by"), actor)
    shown = Q(case=OuterRef("item__award__case")) | Q(case=OuterRef("about"))
    signed = StepTaken.objects.filter(shown, signatures__contains=[{"actor": actor}])
    checks = Check.objects.filter(_any(_CHECKED, actor), item=OuterRef("item"))
    objections = Objection.objects.filter(made | Exists(signed) | Exists(checks), case__status="open").values("case")
    return Task.objects.filter(case__in=objections, done_at__isnull=True).order_by().values_list("pk", flat=True)


def _any(columns: tuple[str, ...], actor: str) -> Q:
    found = Q(pk__in=())
    for name in columns:
        found |= Q(**{name: actor})
    return found
