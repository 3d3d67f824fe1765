"""What insight does after a fact: whatever changes many at once has the figures counted again."""

from __future__ import annotations

from collections.abc import Sequence

from linli.insight import jobs
from linli.notices.facts import MAILING_DECIDED, SENT
from linli.registers.lists.facts import LIST_IMPORTED
from linli.screening.facts import MERGED
from linli.trace import reaction
from linli.trace.models import Fact


@reaction(MERGED, LIST_IMPORTED, name="insight.count")
def count(facts: Sequence[Fact]) -> None:
    """One job for all of them."""
    jobs.count.defer(since=max(fact.recorded_at for fact in facts).isoformat())


@reaction(SENT, MAILING_DECIDED, name="insight.count_letters")
def count_letters(facts: Sequence[Fact]) -> None:
    """Letters go out one by one: the figures follow within a minute, however many there are."""
    jobs.ask_soon(max(fact.recorded_at for fact in facts))
