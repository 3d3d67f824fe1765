"""Public notices (公示): put up for the declared days, hung as posters, and down again by themselves with everything that they showed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from linli.agreements.models import Award
from linli.batches import facts, queries, shown
from linli.batches.acts.approving import shown_first
from linli.batches.acts.gathering import about, cases_of, dissolve, mine
from linli.batches.acts.settling import close_if_done
from linli.batches.blocks import items_with
from linli.batches.models import AnnouncedLine, Announcement, Batch, Item, Objection, Posted
from linli.batches.openness import notice_days
from linli.batches.refusals import refused
from linli.casework.documents.pages import packed, page_of
from linli.casework.models import Case, StepTaken
from linli.casework.steps import acts as steps
from linli.casework.steps import showing
from linli.casework.visits.reach import covers
from linli.kernel import clock
from linli.kernel.digests import canonical, default_algorithm, hasher
from linli.kernel.viewer import Viewer, system
from linli.kernel.workdays import workdays
from linli.papers.scans import take_in
from linli.programmes.declaration import Programme
from linli.trace import Act, act
from linli.vault.files.acts import keep, read

SHOWN = "公示期满，验收后按验收金额另行列入发放批次"
TAKING_DOWN = system("batches.notices")
AT_ONCE = 2000
HUNG, PAGES = "batches.poster", "application/x-pages"
COUNTY = 6
LONGEST = {"supervision": 40, "objections_to": 200, "place": 200}
OPEN_OBJECTION = Objection.objects.filter(item=OuterRef("pk"), case__status="open")
_PHONE = re.compile(r"[0-9][0-9 \-]{2,38}")


@dataclass(frozen=True, slots=True)
class Hanging:
    """Where a poster hung, since when, and the photo as it was sent, nothing without one."""

    place: str
    hung_on: date
    area_code: str = ""
    photo: bytes = b""


def put_up(viewer: Viewer, *, batch: UUID, supervision: str, objections_to: str, masked: bool = False) -> Announcement:
    """Show a batch to everyone from today for the days that the programme, or else a document, lays down.

    Before payment once every check is done and no finding is open, afterwards once something was paid. Online stand the lines of adults,
    if the programme wants them there; on the poster all. Locks the batch; set statements.
    """
    told = {"supervision": supervision.strip(), "objections_to": objections_to.strip()}
    _check_told(told)
    with act(viewer) as current:
        row = mine(viewer, batch, "checking", "paying", "approved")
        programme = queries.programme_of(row)
        _require_turn(row, programme)
        assert programme.public_notice is not None
        days, unit = notice_days(programme, row.given), programme.public_notice.term.unit
        notice = Announcement.objects.create(
            batch=row,
            programme=row.programme,
            columns=list(shown.columns_of(programme)),
            online=programme.public_notice.online,
            masked=masked,
            days=days,
            unit=unit,
            starts_on=clock.today(),
            ends_on=last_day(clock.today(), days, unit),
            count=0,
            digest=f"{default_algorithm()}:{'0' * 64}",
            put_up_at=clock.now(),
            put_up_by=viewer.actor,
            **told,
        )
        online = _write_lines(notice, row, programme)
        showing.hung(viewer, cases_of(row))
        if shown_first(programme):
            row.state = "notice"
            row.save(update_fields=["state"])
        payload = {
            **about(row),
            "announcement": str(notice.uid),
            "starts": str(notice.starts_on),
            "ends": str(notice.ends_on),
            "lines": notice.count,
            "online": online,
            "masked": masked,
            "digest": notice.digest,
        }
        current.record(facts.NOTICE_UP, subject=str(row), payload=payload, area=row.area_code, rows=[notice, row])
    return notice


def _check_told(told: dict[str, str]) -> None:
    for name, text in told.items():
        if not text or len(text) > LONGEST[name]:
            said = ("请写明监督电话和异议受理单位", "Say which number supervises it and which office takes objections.")
            raise refused("notice_words", said, ("填写后再公示", "fill it in"), field=name)
    if not _PHONE.fullmatch(told["supervision"]):
        said = ("监督电话的写法不对", "This is no telephone number.")
        raise refused(
            "phone", said, ("只写数字、空格和短横线", "digits, blanks and hyphens only"), field="supervision", found=told["supervision"]
        )


def _require_turn(row: Batch, programme: Programme) -> None:
    if programme.public_notice is None:
        raise refused("no_notice", ("政策没有要求公示", "The programme asks for no public notice."), ("直接批准", "approve the batch"))
    if row.announcements.exclude(state="withdrawn").exists():
        raise refused("shown_already", ("这个批次已经公示", "This batch has been shown already."), ("查看公示", "look at its notice"))
    if shown_first(programme) != (row.state == "checking"):
        said = ("还没有轮到公示", "It isn't the notice's turn yet.")
        raise refused("notice_turn", said, ("按批次页面提示的下一步办理", "take the step that the batch's page names"))
    for code in ("check_open", "finding_open"):
        if shown_first(programme) and (count := items_with(row, code, programme).count()):
            said = ("核查没有完成，不能公示", "The checks are not done: nothing is shown before.")
            raise refused(code, said, ("先完成核查并处理发现的问题", "do the checks and settle what they found first"), found=str(count))


def last_day(first: date, days: int, unit: str) -> date:
    """The last day of a notice put up on `first`. The day itself isn't counted (民法典 art. 201)."""
    return workdays(Path(settings.LINLI_CITY)).after(first, days) if unit == "working" else first + timedelta(days=days)


