"""Objections to a public notice: anybody's, while it stands, about one line of it; a case of an office, with its own clock."""

from __future__ import annotations

from uuid import UUID

from linli.batches import facts
from linli.batches.models import Announcement, Batch, Item, Objection
from linli.batches.refusals import refused
from linli.casework.acts import open_between_offices
from linli.casework.kinds import NOTICE_OBJECTION
from linli.casework.models import Case
from linli.casework.said import required
from linli.kernel import clock
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.programmes.queries import pinned
from linli.registers.models import Resident
from linli.trace import act

WINDOW = ("officer", "clerk")
_UNREAD = [f"batch__{one.name}" for one in Batch._meta.concrete_fields if one.name not in ("id", "uid")]
"""What the public site's role may not read of a batch."""
_READ = ("uid", "person", "area_code", "award__programme", "award__programme_version")


def object_to(viewer: Viewer, *, announcement: UUID, item: UUID, words: str) -> Case:
    """Somebody objects to a line of a notice, with reasons. A resident for themself, without anonymity towards the office; staff write down
    what they are told at a window or on the telephone, from whoever it may be, who need not say their name.

    The programme's department answers it, where the person is registered. The person it is about isn't told who objected. Locks the
    person; the notice goes on, the item isn't paid before the case is closed.
    """
    text = required(words)
    _require_somebody(viewer)
    with act(viewer) as current:
        notice = Announcement.objects.filter(uid=announcement, state="up").select_related("batch").defer(*_UNREAD).first()
        if notice is None or clock.today() > notice.ends_on:
            said = ("公示已经结束", "The notice is down.")
            raise refused("notice_over", said, ("对结果不服的，可以向主办单位投诉", "complain to the office in charge instead"))
        row = Item.objects.filter(uid=item, batch=notice.batch_id).select_related("award").only(*_READ).first()
        if row is None:
            raise refused(
                "no_line", ("公示中没有这一行", "The notice has no such line."), ("从公示页面选择", "choose it on the notice's page")
            )
        about = f"{notice.pk}:{row.pk}:{Objection.objects.filter(item=row).count() + 1}"
        person = Resident.objects.get(uid=row.person)
        programme = pinned(row.award.programme, row.award.programme_version)
        case = open_between_offices(viewer, person, row.area_code, NOTICE_OBJECTION, text, about, programme)
        if case is None:
            raise refused("objected_already", ("同一异议刚刚登记过", "This was just written down."), ("刷新页面", "load the page again"))
        objection = Objection.objects.create(announcement=notice, item=row, case=case, at=clock.now())
        payload = {"announcement": str(notice.uid), "case": str(case.uid)}
        current.record(facts.OBJECTED, subject=str(row), payload=payload, area=row.area_code, rows=[objection], also=[str(notice.batch)])
    return case


def _require_somebody(viewer: Viewer) -> None:
    if viewer.subject:
        viewer.require_level("phone")
    elif not viewer.all_seeing and viewer.roles.isdisjoint(WINDOW):
        raise Refused(
            "batches.who_objects",
            zh="请先登录，或打监督电话、到窗口反映",
            en="Please sign in, or call the supervision number or go to a window.",
            remedy_zh="打电话或到窗口可以不说姓名",
            remedy_en="there you need not say your name",
        )
