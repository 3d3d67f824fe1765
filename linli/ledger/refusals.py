"""What the ledger refuses, in words: its functions raise a code with the accounts and sums concerned, people read a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import Error

from linli.kernel.errors import LinliError, Place, Said

_WORDS = {
    "unbalanced": ("借贷不平", "The legs do not sum to zero.", "使各分录之和为零", "make the amounts of the legs sum to zero"),
    "key_reused": (
        "这份文件或这笔业务已经登记过，金额或来源不同",
        "This document or key was entered before, with another amount or source.",
        "核对文件；重试时内容要与上次一样，另一笔业务用它自己的文号",
        "compare with the document; a retry is repeated unchanged, and another matter has a number of its own",
    ),
    "unknown_account": (
        "没有这个账户",
        "There is no such account.",
        "核对账户编码，或先开立账户",
        "check the code, or open the account first",
    ),
    "unit_mix": (
        "账户的计量单位与本笔不同",
        "The account is kept in another unit.",
        "一笔账只用一种单位：分或分钟",
        "keep one transfer in one unit: fen or minutes",
    ),
    "closed_account": ("账户已关闭", "The account is closed.", "改用未关闭的账户", "use an account that is open"),
    "floor": (
        "余额不足：扣除冻结后低于下限",
        "Not enough: less what is held, the account would fall below its floor.",
        "先拨入资金或解除冻结，再重试",
        "allocate money or release holds first, then try again",
    ),
    "unknown_transfer": ("没有这笔账", "There is no such transfer.", "核对编号", "check the id"),
    "not_reversible": (
        "冲正或内部调拨不能再冲正",
        "A reversal or a levelling is not reversed.",
        "需要恢复时，另记一笔",
        "post the transfer anew where it should stand after all",
    ),
    "already_reversed": ("这笔账已冲正", "The transfer has been reversed.", "无需再次冲正", "nothing more to do"),
    "hold_not_open": ("冻结不存在或已结束", "The hold does not exist or has ended.", "查看冻结的状态", "look up what became of the hold"),
    "hold_expired": ("冻结已过期", "The hold has expired.", "解除后重新冻结", "release it and hold the amount again"),
    "hold_does_not_fit": (
        "本笔没有从冻结的账户付出，或超出冻结的金额",
        "The transfer takes nothing from the held account, or more than is held.",
        "从冻结的账户付出，且不超过冻结的金额",
        "take at most the held amount from the account that holds it",
    ),
    "not_empty": ("账户还有余额或冻结", "The account is not empty.", "先转出余额、结清冻结", "move the balance and settle the holds first"),
    "too_large": ("金额或余额超出上限", "The amount or balance is too large.", "拆成几笔，或核对金额", "check the amount, or split it"),
    "code_taken": ("账户编码已使用", "The code is taken by another account.", "换一个编码", "choose another code"),
}
_CONSTRAINTS = {
    "ledger_transfer_reverses": "already_reversed",
    "ledger_transfer_hold": "hold_not_open",
    "ledger_account_code": "code_taken",
    "ledger_fund_slug": "code_taken",
}


def refusal(code: str, told: dict[str, Any]) -> LinliError:
    """The error of a code, with what the function told of it."""
    zh, en, remedy_zh, remedy_en = _WORDS[code]
    expected: Said | None = None
    found: Said | None = told.get("key") or told.get("account") or told.get("transfer") or told.get("hold")
    if code == "floor":
        expected = (f"可用 {told['available']} 以内", f"at most {told['available']} available")
        found = (f"{told['account']} 付出 {told['asked']}", f"{told['asked']} from {told['account']}")
    return LinliError(f"ledger.{code}", zh=zh, en=en, expected=expected, found=found, remedy_zh=remedy_zh, remedy_en=remedy_en)


def malformed(field: str, zh: str, en: str, found: object) -> LinliError:
    """Something that cannot be posted whatever the book says."""
    return LinliError(
        "ledger.malformed",
        zh="这笔账写法不对",
        en="This cannot be posted.",
        place=Place(field=field),
        expected=(zh, en),
        found=repr(found)[:200],
        remedy_zh="按要求填写后重试",
        remedy_en="write it as expected and try again",
    )


class Otherwise(Exception):  # noqa: N818 - not a mistake, but a question passed on
    """The short way does not do this: take the one that does everything."""


@contextmanager
def in_words() -> Iterator[None]:
    """Turns what the ledger's functions and constraints raise into a LinliError. Anything else goes through."""
    try:
        yield
    except (Error, psycopg.Error) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        state, diagnosis = getattr(cause, "sqlstate", None) or "", getattr(cause, "diag", None)
        if diagnosis is None:
            raise
        if state == "LG000":
            raise Otherwise from error
        if state.startswith("LG"):
            raise refusal(str(diagnosis.message_primary), json.loads(diagnosis.message_detail or "{}")) from error
        if diagnosis.constraint_name in _CONSTRAINTS:
            raise refusal(_CONSTRAINTS[diagnosis.constraint_name], {}) from error
        raise
