"""Amounts of money as official papers write them: in digits, and in the capital numerals that nobody can alter."""

from __future__ import annotations

from linli.kernel.money import yuan_text

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_MYRIADS = ("", "万", "亿")
LARGEST = 10**14 - 1  # fen: one short of 万亿 yuan


def in_digits(fen: int, language: str) -> str:
    """'4,000.00元', 'CNY 4,000.00'."""
    return f"{yuan_text(fen)}元" if language == "zh" else f"CNY {yuan_text(fen)}"


def in_capitals(fen: int) -> str:
    """肆仟元整 from 400000: People's Bank of China, rules for writing bills (正确填写票据和结算凭证的基本规定). 0 ≤ fen ≤ LARGEST."""
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{whole or '零元'}整"
    # A zero is written where jiao is missing after yuan, and where yuan ends in a zero that jiao follows.
    gap = "零" if yuan and (not jiao or yuan % 10 == 0) else ""
    tenths = f"{_DIGITS[jiao]}角" if jiao else ""
    return f"{whole}{gap}{tenths}{f'{_DIGITS[cents]}分' if cents else '整'}"


def _whole(number: int) -> str:
    """The integer in groups of four digits; a run of zeros between digits is one 零, one zero before a group too."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    told = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            continue
        skipped = told and (group < 1000 or groups[place + 1] % 10 == 0)
        told += ("零" if skipped else "") + _group(group) + _MYRIADS[place]
    return told


def _group(group: int) -> str:
    told, zero = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            told += ("零" if zero and told else "") + _DIGITS[digit] + _PLACES[place]
        zero = not digit
    return told
