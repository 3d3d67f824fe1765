"""A made-up town for a demo: streets, compounds with walls and gates, a river with few bridges, a railway, homes, places and circles.

It stands round the real seat of a district and takes its real communities; everything else is made up, and says so. The same seed gives
the same town. Nothing is arranged to come out in a certain way: which circle lacks what follows from where the draw puts things.
"""

from linli.registers.generated.town.files import write_town
from linli.registers.generated.town.make import Town, make_town

__all__ = ["Town", "make_town", "write_town"]
