"""A made-up price list of medical services, so that a demo city has prices to look up: no hospital charges them, and the list says so."""

from __future__ import annotations

from linli.registers.prices import NewPrice

DOCUMENT = "演示价格表（编造，不是真实收费标准）"
SOURCE = "demo:prices"
# name, unit, fen in hospitals of each grade: "" for every one, else first to third
_ITEMS: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("普通门诊诊查费", "次", {"1": 600, "2": 900, "3": 1200}),
    ("急诊诊查费", "次", {"": 1500}),
    ("普通病房床位费", "床日", {"1": 1800, "2": 2600, "3": 3800}),
    ("住院诊查费", "日", {"": 1600}),
    ("Ⅰ级护理", "日", {"": 2400}),
    ("肌内注射", "次", {"": 300}),
    ("静脉输液", "组", {"": 900}),
    ("血常规检查", "次", {"": 1800}),
    ("尿常规检查", "次", {"": 1200}),
    ("胸部X线摄影", "次", {"": 5200}),
    ("常规心电图检查", "次", {"": 2000}),
    ("康复训练", "次", {"": 4500}),
)


def made_up_prices() -> list[NewPrice]:
    """One version: a price for each item, and for each grade of hospital where they differ. Codes are of no real list."""
    return [
        NewPrice(line, f"YS{line:04d}", level, name, unit, fen, None, None)
        for line, (name, unit, prices) in enumerate(_ITEMS, start=1)
        for level, fen in prices.items()
    ]
