"""Public notices (公示): put up for the declared days, hung as posters, and down again by themselves with everything that they showed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from linli.agreements.models import Award
from linli.batches import facts, queries, shown
from linli.batches.acts import shown_cases
from linli.batches.acts.approving import shown_first
from linli.batches.acts.gathering import about, cases_of, dissolve, mine
from linli.batches.acts.settling import close_if_done
from linli.batches.blocks import items_with
from linli.batches.models import AnnouncedCase, AnnouncedLine, Announcement, Batch, Item, Objection, Posted
from linli.batches.openness import notice_days
from linli.batches.refusals import refused
from linli.casework.documents.pages import packed, page_of
from linli.casework.models import Case, StepTaken
from linli.casework.steps import acts as steps
from linli.casework.steps import showing
from linli.casework.visits.reach import covers
from linli.kernel import clock
from linli.kernel.digests import canonical, default_algorithm, hasher
from linli.kernel.documents import tidy_line
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
    told = words(supervision, objections_to)
    with act(viewer) as current:
        row = mine(viewer, batch, "checking", "paying", "approved")
        programme = queries.programme_of(row)
        _require_turn(row, programme)
        notice = begun(viewer, programme, notice_days(programme, row.given), batch=row, masked=masked, **told)
        online = write_lines(notice, shown.lines(programme, announced_items(row), row.period, masked=masked))
        showing.hung(viewer, cases_of(row))
        if shown_first(programme):
            row.state = "notice"
            row.save(update_fields=["state"])
        payload = {**about(row), **said_of(notice, online)}
        current.record(facts.NOTICE_UP, subject=str(row), payload=payload, area=row.area_code, rows=[notice, row])
    return notice


def begun(viewer: Viewer, programme: Programme, days: int, **whose: Any) -> Announcement:
    """The row of a notice that stands from today for so many days, still without lines; for an act that goes on to write them."""
    declared = programme.public_notice
    assert declared is not None
    return Announcement.objects.create(
        programme=programme.slug,
        columns=list(shown.columns_of(programme)),
        online=declared.online,
        days=days,
        unit=declared.term.unit,
        starts_on=clock.today(),
        ends_on=last_day(clock.today(), days, declared.term.unit),
        count=0,
        digest=f"{default_algorithm()}:{'0' * 64}",
        put_up_at=clock.now(),
        put_up_by=viewer.actor,
        **whose,
    )


def said_of(notice: Announcement, online: int) -> dict[str, Any]:
    """What the fact says of a notice that was put up."""
    return {
        "announcement": str(notice.uid),
        "starts": str(notice.starts_on),
        "ends": str(notice.ends_on),
        "lines": notice.count,
        "online": online,
        "masked": notice.masked,
        "digest": notice.digest,
    }


def words(supervision: str, objections_to: str) -> dict[str, str]:
    """Whom to call and who takes objections, tidy. Raises LinliError where either is missing or isn't one."""
    told = {"supervision": tidy_line(supervision), "objections_to": tidy_line(objections_to)}
    for name, text in told.items():
        if not text or len(text) > LONGEST[name]:
            said = ("请写明监督电话和异议受理单位", "Say which number supervises it and which office takes objections.")
            raise refused("notice_words", said, ("填写后再公示", "fill it in"), field=name)
    if not _PHONE.fullmatch(told["supervision"]):
        said = ("监督电话的写法不对", "This is no telephone number.")
        raise refused(
            "phone", said, ("只写数字、空格和短横线", "digits, blanks and hyphens only"), field="supervision", found=told["supervision"]
        )
    return told


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


