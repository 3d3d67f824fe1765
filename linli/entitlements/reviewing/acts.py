"""Writes of a review: a reviewer's sheet, the ranks of a round, their public notice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from linli.batches.acts.noticing import last_day
from linli.casework import timers
from linli.casework.desks import require_impartial, workable
from linli.casework.models import Case
from linli.casework.steps import moving, showing
from linli.casework.steps.acts import open_application, programme_of
from linli.entitlements.models import Application
from linli.entitlements.recording import record
from linli.entitlements.reviewing import facts
from linli.entitlements.reviewing.models import Ranking, RankingPlace, ReviewSheet
from linli.entitlements.reviewing.queries import candidates, register_facts, scored_step, scores_of, sheets_of
from linli.entitlements.reviewing.refusals import refusal
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.kernel.workdays import end_of
from linli.programmes.declaration import Programme
from linli.programmes.queries import pinned
from linli.programmes.scoring import ranking as reckon
from linli.trace import act

SHOWN = "entitlements.ranks_shown"
"""The timer with which the notice of a case's rank is over."""
_PERIOD = re.compile(r"[0-9]{4}(-[0-9A-Z]{1,4})?")
_PHONE = re.compile(r"[0-9][0-9 \-]{2,38}")
MOST_DAYS = 365


def score(viewer: Viewer, case: UUID, points: Mapping[str, int]) -> ReviewSheet:
    """Give a case one's own points, for every criterion that reviewers judge; again replaces them until the case is ranked. Locks the case.

    Nobody scores their own case, or that of their household or family. Raises LinliError outside the step for it and out of range.
    """
    with act(viewer) as a:
        row = open_application(viewer, case)
        require_impartial(viewer, row)
        programme = programme_of(row)
        _require_points(programme, points)
        if moving.current(row).step != scored_step(programme) or RankingPlace.objects.filter(case=row).exists():
            raise refusal(
                "not_now",
                ("现在不是打分的步骤，或名次已经评定", "This isn't the step for scoring, or the ranks stand already."),
                ("打开事项查看现在的步骤", "open the case and look at its step"),
                found=row.step or "",
            )
        sheet, _new = ReviewSheet.objects.get_or_create(case=row, reviewer=viewer.actor, defaults={"given_at": clock.now()})
        if sheet.points != dict(points):
            sheet.points, sheet.given_at = dict(points), clock.now()
            sheet.save(update_fields=["points", "given_at"])
            record(a, Application.objects.select_related("case").get(case=row), facts.SCORED, {}, [sheet])
    return sheet


def _require_points(programme: Programme, points: Mapping[str, int]) -> None:
    judged = {one.id: one for one in scores_of(programme).criteria if one.fact is None}
    for name, one in judged.items():
        given = points.get(name)
        if type(given) is not int or not 0 <= given <= one.most:
            raise refusal(
                "points",
                (f"“{one.label.zh}”的得分不对", f"The points for “{one.label.en}” are out of range."),
                ("填写整数", "give a whole number"),
                expected=f"0–{one.most}",
                found=("没有填", "none") if given is None else str(given),
                field=name,
            )
    if unknown := set(points) - set(judged):
        raise refusal(
            "criterion",
            ("没有这项由评审人员打分的内容", "Reviewers give no points for this."),
            ("只填列出的各项", "give those listed"),
            found=", ".join(sorted(unknown)),
        )


def rank(viewer: Viewer, programme: str, period: str, day: date) -> Ranking:
    """Freeze the ranks of every case that waits in the scored step: the sheets as they stand, the day's weights and register facts.

    Once for a programme and period; asked again it answers what stands. Refused while a single case lacks a sheet or a register's number.
    For an officer over all of the programme's area. Locks the cases.
    """
    if not _PERIOD.fullmatch(period) or day > clock.today():
        raise refusal(
            "round",
            ("轮次或评审日期不对", "This is no round, or its day has not come."),
            ("轮次如 2026；日期不晚于今天", "a round like 2026; a day not later than today"),
            found=f"{period[:20]} {day}",
        )
    with act(viewer) as a:
        rows = candidates(programme, lock=True)
        known = Ranking.objects.filter(programme=programme, period=period).first()
        if known is not None:
            return known
        version = _one_version(rows)
        declared = pinned(programme, version)
        viewer.require("officer", area=declared.place.area if declared.place else "", programme=programme)
        _require_whole(viewer, rows)
        sheets, numbers = sheets_of(rows), register_facts(declared, rows, day)
        found = reckon(declared, day, sheets, numbers)
        _require_complete(declared, found.places)
        made = Ranking.objects.create(
            programme=programme,
            programme_version=version,
            period=period,
            day=day,
            facts=numbers,
            weights={name: str(weight) for name, weight in found.weights.items()},
            digest=found.digest,
            ranked_at=clock.now(),
            ranked_by=viewer.actor,
        )
        by_uid = {str(one.uid): one for one in rows}
        places = [
            RankingPlace.objects.create(
                ranking=made,
                case=by_uid[one.candidate],
                rank=one.rank or 0,
                total=str(one.total),
                points={name: str(value) for name, value in one.points.items()},
            )
            for one in found.places
        ]
        payload = {"programme": programme, "period": period, "day": str(day), "places": len(places), "digest": found.digest}
        a.record(facts.RANKED, subject=str(made), payload=payload, rows=[made, *places], also=[str(one) for one in rows])
    return made


