"""What screening does when registers change: one person's change re-screens their circle, an import the whole city at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.kernel.viewer import system
from linli.registers import facts as registered
from linli.registers.lists import facts as said
from linli.registers.models import Resident
from linli.screening import acts, jobs, replaying
from linli.trace import reaction
from linli.trace.models import Fact

RESCREENING = system("screening.rescreen")


@reaction(
    registered.RESIDENT_REGISTERED,
    registered.RESIDENT_CORRECTED,
    registered.RESIDENT_DIED,
    registered.SITUATION_RECORDED,
    registered.HOUSEHOLD_CHANGED,
    registered.FAMILY_LINKED,
    said.RECORD_CHANGED,
    said.HOLDING_CHANGED,
    said.AUTHORISATION_RECORDED,
    name="screening.rescreen",
)
def rescreen(facts: Sequence[Fact]) -> None:
    """Screen again the people whom the facts are about, and everyone whose answer may rest on them."""
    residents, households = set[UUID](), set[UUID]()
    for fact in facts:
        kind, _, value = fact.subject.partition(":")
        if kind == "resident":
            residents.add(UUID(value))
        elif kind == "household":
            households.add(UUID(value))
        elif kind == "organisation":
            # Few programmes read organisations, and what one employer counts can depend on another: look at all of them.
            jobs.after_import.defer(lists=[fact.payload["list"]], since=fact.recorded_at.isoformat())
    acts.rescreen(viewer=RESCREENING, residents=residents, households=households)


@reaction(said.LIST_IMPORTED, name="screening.rescreen_list")
def rescreen_list(facts: Sequence[Fact]) -> None:
    """One set-based screening, as a job of its own, of the live programmes that read a fact of the imported lists."""
    lists = sorted({fact.subject.partition(":")[2] for fact in facts})
    jobs.after_import.defer(lists=lists, since=max(fact.recorded_at for fact in facts).isoformat())


@reaction(registered.RESIDENT_ERASED, name="screening.bury")
def bury(facts: Sequence[Fact]) -> None:
    """Take erased people out of the files of earlier runs and out of what stands; those left behind have facts of their own."""
    for fact in facts:
        subject = fact.subject.partition(":")[2]
        resident = Resident.objects.filter(uid=subject).first()
        if resident is not None:
            replaying.bury(subject)
            acts.forget(viewer=RESCREENING, resident=UUID(subject))
