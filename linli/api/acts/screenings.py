"""Asking for a screening: it is run by a worker, over minutes, not by the one who answers the call."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.api.facts import SCREENING_ASKED
from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.programmes.queries import live_versions
from linli.screening import asking
from linli.trace import act


def ask_screening(viewer: Viewer, *, programmes: Sequence[str]) -> UUID:
    """Have live programmes screened over the whole register by the next free worker. Needs officer for each, over the whole city."""
    chosen = sorted(set(programmes))
    live = {version.slug for version in live_versions(clock.today())}
    if not chosen or not live.issuperset(chosen):
        raise LinliError(
            "api.not_live",
            zh="没有这样的生效政策",
            en="No such programme is in force.",
            place=Place(field="programmes"),
            expected=", ".join(sorted(live)),
            found=", ".join(slug for slug in chosen if slug not in live) or "none",
            found_zh=", ".join(slug for slug in chosen if slug not in live) or "没有",
            remedy_zh="从 /programmes 中选择",
            remedy_en="choose from /programmes",
        )
    asked = uuid7()
    with act(viewer) as a:
        asking.ask(viewer=viewer, programmes=chosen)
        for slug in chosen:
            a.record(SCREENING_ASKED, subject=f"programme:{slug}", payload={"asked": str(asked), "programmes": chosen})
    return asked
