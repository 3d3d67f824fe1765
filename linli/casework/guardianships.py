"""A guardianship that no register holds, brought to a window on paper: it is put on record and the ward's county has a case to decide."""

from __future__ import annotations

from linli.casework.acts import open_between_offices
from linli.casework.kinds import GUARDIANSHIP
from linli.casework.models import Case
from linli.kernel.viewer import Viewer
from linli.registers.acts.guardianships import Paper, record_guardianship
from linli.registers.acts.guards import county_of, home_of
from linli.registers.models import Resident
from linli.trace import AlreadyDone, act


def open_guardianship(viewer: Viewer, *, ward: Resident, guardian: Resident, paper: Paper, key: str | None = None) -> Case:
    """Record what the paper says and hand it to the county's officers; nothing is in force until one of them has confirmed it.

    Needs clerk somewhere. Locks both residents in order of id. The same key twice is one case.
    """
    try:
        with act(viewer, key=f"casework.guardianship:{viewer.actor}:{key}" if key else None) as a:
            row = record_guardianship(viewer, ward=ward, guardian=guardian, paper=paper)
            case = open_between_offices(viewer, ward, county_of(home_of(ward)), GUARDIANSHIP, about=str(row.uid))
            if case is None:
                raise AssertionError("a paper that was put on record in this act has no case yet")
            a.result = {"case": str(case.uid)}
    except AlreadyDone as done:
        return Case.objects.get(uid=done.result["case"])
    return case
