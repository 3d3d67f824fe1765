"""Two sites out of one house: which addresses are the public site's and which the officers', and links from one to the other.

LINLI_SITE says which of them this process is; "all" is both. What nobody placed here is the officers'.
"""

from __future__ import annotations

from django.conf import settings

PUBLIC = frozenset(
    {"", "announcements", "programmes", "check", "draws", "genuine", "map", "my", "open-data", "prices", "verify", "windows"}
)
BOTH = frozenset({"switch", "styleguide", "healthz", "readyz", "metrics", "api"})


def site_of(path: str) -> str:
    """'public', 'office', or 'both' for the address of a page; decided by its first part: `my/letters/` by `my`."""
    first = path.lstrip("/").partition("/")[0].partition("?")[0]
    return "both" if first in BOTH else "public" if first in PUBLIC else "office"


def is_here(path: str) -> bool:
    """Whether this process serves that address."""
    return settings.LINLI_SITE == "all" or site_of(path) in ("both", settings.LINLI_SITE)


def placed(path: str) -> str:
    """The address as this site links to it: as it is where it is served here, else on the other site's host; "" where none is told."""
    if is_here(path):
        return path
    other: str = settings.LINLI_ADDRESSES[site_of(path)]
    return other + path if other else ""
