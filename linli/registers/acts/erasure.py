"""Erasure of a person: the key is destroyed, the rows are emptied, every chain still verifies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Q

from linli import vault
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.acts.guards import home_of, subject_of
from linli.registers.bitemporal import believed
from linli.registers.models import Doubtful, FamilyLink, HouseholdMember, Record, Resident, ResidentPast, Situation
from linli.trace import AlreadyDone, act


def erase_resident(viewer: Viewer, *, resident: Resident, reason: str, key: str | None = None) -> Resident:
    """Destroy the person's key and empty the rows; what is left is an opaque id with no name, birth date or number.

    Past beliefs lose their values too, the person's situations, memberships and links are withdrawn, and the trace keeps facts
    whose ciphertext nobody can read. Earlier runs keep a tombstone. A second time changes nothing. Locks the resident.
    """
    home = home_of(resident)
    viewer.require("administrator", area=home)
    try:
        with act(viewer, key=key) as a:
            row = Resident.objects.select_for_update(no_key=True).get(pk=resident.pk)
            if row.erased_at is not None:
                return row
            now = clock.now()
            vault.erase(viewer, subject=row.uid)
            rows = [*_empty(row, now), *_withdraw_all(row, now), *_empty_lists(row, now)]
            a.record(facts.RESIDENT_ERASED, subject=subject_of(row), payload={"reason": reason}, rows=[row, *rows], area=home)
    except AlreadyDone:
        return Resident.objects.get(pk=resident.pk)
    return row


def _empty(row: Resident, now: datetime) -> list[ResidentPast]:
    for column in ("name", "name_pinyin", "name_initials", "identity_cipher", "phone_cipher", "account_cipher", "address_cipher"):
        setattr(row, column, "")
    for column in ("identity_blind", "phone_blind", "sex", "birth_date", "hukou_type", "deceased_on"):
        setattr(row, column, None)
    row.name_bigrams, row.birth_known, row.relations_known, row.erased_at = [], False, False, now
    row.save()
    past = list(ResidentPast.objects.filter(resident=row))
    for belief in past:
        belief.sex = belief.birth_date = belief.hukou_type = belief.deceased_on = None
        belief.birth_known = belief.relations_known = False
        belief.save()
    return past


def _withdraw_all(row: Resident, now: datetime) -> list[Any]:
    rows: list[Any] = []
    for believed_rows in (
        Situation.objects.filter(believed(), resident=row),
        HouseholdMember.objects.filter(believed(), resident=row),
        FamilyLink.objects.filter(believed(), resident=row),
        FamilyLink.objects.filter(believed(), relative=row),
    ):
        found: list[Any] = list(believed_rows)
        believed_rows.update(known_to=now)
        for item in found:
            item.known_to = now
        rows.extend(found)
    return rows


def _empty_lists(row: Resident, now: datetime) -> list[models.Model]:
    """What departments' lists say of the person loses its values; a doubtful row that can only be theirs loses its name."""
    records = list(Record.objects.filter(resident=row))
    for record in records:
        record.data, record.known_to = {}, record.known_to or now
    Record.objects.bulk_update(records, ["data", "known_to"])
    theirs = Doubtful.objects.annotate(others=Count("candidates", filter=~Q(candidates__resident=row)))
    doubts = list(theirs.filter(Q(resolved_as=row) | Q(candidates__resident=row, others=0)))
    Doubtful.objects.filter(pk__in=[doubt.pk for doubt in doubts]).update(name="", birth_date=None, data={})
    return [*records, *doubts]
