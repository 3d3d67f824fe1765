"""What settlement refuses, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from linli.kernel.errors import LinliError, Refused, Said
from linli.registers.acts.independence import require_independent
from linli.settlement.banking.refusals import refused

__all__ = ["no_such", "refused", "require_another", "require_state", "same_person"]


def same_person(field: str) -> Refused:
    """Whoever made something can't also check it."""
    return Refused(
        "settlement.same_person",
        zh="编制人和复核人不能是同一个人",
        en="Whoever made this cannot check it too.",
        expected=("另一位经办人员", "another officer"),
        found=field,
        remedy_zh="请另一位有权限的工作人员复核",
        remedy_en="ask another officer with the grant",
    )


def require_another(actor: str, others: Iterable[str], field: str) -> None:
    """Raise Refused where somebody would deal with their own work, or one person could be behind both. Two queries for each account."""
    for other in sorted(set(others) - {""}):
        if other == actor:
            raise same_person(field)
        require_independent(other, actor)


def no_such(what: tuple[str, str], found: object) -> LinliError:
    """There is none, or it isn't the viewer's to see. what: its name as (zh, en)."""
    return refused(
        "not_found",
        "uid",
        (f"没有这个{what[0]}，或不在您的职责范围内", f"There is no such {what[1]}, or it is not yours to see."),
        found=str(found),
        remedy=("从列表进入", "open it from its list"),
    )


def require_state(what: tuple[str, str], state: str, *allowed: str, found: Said | None = None) -> None:
    """Raise unless it is in one of the states."""
    if state not in allowed:
        raise refused(
            "wrong_state",
            "state",
            (f"{what[0]}现在的状态不能这样办理", f"The {what[1]} is not in a state for this."),
            expected=" / ".join(allowed),
            found=found or state,
            remedy=("刷新页面查看现在的状态", "reload the page to see how it stands"),
        )


def require_some(rows: Sequence[object], what: tuple[str, str]) -> None:
    """Raise if there is nothing to do."""
    if not rows:
        raise refused(
            "nothing",
            "count",
            (f"没有{what[0]}", f"There are no {what[1]}."),
            remedy=("先处理没有通过校验的账户", "deal with the accounts that did not pass first"),
        )
