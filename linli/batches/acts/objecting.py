"""Objections to a public notice: anybody's, while it stands, about one line of it; a case of an office, with its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from linli.batches import facts
from linli.batches.acts.shown_cases import keys_of
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

    item: its uid, or that of the case of a notice without a batch. The programme's department answers it, where the person is registered.
    The person it is about isn't told who objected. Locks the person; the notice goes on, the item isn't paid before the case is closed.
    """
    text = required(words)
    _require_somebody(viewer)
    with act(viewer) as current:
        notice = Announcement.objects.filter(uid=announcement, state="up").select_related("batch").defer(*_UNREAD).first()
        if notice is None or clock.today() > notice.ends_on:
            said = ("公示已经结束", "The notice is down.")
            raise refused("notice_over", said, ("对结果不服的，可以向主办单位投诉", "complain to the office in charge instead"))
        line = _line(notice, item)
        about = f"{notice.pk}:{line.row.pk}:{Objection.objects.filter(**line.whose).count() + 1}"
        person = Resident.objects.get(uid=line.person)
        case = open_between_offices(viewer, person, line.row.area_code, NOTICE_OBJECTION, text, about, pinned(*line.programme))
        if case is None:
            raise refused("objected_already", ("同一异议刚刚登记过", "This was just written down."), ("刷新页面", "load the page again"))
        objection = Objection.objects.create(announcement=notice, case=case, at=clock.now(), **line.whose)
        payload = {"announcement": str(notice.uid), "case": str(case.uid)}
        also = [str(notice.batch or notice)]
        current.record(facts.OBJECTED, subject=str(line.row), payload=payload, area=line.row.area_code, rows=[objection], also=also)
    return case


@dataclass(frozen=True, slots=True)
class _Line:
    """What an objection is about. whose: the column of it that says so; programme: with its version; person: about whom."""

    row: Item | Case
    whose: dict[str, Any]
    programme: tuple[str, str]
    person: UUID


def _line(notice: Announcement, uid: UUID) -> _Line:
    """The item of a notice, or the case of one without a batch. Raises LinliError."""
    if notice.batch_id is not None:
        item = Item.objects.filter(uid=uid, batch=notice.batch_id).select_related("award").only(*_READ).first()
        if item is not None:
            return _Line(item, {"item": item}, (item.award.programme, item.award.programme_version), item.person)
    else:
        case = Case.objects.filter(uid=uid, pk__in=keys_of(notice)).first()
        if case is not None:
            return _Line(case, {"about": case}, (case.programme, case.programme_version or ""), case.subject_uid)
    raise refused("no_line", ("公示中没有这一行", "The notice has no such line."), ("从公示页面选择", "choose it on the notice's page"))


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
