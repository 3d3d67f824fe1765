"""What a clerk at any window does for a resident of any county (全市通办)."""

from __future__ import annotations

from dataclasses import replace

from linli.kernel import clock
from linli.kernel.viewer import Grant, Viewer
from linli.registers.acts.accounts import require_clerk
from linli.registers.acts.residents import Lives, register_resident
from linli.registers.acts.staff import register_organisation
from linli.registers.models import Organisation, Resident


def register_at_window(viewer: Viewer, *, name: str, identity: str, county: str, phone: str = "", key: str | None = None) -> Resident:
    """Register somebody who is not on record, whichever county they are registered in, or return who is. Needs clerk somewhere.

    The fact names the clerk; the row is kept by the county's clerks from then on. county: six digits of the place of registration.
    """
    require_clerk(viewer)
    here = replace(viewer, grants=(*viewer.grants, Grant("clerk", county)))
    home = Lives("registered", county, clock.today(), source="window")
    return register_resident(here, name=name, identity=identity, phone=phone, situations=[home], key=key)


def register_organisation_at_window(
    viewer: Viewer, *, name: str, credit_code: str, area: str, kind: str, key: str | None = None
) -> Organisation:
    """Register an organisation of any place in the city that is not on record, or return the one under this credit code: a firm that
    applies, a school, centre or contractor that is paid. Needs clerk somewhere; the fact names the clerk.

    area: where it is registered, a township or above.
    """
    require_clerk(viewer)
    here = replace(viewer, grants=(*viewer.grants, Grant("clerk", area)))
    return register_organisation(here, name=name, area_code=area, kind=kind, credit_code=credit_code, key=key)
