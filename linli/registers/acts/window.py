"""What a clerk at any window does for a resident of any county (全市通办)."""

from __future__ import annotations

from dataclasses import replace

from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers.acts.accounts import require_clerk
from linli.registers.acts.residents import Lives, register_resident
from linli.registers.models import Resident


def register_at_window(viewer: Viewer, *, name: str, identity: str, county: str, phone: str = "", key: str | None = None) -> Resident:
    """Register somebody who is not on record, whichever county they are registered in, or return who is. Needs clerk somewhere.

    The fact names the clerk; the row is kept by the county's clerks from then on. county: six digits of the place of registration.
    """
    require_clerk(viewer)
    here = replace(viewer, grants=(*viewer.grants, Grant("clerk", county)))
    home = Lives("registered", county, clock.today(), source="window")
    return register_resident(here, name=name, identity=identity, phone=phone, situations=[home], key=key)
