"""Facts of the price list. One for each price, so that `linli trace verify --deep` names a price that was altered behind the trace."""

from __future__ import annotations

from linli.registers.models import PriceItem, PriceVersion
from linli.trace import FactType
from linli.trace.payload import COUNT, DAY, TEXT, exactly
from linli.trace.rows import digested

PRICES_IMPORTED = FactType(
    "registers.prices_imported", version=1, schema=exactly(source=TEXT), zh="导入医疗服务价格", en="medical prices imported"
)
PRICES_PUBLISHED = FactType(
    "registers.prices_published",
    version=1,
    schema=exactly(document=TEXT, effective_from=DAY, items=COUNT),
    zh="发布医疗服务价格",
    en="medical prices published",
)
PRICE_PUBLISHED = FactType(
    "registers.price_published", version=1, schema=exactly(code=TEXT, level=TEXT), zh="发布一项价格", en="price published"
)
PRICES_WITHDRAWN = FactType(
    "registers.prices_withdrawn",
    version=1,
    schema=exactly(document=TEXT, reason=TEXT, items=COUNT),
    zh="撤回医疗服务价格",
    en="medical prices withdrawn",
)
digested(PriceVersion)
digested(PriceItem, exclude=("withdrawn",))
