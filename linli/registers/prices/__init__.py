"""The effective-dated price list of medical services: what an item costs on a day, by published versions that never overlap."""

from linli.registers.prices.reading import GRADES, NewPrice, reach, read_prices

__all__ = ["GRADES", "NewPrice", "reach", "read_prices"]
