"""What a registration leaves behind: the person's row on the list that the programme names, so that other rules read it."""

from __future__ import annotations

from linli.entitlements.models import Application
from linli.entitlements.told import Told
from linli.kernel import clock
from linli.kernel.viewer import system
from linli.programmes.declaration import Programme
from linli.registers.acts.guards import resident_of
from linli.registers.acts.records import record_change

REGISTERING = system("entitlements.register")


def register(application: Application, programme: Programme, told: Told) -> None:
    """Put the person on the programme's list from today on, with what the case told of the facts that the list keeps. Locks the person."""
    declared = programme.particulars.registers
    if declared is None:
        return
    data = {name: told.facts[name] for name in declared.facts if name in told.facts}
    record_change(
        REGISTERING,
        subject=resident_of(application.person),
        list_slug=declared.list,
        valid_from=clock.today(),
        data=data,
        key=f"entitlements.register:{application.case.uid}",
    )