def _one_version(rows: list[Case]) -> str:
    versions = {row.programme_version or "" for row in rows}
    if len(versions) != 1:
        raise refusal(
            "candidates",
            ("没有等待评定名次的申请，或分属不同的政策版本", "No case waits to be ranked, or they run under different versions."),
            ("核对待评审的申请", "look at the cases in the step"),
            expected=("同一政策版本的申请", "cases of one version"),
            found=", ".join(sorted(versions)) or ("没有", "none"),
        )
    return versions.pop()


def _require_whole(viewer: Viewer, rows: list[Case]) -> None:
    for row in rows:
        require_impartial(viewer, row)
    if workable(viewer).filter(case__in=rows).count() < len(rows):
        raise refusal(
            "not_all",
            ("本轮有不在您职责范围内的申请", "Some of the round's cases are not yours."),
            ("请负责全部申请的人员办理", "somebody over all of them has to rank"),
        )


def _require_complete(declared: Programme, places: object) -> None:
    lacking = [one for one in places if one.rank is None]  # type: ignore[attr-defined]  # places of a Ranking
    if lacking:
        labels = {one.id: one.label for one in scores_of(declared).criteria}
        names = sorted({name for one in lacking for name in one.missing})
        raise refusal(
            "incomplete",
            ("还有申请没有评分或缺少登记数据，不能评定名次", "Some cases lack a sheet or a register's number: nothing is ranked yet."),
            ("补齐评分；缺登记数据的先由部门更正", "give the sheets; have the register corrected where it is silent"),
            expected=("每件申请各项都有得分", "points of every criterion for every case"),
            found=(
                f"{len(lacking)} 件，缺：" + "、".join(labels[one].zh for one in names),
                f"{len(lacking)}, missing: " + ", ".join(labels[one].en for one in names),
            ),
        )


def show(viewer: Viewer, ranking: UUID, supervision: str, objections_to: str, *, days: int | None = None, document: str = "") -> Ranking:
    """Put the ranks up for everyone from today, for the days that the programme's file or else a document lays down. Once.

    Every open case of the round has to be in its notice step; each goes on by itself when the last day is over. Locks the cases.
    """
    with act(viewer) as a:
        row = Ranking.objects.filter(uid=ranking).first()
        if row is None:
            raise refusal(
                "no_ranking",
                ("没有这个名次表", "There is no such ranking."),
                ("从评审页面进入", "open it from the review's page"),
                found=str(ranking),
            )
        declared = pinned(row.programme, row.programme_version)
        viewer.require("officer", area=declared.place.area if declared.place else "", programme=row.programme)
        if row.shown_from is not None:
            return row
        asked = (supervision.strip(), objections_to.strip(), document.strip())
        last = last_day(clock.today(), *_term(declared, days, asked))
        cases = list(Case.objects.select_for_update(of=("self",)).filter(place__ranking=row, status="open").order_by("pk"))
        waiting = [one for one in cases if moving.kind_of(one) != "notice"]
        if waiting:
            raise refusal(
                "not_at_notice",
                ("本轮还有申请没有转到公示步骤", "Some cases of the round are not in their notice step yet."),
                ("在待办中把它们转到下一步", "pass them on in the inbox"),
                found=str(len(waiting)),
            )
        row.shown_from, row.shown_until, row.supervision, row.objections_to, row.document = clock.today(), last, *asked
        row.save(update_fields=["shown_from", "shown_until", "supervision", "objections_to", "document"])
        for one in cases:
            timers.start(SHOWN, one, end_of(last))
        showing.hung(viewer, [one.pk for one in cases])
        payload = {"programme": row.programme, "period": row.period, "starts": str(row.shown_from), "ends": str(last)}
        a.record(facts.SHOWN, subject=str(row), payload=payload, rows=[row], also=[str(one) for one in cases])
    return row


def _term(declared: Programme, days: int | None, asked: tuple[str, str, str]) -> tuple[int, str]:
    """(days, unit) of the notice. Raises LinliError for what is missing."""
    notice = declared.public_notice
    supervision, objections_to, document = asked
    term = notice.term.days if notice is not None and notice.term.days is not None else days
    unit = notice.term.unit if notice is not None else "working"
    stated = notice is not None and notice.term.days is not None
    if term is None or not 1 <= term <= MOST_DAYS or not (stated or document):
        raise refusal(
            "days",
            ("政策文件没有写公示几天，请填写天数和依据文件", "The file states no days: give them and the document that does."),
            ("填写天数和文件名称、文号", "fill in both"),
            field="days",
            found=str(term),
        )
    if not _PHONE.fullmatch(supervision) or not objections_to or len(objections_to) > 200 or len(document) > 200:
        raise refusal(
            "words",
            ("请写明监督电话和受理异议的单位", "Say which number supervises it and which office takes objections."),
            ("填写后再公示", "fill it in"),
            field="supervision",
            found=supervision[:40],
        )
    return term, unit
