"""Erasure of a person: the key is destroyed, the rows are deleted or emptied, every chain still verifies."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any

from django.db import models
from django.db.models import Q

from linli import vault
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import county_of, home_of, subject_of
from linli.registers.lists.facts import DOUBT_RESOLVED
from linli.registers.models import (
    Authorisation,
    Doubtful,
    DoubtfulCandidate,
    FamilyLink,
    Guardianship,
    Holding,
    Household,
    HouseholdMember,
    Mandate,
    Record,
    Resident,
    ResidentAccount,
    ResidentPast,
    Situation,
    StaffPerson,
)
from linli.trace import AlreadyDone, act

Gone = list[tuple[type[models.Model], int]]
_OWN: tuple[type[models.Model], ...] = (ResidentPast, Situation, Record, Authorisation, Holding, FamilyLink, ResidentAccount)


def erase_resident(viewer: Viewer, *, resident: Resident, reason: str, key: str | None = None) -> Resident:
    """Destroy the person's key, delete their rows and empty their own; what is left is an opaque id that leads to nobody.

    Households and relatives get a fact of their own each for the rows that were theirs, so that no fact ties the person to
    them, and those who are left are screened again. Their households' members and their relatives are no longer all on record,
    on any day: what a rule adds up over them becomes unknown, never a smaller number. Trace and runs keep ciphertexts, salted
    digests and tombstones. A second time changes nothing. Locks the resident with their relatives in order of id, then the
    households. Deletes are by index; a few statements per table, household and relative.
    """
    home = home_of(resident)
    viewer.require("administrator", area=home)
    try:
        with act(viewer, key=key) as a:
            row = _locked_with_relatives(resident)
            if row.erased_at is not None:
                return row
            vault.erase(viewer, subject=row.uid)
            _forget_memberships(a, row)
            _forget_in_relatives(a, row)
            _forget_doubts(a, row)
            _forget_mandates(a, row)
            _forget_guardianships(a, row)
            _forget_staff(a, row)
            own = [gone for model in _OWN for gone in _delete(model._default_manager.filter(resident=row))]
            _empty(row)
            a.record(facts.RESIDENT_ERASED, subject=subject_of(row), payload={"reason": reason}, rows=[row, *own], area=county_of(home))
    except AlreadyDone:
        return Resident.objects.get(pk=resident.pk)
    return row


def _locked_with_relatives(resident: Resident) -> Resident:
    """The fresh row, locked together with those of whoever has a link to the person, in order of id as all acts on several people."""
    relatives = FamilyLink.objects.filter(relative=resident).values("resident")
    rows = Resident.objects.select_for_update(no_key=True).filter(Q(pk=resident.pk) | Q(pk__in=relatives)).order_by("pk")
    return next(row for row in rows if row.pk == resident.pk)


def _delete(rows: models.QuerySet[Any]) -> Gone:
    """Delete the rows; what the trace is told of them."""
    gone: Gone = [(rows.model, key) for key in rows.values_list("pk", flat=True)]
    rows.model._default_manager.filter(pk__in=[key for _, key in gone]).delete()
    return gone


def _empty(row: Resident) -> None:
    for column in ("name", "name_pinyin", "name_initials", "identity_cipher", "phone_cipher", "account_cipher", "address_cipher"):
        setattr(row, column, "")
    for column in ("identity_blind", "phone_blind", "sex", "birth_date", "hukou_type", "deceased_on"):
        setattr(row, column, None)
    row.name_bigrams, row.birth_known, row.relations_known, row.salt, row.erased_at = [], False, False, uuid.uuid4(), clock.now()
    row.save()


def _forget_memberships(a: Any, row: Resident) -> None:
    """The memberships are deleted in a fact of each household, which from then on has lost members."""
    homes = HouseholdMember.objects.filter(resident=row).values("household")
    for household in Household.objects.select_for_update(no_key=True).filter(pk__in=homes).order_by("pk"):
        gone = _delete(HouseholdMember.objects.filter(household=household, resident=row))
        household.members_lost = True
        household.save(update_fields=["members_lost"])
        payload = {"kind": household.kind, "change": "forgotten"}
        subject, rows = f"household:{household.uid}", [household, *gone]
        a.record(facts.HOUSEHOLD_CHANGED, subject=subject, payload=payload, rows=rows, area=household.area_code)


def _forget_in_relatives(a: Any, row: Resident) -> None:
    """The links of others to the person are deleted in a fact of each of them, and their relations are no longer all known."""
    relatives = FamilyLink.objects.filter(relative=row).values("resident")
    for relative in Resident.objects.filter(pk__in=relatives).order_by("pk"):
        by_relation: dict[str, list[int]] = defaultdict(list)
        for key, relation in FamilyLink.objects.filter(resident=relative, relative=row).values_list("pk", "relation"):
            by_relation[relation].append(key)
        doubted = _doubt_relations(relative)
        for relation, keys in by_relation.items():
            gone = _delete(FamilyLink.objects.filter(pk__in=keys))
            payload = {"relation": relation, "change": "forgotten"}
            a.record(facts.FAMILY_LINKED, subject=subject_of(relative), payload=payload, rows=[*doubted, *gone])


def _doubt_relations(relative: Resident) -> list[models.Model]:
    """relations_known is false from now on and in every earlier belief: the link is gone from those days too. Returns the rows."""
    past = list(ResidentPast.objects.filter(resident=relative, relations_known=True))
    ResidentPast.objects.filter(pk__in=[one.pk for one in past]).update(relations_known=False)
    if relative.relations_known:
        relative.relations_known = False
        relative.save(update_fields=["relations_known"])
        return [relative, *past]
    return [*past]


def _forget_mandates(a: Any, row: Resident) -> None:
    """Mandates that the person gave, held or agreed to are deleted, each in a fact of whoever gave it, and end for the other side."""
    theirs = Q(principal=row) | Q(agent_resident=row) | Q(agreed_by=row)
    for mandate in Mandate.objects.filter(theirs).select_related("principal", "agent_resident"):
        about = {"kind": mandate.kind, "matter": mandate.matter, "on_behalf_of": None}
        gone = _delete(Mandate.objects.filter(pk=mandate.pk))
        a.record(facts.MANDATE_ENDED, subject=subject_of(mandate.principal), payload={**about, "side": "principal"}, rows=gone)
        if mandate.agent_resident_id != row.pk and mandate.agent_resident and mandate.ended_at is None:
            a.record(facts.MANDATE_ENDED, subject=subject_of(mandate.agent_resident), payload={**about, "side": "agent"})


def _forget_guardianships(a: Any, row: Resident) -> None:
    """Papers by which the person was somebody's guardian or ward are deleted, each in a fact of the ward."""
    for paper in Guardianship.objects.filter(Q(ward=row) | Q(guardian=row)).select_related("ward"):
        payload = {"change": "forgotten", "document": paper.document, "side": "ward"}
        gone = _delete(Guardianship.objects.filter(pk=paper.pk))
        a.record(facts.GUARDIANSHIP, subject=subject_of(paper.ward), payload=payload, rows=gone)


