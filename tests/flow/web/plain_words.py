"""What stands on a Chinese page and is nobody's word: an area's bare code, the English short name of a programme, a fund or a department,
a machine's time stamp."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from django.conf import settings

from linli.programmes.catalogue import catalogue, load_city

_UNSEEN = re.compile(r"<(script|style|textarea|pre|code)\b.*?</\1>|<[^>]*>", re.DOTALL)
_AREA = re.compile(r"(?<![\w.-])14\d{2}(?:\d{2}(?:\d{3}){0,2})?(?![\w.-])")
_STAMP = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
LEVELS = ("undergraduate", "postgraduate", "college")


@cache
def _slugs() -> re.Pattern[str]:
    """Short names that no reader knows; a fund's is its programme's with its own behind a dot. A draw's number begins with one and is what
    its file is found by, so it may stand."""
    city = settings.LINLI_CITY
    known = {*catalogue(city).slugs, *load_city(city).bodies, *LEVELS}
    return re.compile(rf"(?<![\w/.-])(?:{'|'.join(sorted(map(re.escape, known), key=len, reverse=True))})(?:\.[a-z-]+)?(?![\w/-]|\.\d)")


def raw_words(page: str) -> list[str]:
    """Every such thing in what a reader sees of a page."""
    seen = unescape(_UNSEEN.sub(" ", page))
    return [found.group() for pattern in (_AREA, _STAMP, _slugs()) for found in pattern.finditer(seen)]
