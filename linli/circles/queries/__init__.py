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
from linli.circles.queries.coverage import Covered, GapLine, Lacking, across, beside, coverage, gap_line, gaps, lacking, unplaced
from linli.circles.queries.measures import NurseryPlaces, Satisfaction, nursery_places, satisfaction, satisfactions
from linli.circles.queries.plans import Step, Word, issued, overdue, plan, steps, words_for
from linli.circles.queries.siting import Sited, Siting, siting
from linli.circles.queries.whatif import Change, WhatIf, what_if
from linli.circles.reckoning.changing import AddBridge, ClosePlace, Edit, MovePlace, OpenPlace, SetGate

__all__ = [
    "READERS",
    "AddBridge",
    "Change",
    "ClosePlace",
    "Covered",
    "Edit",
    "GapLine",
    "Lacking",
    "MovePlace",
    "NurseryPlaces",
    "OpenPlace",
    "Ranked",
    "Satisfaction",
    "SetGate",
    "Sited",
    "Siting",
    "Stars",
    "Step",
    "WhatIf",
    "Without",
    "Word",
    "across",
    "beside",
    "circle_of",
    "circles",
    "coverage",
    "gap_line",
    "gaps",
    "issued",
    "lacking",
    "latest",
    "may_read",
    "nursery_places",
    "overdue",
    "plan",
    "ranking",
    "satisfaction",
    "satisfactions",
    "siting",
    "stars",
    "steps",
    "unplaced",
    "what_if",
    "without_circle",
    "words_for",
]
