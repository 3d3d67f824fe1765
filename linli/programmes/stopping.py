"""What a programme says stops an award and takes it up again, and that nothing says: such a stop would never be executed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import BY_REGISTER, RESUMES, RESUMES_OF, STOPS, Standing


class Unsaid(NamedTuple):
    """What speaks against publishing, with its place, in Chinese and English; what was expected and found."""

    code: str
    field: str
    words: tuple[str, str]
    remedy: tuple[str, str]
    expected: str
    found: str


def unsaid(programme: Programme) -> Iterator[Unsaid]:
    """Stops that neither a condition of the rule, the loan nor a death says, and what is taken up again without having been stopped."""
    standing = programme.standing
    if standing is None:
        return
    ids = [one.id for one in programme.rule.conditions]
    for stop in standing.stops:
        loan = stop == "repaid" and programme.particulars.loan is None
        if loan or not _said(standing, stop, ids):
            yield Unsaid(
                "stop_unsaid",
                "standing.stops",
                (f"没有条件能说明“{STOPS[stop].zh}”，不会执行", f"No condition says {STOPS[stop].en}: it would never stop anything."),
                (
                    "在 standing.conditions 写明哪一条规则条件不再满足就是这种情形（一条只对应一种），或从 stops 中删去",
                    "name under standing.conditions the rule's condition that is then lost (one for each stop), or take it out of stops",
                ),
                "loan" if loan else ", ".join(ids),
                standing.condition_of(stop) or stop,
            )
    for resume in standing.resumes:
        if resume not in {standing.resumed_by(stop) for stop in standing.stops}:
            before = next(stop for stop, one in RESUMES_OF.items() if one == resume)
            words = f"没有相应的停发情形，“{RESUMES[resume].zh}”不会执行", f"Nothing rests until {RESUMES[resume].en}."
            remedy = f"在 stops 中加上 {before}，或从 resumes 中删去", f"add {before} to stops, or take it out of resumes"
            yield Unsaid("resume_unsaid", "standing.resumes", words, remedy, before, resume)


def _said(standing: Standing, stop: str, ids: list[str]) -> bool:
    """Whether something says a stop: a register, or a condition that no stop before it means."""
    if stop in BY_REGISTER:
        return True
    named = standing.condition_of(stop)
    return named in ids and next(one for one in standing.stops if standing.condition_of(one) == named) == stop
