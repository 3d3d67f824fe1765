"""Money is integer fen (1 yuan = 100 fen)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from linli.kernel.errors import LinliError


def fen_from_yuan(text: str | int | Decimal) -> int:
    """Exact fen from a yuan amount with at most two decimals, thousands separators allowed in text."""
    try:
        amount = Decimal(text.replace(",", "").strip()) if isinstance(text, str) else Decimal(text)
        fen = amount * 100
        exact = amount.is_finite() and fen == fen.to_integral_value()
    except (InvalidOperation, ValueError):
        exact = False
    if not exact:
        raise LinliError(
            "money.not_an_amount",
            zh="不是有效的金额",
            en="Not an amount of money.",
            expected="yuan with at most two decimals",
            expected_zh="以元为单位，最多两位小数",
            found=repr(text),
            remedy_zh="按元填写，最多两位小数",
            remedy_en="write it in yuan with at most two decimals",
        )
    return int(fen)


def yuan_text(fen: int) -> str:
    """'27,909,000.00' from 2790900000; whole yuan keep their two decimals so that columns align."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d}"
