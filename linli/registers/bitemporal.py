"""Bitemporal rows: true in the world over [valid_from, valid_to), believed by us over [known_from, known_to).

Nothing is overwritten. A new statement withdraws the believed rows that it contradicts (known_to = now) and states again
what remains true of them before and after. So the belief of any past instant can be read back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q, QuerySet

Row = TypeVar("Row", bound=models.Model)


def true_on(day: date) -> Q:
    """Rows whose validity contains the day."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def believed(at: datetime | None = None) -> Q:
    """Rows believed now, or at a past instant."""
    if at is None:
        return Q(known_to__isnull=True)
    return Q(known_from__lte=at) & (Q(known_to__isnull=True) | Q(known_to__gt=at))


def overlapping(valid_from: date, valid_to: date | None) -> Q:
    """Rows whose validity meets [valid_from, valid_to)."""
    after_start = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    return after_start if valid_to is None else after_start & Q(valid_from__lt=valid_to)


def withdraw(rows: QuerySet[Row], *, valid_from: date, valid_to: date | None, now: datetime) -> tuple[list[Row], list[Row]]:
    """Withdraw the believed rows of the queryset inside [valid_from, valid_to); returns (withdrawn, stated again).

    The caller holds the lock that keeps others from writing the same person's rows. Two statements when anything overlaps.
    """
    withdrawn: list[Any] = list(rows.filter(believed(), overlapping(valid_from, valid_to)))
    remains: list[Any] = []
    for row in withdrawn:
        remains.extend(_remains(row, valid_from, valid_to, now))
        row.known_to = now
    if withdrawn:
        model = type(withdrawn[0])
        model._default_manager.bulk_update(withdrawn, ["known_to"])
        model._default_manager.bulk_create(remains)
    return withdrawn, remains


def _remains(row: Any, valid_from: date, valid_to: date | None, now: datetime) -> Iterable[models.Model]:
    pieces = [(row.valid_from, valid_from if row.valid_to is None else min(valid_from, row.valid_to))]
    if valid_to is not None:
        pieces.append((max(valid_to, row.valid_from), row.valid_to))
    for start, end in pieces:
        if end is None or start < end:
            yield _copy(row, valid_from=start, valid_to=end, known_from=now, known_to=None)


def _copy(row: models.Model, **changes: Any) -> models.Model:
    """The row again with other values and with a salt of its own: two rows never share one."""
    copied = [field.attname for field in row._meta.concrete_fields if not field.primary_key and field.name != "salt"]
    values = {name: getattr(row, name) for name in copied}
    return type(row)(**{**values, **changes})
