"""Many rows changed by one statement: each gets its own values, nothing is cut, and the others stay as they are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DataError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from linli.kernel import clock
from linli.settlement.models import Outcome, OutcomeRow, Payment
from linli.trace.sets import update_all

pytestmark = pytest.mark.django_db
TEXTS = ("NULL", "", '{"a",b}', "back\\slash", "引号'\"", "100 %s %(a)s", "null", "two\nlines")


def _rows() -> list[OutcomeRow]:
    outcome = Outcome.objects.create(
        layout="transfer", file_name="answer", file_digest="sha256:0", received_by="system:test", received_at=clock.now()
    )
    with connection.cursor() as cursor:  # what a bank said is rewritten by nobody else
        cursor.execute("ALTER TABLE settlement_outcomerow DISABLE TRIGGER USER")
    return OutcomeRow.objects.bulk_create(OutcomeRow(outcome=outcome, line=line, code="before") for line in range(len(TEXTS) + 1))


def test_each_row_gets_its_own_values_in_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    *rows, untouched = _rows()
    for number, (row, text) in enumerate(zip(rows, TEXTS, strict=True)):
        row.found, row.amount_fen, row.told_on = text, None if number % 2 else number * 2**40, None if number % 3 else date(2026, 11, 1)
        row.verdict, row.code = "paid", "not written"
    with django_assert_num_queries(1):
        assert update_all(rows, "found", "amount_fen", "told_on") == len(rows)
    for row in rows:
        stored = OutcomeRow.objects.get(pk=row.pk)
        assert (stored.found, stored.amount_fen, stored.told_on) == (row.found, row.amount_fen, row.told_on)
        assert (stored.code, stored.verdict) == ("before", "")
    untouched.refresh_from_db()
    assert untouched.found == ""
    assert update_all([], "found") == 0


def test_what_is_too_long_is_refused_and_not_cut() -> None:
    rows = _rows()
    rows[0].tail = "12345"
    with pytest.raises(DataError), transaction.atomic():
        update_all(rows, "tail")


def test_a_column_of_arrays_is_refused() -> None:
    with pytest.raises(ValueError, match="holds"):
        update_all([Payment(pk=1)], "state", "holds")
