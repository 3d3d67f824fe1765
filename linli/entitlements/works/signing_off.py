"""Sign-off of a list by other offices (会签): a list that changes afterwards goes to them again before anything more is done or paid.

What stays theirs, so that a slip of the pen costs nobody another round: the same items in the same order (area, description, unit), none
in greater number or at a higher price of one, by the same contractor. Another account of the contractor is none of their business either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from linli.casework.models import Case, StepTaken
from linli.casework.steps import moving
from linli.entitlements.works import lines as reading
from linli.entitlements.works.lines import Line
from linli.entitlements.works.models import WorksList
from linli.entitlements.works.refusals import refused
from linli.kernel.viewer import Viewer
from linli.programmes.declaration import Programme
from linli.trace import Act

LAPSED = "改造清单在会签以后有改动，重新会签"


@dataclass(frozen=True, slots=True)
class SignedOff:
    """What other offices were last shown of a case's list. version: that one; open: they are signing now; rounds: how often they were
    asked; holds: whether their word holds for the list that counts now, the same or one within it.
    """

    version: WorksList
    open: bool
    rounds: int
    holds: bool


def sign_off(case: Case, current: WorksList | None) -> SignedOff | None:
    """Where a list stands with the offices that sign it off; None before they were asked, or without a list. Two queries at most."""
    if current is None:
        return None
    stays = list(StepTaken.objects.filter(case=case, kind="sign").order_by("-position"))
    if not stays:
        return None
    newest = stays[0]
    before = Q(stay__lt=newest.position) | Q(stay=None, drawn_at__lte=newest.opened_at)
    shown = WorksList.objects.filter(before, case=case).order_by("-version").first()
    if shown is None:
        return None
    signed = newest.result in ("", "passed")
    holds = signed and shown.pk in (current.pk, current.within_id)
    return SignedOff(shown, newest.done_at is None, len(stays), holds)


def within(viewer: Viewer, signed: WorksList, kept: Sequence[Line], contractor: UUID | None) -> bool:
    """Whether a new list asks nothing of what was signed off that it did not say: see the module."""
    if contractor != signed.contractor:
        return False
    told = reading.opened(viewer, signed.subject, {"it": signed.items_cipher}, signed.case.area_code).get("it", [])
    return not exceeds(told, kept)


def exceeds(signed: Sequence[Line], new: Sequence[Line]) -> bool:
    """Whether a list has other items than one that was signed, more of one, or one at a higher price."""
    return len(signed) != len(new) or not all(_within(one, two) for one, two in zip(signed, new, strict=True))


def _within(old: Line, new: Line) -> bool:
    same = (old.area, old.description, old.unit) == (new.area, new.description, new.unit)
    return same and new.quantity <= old.quantity and new.unit_price_fen <= old.unit_price_fen


def ask_again(a: Act, viewer: Viewer, case: Case, programme: Programme, taken: StepTaken) -> None:
    """Bring a case whose list changed after the sign-off back to the first step in which offices sign it; before that step nothing is done:
    it comes there anyway. For an act that locked the case. One query, and those of entering a step.
    """
    steps = moving.procedure_of(programme).steps
    place = [one.id for one in steps].index(taken.step)
    asked = set(StepTaken.objects.filter(case=case, kind="sign").values_list("step", flat=True))
    step = next((one for one in steps[:place] if one.kind == "sign" and one.id in asked), None)
    if step is None:
        return
    taken.signatures = [*taken.signatures, moving.signature(viewer, case, "returned", LAPSED)]
    moving.leave(a, case, taken, "returned")
    moving.enter(a, viewer, case, programme, step)


def require_signed_off(case: Case, current: WorksList | None) -> None:
    """Raise LinliError where other offices signed off a list that the one that counts goes beyond. Two queries at most."""
    found = sign_off(case, current)
    if found is not None and current is not None and not found.holds:
        raise refused(
            "not_signed_off",
            (
                f"各部门会签的是第 {found.version.version} 版清单，现在是第 {current.version} 版",
                f"The offices signed version {found.version.version}; the list is at version {current.version}.",
            ),
            ("退回重新办理，由各部门会签现在的清单", "send the case back, so that they sign the list as it is now"),
            expected=f"{found.version.version}",
            found=f"{current.version}",
        )
