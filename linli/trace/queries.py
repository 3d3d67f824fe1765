"""Reading the trace. A caller first checks that its viewer may see the subject: the trace itself knows no grants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from linli.kernel.compiled import Fixed, compiled
from linli.kernel.viewer import Viewer
from linli.trace.facts import BULK_KEY, RESTORED, FactType
from linli.trace.models import Fact, Head, Parked


def timeline(subject: str, *, after: int = 0, limit: int = 200) -> list[Fact]:
    """Facts about a subject in the order they were recorded, echoes included. One index range; page on with the last id."""
    return _after(subject, after, Fixed(limit))


@compiled
def _after(subject: str, after: int, limit: Fixed[int]) -> QuerySet[Fact]:
    return Fact.objects.filter(subject=subject, id__gt=after).order_by("id")[: limit.value]


def facts_of(*types: FactType, after: int = 0, limit: int = 1000) -> list[Fact]:
    """Facts of these types, oldest first, without echoes; page on with the last id."""
    names = [fact_type.name for fact_type in types]
    return list(Fact.objects.filter(type__in=names, echo_of=None, id__gt=after).order_by("id")[:limit])


def bulk_facts(anchor: Fact) -> Iterator[Fact]:
    """The facts of the bulk act that this fact anchors, in order, streamed; none if it was empty."""
    bulk: dict[str, Any] = anchor.payload[BULK_KEY]
    if bulk["chain"] is None:
        return iter(())
    return Fact.objects.filter(chain=bulk["chain"]).order_by("seq").iterator(chunk_size=5000)


def restored_at() -> int:
    """Id of the fact of the last restore, 0 if there was none: what older facts led to may have left the house. One index look-up."""
    found = Fact.objects.filter(type=RESTORED.name, echo_of=None).order_by("-id").values_list("id", flat=True).first()
    return found or 0


def parked() -> QuerySet[Parked]:
    """Facts that a reaction could not handle, longest waiting first."""
    return Parked.objects.order_by("first_seen", "id")


def chain_exists(number: int) -> bool:
    """Whether there is a shared chain or a bulk chain of that number. One query."""
    return Head.objects.filter(chain=number).exists() or Fact.objects.filter(chain=number).exists()


def newest(viewer: Viewer, *, subject: str = "", type_name: str = "", before: int = 0, limit: int = 50) -> list[Fact]:
    """Facts of everything, newest first, narrowed by subject or type, echoes left out; for auditors. Page on with the last id.

    subject: "kind:id", or "#" and the number of a fact: what that one is about, so that an address names nobody's id.
    """
    viewer.require("auditor")
    rows = Fact.objects.order_by("-id")
    if subject.startswith("#"):
        subject = (subject[1:].isdecimal() and Fact.objects.filter(pk=subject[1:19]).values_list("subject", flat=True).first()) or subject
    rows = rows.filter(subject=subject) if subject else rows.filter(echo_of=None)
    if type_name:
        rows = rows.filter(type=type_name)
    return list((rows.filter(id__lt=before) if before else rows)[:limit])
