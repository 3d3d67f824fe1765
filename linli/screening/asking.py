"""A screening that somebody asks for: at most one open per programme, answered by a worker; and when the next one comes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.programmes.acts import ROLE
from linli.programmes.declaration import Programme, applying
from linli.screening import acts
from linli.screening.facts import ASKED
from linli.screening.models import Asked
from linli.screening.queries import latest_runs, require_whole
from linli.trace import act

ANSWER = "screening.asked"
NIGHTLY = time(2, 30)
"""When every programme is screened by itself, in Shanghai."""
STEPS = ("snapshot", "evaluate", "merge")


def ask(*, viewer: Viewer, programmes: Sequence[str], seen: str | None = None) -> list[Asked]:
    """Have live programmes screened by the next free worker; returns one request per programme, in the order of slugs.

    Where one is open already, it is returned and nothing new is asked. seen: the last run that whoever asks knows of, "" for none; where
    the programme was screened since, nothing is asked and its last request, if any, is returned. Needs officer for each over the whole
    city; LinliError where a programme isn't in force or looks for nobody. Waits for whoever asks for the same at once.
    """
    chosen = sorted(set(programmes))
    for slug in chosen:
        viewer.require(ROLE, programme=slug)
    for item in acts.prepare(acts.chosen_versions(clock.today(), None, chosen), clock.today()):
        if item.programme is not None and not item.programme.invites:
            raise LinliError(
                "screening.looks_for_nobody",
                zh=f"“{item.programme.label.zh}”只由本人申请，不主动找人，不用匹配",
                en=f"{item.programme.label.en} is asked for by the people themselves; nobody is looked for.",
                remedy_zh="等本人申请，或者在窗口替人办",
                remedy_en="wait for applications, or take them in at a window",
            )
    with act(viewer) as current:
        if seen is not None and any(str(run.uid) != seen for slug in chosen for run in latest_runs(viewer, slug)):
            return list(Asked.objects.filter(programme__in=chosen).order_by("-id")[:1])
        own = {"asked_by": viewer.actor, "asked_at": clock.now()}
        rows = [Asked.objects.get_or_create(programme=slug, state__in=Asked.OPEN, defaults=own) for slug in chosen]
        made = [row for row, new in rows if new]
        for row in made:
            payload = {"asked": str(row.uid), "programme": row.programme}
            current.record(ASKED, subject=f"programme:{row.programme}", payload=payload)
        if made:
            app.configure_task(ANSWER, lock=ANSWER).defer(uids=[str(row.uid) for row in made])
    return [row for row, _new in rows]


def answer(*, uids: Sequence[UUID]) -> None:
    """Screen what was asked for, for whoever asked. After a kill a rerun begins anew; what is finished is left alone."""
    rows = list(Asked.objects.filter(uid__in=list(uids), state__in=Asked.OPEN))
    if not rows:
        return
    mine = Asked.objects.filter(pk__in=[row.pk for row in rows])

    def tell(step: str, _done: int, _total: int) -> None:
        mine.update(state="running", step=step if step in STEPS else STEPS[-1])

    try:
        runs = acts.screen(viewer=Viewer(rows[0].asked_by), slugs=[row.programme for row in rows], progress=tell)
    except LinliError as error:
        mine.update(state="failed", error_zh=error.text("zh"), error_en=error.text("en"), finished_at=clock.now())
        return
    except Exception:
        mine.update(state="failed", finished_at=clock.now())
        raise
    for run in runs:
        ended = "finished" if run.state == "done" else "failed"
        mine.filter(programme=run.programme).update(state=ended, run=run, finished_at=clock.now())


def last_asked(viewer: Viewer, programme: str) -> Asked | None:
    """The last request for a programme; Refused without a grant over the whole city. One query."""
    require_whole(viewer, programme)
    return Asked.objects.filter(programme=programme).order_by("-id").first()


def next_by_itself(versions: Sequence[Programme], now: datetime | None = None) -> datetime | None:
    """When a programme with these published versions is next screened by itself: the first night on which one applies that looks for
    people, or None. No query."""
    moment = (now or clock.now()).astimezone(clock.SHANGHAI)
    first = moment.date() + timedelta(days=moment.time() >= NIGHTLY)
    days: set[date] = {first, *(one.effective_from for one in versions if one.effective_from > first)}
    for day in sorted(days):
        one = applying(versions, day)
        if one is not None and one.invites:
            return datetime.combine(day, NIGHTLY, clock.SHANGHAI)
    return None
