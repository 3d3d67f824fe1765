"""What was computed is held against the digests that its computation kept: a figure, a gap or a home altered behind the trace is named."""

from __future__ import annotations

import json
from collections.abc import Iterator

from linli.circles.acts.counting import digest_of_homes
from linli.circles.declared import COLUMNS
from linli.circles.models import Coverage, Figure, Gap, HomeCount
from linli.kernel.digests import algorithm_of, digest
from linli.trace.findings import Finding
from linli.trace.named import sums

FETCHED = 2000


@sums
def altered() -> Iterator[Finding]:
    """The newest computation whose figures are not those that it had, gaps that say otherwise than their figures, and the count of homes
    that are not those that it counted. One pass over each table."""
    run = Coverage.objects.order_by("-id").first()
    if run is not None:
        yield from _figures(run)
    count = HomeCount.objects.first()
    if count is not None and digest_of_homes(algorithm_of(count.digest)) != count.digest:
        yield Finding("sum_differs", row=f"circles.homecount:{count.pk}", ids="circles.home")


def _figures(run: Coverage) -> Iterator[Finding]:
    told, of_circles = list[str](), dict[tuple[int, str, str], Figure]()
    for one in Figure.objects.filter(run=run).select_related("circle").order_by("id").iterator(chunk_size=FETCHED):
        people = [one.people[group] for group in COLUMNS]
        where = [one.circle.code if one.circle else "", one.area_code, one.norm, one.profile, one.limit, one.looked]
        told.append(json.dumps([*where, people, one.found, one.median, one.most]))
        if one.circle_id is not None:
            of_circles[one.circle_id, one.norm, one.profile] = one
    if digest("\n".join(told).encode(), algorithm_of(run.figures)) != run.figures:
        yield Finding("sum_differs", row=f"circles.coverage:{run.pk}", ids="circles.figure")
    for gap in Gap.objects.filter(run=run).exclude(state="ended").order_by("id"):
        figure = of_circles.get((gap.circle_id, gap.norm, gap.profile))
        said = [gap.covered, gap.uncovered, gap.unlocated, gap.found]
        if figure is None or [*figure.people[gap.group], figure.found] != said:
            yield Finding("sum_differs", row=f"circles.gap:{gap.pk}", ids="circles.figure")
