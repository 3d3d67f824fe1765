"""What an escrow asks of each of its four steps."""

from __future__ import annotations

from linli.casework.models import Case
from linli.entitlements.escrow.acts import require_registered
from linli.entitlements.escrow.queries import Standing, of_case
from linli.entitlements.escrow.refusals import refusal
from linli.kernel.money import yuan_text
from linli.programmes.declaration import Programme


def leaving(case: Case, programme: Programme, step: str, outcome: str) -> None:
    """Raise LinliError while the step can't pass: consents, money, registration, plan. Nothing is asked of a refusal."""
    declared = programme.particulars.escrow
    if declared is None or outcome == "refused" or step not in declared.steps:
        return
    found = of_case(case, programme)
    assert found is not None
    order = declared.steps.index(step)
    _require_agreed(found)
    if order >= 1:
        _require_paid(found)
    if order >= 2:
        assert found.row is not None
        require_registered(found.row)
    if order >= 3:
        _require_planned(found)


def _require_agreed(found: Standing) -> None:
    if found.lacking:
        raise refusal(
            "consent",
            ("还有一方没有同意", "Not every party has agreed."),
            ("请其本人登录同意，或登记纸质同意书", "they agree under their own sign-in, or on paper"),
            expected=("各方都已同意", "every party has agreed"),
            found=(
                "缺：" + "、".join(one.label.zh for one in found.lacking),
                "missing: " + ", ".join(one.label.en for one in found.lacking),
            ),
        )


def _require_paid(found: Standing) -> None:
    assert found.row is not None
    if not found.complete:
        wanted, there = yuan_text(found.row.price_fen), yuan_text(found.held_fen)
        raise refusal(
            "not_paid_in",
            ("监管资金没有足额到账", "The money hasn't all come in."),
            ("按银行回单登记到账，由另一人确认", "enter what came in by the bank's slips and have a colleague confirm it"),
            expected=(f"{wanted} 元", f"{wanted} yuan"),
            found=(f"{there} 元", f"{there} yuan"),
        )


def _require_planned(found: Standing) -> None:
    assert found.row is not None
    if sum(found.row.plan.values()) != found.held_fen:
        raise refusal(
            "unplanned",
            ("还没有写明放给谁、各多少", "Nobody has said yet who gets how much."),
            ("先拟定放款", "plan the release first"),
            expected=(f"{yuan_text(found.held_fen)} 元", f"{yuan_text(found.held_fen)} yuan"),
            found=(f"{yuan_text(sum(found.row.plan.values()))} 元", f"{yuan_text(sum(found.row.plan.values()))} yuan"),
        )
