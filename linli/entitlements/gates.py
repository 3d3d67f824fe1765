"""What programmes ask beside their steps, and what the end of a case sets going: one line for each room that knows it."""

from __future__ import annotations

from linli.agreements import acts as agreements
from linli.batches import exclusions
from linli.batches.acts import noticing
from linli.casework import answering, contesting
from linli.casework.kinds import NOTICE_OBJECTION, OBJECTION, RECOVERY, REVIEW
from linli.casework.models import Case, StepTaken
from linli.casework.steps.gates import at_the_end, before_leaving, passes_by
from linli.entitlements import independence, proposing, recovering, told
from linli.entitlements.acts import objecting
from linli.entitlements.escrow import gating, moving
from linli.entitlements.reviewing import gating as reviewing
from linli.entitlements.works import keeping
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import Step
from linli.trace import Act


@before_leaving
def leaving(a: Act, viewer: Viewer, case: Case, programme: Programme, taken: StepTaken, outcome: str) -> None:
    """Raise LinliError while the step can't pass; what is about to be shown to the public is proposed."""
    independence.require_not_checked(viewer, case, taken)
    gating.leaving(case, programme, taken.step, outcome)
    reviewing.leaving(case, programme, taken)
    keeping.keep(viewer, case, programme, taken, outcome)
    proposing.propose(a, case, programme, taken)


@passes_by
def nothing_to_show(case: Case, programme: Programme, step: Step) -> bool:
    """Nobody is shown to the public of whom nothing is proposed."""
    return proposing.nothing_to_show(case, programme, step)


@at_the_end
def ended(a: Act, viewer: Viewer, case: Case, programme: Programme) -> None:
    """What the end of a case sets going."""
    if case.outcome != "granted":
        agreements.drop_proposed(a, case)
    if programme.particulars.escrow is not None:
        moving.ended(a, viewer, case)


contesting.taking_part(contesting.Part(independence.of_lists, independence.barred))
exclusions.tells(told.of_awards)
answering.before(RECOVERY.slug)(recovering.require_settled)
answering.after(RECOVERY.slug)(recovering.found_unfounded)
answering.after(OBJECTION.slug, REVIEW.slug)(objecting.answered)
answering.after(NOTICE_OBJECTION.slug)(noticing.objection_answered)
