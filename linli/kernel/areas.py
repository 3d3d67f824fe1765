"""Administrative division codes (行政区划代码, GB/T 2260 and the statistics bureau's 12 digits), extended to grid and building.

Level by length: 2 province, 4 prefecture, 6 county, 9 township, 12 village or community; below that a village's own
codes: 12 digits + "G" + 3 digits is a grid (网格), + "Z" + 2 digits a village group (组), + "B" + 4 digits a building.
Codes are stored without the trailing zeros that the national table pads with. A subtree is a text range in collation C.
"""

from __future__ import annotations

import re

from linli.kernel.errors import LinliError

# Provinces, autonomous regions, municipalities and special administrative regions (GB/T 2260).
PROVINCES = frozenset(
    str(code) for code in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82)
)
LEVELS = {2: "province", 4: "prefecture", 6: "county", 9: "township", 12: "village"}
_SHAPE = re.compile(r"[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{3}(?:[0-9]{3}(?:G[0-9]{3}|Z[0-9]{2}|B[0-9]{4})?)?)?)?)?")
_BELOW = {"G": "grid", "Z": "group", "B": "building"}


def level(code: str) -> str:
    """'province' … 'village', 'grid', 'group' or 'building'; raises LinliError on anything else."""
    if not _SHAPE.fullmatch(code):
        raise LinliError(
            "areas.bad_code",
            zh="不是有效的行政区划代码",
            en="Not a division code.",
            expected="2, 4, 6, 9 or 12 digits, or a village code with Gnnn, Znn or Bnnnn",
            expected_zh="2、4、6、9 或 12 位数字，或村代码加 G、Z、B 编号",
            found=repr(code),
            remedy_zh="对照国家统计用区划代码表",
            remedy_en="compare it with the national code table",
        )
    return LEVELS[len(code)] if len(code) <= 12 else _BELOW[code[12]]


def parent(code: str) -> str | None:
    """The code one level up, None for a province. Grids, groups and buildings belong to their village."""
    level(code)
    if len(code) > 12:
        return code[:12]
    lengths = sorted(LEVELS)
    index = lengths.index(len(code))
    return code[: lengths[index - 1]] if index else None


def trimmed(code: str) -> str:
    """The stored form of a 12-digit national code: trailing padding zeros dropped level by level."""
    for length in (2, 4, 6, 9):
        if len(code) in (6, 9, 12) and code[length:] and set(code[length:]) == {"0"}:
            return code[:length]
    level(code)
    return code


def next_prefix(code: str) -> str:
    """The first text after every code that starts with `code` (collation C): subtree = code <= x < next_prefix(code)."""
    return code[:-1] + chr(ord(code[-1]) + 1)


def contains(area: str, code: str) -> bool:
    """Whether `code` lies in the subtree of `area` ("" is everywhere)."""
    return code.startswith(area)
