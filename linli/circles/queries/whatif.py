"""What if: places opened, closed or moved, a gate shut, a bridge added; what that changes for each circle, with nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from linli.circles.declared import Norm
from linli.circles.models import Circle, Coverage
from linli.circles.queries.circles import circles, latest
from linli.circles.reckoning.changing import Changed, Edit, changed, differences, fars_after, touches
from linli.circles.reckoning.figures import Fars, Reckoned, Scene, Walks, asked, fars, of_circles, standing_of, walks
from linli.circles.scenes import scene_of
from linli.circles.standing import required
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.reach.profiles import profile

MOST_EDITS = 50


@dataclass(frozen=True, slots=True)
class Change:
    """What edits change for a circle and norm. covered and uncovered of the norm's group, before and after; minutes: of half of them."""

    circle: Circle
    norm: Norm
    state: tuple[str, str]
    covered: tuple[int, int]
    uncovered: tuple[int, int]
    found: tuple[int, int]
    minutes: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """run: the computation that it starts from; changes: those with most people gained or lost first; after: every home as it would be."""

    run: Coverage
    changes: tuple[Change, ...]
    milliseconds: int
    after: Changed


def what_if(viewer: Viewer, edits: Sequence[Edit]) -> WhatIf:
    """What the edits change for the circles that the viewer may see. Three queries, and a few more the first time in a process.

    Cost: the first time in a process a search for each list of places that is touched; then reach's repair of what is kept of every node,
    and a search for each circle that a gate or bridge is within reach of. Only the norms that an edit touches are reckoned again.
    """
    run = latest()
    if run is None:
        raise LinliError(
            "circles.not_computed",
            zh="还没有计算过覆盖情况",
            en="Coverage wasn't computed yet.",
            remedy_zh="执行 linli circles compute",
            remedy_en="run linli circles compute",
        )
    if not 1 <= len(edits) <= MOST_EDITS:
        raise LinliError(
            "circles.edits",
            zh="请设一项或几项变化",
            en="Say what would change.",
            expected=f"1–{MOST_EDITS}",
            found=str(len(edits)),
            remedy_zh="至少一项，分批试算",
            remedy_en="one at least, and no more at once",
        )
    began = perf_counter()
    scene, done, before = standing_figures(run)
    touched = touches(scene, edits)
    after = changed(scene, done, edits, touched)
    how_far = fars_after(scene, done, _fars(run, scene, done), after)
    rows = {row.code: row for row in circles(viewer, on=run.day)}
    norms = {norm.key: norm for norm in scene.norms}
    found = differences(before, of_circles(after.scene, after.walks, touched, how_far))
    told = [_change(scene, rows[one.circle], norms[one.norm], one.before, one.after) for one in found if one.circle in rows]
    told.sort(key=lambda one: (-abs(one.covered[1] - one.covered[0]), one.circle.code, one.norm.key))
    return WhatIf(run, tuple(told), round((perf_counter() - began) * 1000), after)


def standing_figures(run: Coverage) -> tuple[Scene, Walks, list[Reckoned]]:
    """What a computation went by and its figures of circles, kept in this process."""
    there = required()

    def make() -> tuple[Scene, Walks]:
        scene = scene_of(there, run.day)
        return scene, walks(scene)

    scene, done = there.scene_for(run.uid, make)
    before: list[Reckoned] = there.keep_for(run.uid, "figures", lambda: of_circles(scene, done, scene.norms, _fars(run, scene, done)))
    return scene, done, before


def _fars(run: Coverage, scene: Scene, done: Walks) -> Fars:
    """How far every circle's people have to every place by that computation, kept in this process."""
    kept: Fars = required().keep_for(run.uid, "fars", lambda: fars(scene, done, asked(scene, scene.norms)))
    return kept


def _change(scene: Scene, circle: Circle, norm: Norm, before: Reckoned, after: Reckoned) -> Change:
    (covered, uncovered, _), (now, left, _) = before.of(norm.group), after.of(norm.group)
    walks_like = profile(after.profile)
    minutes = tuple(None if far is None else walks_like.minutes(far) for far in (before.median, after.median))
    return Change(
        circle,
        norm,
        (standing_of(scene, before, norm), standing_of(scene, after, norm)),
        (covered, now),
        (uncovered, left),
        (before.found, after.found),
        (minutes[0], minutes[1]),
    )
