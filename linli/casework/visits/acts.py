"""Writes of visits: a call at somebody's door, calls that nobody made, and visits to somebody who was erased."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from linli import vault
from linli.casework import facts
from linli.casework.acts import answer, open_between_offices, open_home_visit, require_score
from linli.casework.desks import case_for
from linli.casework.kinds import HELP_NEEDED, HOME_VISIT, MISSED_VISIT
from linli.casework.models import CALLS, Case, Survey, Visit
from linli.casework.said import LONGEST_WORDS
from linli.casework.visits.queries import MET, due_day, of_age, old_enough
from linli.casework.visits.reach import alone, home, neighbour
from linli.casework.visits.rules import Regular, visit_rules
from linli.casework.visits.whereabouts import Measured, sealed
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer, system
from linli.registers.acts.guards import county_of, lock
from linli.registers.models import HouseholdMember, Resident
from linli.trace import Act, AlreadyDone, act

SETTLING = system("casework.visits")
OLDEST = timedelta(days=7)
AHEAD = timedelta(minutes=5)  # what clocks may differ by


def call(
    viewer: Viewer,
    subject: UUID,
    outcome: str,
    words: str = "",
    *,
    uid: UUID,
    occurred_at: datetime | None = None,
    case: UUID | None = None,
    score: int | None = None,
    at: Measured | None = None,
) -> Visit:
    """Somebody stood at a person's door: visited, needs_help (the township gets a case), not_home or left_notice.

    uid: made by the device; the same call sent again changes nothing and gives the same visit, another one is refused. occurred_at: when it
    happened, now if left out; refused when it lies ahead or more than seven days back. case: a home visit asked for, closed by visited and
    needs_help; if it has been closed meanwhile the call is refused. score: how content the person says they are with the visit that they
    asked for, 1 to 5, kept as told to the steward. at: where the device was, if the steward gave it. Needs steward where the person lives.
    Locks the case, then the resident.
    """
    moment = _checked_moment(occurred_at)
    note = _checked_words(outcome, words)
    if score is not None:
        require_score(score)
    said = "|".join((str(uid), str(subject), outcome, str(case or ""), str(score or ""), note, *([at.text()] if at else [])))
    try:
        with act(viewer, key=f"casework.call:{viewer.actor}:{uid}", occurred_at=moment) as a:
            person, place = neighbour(viewer, subject, clock.today())
            asked = _asked(viewer, person, case, outcome) if case else None
            (locked,) = lock(person)
            _require_new(uid)
            visit = _kept(viewer, locked, place, outcome, note, uid, moment, asked, at)
            about = {"case": str(asked.uid)} if asked else {}
            payload = {"visit": str(uid), "outcome": outcome, **about}
            a.record(facts.CALLED_ON, subject=str(locked), payload=payload, rows=[visit], area=county_of(place))
            if asked is not None and outcome in MET and score is not None:
                _told_at_the_door(a, viewer, asked, score)
            _follow_up(viewer, locked, place, outcome, note)
            a.result = {"visit": str(uid), "said": vault.blind("call", said)}
    except AlreadyDone as done:
        if "said" in done.result and done.result["said"] not in vault.blinds("call", said):
            raise _taken(uid) from None
        return Visit.objects.get(uid=uid)
    return visit


def ask(viewer: Viewer, subject: UUID, words: str = "", *, uid: UUID, occurred_at: datetime | None = None) -> Case:
    """Ask that somebody near by is called on, who was seen to need it. The request is theirs; the fact says who made it for them.

    uid: made by the device; sent again it gives the same request. occurred_at: when the need was seen, refused as a call's is; the
    promised days count from the day on which the request arrives. Needs steward where the person lives. Locks the resident.
    """
    _checked_moment(occurred_at)
    neighbour(viewer, subject, clock.today())
    return open_home_visit(viewer, subject, words, key=str(uid))


def _checked_moment(occurred_at: datetime | None) -> datetime:
    now = clock.now()
    moment = occurred_at or now
    if moment > now + AHEAD:
        raise LinliError(
            "visits.in_the_future",
            zh="记录的时间还没有到，手机的日期或时间可能不对",
            en="The time of this record lies in the future: the telephone's date or time may be wrong.",
            place=Place(field="occurred_at"),
            found=moment.isoformat(timespec="minutes"),
            remedy_zh="校准手机时间后重新填写",
            remedy_en="set the telephone's clock and fill it in again",
        )
    if moment < now - OLDEST:
        raise LinliError(
            "visits.too_old",
            zh="记录已经超过七天，不能再补",
            en="This record is more than seven days old and can't be added any more.",
            place=Place(field="occurred_at"),
            found=moment.isoformat(timespec="minutes"),
            remedy_zh="请再上门一次，或者把情况告诉社区（村）",
            remedy_en="call again, or tell the community or village what you know",
        )
    return min(moment, now)


def _checked_words(outcome: str, words: str) -> str:
    note = words.strip()
    if outcome not in CALLS:
        raise LinliError(
            "visits.unknown_outcome",
            zh="请选择上门的结果",
            en="Choose how the call went.",
            place=Place(field="outcome"),
            expected=", ".join(CALLS),
            found=outcome,
            remedy_zh="选择列出的结果",
            remedy_en="choose one of them",
        )
    if outcome == "needs_help" and not note:
        raise LinliError(
            "visits.say_what_help",
            zh="请写明需要什么帮助，只有乡镇（街道）和上级会看到",
            en="Say what help is needed: only the township and those above it read it.",
            place=Place(field="words"),
            remedy_zh="写一两句就行",
            remedy_en="a sentence is enough",
        )
    if len(note) > LONGEST_WORDS:
        raise LinliError(
            "visits.too_many_words",
            zh="文字太长",
            en="The text is too long.",
            place=Place(field="words"),
            expected=f"at most {LONGEST_WORDS} characters",
            expected_zh=f"最多 {LONGEST_WORDS} 个字",
            found=str(len(note)),
            remedy_zh="请写得短一些",
            remedy_en="please shorten it",
        )
    return note


def _asked(viewer: Viewer, person: Resident, uid: UUID, outcome: str) -> Case:
    """The request that this call is for, closed where somebody was met."""
    asked = case_for(viewer, uid, lock=True)
    if asked.kind != HOME_VISIT.slug or asked.subject_uid != person.uid:
        raise LinliError(
            "visits.other_case",
            zh="这件事项不是这位居民的上门服务",
            en="This is not a home visit that the person asked for.",
            found=asked.receipt,
            remedy_zh="回到今天的任务，重新打开",
            remedy_en="open it again from today's list",
        )
    if asked.status != "open":
        raise LinliError(
            "visits.closed_meanwhile",
            zh="这次上门服务已经由其他人办结，您的记录没有写入",
            en="Somebody else has closed this request meanwhile; your record was not added.",
            found=asked.outcome,
            remedy_zh="如果您确实上过门，打开这位居民，另记一次走访",
            remedy_en="if you did call, open the person and record a visit of its own",
        )
    return answer(viewer, uid, "visited") if outcome in MET else asked


def _require_new(uid: UUID) -> None:
    """Ids are made by devices: one that a colleague's call has is not taken for a second one."""
    if Visit.objects.filter(uid=uid).exists():
        raise _taken(uid)


