"""Column kinds that several tables share."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q


def area_code(**options: Any) -> models.CharField:
    """A division, grid, group or building code as text in collation C, so that a subtree is a range of the index."""
    return models.CharField(max_length=20, db_collation="C", **options)


def salt() -> models.UUIDField:
    """128 random bits in a row about a person, part of its digest, so that nobody can guess the row from the digest once it is erased.

    The database fills it in where a COPY or a plain INSERT leaves it out.
    """
    return models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)


def valid_range(name: str) -> models.CheckConstraint:
    """valid_from < valid_to: dates are half-open ranges [from, to); an open end is NULL."""
    return models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=name)


def known_range(name: str) -> models.CheckConstraint:
    """known_from <= known_to: a row that was recorded and withdrawn in one act was never believed by anybody."""
    return models.CheckConstraint(condition=Q(known_to__isnull=True) | Q(known_to__gte=F("known_from")), name=name)


def one_of(column: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    """The column holds one of the declared words."""
    return models.CheckConstraint(condition=Q(**{f"{column}__in": values}), name=name)
