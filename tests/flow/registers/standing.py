"""What the tests of one file begin from, built once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def standing(blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transaction around a file's tests, rolled back at their end; each test is a savepoint in it.

    Acts may begin inside, as in Django's own TestCase. Not for tests that commit: they have a connection of their own.
    """
    with blocker.unblock():
        outer = transaction.atomic()
        outer._from_testcase = True  # type: ignore[attr-defined]
        with outer:
            yield
            transaction.set_rollback(True)
