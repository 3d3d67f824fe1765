"""Compute coverage: figures for every circle, community and county, gaps brought in line with them, actions with their gaps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter

import numpy as np
from django.db import connection

from linli.circles import facts
from linli.circles.acts.closing import follow
from linli.circles.acts.counting import count_homes
from linli.circles.declared import Norm, standard
from linli.circles.models import Circle, Coverage, Figure, Gap, HomeCount, Unplaced
from linli.circles.reckoning.changing import Changed, with_places
from linli.circles.reckoning.figures import Reckoned, Scene, Walks, figures, standing_of, walks
from linli.circles.scenes import bounds, circles_on, places_of, scene_of
from linli.circles.standing import Standing, required
from linli.kernel import clock
from linli.kernel.digests import digest
from linli.kernel.viewer import Viewer
from linli.reach.profiles import profile
from linli.reach.snapping import Why
from linli.registers.queries.places import open_places
from linli.trace import act, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import digests_now, ref
from linli.trace.turns import one_at_a_time

NO_POSITION = "no_position"
ENDED, MET = "ended", "met"
SUBJECT = "register:circles"
HOMES = "homes"
_FIGURE = (
    "run_id", "circle_id", "area_code", "norm", "profile", '"limit"', "looked", "people", "found", "median", "most",
)  # fmt: skip
_VALUES = (
    "run_id", "standard", "state", "since", "mandatory", "group", "profile", "percent", "found", "minutes", "most_minutes", "covered",
    "uncovered", "unlocated",
)  # fmt: skip


def compute(viewer: Viewer, *, day: date | None = None, recount: bool = False) -> Coverage:
    """Compute everything for a day (today), and bring gaps and actions in line. recount: read the homes anew first; they are whenever none
    were. Needs planner over the whole city. One computation at a time; LinliError where no network is in use or no norm declared.

    Where this process computed the same before, only what the places that changed since touch is searched anew; the figures are the same.
    Cost: one search for each category, profile and moment, and one for each circle, profile and moment.
    """
    viewer.require("planner")
    began = perf_counter()
    on = day or clock.today()
    there, told = required(), standard()
    with act(viewer) as a:
        one_at_a_time("circles.compute")
        count = HomeCount.objects.first()
        if count is None or recount:
            count = count_homes(told, as_of=on)
        kept = _brought_up_to_date(there, on, count)
        on_what = kept.scene if kept else scene_of(there, on)
        done = kept.walks if kept else walks(on_what)
        found = list(figures(on_what, done))
        run = _run(viewer, there, on_what, done, found, count)
        run.incremental = kept is not None
        run.milliseconds = round((perf_counter() - began) * 1000)
        run.save()
        _keep(run, on_what, done, found)
        moved = _gaps(run, on_what, found)
        states = Counter(Gap.objects.values_list("state", flat=True))
        payload = {
            "network": there.version.digest,
            "day": str(on),
            "homes_as_of": str(count.as_of),
            "standard": told.digest,
            "figures": run.figures,
            **{state: states[state] for state in ("open", "unknown", "met")},
        }
        a.record(facts.COMPUTED, subject=SUBJECT, payload=payload, rows=[run])
        if moved:
            with bulk_act(viewer, facts.GAPS_CHANGED, subject=SUBJECT, payload={"run": str(run.uid)}) as bulk:
                bulk.extend(_facts(moved))
        follow(viewer, run)
    there.keep_scene(run.uid, on_what, done)
    there.kept[HOMES] = count.digest
    return run


def _brought_up_to_date(there: Standing, day: date, count: HomeCount) -> Changed | None:
    """What this process kept of the newest computation, with the places as they are now: only what they touch is searched anew.

    None where anything but places is another than then: day, people, norms, circles.
    """
    newest = Coverage.objects.order_by("-id").first()
    if newest is None or there.scene is None or there.scene[0] != newest.uid:
        return None
    _, scene, done = there.scene
    same = (newest.day, newest.standard, there.kept.get(HOMES)) == (day, standard().digest, count.digest)
    if not same or list(scene.circles) != [bounds(one) for one in circles_on(day)]:
        return None
    return with_places(scene, done, places_of(open_places(day).rows))


@dataclass(frozen=True, slots=True)
class Moved:
    """A gap whose state has changed, and what it was."""

    gap: Gap
    before: str


def _run(viewer: Viewer, there: Standing, on_what: Scene, done: Walks, found: Sequence[Reckoned], count: HomeCount) -> Coverage:
    usual = next(iter(done.values()), None)
    mine, positioned = on_what.about, on_what.people.positioned
    return Coverage(
        network=there.version,
        day=on_what.day,
        homes_as_of=count.as_of,
        standard=on_what.standard.digest,
        moments={when: at.isoformat() for when, at in on_what.moments.items()},
        figures=digest("\n".join(json.dumps(one.plain()) for one in found).encode()),
        homes=int(mine.sum()),
        unlocated_homes=int((mine & ~positioned).sum()),
        unsnapped_homes=0 if usual is None else int((mine & positioned & (usual.homes.link < 0)).sum()),
        places=len(on_what.places),
        unsnapped_places=0 if usual is None else int((usual.places.link < 0).sum()),
        unknown_hours=sum(hours is None for hours in on_what.places.hours),
        made_at=clock.now(),
        made_by=viewer.actor,
        milliseconds=0,
        communities={code: list(held) for code, held in on_what.held.items()},
    )


def _keep(run: Coverage, on_what: Scene, done: Walks, found: Sequence[Reckoned]) -> None:
    """The figures of this run in the place of those before; older runs keep their digest."""
    Figure.objects.all().delete()
    Unplaced.objects.all().delete()
    keys = dict(Circle.objects.values_list("code", "id"))
    groups = list(on_what.groups)
    with connection.cursor() as cursor, cursor.copy(f"COPY circles_figure ({', '.join(_FIGURE)}) FROM STDIN") as copy:
        for one in found:
            people = json.dumps({group: one.of(group) for group in groups})
            where = None if one.circle is None else keys[one.circle]
            copy.write_row((run.pk, where, one.area, one.norm, one.profile, one.limit, one.looked, people, one.found, one.median, one.most))
    Unplaced.objects.bulk_create(list(_unplaced(run, on_what, done)), batch_size=2000)


def _unplaced(run: Coverage, on_what: Scene, done: Walks) -> Iterator[Unplaced]:
    """Homes and places that are not on the network of somebody who walks without hindrance, and homes without a position: of the counties
    that it is about, for of others no network says anything."""
    residents, people, mine = on_what.people.group("residents"), on_what.people, on_what.about
    for home in np.flatnonzero(mine & ~people.positioned):
        yield Unplaced(run=run, what="home", code=people.code[home], why=NO_POSITION, residents=int(residents[home]))
    walk = next(iter(done.values()), None)
    if walk is None:
        return
    for home in np.flatnonzero(mine & people.positioned & (walk.homes.why != 0)):
        why = Why(int(walk.homes.why[home])).name.lower()
        yield Unplaced(run=run, what="home", code=people.code[home], why=why, residents=int(residents[home]))
    for place in np.flatnonzero(walk.places.why != 0):
        yield Unplaced(run=run, what="place", code=on_what.places.code[place], why=Why(int(walk.places.why[place])).name.lower())


def _gaps(run: Coverage, on_what: Scene, found: Sequence[Reckoned]) -> list[Moved]:
    """Every circle's gaps as this run has them. What is no longer asked of a circle has ended. Locks them, in order of their keys."""
    circles = {row.code: row for row in Circle.objects.all()}
    known = {(row.circle_id, row.norm): row for row in Gap.objects.select_for_update().order_by("pk")}
    norms = {norm.key: norm for norm in on_what.norms}
    moved: list[Moved] = []
    new: list[Gap] = []
    seen = set()
    for one in found:
        norm = norms[one.norm]
        if one.circle is None or one.profile != on_what.groups[norm.group].profile:
            continue
        key = (circles[one.circle].pk, one.norm)
        seen.add(key)
        gap = known.get(key)
        before = "" if gap is None else gap.state
        if gap is None:
            gap = Gap(circle=circles[one.circle], norm=one.norm)
            new.append(gap)
        _say(gap, run, norm, one)
        gap.state = standing_of(on_what, one, norm)
        if gap.state != before:
            gap.since = run.made_at
            moved.append(Moved(gap, before))
    for key, gap in known.items():
        if key not in seen and gap.state != ENDED:
            moved.append(Moved(gap, gap.state))
            gap.state, gap.since, gap.run = ENDED, run.made_at, run
    values = [name.removesuffix("_id") for name in _VALUES]
    # As one statement a thousand: an UPDATE of so many columns by CASE costs a hundred times as much.
    Gap.objects.bulk_create(
        [*new, *known.values()], batch_size=1000, update_conflicts=True, unique_fields=["circle", "norm"], update_fields=values
    )
    return moved


def _say(gap: Gap, run: Coverage, norm: Norm, figure: Reckoned) -> None:
    walks_like = profile(figure.profile)
    covered, uncovered, unlocated = figure.of(norm.group)
    gap.run, gap.standard = run, run.standard
    gap.mandatory, gap.group, gap.profile, gap.percent = norm.mandatory, norm.group, figure.profile, norm.percent
    gap.covered, gap.uncovered, gap.unlocated, gap.found = covered, uncovered, unlocated, figure.found
    gap.minutes, gap.most_minutes = (None if far is None else walks_like.minutes(far) for far in (figure.median, figure.most))


def _facts(moved: Sequence[Moved]) -> Iterator[BulkFact]:
    digests = digests_now(ref(one.gap) for one in moved)
    for one in moved:
        gap = one.gap
        payload = {
            "circle": gap.circle.code,
            "norm": gap.norm,
            "before": one.before,
            "after": gap.state,
            **{name: getattr(gap, name) for name in ("covered", "uncovered", "unlocated", "found")},
        }
        yield facts.GAP_CHANGED, str(gap), payload, {str(ref(gap)): digests[ref(gap)]}
