"""What notices do after a fact: write to whom it concerns; after a whole screening, a mailing; after an erasure, forget."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.kernel.viewer import system
from linli.notices import acts, jobs
from linli.notices.recipients import READABLE
from linli.notices.writing import templates
from linli.registers.facts import RESIDENT_ERASED
from linli.screening.facts import MERGED
from linli.trace import reaction
from linli.trace.models import Fact

WRITER = system("notices.write")
_READERS = {one.type.name: one.reader for one in READABLE}
_TOLD = {template.fact for template in templates()}


@reaction(*(one.type for one in READABLE if one.type.name in _TOLD), name="notices.write")
def write(facts: Sequence[Fact]) -> None:
    """A letter to everyone whom the facts concern."""
    for name in sorted({fact.type for fact in facts}):
        acts.write(viewer=WRITER, fact_type=name, tellings=_READERS[name]([fact for fact in facts if fact.type == name]))


@reaction(MERGED, name="notices.mail")
def mail(facts: Sequence[Fact]) -> None:
    """A mailing to those whom a screening of everyone newly found: on its way at once if they are few, else held for an officer."""
    for fact in facts:
        mailing = acts.open_mailing(viewer=WRITER, anchor=fact)
        if mailing is not None and mailing.state == "released":
            jobs.mail.defer(mailing=str(mailing.uid))


@reaction(RESIDENT_ERASED, name="notices.forget")
def forget(facts: Sequence[Fact]) -> None:
    """Delete the letters of erased people."""
    for fact in facts:
        acts.forget(viewer=WRITER, recipient=UUID(fact.subject.partition(":")[2]))
