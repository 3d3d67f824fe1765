"""Who read a person's data, and whether a person was erased."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from linli.vault.models import Access, PersonKey


def accesses_of(subject: UUID | str) -> QuerySet[Access]:
    """Every recorded read of the person's sensitive fields, newest first: for the person, who has a right to it."""
    return Access.objects.filter(subject=subject).order_by("-id")


def is_erased(subject: UUID | str) -> bool:
    """Whether the person's key was destroyed."""
    return PersonKey.objects.filter(subject=subject, wrapped__isnull=True).exists()
