"""issue: an original on its way to the seal of its organ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linli.papers.letters.rendering import place_of_seal, render
from linli.papers.letters.sealing import PrintStampScan, Sealing, SealRoute


@dataclass(frozen=True, slots=True)
class Original:
    """An original as its route left it. awaits_scan: it is still to be printed, stamped and scanned."""

    pdf: bytes
    route: str
    awaits_scan: bool


def issue(kind: str, fields: Mapping[str, Any], *, city: Path | None = None, route: SealRoute | None = None) -> Original:
    """Set the original, which is Chinese, and send it down its route: the built-in one unless another is given. Raises what render does."""
    chosen = route or PrintStampScan()
    letter = render(kind, fields, city=city, sealing=Sealing.SEALED)
    organ = fields["organ"]
    sealed = chosen.seal(letter, organ=organ[0] if isinstance(organ, tuple) else organ, place=place_of_seal(kind, fields, city=city))
    return Original(letter if sealed is None else sealed, chosen.name, sealed is None)
