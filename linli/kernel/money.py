"""Money is integer fen (1 yuan = 100 fen)."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from linli.kernel.errors import LinliError

MOST = 10**17
"""Fen: beyond any country's budget, and dozens of them add up to less than a column of 64 bits holds."""
_AMOUNT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


def fen_from_yuan(text: str | int | Decimal) -> int:
    """Exact fen from a yuan amount with at most two decimals, below 10¹⁵ yuan; in text thousands separators and wide digits
    are allowed, and no exponent."""
    try:
        amount = Decimal(_plain(text)) if isinstance(text, str) else Decimal(text)
        fen = amount * 100
        exact = amount.is_finite() and fen == fen.to_integral_value() and abs(fen) < MOST
    except (InvalidOperation, ValueError):
        exact = False
    if not exact:
        raise LinliError(
            "money.not_an_amount",
            zh="不是有效的金额",
            en="Not an amount of money.",
            expected="yuan with at most two decimals, below 1,000,000,000,000,000",
            expected_zh="以元为单位，最多两位小数，不到一千万亿元",
            found=repr(text),
            remedy_zh="按元填写，最多两位小数",
            remedy_en="write it in yuan with at most two decimals",
        )
    return int(fen)


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not _AMOUNT.fullmatch(plain):
        raise ValueError(text)
    return plain


def yuan_text(fen: int) -> str:
    """'27,909,000.00' from 2790900000; whole yuan keep their two decimals so that columns align."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d}"