def announced_items(row: Batch) -> Iterator[Item]:
    """What a notice of the batch shows: what is listed and, after payment, what was paid; in the order of places."""
    states = ("listed", "paid") if row.approved_at is not None else ("listed",)
    found = Item.objects.filter(batch=row, state__in=states).select_related("award").order_by("area_code", "id")
    yield from found.iterator(chunk_size=AT_ONCE)


def _write_lines(notice: Announcement, row: Batch, programme: Programme) -> int:
    """Write the lines that stand online, take the digest of all; returns how many stand online."""
    hashed = hasher(default_algorithm())
    waiting: list[AnnouncedLine] = []
    online = 0
    for line in shown.lines(row, programme, announced_items(row), masked=notice.masked):
        hashed.update(canonical([str(line.item.uid), list(line.cells)]) + b"\n")
        notice.count += 1
        if notice.online and not line.item.minor:
            online += 1
            waiting.append(
                AnnouncedLine(announcement=notice, item=line.item, position=online, area_code=line.item.area_code, cells=list(line.cells))
            )
        if len(waiting) == AT_ONCE:
            AnnouncedLine.objects.bulk_create(waiting)
            waiting = []
    AnnouncedLine.objects.bulk_create(waiting)
    notice.digest = f"{default_algorithm()}:{hashed.hexdigest()}"
    notice.save(update_fields=["count", "digest"])
    return online


def take_down_due() -> int:
    """Take down every notice whose last day is over; each in its own act. How many."""
    due = Announcement.objects.filter(state="up", ends_on__lt=clock.today()).order_by("pk").values_list("pk", flat=True)
    for key in list(due):
        with act(TAKING_DOWN) as current:
            row = Batch.objects.select_for_update().get(announcements=key)
            notice = Announcement.objects.select_for_update().get(pk=key)
            if notice.state == "up":
                _end(current, row, notice, "ended")
                _go_on(row)
    return len(due)


def withdraw(viewer: Viewer, *, announcement: UUID) -> Announcement:
    """Take a notice down before its time: it does not count as shown. Locks the batch."""
    with act(viewer) as current:
        known = notice_of(viewer, announcement)
        row = mine(viewer, known.batch.uid, "notice", "paying", "approved")
        notice = Announcement.objects.select_for_update().get(uid=announcement)
        if notice.state != "up":
            raise refused("down_already", ("公示已经结束", "The notice is down already."), ("刷新页面", "load the page again"))
        if row.state == "notice":
            row.state = "checking"
            row.save(update_fields=["state"])
        _end(current, row, notice, "withdrawn")
        showing.down(viewer, cases_of(row))
    return notice


def _end(current: Act, row: Batch, notice: Announcement, how: str) -> None:
    """What it showed is deleted; that it was shown, and the digest of what, stays."""
    notice.lines.all().delete()
    notice.state, notice.ended_at = how, clock.now()
    notice.save(update_fields=["state", "ended_at"])
    payload = {**about(row), "announcement": str(notice.uid), "how": how}
    current.record(facts.NOTICE_ENDED, subject=str(row), payload=payload, area=row.area_code, rows=[notice, row])


def _go_on(row: Batch) -> None:
    """Cases that waited for the notice go on where nobody has objected; those that wait for an answer have their clocks run again. A batch
    that was paid meanwhile closes."""
    waiting = queries.listed(row).filter(award__state="proposed").filter(~Exists(OPEN_OBJECTION))
    for case in Award.objects.filter(pk__in=waiting.order_by().values("award")).values_list("case__uid", flat=True):
        steps.finish_notice(TAKING_DOWN, case)
    showing.down(TAKING_DOWN, cases_of(row))
    close_if_done(TAKING_DOWN, row)
    _set_free(row)


