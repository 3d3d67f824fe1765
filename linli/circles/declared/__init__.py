"""What a city declares of its circles as dated data (cities/<city>/circles/): norms, types and tiers, groups of people, plans, ratios."""

from linli.circles.declared.groups import COLUMNS, Group
from linli.circles.declared.kinds import Kinds
from linli.circles.declared.norms import LEVELS, Norm, TradeSet
from linli.circles.declared.plans import Planning, Rung
from linli.circles.declared.ratios import Ratio
from linli.circles.declared.standard import Standard, standard

__all__ = ["COLUMNS", "LEVELS", "Group", "Kinds", "Norm", "Planning", "Ratio", "Rung", "Standard", "TradeSet", "standard"]