def write_lines(notice: Announcement, lines: Iterable[shown.Line]) -> int:
    """Write the lines that stand online, take the digest of all; returns how many stand online."""
    hashed = hasher(default_algorithm())
    waiting: list[AnnouncedLine] = []
    online = 0
    for line in lines:
        hashed.update(canonical([str(line.entry.uid), list(line.cells)]) + b"\n")
        notice.count += 1
        if notice.online and not line.entry.minor:
            online += 1
            whose: dict[str, Any] = {"item": line.entry} if isinstance(line.entry, Item) else {"case_id": line.entry.case}
            waiting.append(
                AnnouncedLine(announcement=notice, position=online, area_code=line.entry.area_code, cells=list(line.cells), **whose)
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
            row = Batch.objects.select_for_update().filter(announcements=key).first()
            notice = Announcement.objects.select_for_update().get(pk=key)
            if notice.state == "up":
                _end(current, row, notice, "ended")
                if row is not None:
                    _go_on(row)
                else:
                    shown_cases.go_on(TAKING_DOWN, notice)
    return len(due)


def withdraw(viewer: Viewer, *, announcement: UUID) -> Announcement:
    """Take a notice down before its time: it does not count as shown. Locks the batch."""
    with act(viewer) as current:
        known = notice_of(viewer, announcement)
        row = mine(viewer, known.batch.uid, "notice", "paying", "approved") if known.batch is not None else None
        if row is None:
            viewer.require("officer", area=known.area_code or "", programme=known.programme)
        notice = Announcement.objects.select_for_update().get(uid=announcement)
        if notice.state != "up":
            raise refused("down_already", ("公示已经结束", "The notice is down already."), ("刷新页面", "load the page again"))
        if row is not None and row.state == "notice":
            row.state = "checking"
            row.save(update_fields=["state"])
        _end(current, row, notice, "withdrawn")
        showing.down(viewer, shown_cases.keys_of(notice) if row is None else cases_of(row))
    return notice


def _end(current: Act, row: Batch | None, notice: Announcement, how: str) -> None:
    """What it showed is deleted; that it was shown, and the digest of what, stays."""
    notice.lines.all().delete()
    notice.state, notice.ended_at = how, clock.now()
    notice.save(update_fields=["state", "ended_at"])
    payload = {"programme": notice.programme, "period": row.period if row else "", "announcement": str(notice.uid), "how": how}
    changed = [notice, row] if row else [notice]
    current.record(facts.NOTICE_ENDED, subject=subject_of(notice), payload=payload, area=area_of(notice), rows=changed)


def subject_of(notice: Announcement) -> str:
    """Whose history the facts of a notice stand in: the batch's, or its own."""
    return str(notice.batch or notice)


def area_of(notice: Announcement) -> str:
    """The area whose people it shows, "" the whole city."""
    return notice.batch.area_code if notice.batch is not None else notice.area_code or ""


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
    objection = Objection.objects.select_related("announcement", "about").filter(case=case, about__isnull=False).first()
    if objection is not None:
        shown_cases.answered(a, TAKING_DOWN, objection, outcome)
        return
    item = Item.objects.select_related("award__case").filter(objections__case=case).first()
    if item is None or Announcement.objects.filter(batch=item.batch_id, state="up").exists():
        return
    if not Objection.objects.filter(item=item, case__status="open").exists():
        steps.finish_notice(TAKING_DOWN, item.award.case.uid)


def _set_free(row: Batch) -> None:
    """A list of works that was only shown, at planned prices, is given up: each is paid later, for what was accepted."""
    programme = queries.programme_of(row)
    payment, notice = programme.payment, programme.public_notice
    waiting = StepTaken.objects.filter(case=OuterRef("award__case"), kind="notice", done_at=None)
    planned = payment is not None and payment.reckoned == "works" and notice is not None and notice.place == "before_decision"
    if not planned or row.state != "notice" or queries.listed(row).filter(Exists(waiting)).exists():
        return
    dissolve(TAKING_DOWN, batch=row.uid, reason=SHOWN)


def notice_of(viewer: Viewer, uid: UUID) -> Announcement:
    """A notice that the viewer may read. Raises LinliError."""
    found = queries.announcements(viewer).filter(uid=uid).first()
    if found is None:
        raise refused("no_announcement", ("没有这份公示", "There is no such notice."), ("从批次页面进入", "open it from the batch's page"))
    return found


def hung(viewer: Viewer, *, announcement: UUID, hanging: Hanging) -> Posted:
    """Record where a poster hung, with a photo, drawn anew and kept encrypted under the notice's own key. By an officer of the batch's
    programme in the place's area, or by a steward of that area. A photo takes about 0.2 s beforehand."""
    place = tidy_line(hanging.place)
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
        current.record(facts.POSTER_HUNG, subject=subject_of(notice), payload=payload, area=area_of(notice), rows=[row])
    return row


def _notice_there(viewer: Viewer, uid: UUID, area: str) -> Announcement:
    """The notice for whoever may say that it hung in an area: "" is the batch's own. Raises LinliError."""
    if area and covers(viewer, area, clock.today()):
        found = near(area).filter(uid=uid).first()
        if found is not None:
            return found
    notice = notice_of(viewer, uid)
    viewer.require("officer", area=area or area_of(notice), programme=notice.programme)
    return notice


def near(area: str) -> QuerySet[Announcement]:
    """The notices that stand today and are about people of an area's county."""
    today, county = clock.today(), area[:COUNTY]
    items = Item.objects.filter(batch=OuterRef("batch"), county=county)
    cases = AnnouncedCase.objects.filter(announcement=OuterRef("pk"), case__area_code__startswith=county)
    standing = Announcement.objects.filter(state="up", starts_on__lte=today, ends_on__gte=today)
    return standing.filter(Exists(items) | Exists(cases)).select_related("batch")


def photo(viewer: Viewer, posted: Posted) -> bytes:
    """The photo of a poster that hung, as JPEG, of a notice that the viewer may read; the reading is recorded. Raises LinliError."""
    notice = notice_of(viewer, posted.announcement.uid)
    if not posted.digest:
        raise refused("no_photo", ("没有照片", "There is no photo."), ("从公示页面进入", "open it from the notice's page"))
    portions = read(viewer, purpose=HUNG, subject=notice.uid, address=posted.digest, place=area_of(notice))
    return page_of(portions, 1)
