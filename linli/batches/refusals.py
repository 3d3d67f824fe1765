"""The refusals that the acts of batches share."""

from __future__ import annotations

from functools import partial

from django.db.models import Q

from linli.batches.models import Batch, Item
from linli.kernel.errors import Refused, refusal
from linli.registers.acts.independence import require_independent
from linli.registers.nearness import all_near, require_none_near

STATE_WORDS = {
    "gathering": ("收录中", "gathering"),
    "frozen": ("已冻结，待抽取", "frozen, to be drawn"),
    "checking": ("核查中", "being checked"),
    "notice": ("公示", "public notice"),
    "approved": ("已批准，待发放", "approved, to be paid"),
    "paying": ("发放中", "being paid"),
    "closed": ("已结束", "closed"),
    "dissolved": ("已作废", "dissolved"),
}


refused = partial(refusal, "batches.")
"""A refusal of this package: code, said and remedy as (zh, en); field, expected, found."""


def require_state(batch: Batch, *states: str) -> None:
    """Raise LinliError unless the batch is in one of the states."""
    if batch.state not in states:
        expected = "、".join(STATE_WORDS[state][0] for state in states), ", ".join(STATE_WORDS[state][1] for state in states)
        raise refused(
            "state",
            ("批次现在不能办这一步", "The batch isn't at this step."),
            ("按批次页面提示的下一步办理", "take the step that the batch's page names"),
            expected=expected,
            found=STATE_WORDS[batch.state],
        )


def require_other(actor: str, others: tuple[str, ...], what: tuple[str, str]) -> None:
    """Raise Refused where somebody would check their own work, or that of an account which could be theirs."""
    if actor in others:
        raise Refused(
            "batches.same_person",
            zh=f"{what[0]}应由另一人办理",
            en=f"{what[1]} is done by somebody else.",
            expected="another officer",
            expected_zh="另一名经办人员",
            remedy_zh="请同事办理",
            remedy_en="ask a colleague",
        )
    for other in sorted({one for one in others if one.startswith("staff:")}):
        require_independent(other, actor)


def require_nobody_near(actor: str, batch: Batch) -> None:
    """Raise Refused where somebody on a batch's list, or paid for them, is near to whoever deals with it. One look at the list."""
    near = all_near(actor)
    if near:
        about = Q(person__in=near) | Q(beneficiary__in=near) | Q(payee_uid__in=near) | Q(household__in=near)
        require_none_near(Item.objects.filter(about, batch=batch, state="listed").count())
