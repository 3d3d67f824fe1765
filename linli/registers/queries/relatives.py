"""Who is told of somebody's money by a registered relation: heirs of those who have died, guardians and parents of minors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet

from linli.kernel import clock
from linli.kernel.compiled import compiled
from linli.kernel.dates import age_on
from linli.registers.bitemporal import believed, true_on
from linli.registers.models import FamilyLink

HEIRS = ("spouse", "child", "father", "mother")
"""Of the first order: Civil Code, art. 1127."""
OF_AGE = 18
"""Civil Code, art. 17; below it a guardian acts (arts. 23 and 27)."""
_AT_DEATH = Q(resident__deceased_on__isnull=False) & (Q(valid_to__isnull=True) | Q(valid_to__gte=F("resident__deceased_on")))
"""Whoever was divorced or given up before isn't an heir (art. 1121: inheritance begins with the death)."""


def heirs_of(uids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Of those who have died the heirs of the first order on record, by what still was on the day of death. One query."""
    links = FamilyLink.objects.filter(
        believed(),
        _AT_DEATH,
        resident__uid__in=uids,
        relation__in=HEIRS,
        relative__deceased_on__isnull=True,
        relative__erased_at__isnull=True,
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for person, heir in links.order_by("id").values_list("resident__uid", "relative__uid"):
        if heir not in found[person]:
            found[person].append(heir)
    return dict(found)


def spoken_for(relative: UUID) -> dict[UUID, str]:
    """Those whose letters about money come to a resident by a registered relation, with their names: who has died, as an heir of the first
    order; a minor, as the guardian, or as a parent where no other guardian is on record. Three queries at most."""
    found = dict(_dead(relative))
    today = clock.today()
    rows = _looked_after(relative, today)
    minors = {uid: (name, relation) for uid, name, born, relation in rows if born and age_on(born, today) < OF_AGE}
    if minors:
        guarded = FamilyLink.objects.filter(believed(), true_on(today), resident__uid__in=minors, relation="guardian")
        of_guardians = set(guarded.exclude(relative__uid=relative).values_list("resident__uid", flat=True))
        own = set(guarded.filter(relative__uid=relative).values_list("resident__uid", flat=True))
        found |= {uid: name for uid, (name, _relation) in minors.items() if uid in own or uid not in of_guardians}
    return found


def _links(relative: UUID) -> QuerySet[FamilyLink]:
    return FamilyLink.objects.filter(believed(), relative__uid=relative, resident__erased_at__isnull=True)


@compiled
def _dead(relative: UUID) -> QuerySet[FamilyLink, tuple[UUID, str]]:
    return _links(relative).filter(_AT_DEATH, relation__in=HEIRS).values_list("resident__uid", "resident__name")


@compiled
def _looked_after(relative: UUID, day: date) -> QuerySet[FamilyLink, tuple[UUID, str, date | None, str]]:
    rows = _links(relative).filter(true_on(day), relation__in=("guardian", "father", "mother"), resident__deceased_on__isnull=True)
    return rows.values_list("resident__uid", "resident__name", "resident__birth_date", "relation")
