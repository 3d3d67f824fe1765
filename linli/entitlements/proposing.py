"""What is shown to the public before it is decided has to be proposed first: for how much, to whom. Nothing is shown of others.

A programme's `notice` step that comes before its decision waits for a public notice of the award that the case is about to lead to.
"""

from __future__ import annotations

from dataclasses import replace

from linli.agreements.models import Award
from linli.batches.models import Check
from linli.batches.opened import PURPOSE, File, as_conditions, known_at
from linli.casework.models import Case, StepTaken
from linli.entitlements import facts, letters
from linli.entitlements.awarding import propose as proposed
from linli.entitlements.models import Application
from linli.entitlements.reckoning import keep, reckon
from linli.entitlements.recording import record
from linli.entitlements.sources import stated_by
from linli.entitlements.told import told_of
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.programmes.procedure.declaration import DECIDES, Step
from linli.programmes.queries import pinned
from linli.trace import Act


def propose(a: Act, case: Case, programme: Programme, taken: StepTaken) -> None:
    """With the last signature of the step before such a notice: who is eligible today is proposed. Locks the application."""
    if not _before_notice(programme, taken) or len(taken.signatures) + 1 < taken.officers:
        return
    application = Application.objects.select_for_update().select_related("case").get(case=case)
    reckoned = reckon(programme, application.beneficiary_uid, told_of(application, programme))
    keep(application, reckoned, clock.today())
    application.save()
    record(a, application, facts.RECKONED, {"verdict": reckoned.verdict, "missing": list(reckoned.missing)}, [application])
    if reckoned.verdict == "eligible":
        proposed(a, application, programme, reckoned)


def nothing_to_show(case: Case, programme: Programme, step: Step) -> bool:
    """Whether a notice has nothing to show: nobody is made public whom the rule doesn't find, or can't find yet. Ranks are shown of all.
    At most one query."""
    if step.kind != "notice" or programme.particulars.scores is not None:
        return False
    if programme.payment is None:
        return not Application.objects.filter(case=case, verdict="eligible").exists()
    return not Award.objects.filter(case=case, state="proposed").exists()


def with_grounds(viewer: Viewer, check: Check, file: File) -> File:
    """The file of a check that was opened to the viewer, with what the proposal rests on where nothing is decided yet: by what was known
    when it was made; the reading is recorded. About twelve queries."""
    award = check.item.award
    application = Application.objects.select_related("case").filter(case=award.case_id).first()
    if award.state != "proposed" or file.reasons is not None or application is None:
        return file
    programme = pinned(award.programme, award.programme_version)
    told = told_of(application, programme, viewer=viewer, purpose=PURPOSE)
    day = told.event or application.reckoned_on or clock.day_of(award.state_since)
    found = known_at(viewer, check, award.state_since, day, told.facts)
    said = {name: one for name, one in stated_by(application, programme, told).items() if name in found.given}
    return replace(file, conditions=as_conditions(letters.conditions(found, said)), reasons=found, proposed=True)


def _before_notice(programme: Programme, taken: StepTaken) -> bool:
    steps = programme.procedure.steps if programme.procedure else ()
    place = [one.id for one in steps].index(taken.step)
    following = steps[place + 1] if place + 1 < len(steps) else None
    return (
        programme.particulars.scores is None
        and following is not None
        and following.kind == "notice"
        and not _decided_before(programme, following.id)
    )


def _decided_before(programme: Programme, step: str) -> bool:
    """Whether a step comes after one that decides."""
    steps = programme.procedure.steps if programme.procedure else ()
    place = [one.id for one in steps].index(step)
    return any(one.kind in DECIDES for one in steps[:place])