def _taken(uid: UUID) -> LinliError:
    return LinliError(
        "visits.id_taken",
        zh="这条记录的编号已经用过",
        en="The id of this record has been used.",
        place=Place(field="key"),
        found=str(uid),
        remedy_zh="重新打开这位居民再填写",
        remedy_en="open the person and fill it in again",
    )


def _kept(
    viewer: Viewer,
    person: Resident,
    place: str,
    outcome: str,
    note: str,
    uid: UUID,
    moment: datetime,
    asked: Case | None,
    at: Measured | None,
) -> Visit:
    cipher = vault.protect(person.uid, {"words": note})["words"] if note else ""
    return Visit.objects.create(
        uid=uid,
        subject=person.uid,
        area_code=place,
        outcome=outcome,
        case=asked,
        cipher=cipher,
        place_cipher=sealed(person.uid, at),
        occurred_at=moment,
        recorded_at=clock.now(),
        actor=viewer.actor,
    )


def _told_at_the_door(a: Act, viewer: Viewer, asked: Case, score: int) -> None:
    """The survey of the case, answered by the person in words to the steward: the fact says who wrote it down for whom."""
    survey = Survey.objects.select_for_update().get(case=asked)
    survey.score, survey.answered_at, survey.answered_by = score, clock.now(), viewer.actor
    survey.save(update_fields=["score", "answered_at", "answered_by"])
    about = {"case": str(asked.uid), "receipt": asked.receipt, "kind": asked.kind, "score": score, "on_behalf_of": asked.subject}
    a.record(facts.SURVEYED, subject=asked.subject, payload=about, rows=[survey], area=county_of(asked.area_code), also=[str(asked)])


def _follow_up(viewer: Viewer, person: Resident, place: str, outcome: str, note: str) -> None:
    """Help that is needed becomes the township's case; what it had to ask about a missed call is answered by this one."""
    if outcome == "needs_help":
        open_between_offices(viewer, person, place, HELP_NEEDED, note)
    if outcome in MET:
        missed = Case.objects.filter(subject=str(person), kind=MISSED_VISIT.slug, status="open").values_list("uid", flat=True)
        for uid in missed:
            answer(SETTLING, uid, "visited")


def report_missed() -> int:
    """Open a case with the township for everybody whose regular call is overdue by more than the city allows; returns how many.

    Who has such a case, or had one closed since the call was due, is left alone. Two queries and an act per person; all that were
    opened before a failure stay.
    """
    today, rule = clock.today(), visit_rules().regular
    rows = of_age(alone(today), rule, today)
    late = [row for row in rows.iterator(chunk_size=2000) if _missed(row, rule, today)]
    known = _reported({row.resident.uid for row in late}, today - timedelta(days=rule.every_days))
    return sum(_report(row) for row in late if row.resident.uid not in known)


def _missed(row: HouseholdMember, rule: Regular, today: date) -> bool:
    return old_enough(row.resident, rule, today) and today > due_day(row, rule)[0] + timedelta(days=rule.late_days)


def _reported(people: set[UUID], since: date) -> set[UUID]:
    rows = Case.objects.filter(kind=MISSED_VISIT.slug)
    open_or_new = rows.filter(status="open") | rows.filter(closed_at__date__gte=since)
    return {row.subject_uid for row in open_or_new} & people


def _report(row: HouseholdMember) -> bool:
    person = row.resident
    with act(SETTLING):
        return open_between_offices(SETTLING, person, home(person, clock.today()), MISSED_VISIT) is not None


def forget(viewer: Viewer, subject: UUID) -> int:
    """Empty the visits to an erased person: notes and positions go, the place shrinks to the county. Returns how many there were."""
    with act(viewer) as a:
        rows = list(Visit.objects.select_for_update().filter(subject=subject).order_by("pk"))
        for row in rows:
            row.cipher, row.place_cipher, row.area_code = "", None, county_of(row.area_code)
            row.save(update_fields=["cipher", "place_cipher", "area_code"])
        if rows:
            payload = {"number": len(rows)}
            a.record(facts.VISITS_FORGOTTEN, subject=f"resident:{subject}", payload=payload, rows=rows, area=rows[0].area_code)
    return len(rows)
