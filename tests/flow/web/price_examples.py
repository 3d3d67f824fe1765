"""Two versions of a small price list."""

from __future__ import annotations

from datetime import date

from linli.kernel.viewer import system
from linli.registers.acts.prices import publish_prices
from linli.registers.prices import NewPrice

HEAD = "项目编码,项目名称,计价单位,价格（元）,医院等级,起始日期\n"
NAME = "普通门诊诊查费"


def publish_some() -> None:
    """5.50 yuan, in third-grade hospitals 9, from 1 January 2026; 8 yuan from 1 July."""
    prices = {date(2026, 1, 1): [("", 550), ("3", 900)], date(2026, 7, 1): [("", 800)]}
    for number, (first, listed) in enumerate(prices.items(), 1):
        publish_prices(
            system("tests"),
            prices=[NewPrice(2, "110200001", level, NAME, "次", fen, None, None) for level, fen in listed],
            document=f"运医保发〔2026〕{number}号",
            effective_from=first,
            file_name="prices.csv",
            source=f"test:{number}",
            area="1408",
        )
