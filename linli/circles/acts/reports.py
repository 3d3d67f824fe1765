"""What people say of places, and what came of it: a place has closed or opened again, there is a new one, something of it is wrong.

Anybody may say so. A grid worker or an officer of the area looks, and what they confirm changes the register in the same transaction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.circles import facts
from linli.circles.models import REPORT_KINDS, REPORT_OPEN, PlaceReport, ReportVoice
from linli.circles.reports import covers, neighbourhood
from linli.kernel import clock
from linli.kernel.digests import digest_of
from linli.kernel.documents import tidy_line
from linli.kernel.errors import LinliError, Place, Refused
from linli.kernel.ids import uuid7
from linli.kernel.positions import WGS84, Position
from linli.kernel.viewer import Grant, Viewer
from linli.registers.acts.areas import degrees
from linli.registers.acts.places import change_place, close_place, open_place, stated_of
from linli.registers.models import Place as Shop
from linli.registers.places import StatedPlace
from linli.trace import Act, AlreadyDone, KeyReusedError, act
from linli.trace.turns import one_at_a_time

MOST_A_DAY: Final = 5
"""Reports of one person, or from one address without signing in, within 24 hours: more is no walk through the neighbourhood."""
LONGEST_NAME, LONGEST_WORDS, LONGEST_NOTE = 100, 500, 200
DAY = timedelta(days=1)
_ANSWERS = {
    "waiting": ("等人核实", "waiting"),
    "passed": ("属实，等工作人员改登记", "found so, an officer has yet to put it right"),
    "confirmed": ("属实，登记已更新", "found so, and the register says so"),
    "dismissed": ("不属实", "not so"),
}


def report_place(
    viewer: Viewer,
    *,
    kind: str,
    place: UUID | None = None,
    category: str = "",
    name: str = "",
    at: Position | None = None,
    words: str = "",
    key: str,
) -> PlaceReport:
    """Somebody says that a place has closed, is wrong (how, in words) or is open again, or that there is a new one of a category at a
    position.

    key: made with the form; sent again it gives the same report, with other content it is refused (KeyReusedError). The same said of a
    place that waits already is counted, not listed twice, with the words of each: one person's further words are kept, and counted once.
    viewer: anybody; actor tells one person from another. Refused beyond MOST_A_DAY. One of the same viewer, then one of the same place,
    at a time; locks a report that is open.
    """
    _known_kind(kind, place, category, at, words)
    told = [_short("name", name, LONGEST_NAME), _short("words", words, LONGEST_WORDS)]
    content = digest_of([kind, str(place or ""), category, *told, f"{at.lon:.7f} {at.lat:.7f}" if at else ""])
    try:
        with act(viewer, key=f"circles.report:{viewer.actor}:{key}") as a:
            one_at_a_time(f"circles.report:{viewer.actor}")
            if place:
                one_at_a_time(f"circles.report_of:{place}")
            _require_few(viewer)
            shop = _shop(place, gone=kind == "again") if place else None
            report = _said_again(viewer, kind, shop, told[1]) if shop else None
            if report is None:
                report = _new(viewer, kind, shop, category, told, at)
                _record(a, report)
            a.result = {"report": str(report.uid), "content": content}
    except AlreadyDone as done:
        return PlaceReport.objects.get(uid=done.of_the_same(content)["report"])
    return report


def confirm_report(viewer: Viewer, report: UUID, *, name: str = "", category: str = "", note: str = "", key: str = "") -> PlaceReport:
    """Whoever looked says that it is so: a place that closed is closed in the register from today, one that is open again opens as it was,
    a new one is opened there, under the name and category given here or else as reported. Something wrong is passed on to an officer, who
    puts in what is right (put_right).

    key: made by the device; sent again nothing changes, with another answer it is refused. Needs steward or officer where it lies. Locks
    the report, then the place.
    """
    content = digest_of(["confirmed", str(report), name, category, note])
    try:
        with act(viewer, key=f"circles.report_answer:{viewer.actor}:{key}" if key else None) as a:
            row = _locked(viewer, report)
            if row.kind == "closed":
                close_place(_there(viewer, row), code=_shop(row.place).code, on=clock.today(), source="report")
            elif row.kind == "again":
                there = replace(stated_of(_shop(row.place, gone=True)), closed=None, opened=clock.today())
                open_place(_there(viewer, row), place=there, on=clock.today(), source="report")
            elif row.kind == "new":
                shop = open_place(_there(viewer, row), place=_stated(row, name, category), on=clock.today(), source="report")
                row.place, row.name = shop.uid, shop.name_zh
                row.category = category or row.category
            _answered(a, viewer, row, "passed" if row.kind == "wrong" else "confirmed", note)
            a.result = {"report": str(row.uid), "content": content}
    except AlreadyDone as done:
        return _answered_so(done, content)
    return row


def put_right(viewer: Viewer, report: UUID, *, place: StatedPlace, on: date, seen: str = "") -> PlaceReport:
    """An officer puts in what is right of a place of which something was reported wrong, and so answers the report: one transaction.

    seen: as change_place() has it. Refused where nothing of the place differs from what stands.

    Needs officer or administrator over the place, officer over the report.
    Locks the report, then the place.
    """
    with act(viewer) as a:
        row = _locked(viewer, report)
        there = _shop(row.place)
        before = stated_of(there)
        if there.code != place.code:
            raise _incomplete("code", ("这条报告说的是另一处", "The report is about another place."))
        if stated_of(change_place(viewer, place=place, on=on, seen=seen)) == before:
            raise LinliError(
                "circles.nothing_put_right",
                zh="登记没有变化",
                en="Nothing has changed.",
                remedy_zh="改好再保存；不用改的，回到报告写明看到了什么",
                remedy_en="change what is wrong and save; if nothing is, go back to the report and say what was found",
            )
        _answered(a, viewer, row, "confirmed", row.note)
    return row


def dismiss_report(viewer: Viewer, report: UUID, *, note: str, key: str = "") -> PlaceReport:
    """Whoever looked says that it isn't so, and why; whoever reported it reads that. key: as confirm_report() has it. Needs steward or
    officer where it lies. Locks it."""
    content = digest_of(["dismissed", str(report), "", "", note])
    try:
        with act(viewer, key=f"circles.report_answer:{viewer.actor}:{key}" if key else None) as a:
            row = _locked(viewer, report)
            if not note.strip():
                raise LinliError(
                    "circles.report_say_why",
                    zh="请写明看到了什么，报告的人会看到",
                    en="Say what you found: whoever reported it will read it.",
                    place=Place(field="note"),
                    remedy_zh="写一句就行，如“还在营业，只是换了招牌”",
                    remedy_en="a sentence is enough, such as “still open under a new sign”",
                )
            _answered(a, viewer, row, "dismissed", note)
            a.result = {"report": str(row.uid), "content": content}
    except AlreadyDone as done:
        return _answered_so(done, content)
    return row


def _answered_so(done: AlreadyDone, content: str) -> PlaceReport:
    """The report as it was answered under this key. Raises LinliError, which says how, where the answer now is another."""
    row = PlaceReport.objects.get(uid=done.result["report"])
    try:
        done.of_the_same(content)
    except KeyReusedError:
        raise _answered_already(row) from None
    return row


def _known_kind(kind: str, place: UUID | None, category: str, at: Position | None, words: str) -> None:
    if kind not in REPORT_KINDS or (kind == "new") != (place is None):
        raise _incomplete("kind", ("请说明是关门了，还是新开了", "Say whether a place has closed or is new."))
    if kind == "wrong" and not words.strip():
        remedy = ("如“电话换了”“早上七点就开门”", "such as “a new number” or “opens at seven”")
        raise _incomplete("words", ("请写明哪里不对", "Say what is wrong."), remedy)
    if kind == "new" and not category:
        raise _incomplete("category", ("请选择新开的是什么", "Choose what has opened."))
    if kind == "new" and at is None:
        raise _incomplete("lon", ("请在地图上点出位置", "Tap the place on the map."))


def _incomplete(field: str, told: tuple[str, str], remedy: tuple[str, str] = ("", "")) -> LinliError:
    place = Place(field=field)
    return LinliError("circles.report_incomplete", zh=told[0], en=told[1], place=place, remedy_zh=remedy[0], remedy_en=remedy[1])


def _short(field: str, text: str, longest: int) -> str:
    tidied = tidy_line(text)
    if len(tidied) > longest:
        raise LinliError(
            "circles.report_too_long",
            zh="文字太长",
            en="The text is too long.",
            place=Place(field=field),
            expected=f"at most {longest} characters",
            expected_zh=f"最多 {longest} 个字",
            found=str(len(tidied)),
            remedy_zh="请写得短一些",
            remedy_en="please shorten it",
        )
    return tidied


def _require_few(viewer: Viewer) -> None:
    since = clock.now() - DAY
    said = {"said_by": viewer.actor, "said_at__gt": since}
    if PlaceReport.objects.filter(**said).count() + ReportVoice.objects.filter(**said).count() >= MOST_A_DAY:
        raise Refused(
            "circles.many_reports",
            zh="今天报告得够多了",
            en="That is enough for today.",
            expected=str(MOST_A_DAY),
            remedy_zh="请明天再报告，或者打热线告诉我们",
            remedy_en="report again tomorrow, or call the hotline",
        )


def _shop(uid: UUID | None, *, gone: bool = False) -> Shop:
    """The place that is meant, as the register has it. gone: one that it has as closed."""
    found = Shop.objects.filter(uid=uid).first() if uid else None
    if found is not None and gone and found.closed is None:
        raise LinliError(
            "circles.place_is_open",
            zh="登记里这一处还在营业",
            en="The register has this place as open.",
            place=Place(field="place"),
            found=found.name_zh,
            remedy_zh="不用再登记；不属实的，写明看到了什么",
            remedy_en="nothing is left to record; if it isn't so, say what you found",
        )
    if found is None or (found.closed is not None and not gone):
        raise LinliError(
            "circles.no_such_place",
            zh="登记里没有这个地方，或者已经登记为关门",
            en="The register has no such place, or has it as closed.",
            place=Place(field="place"),
            found=str(uid),
            remedy_zh="回到地图重新选择",
            remedy_en="go back to the map and choose again",
        )
    return found


def _said_again(viewer: Viewer, kind: str, shop: Shop, words: str) -> PlaceReport | None:
    """The report that is open already, with one more who says so, or further words of who has: of one person each is kept once."""
    row = PlaceReport.objects.select_for_update().filter(place=shop.uid, kind=kind, state__in=REPORT_OPEN).first()
    if row is None:
        return None
    mine = list(row.voices.filter(said_by=viewer.actor).values_list("words", flat=True))
    mine += [row.words] if row.said_by == viewer.actor else []
    if mine and (not words or words in mine):
        return row
    with act(viewer) as a:
        voice = ReportVoice.objects.create(report=row, words=words, said_at=clock.now(), said_by=viewer.actor)
        if not mine:
            row.times += 1
            row.save(update_fields=["times"])
        _record(a, row, voice)
    return row


def _record(a: Act, row: PlaceReport, *more: ReportVoice) -> None:
    payload = {"report": str(row.uid), "kind": row.kind, "category": row.category, "times": row.times}
    a.record(facts.PLACE_REPORTED, subject=str(row), payload=payload, rows=[row, *more], area=row.area_code)


def _new(viewer: Viewer, kind: str, shop: Shop | None, category: str, told: list[str], at: Position | None) -> PlaceReport:
    spot = Position(float(shop.lon), float(shop.lat)) if shop else at
    if spot is None:
        raise _incomplete("lon", ("请在地图上点出位置", "Tap the place on the map."))
    lon, lat = degrees(spot)
    area = neighbourhood(spot, clock.today()) or (shop.area_code if shop else "")
    if not area:
        raise LinliError(
            "circles.report_elsewhere",
            zh="这里不在本市登记的社区附近",
            en="This is not near any community of the city.",
            place=Place(field="lon"),
            found=f"{spot.lon:.5f}, {spot.lat:.5f}",
            remedy_zh="请在地图上重新点位置",
            remedy_en="tap the place on the map again",
        )
    name, words = told
    return PlaceReport.objects.create(
        uid=uuid7(), kind=kind, place=shop.uid if shop else None, category=category, name=name or (shop.name_zh if shop else ""),
        words=words, area_code=area, lon=lon, lat=lat, state="waiting", said_at=clock.now(), said_by=viewer.actor,
    )  # fmt: skip


def _locked(viewer: Viewer, uid: UUID) -> PlaceReport:
    row = PlaceReport.objects.select_for_update().filter(uid=uid).first()
    if row is None or not covers(viewer, row.area_code, clock.today()):
        raise Refused(
            "circles.not_your_report",
            zh="这件事不由您核实",
            en="This is not yours to look into.",
            found=str(uid),
            remedy_zh="从“居民报告”进入",
            remedy_en="start from “What residents report”",
        )
    if row.state != "waiting" and not (row.state == "passed" and viewer.may("officer", area=row.area_code)):
        raise _answered_already(row)
    return row


def _answered_already(row: PlaceReport) -> LinliError:
    zh, en = _ANSWERS[row.state]
    return LinliError(
        "circles.report_answered",
        zh=f"已经有人核实过了，记的是“{zh}”，没有改动",
        en=f"Somebody has looked into it already and found “{en}”. Nothing was changed.",
        expected=("还没有核实的报告", "a report that nobody has looked into"),
        found=(zh, en),
        remedy_zh="记错了的，请让工作人员在“场所”里改登记；其余的回到“居民报告”",
        remedy_en="if that is wrong, have an officer change the place in the register; the others are in the list",
    )


def _there(viewer: Viewer, row: PlaceReport) -> Viewer:
    """Whoever looks after the house next to it may say so of the place, although its area is written down more coarsely."""
    return replace(viewer, grants=(*viewer.grants, Grant("steward", _community(row))))


def _community(row: PlaceReport) -> str:
    shop = Shop.objects.filter(uid=row.place).first() if row.place else None
    return str(shop.area_code if shop else row.area_code[:12])


def _stated(row: PlaceReport, name: str, category: str) -> StatedPlace:
    called = _short("name", name, LONGEST_NAME) or row.name
    if not called:
        raise _incomplete("name", ("请写店名或招牌上的字", "Write the name on its sign."))
    spot = Position(float(row.lon), float(row.lat))
    return StatedPlace(
        code=f"R-{row.uid.hex[-16:]}",
        name_zh=called,
        name_en="",
        kind="shop",
        area_code=row.area_code[:12],
        place=spot,
        system=WGS84,
        given=f"{spot.lon:.7f}, {spot.lat:.7f}",
        roles=((category or row.category, None),),
        opened=clock.today(),
    )


def _answered(a: Act, viewer: Viewer, row: PlaceReport, state: str, note: str) -> None:
    row.state, row.note = state, _short("note", note, LONGEST_NOTE)
    row.answered_at, row.answered_by = clock.now(), viewer.actor
    row.save()
    payload = {"report": str(row.uid), "kind": row.kind, "state": state}
    a.record(facts.REPORT_ANSWERED, subject=str(row), payload=payload, rows=[row], area=row.area_code)
