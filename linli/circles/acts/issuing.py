"""Plans as they are printed and sent out: a PDF of one circle or the booklet of all, numbered, kept by its digest, never changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max

from linli.casework.letters.queries import CODE
from linli.circles import facts
from linli.circles.declared import standard
from linli.circles.models import Circle, Coverage, IssuedPlan, Plan
from linli.circles.printing import contents
from linli.circles.queries import circles, latest, said
from linli.kernel import clock
from linli.kernel.codes import new_code, spoken
from linli.kernel.digests import digest
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.papers.letters import DocumentNumber, Sealing, render
from linli.trace import act
from linli.trace.turns import one_at_a_time

KIND = "circle_plan"
ROLE = "planner"
DRAFT = ("草稿，未编号", "draft without a number")
BOOKLET = ("便民生活圈“一图一策”汇编", "Living circles: one map, one plan. Booklet")


def printed(viewer: Viewer, circle: Circle | None, *, language: str = "zh") -> bytes:
    """How a plan, or without a circle the booklet of the viewer's circles, would look today, without a number; nothing is kept.

    LinliError before the first computation. Some 200 ms a circle.
    """
    run = _run()
    return render(KIND, _fields(viewer, circle, run, None), language=language, city=Path(settings.LINLI_CITY))


def issue_plan(viewer: Viewer, *, circle: UUID | None, site: str = "") -> IssuedPlan:
    """Print an adopted plan, without a circle the booklet of all, under the next number of the year, and keep it for good.

    It bears a code by which anybody verifies it; site: where its QR code leads, the public site's own address if left out and set.
    Issued again on the same day while nothing has changed, it is the one that there is. Needs planner over the circle's area, for the
    booklet over the whole city. One at a time.
    """
    with act(viewer) as a:
        row = None if circle is None else Circle.objects.get(uid=circle)
        viewer.require(ROLE, area=row.area_code if row else "")
        one_at_a_time("circles.issue")
        run = _run()
        if row is not None and not Plan.objects.filter(circle=row, state="adopted").exists():
            raise LinliError(
                "circles.not_adopted",
                zh="方案还没有确定，不能印发",
                en="The plan isn't adopted yet and can't be issued.",
                remedy_zh="先确定方案",
                remedy_en="adopt it first",
            )
        today = clock.today()
        before = IssuedPlan.objects.defer("pdf").filter(circle=row).order_by("-id").first()
        mark, year = standard().planning.mark, today.year
        if before is not None and before.year == year:
            again = _set(viewer, row, run, DocumentNumber(before.mark, before.year, before.sequence), before.code, site)
            if digest(again) == before.digest:
                return before
        last = IssuedPlan.objects.filter(mark=mark, year=year).aggregate(last=Max("sequence"))["last"] or 0
        number = DocumentNumber(mark, year, last + 1)
        code = new_code(CODE)
        pdf = _set(viewer, row, run, number, code, site)
        made = IssuedPlan.objects.create(
            circle=row,
            run=run,
            mark=mark,
            year=year,
            sequence=last + 1,
            code=code,
            circles=[row.code] if row else [one.code for one in circles(viewer)],
            digest=digest(pdf),
            pdf=pdf,
            issued_at=clock.now(),
            issued_by=viewer.actor,
        )
        payload = {"issued": str(made.uid), "number": said(made), "digest": made.digest, "circles": len(made.circles)}
        subject = str(row) if row else "register:circles"
        a.record(facts.PLAN_ISSUED, subject=subject, payload=payload, rows=[made], area=row.area_code if row else "")
    return made


def _set(viewer: Viewer, circle: Circle | None, run: Coverage, number: DocumentNumber, code: str | None, site: str) -> bytes:
    fields, address = _fields(viewer, circle, run, number), site or settings.LINLI_ADDRESSES["public"]
    if code is not None:
        fields["about"] = [*fields["about"], {"name": ("核验码", "code to verify by"), "value": spoken(code)}]
        fields["verify"] = f"{address}/verify/{spoken(code)}/" if address else None
    return render(KIND, fields, language="zh", city=Path(settings.LINLI_CITY), sealing=Sealing.SEALED)


def _fields(viewer: Viewer, circle: Circle | None, run: Coverage, number: DocumentNumber | None) -> dict[str, Any]:
    planning = standard().planning
    rows = [circle] if circle is not None else list(circles(viewer))
    title = (f"{circle.name_zh}“一图一策”", f"{circle.name_en}: one map, one plan") if circle is not None else BOOKLET
    organ = planning.organ
    return contents(viewer, rows, run) | {
        "organ": (organ.zh, organ.en),
        "number": number,
        "receipt": None if number else DRAFT,
        "date": clock.today(),
        "title": title,
        "subject": title,
        "contact": planning.contact,
    }


def _run() -> Coverage:
    run = latest()
    if run is None:
        raise LinliError(
            "circles.not_computed",
            zh="还没有计算过覆盖情况",
            en="Coverage wasn't computed yet.",
            remedy_zh="执行 linli circles compute",
            remedy_en="run linli circles compute",
        )
    return run
