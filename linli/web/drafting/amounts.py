"""Amounts of money of a programme's file as officers think of them: yuan with two decimals on the page, the file's own unit in the file."""

from __future__ import annotations

import re

from linli.kernel.errors import LinliError
from linli.kernel.money import fen_from_yuan, yuan_text

_TYPED = re.compile(r"[0-9][0-9,]*(\.[0-9]{1,2})?")
_UNIT = re.compile(r"\s*(yuan|元)$")
_FEN = re.compile(r"(-?[0-9][0-9,]*)\s*(fen|分)?")


def fen_of(raw: str) -> int | None:
    """What a value of the file is in fen: 600 yuan, 600.50 元, 60050 fen or a bare 60050, which is in fen; None where it is none."""
    try:
        if found := _UNIT.search(raw):
            return fen_from_yuan(raw[: found.start()])
    except LinliError:
        return None
    found = _FEN.fullmatch(raw)
    return int(found[1].replace(",", "")) if found else None


def shown(raw: str) -> str:
    """A value of the file in yuan, as the form has it; as it stands where it is no amount."""
    fen = fen_of(raw)
    return raw if fen is None else yuan_text(fen)


def typed(text: str) -> int:
    """What somebody typed, in fen: digits, at most two decimals, 元 behind them or not. Raises LinliError with what to do."""
    amount = _UNIT.sub("", text.strip().removeprefix("¥").strip())
    if _TYPED.fullmatch(amount):
        return fen_from_yuan(amount)
    raise LinliError(
        "programmes.not_yuan", zh="不是以元计的金额", en="This is no amount in yuan.", found=text,
        remedy_zh="按元填写，最多两位小数，例如 600 或 85.50", remedy_en="write yuan with at most two decimals, such as 600 or 85.50",
    )  # fmt: skip


def same(one: str, other: str) -> bool:
    """Whether two texts of a form are one amount, however they are written."""
    try:
        return typed(one) == typed(other)
    except LinliError:
        return one == other


def written(text: str, raw: str) -> str:
    """What was typed, in the unit that stands at that place of the file (raw); in yuan where nothing stands there. Empty stays empty."""
    if not text.strip():
        return ""
    fen = typed(text)
    if (here := _FEN.fullmatch(raw)) is not None:
        return f"{fen} {here[2]}" if here[2] else str(fen)
    unit = found[1] if (found := _UNIT.search(raw)) else "yuan"
    yuan, rest = divmod(fen, 100)
    return f"{yuan}.{rest:02d} {unit}" if rest else f"{yuan} {unit}"
