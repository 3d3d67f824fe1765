"""The public notice of what isn't paid: cases in their notice step, shown together without a batch. It comes down by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from linli.batches import awaiting, facts, openness, shown
from linli.batches.acts import noticing, shown_cases
from linli.batches.models import Announcement
from linli.batches.refusals import refused
from linli.casework.models import Case
from linli.casework.steps import showing
from linli.entitlements.awarding import kept_offline
from linli.entitlements.models import Application
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.queries import pinned
from linli.registers.models import Resident
from linli.trace import act

PREVIEW = 5


def put_up(
    viewer: Viewer,
    *,
    programme: str,
    area: str = "",
    supervision: str,
    objections_to: str,
    masked: bool = False,
    given: Mapping[str, Any] | None = None,
) -> Announcement:
    """Show to everyone, from today, the cases of a programme that wait for their notice in an area and that the viewer may work on.

    Those of one version of the programme, the one with the oldest case; others wait for the next. given: the days with the document that
    lays them down, where the programme leaves them open. Locks the cases; about ten statements for each.
    """
    told = noticing.words(supervision, objections_to)
    viewer.require("officer", area=area, programme=programme)
    with act(viewer) as current:
        keys = waiting(viewer, programme, area)
        locked = list(Case.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))
        cases = _of_one_version(Case.objects.filter(pk__in=set(locked) & set(waiting(viewer, programme, area))))
        if not cases:
            said = ("没有等着公示的事项", "Nothing waits for a public notice.")
            raise refused("nobody_waits", said, ("刷新待办查看", "load the inbox again"), found=programme)
        declared = pinned(programme, cases[0].programme_version or "")
        days = dict(given or {})
        openness.missing(declared, "", days, refuse=True)
        whose = {"area_code": area, "programme_version": declared.version, "given": days, "masked": masked}
        notice = noticing.begun(viewer, declared, openness.notice_days(declared, days), **whose, **told)
        rows = shown_cases.begin(notice, [case.pk for case in cases])
        online = noticing.write_lines(notice, shown.lines(declared, entries(cases), masked=masked))
        showing.hung(viewer, [case.pk for case in cases])
        payload = {"programme": programme, "period": "", **noticing.said_of(notice, online)}
        also = [str(case) for case in cases]
        current.record(facts.NOTICE_UP, subject=str(notice), payload=payload, area=area, rows=[notice, *rows], also=also)
    return notice


def waiting(viewer: Viewer, programme: str, area: str) -> list[int]:
    """Primary keys of the viewer's cases that wait for a notice there which no batch or ranking puts up, oldest first. Two queries."""
    rows = awaiting.stays(viewer).filter(case__programme=programme, case__area_code__startswith=area).order_by("case")
    found = list(rows.values_list("case", "case__programme_version"))
    by_itself = {version for version in {one for _key, one in found} if _alone(pinned(programme, version or ""))}
    return [key for key, version in found if version in by_itself]


def _alone(declared: Programme) -> bool:
    """Whether neither a batch nor a ranking puts the notice up."""
    return declared.payment is None and declared.particulars.scores is None


def preview(viewer: Viewer, programme: str, area: str) -> tuple[Programme, int, list[shown.Line]] | None:
    """What would be shown: the programme's version, how many cases, and the first lines; None where nothing waits."""
    cases = _of_one_version(Case.objects.filter(pk__in=waiting(viewer, programme, area)))
    if not cases:
        return None
    declared = pinned(programme, cases[0].programme_version or "")
    return declared, len(cases), list(shown.lines(declared, entries(cases[:PREVIEW])))


def lines(notice: Announcement, area: str = "") -> Iterator[tuple[int, shown.Line]]:
    """What a notice of cases shows in an area, each with the number that it bears on the poster."""
    rows = list(shown_cases.still_shown(notice).filter(case__area_code__startswith=area).select_related("case"))
    declared = pinned(notice.programme, notice.programme_version or "")
    found = shown.lines(declared, entries([row.case for row in rows]), masked=notice.masked)
    yield from zip((row.number for row in rows), found, strict=True)


def entries(cases: Sequence[Case]) -> list[shown.Shown]:
    """The cases as a notice takes them, in their order. Two queries."""
    asked = {one.case_id: one for one in Application.objects.filter(case__in=cases)}
    people = {one.uid: one for one in Resident.objects.filter(uid__in=[one.person for one in asked.values()])}
    return [_entry(case, asked[case.pk], people[asked[case.pk].person]) for case in cases]


def _entry(case: Case, asked: Application, person: Resident) -> shown.Shown:
    kind = asked.beneficiary_kind
    return shown.Shown(
        uid=case.uid,
        case=case.pk,
        beneficiary_kind=kind,
        beneficiary=asked.beneficiary,
        person=asked.person,
        area_code=case.area_code,
        category=asked.category,
        household=asked.beneficiary if kind == "household" else None,
        minor=kept_offline(person, kind),
    )


def _of_one_version(rows: Any) -> list[Case]:
    """Those of the version of the oldest, in the order of places."""
    found = list(rows.order_by("pk"))
    return sorted((one for one in found if one.programme_version == found[0].programme_version), key=lambda one: (one.area_code, one.pk))
