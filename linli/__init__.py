"""Linli (邻里): the software a city runs its livelihood services on."""

import os

__version__ = "0.1.0"

# Polars' allocator hands memory back after half a second and then pays for each page again; ten seconds halve a screening's system time.
# It reads this when Polars is first imported, so it must stand where every import of Linli passes.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")
