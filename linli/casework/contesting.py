"""Who may answer when a decision is contested: never anybody who had a part in it."""

from __future__ import annotations

from linli.casework.models import Case, StepTaken
from linli.kernel.errors import Refused
from linli.kernel.viewer import Viewer
from linli.registers.acts.independence import require_independent


def require_another(viewer: Viewer, case: Case) -> None:
    """Raise Refused where the viewer signed a step of the case that is contested, or could be the same person as somebody who did."""
    stays = StepTaken.objects.filter(case=case.parent).values_list("signatures", flat=True)
    signers = {one["actor"] for stay in stays for one in stay}
    if viewer.actor in signers:
        raise Refused(
            "casework.decided_it",
            zh="您参与过这件事项的办理，须由其他人员复核",
            en="You had a part in the decision: somebody else has to look at it.",
            expected="another officer",
            expected_zh="没有参与办理的人员",
            remedy_zh="请其他经办人员办理",
            remedy_en="leave it to another officer",
        )
    for signer in sorted(signers):
        require_independent(signer, viewer.actor)
