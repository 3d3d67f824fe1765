"""Whom employers took on in a year, counted person by person: nobody counts for two of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from lists_examples import SYSTEM, load_city

from linli.kernel import clock
from linli.registers.acts.records import end_record, record_change
from linli.registers.bulk import NewResident
from linli.registers.models import Record, Resident
from linli.registers.queries.rosters import hires
from linli.site.command.registers import command

pytestmark = pytest.mark.django_db
DAY, BEFORE = date(2026, 11, 22), date(2025, 10, 1)
ONE, OTHER = "91990000MA0000001J", "91990000MA0000002F"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.frozen(datetime(2026, 11, 22, 2, tzinfo=UTC)):
        yield


def insured(person: NewResident, employer: str, since: date, until: date | None = None, told: date | None = None) -> None:
    data = {"employer_code": employer, "insured_since": str(told or since)}
    record_change(
        SYSTEM, subject=Resident.objects.get(uid=person.uid), list_slug="social-insurance", valid_from=since, valid_to=until, data=data
    )


def test_each_person_counts_for_one_employer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stayed, moved, left, new, old, doubtful = load_city(6)
    insured(stayed, ONE, BEFORE)
    insured(moved, ONE, BEFORE, date(2026, 5, 1))
    insured(moved, OTHER, date(2026, 5, 1), told=BEFORE)
    insured(left, ONE, BEFORE)
    end_record(SYSTEM, subject=Resident.objects.get(uid=left.uid), list_slug="social-insurance", on=date(2026, 3, 1))
    insured(new, OTHER, date(2026, 11, 1), told=date(2026, 6, 1))
    insured(old, OTHER, date(2026, 11, 1), told=date(2019, 1, 1))  # the list began later than the insurance
    insured(doubtful, ONE, date(2026, 2, 1), date(2026, 4, 1))  # came and went within the year
    found = {one.employer: (one.insured, one.joined, one.gone, one.net) for one in hires(DAY)}
    assert found == {ONE: (1, 0, 2, -2), OTHER: (3, 2, 0, 2)}
    assert sum(one.insured for one in hires(DAY)) == Record.objects.filter(valid_to__isnull=True, known_to__isnull=True).count()
    monkeypatch.setenv("LINLI_LANG", "en")
    out = tmp_path / "hires.csv"
    assert CliRunner().invoke(command, ["hires", str(out)]).output.startswith("2 employers")
    assert f"{OTHER},3,2,0,2" in out.read_text("utf-8-sig")