def _forget_staff(a: Any, row: Resident) -> None:
    """That the person works for the city is deleted, in a fact of the account."""
    for person in StaffPerson.objects.filter(resident=row).select_related("staff").defer("staff__password"):
        gone = _delete(StaffPerson.objects.filter(pk=person.pk))
        a.record(facts.STAFF_IDENTIFIED, subject=person.staff.actor, payload={"change": "forgotten"}, rows=gone)


def _forget_doubts(a: Any, row: Resident) -> None:
    """The person is no candidate of any doubtful row; one that can only be theirs is emptied and closed."""
    theirs = Q(candidates__resident=row) | Q(resolved_as=row)
    for doubt in Doubtful.objects.filter(theirs).select_related("list_import").distinct():
        gone = _delete(DoubtfulCandidate.objects.filter(doubtful=doubt, resident=row))
        if doubt.resolved_as_id == row.pk or not doubt.candidates.exists():
            _empty_doubt(doubt, a.viewer.actor)
        payload = {"list": doubt.list_slug, "resolution": doubt.resolution}
        area = doubt.list_import.area_code
        a.record(DOUBT_RESOLVED, subject=f"doubtful:{doubt.uid}", payload=payload, rows=[doubt, *gone], area=area)


def _empty_doubt(doubt: Doubtful, actor: str) -> None:
    """superseded_by goes too: undoing that import would open the empty row again."""
    if doubt.resolution in ("", "superseded"):
        doubt.resolution, doubt.resolved_by, doubt.resolved_at = "dismissed", actor, clock.now()
    doubt.name, doubt.area_code, doubt.data = "", "", {}
    doubt.birth_date = doubt.valid_from = doubt.valid_to = doubt.resolved_as = doubt.superseded_by = None
    doubt.salt = uuid.uuid4()
    doubt.save()