def objection_answered(a: Act, viewer: Viewer, case: Case, outcome: str, words: str) -> None:
    """In the act that answers an objection to a notice that is over: the case that waited for it goes on, unless another is still open."""
    item = Item.objects.select_related("award__case").filter(objections__case=case).first()
    if item is None or Announcement.objects.filter(batch=item.batch_id, state="up").exists():
        return
    if not Objection.objects.filter(item=item, case__status="open").exists():
        steps.finish_notice(TAKING_DOWN, item.award.case.uid)


def _set_free(row: Batch) -> None:
    """A list of works that was only shown, at planned prices, is given up: each is paid later, for what was accepted."""
    payment = queries.programme_of(row).payment
    waiting = StepTaken.objects.filter(case=OuterRef("award__case"), kind="notice", done_at=None)
    if payment is None or payment.reckoned != "works" or row.state != "notice" or queries.listed(row).filter(Exists(waiting)).exists():
        return
    dissolve(TAKING_DOWN, batch=row.uid, reason=SHOWN)


def notice_of(viewer: Viewer, uid: UUID) -> Announcement:
    """A notice of a batch that the viewer may read. Raises LinliError."""
    found = Announcement.objects.select_related("batch").filter(uid=uid, batch__in=queries.batches(viewer).order_by()).first()
    if found is None:
        raise refused("no_announcement", ("没有这份公示", "There is no such notice."), ("从批次页面进入", "open it from the batch's page"))
    return found


def hung(viewer: Viewer, *, announcement: UUID, hanging: Hanging) -> Posted:
    """Record where a poster hung, with a photo, drawn anew and kept encrypted under the notice's own key. By an officer of the batch's
    programme in the place's area, or by a steward of that area. A photo takes about 0.2 s beforehand."""
    place = hanging.place.strip()
    if not place or len(place) > LONGEST["place"]:
        raise refused("place", ("请写明张贴地点", "Say where it hangs."), ("填写地点", "write the place"), field="place")
    pictures = packed(take_in(hanging.photo)) if hanging.photo else b""
    with act(viewer) as current:
        notice = _notice_there(viewer, announcement, hanging.area_code)
        if not notice.starts_on <= hanging.hung_on <= min(notice.ends_on, clock.today()):
            said = ("张贴日期不在公示期内", "The day isn't one of the notice's.")
            expected = f"{notice.starts_on} – {notice.ends_on}"
            raise refused("hung_on", said, ("核对日期", "look at the day"), field="hung_on", expected=expected, found=str(hanging.hung_on))
        row = Posted.objects.create(
            announcement=notice,
            place=place,
            area_code=hanging.area_code,
            hung_on=hanging.hung_on,
            digest=keep(notice.uid, pictures, PAGES).address if pictures else "",
            recorded_at=clock.now(),
            recorded_by=viewer.actor,
        )
        payload = {"announcement": str(notice.uid), "place": place, "on": str(hanging.hung_on)}
        current.record(facts.POSTER_HUNG, subject=str(notice.batch), payload=payload, area=notice.batch.area_code, rows=[row])
    return row


def _notice_there(viewer: Viewer, uid: UUID, area: str) -> Announcement:
    """The notice for whoever may say that it hung in an area: "" is the batch's own. Raises LinliError."""
    if area and covers(viewer, area, clock.today()):
        found = near(area).filter(uid=uid).first()
        if found is not None:
            return found
    notice = notice_of(viewer, uid)
    viewer.require("officer", area=area or notice.batch.area_code, programme=notice.programme)
    return notice


def near(area: str) -> QuerySet[Announcement]:
    """The notices that stand today and are about people of an area's county."""
    today, county = clock.today(), area[:COUNTY]
    items = Item.objects.filter(batch=OuterRef("batch"), county=county)
    return Announcement.objects.filter(Exists(items), state="up", starts_on__lte=today, ends_on__gte=today).select_related("batch")


def photo(viewer: Viewer, posted: Posted) -> bytes:
    """The photo of a poster that hung, as JPEG, of a notice that the viewer may read; the reading is recorded. Raises LinliError."""
    notice = notice_of(viewer, posted.announcement.uid)
    if not posted.digest:
        raise refused("no_photo", ("没有照片", "There is no photo."), ("从公示页面进入", "open it from the notice's page"))
    portions = read(viewer, purpose=HUNG, subject=notice.uid, address=posted.digest, place=notice.batch.area_code)
    return page_of(portions, 1)
