"""Erasing again, after a restore, whoever was erased since the backup: keys, rows and what screening files hold of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from linli.kernel.viewer import system
from linli.registers.acts import erase_resident
from linli.registers.models import Resident
from linli.screening import replaying
from linli.vault import erase, erasures, is_erased

VIEWER = system("restore")


def replay(file: Path, *, since: datetime | None = None) -> list[UUID]:
    """Erase everybody on the list whose key came back; returns them. May be stopped and run again.

    since: also look through the screening files for whoever was erased after that moment, for a run that was cut off between the two.
    """
    listed = erasures.read(file)
    returned = [subject for subject in listed if not is_erased(subject)]
    residents = {resident.uid: resident for resident in Resident.objects.filter(uid__in=returned)}
    for subject in returned:
        if subject in residents:
            erase_resident(VIEWER, resident=residents[subject], reason="erasure list replayed after a restore")
        else:
            erase(VIEWER, subject=subject)  # not in this backup at all: the key is still refused for the future
    for subject in {*returned, *(uid for uid, at in listed.items() if since and at >= since)}:
        replaying.bury(str(subject))
    return returned
