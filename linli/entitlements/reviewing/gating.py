"""What a review that ranks asks of its steps: no case leaves the scored step or is decided before its round is ranked."""

from __future__ import annotations

from linli.casework.models import Case, StepTaken
from linli.entitlements.reviewing.models import RankingPlace
from linli.entitlements.reviewing.queries import scored_step
from linli.entitlements.reviewing.refusals import refusal
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES


def leaving(case: Case, programme: Programme, taken: StepTaken) -> None:
    """Raise LinliError before the case has its rank."""
    if programme.particulars.scores is None or not (taken.kind in DECIDES or taken.step == scored_step(programme)):
        return
    if not RankingPlace.objects.filter(case=case).exists():
        raise refusal(
            "unranked",
            ("本轮名次还没有评定", "The round isn't ranked yet."),
            ("评审人员打分齐全后，在评审页面评定名次", "once every sheet is in, rank the round on the review's page"),
            expected=("本轮已评定名次", "a ranked round"),
        )
