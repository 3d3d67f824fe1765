"""What circles do after a fact: a place that opens, closes, moves or changes its hours has coverage brought up to date."""

from __future__ import annotations

from collections.abc import Sequence

from linli.circles import jobs
from linli.circles.facts import CIRCLE_RECORDED, NETWORK_TAKEN
from linli.registers.facts import PLACE_RECORDED, PLACES_IMPORTED, WINDOW_RECORDED, WINDOWS_IMPORTED
from linli.trace import reaction
from linli.trace.models import Fact


@reaction(PLACE_RECORDED, PLACES_IMPORTED, WINDOW_RECORDED, WINDOWS_IMPORTED, CIRCLE_RECORDED, NETWORK_TAKEN, name="circles.update")
def update(facts: Sequence[Fact]) -> None:
    """One computation for all of them, within a minute."""
    jobs.ask_soon()
