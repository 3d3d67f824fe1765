"""Reads of circles. Officers, planners and auditors see the circles of their areas; what everybody may see says so."""

from linli.circles.queries.circles import (
    READERS,
    Ranked,
    Stars,
    Without,
    circle_of,
    circles,
    latest,
    may_read,
    ranking,
    stars,
    without_circle,
)
from linli.circles.queries.coverage import Covered, GapLine, Lacking, coverage, gap_line, gaps, lacking, unplaced
from linli.circles.queries.plans import Step, issued, overdue, plan, steps

__all__ = [
    "READERS",
    "Covered",
    "GapLine",
    "Lacking",
    "Ranked",
    "Stars",
    "Step",
    "Without",
    "circle_of",
    "circles",
    "coverage",
    "gap_line",
    "gaps",
    "issued",
    "lacking",
    "latest",
    "may_read",
    "overdue",
    "plan",
    "ranking",
    "stars",
    "steps",
    "unplaced",
    "without_circle",
]
