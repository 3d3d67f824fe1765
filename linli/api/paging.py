"""Pages by key: `next` is handed back as `after`, and says nothing that a caller could build on."""

from __future__ import annotations

import base64
import json
from typing import Any

from linli.api.problems import bad_request
from linli.kernel.errors import Place


def cursor(*keys: int | str) -> str:
    """The place after which the next page begins."""
    text = json.dumps(keys, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def keys_of(text: str, *kinds: type) -> Any:
    """What cursor() was given, or None for the first page; refused if it is not one of these kinds or not ours."""
    if not text:
        return None
    try:
        found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        fits = isinstance(found, list) and [type(one) for one in found] == list(kinds)
        fits = fits and all(-(2**63) <= one < 2**63 for one in found if isinstance(one, int))
        fits = fits and not any("\x00" in one or not one.isprintable() for one in found if isinstance(one, str))
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise bad_request("after 不是由接口给出的", "after is not one that this API gave out.", place=Place(field="after"))
    return tuple(found)
