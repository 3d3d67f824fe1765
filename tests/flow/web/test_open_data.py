"""Open data: what anybody may read is counted from what stands, small counts left out, and keeps every rule of CSVW."""

from __future__ import annotations

import json
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from case_examples import later, on
from django.test import Client
from open_examples import many, rows
from web_examples import SmallCity

from linli.insight import jobs, opendata
from linli.insight.models import Publication
from linli.kernel.errors import LinliError

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_it_is_published_once_a_month_and_only_where_something_differs(small_city: SmallCity):
    many(small_city, 7, "140826402")
    with on(later(date(2026, 10, 20))):
        first = opendata.publish()
    many(small_city, 90, "140826402")
    with on(later(date(2026, 10, 31))):
        assert opendata.publish() is None  # nobody compares the days of a month
    with on(later(date(2026, 11, 2))):
        second = opendata.publish()
        assert opendata.publish() is None
    with on(later(date(2026, 12, 2))):
        assert opendata.publish() is None  # the same as before
    assert first is not None
    assert second is not None
    assert [one.digest for one in opendata.publications()] == [second.digest, first.digest]
    assert "dc:license" not in json.loads(second.metadata)


def test_no_subtraction_of_what_was_published_over_days_tells_of_a_few_people(small_city: SmallCity):
    """A person or two more every month, in counties with few and with many: every cell of every publication from every other."""
    kept = []
    for month in range(10, 13):
        many(small_city, 2, "140826402")
        many(small_city, 4, "140882100201")
        with on(later(date(2026, month, 20))):
            published = opendata.publish()
        if published is not None:
            kept.append({(row["period"], row["programme"], row["area"]): row for row in rows(published)})
    assert len(kept) > 1
    for one, two in combinations(kept, 2):
        for key in one.keys() | two.keys():
            for measure in opendata.MEASURES:
                before, after = (table.get(key, {}).get(measure) or "0" for table in (one, two))
                assert (int(after) - int(before)) % 5 == 0
    assert all(row["eligible"] != "1" for table in kept for row in table.values())


def test_nothing_is_published_where_the_city_says_nothing(client: Client, small_city: SmallCity, settings: object, tmp_path: Path):
    city = tmp_path / "city"
    city.mkdir()
    settings.LINLI_CITY = city  # type: ignore[attr-defined]
    assert opendata.publish() is None
    (city / "open-data.yaml").write_text("smallest: null\nlicence: null\n")
    assert opendata.publish() is None
    for wrong in ("smallest: 1\nlicence: null\n", "smallest: many\nlicence: null\n", "smallest: 5\n", "smallest: 5\nlicence: CC\n"):
        (city / "open-data.yaml").write_text(wrong)
        with pytest.raises(LinliError, check=lambda error: error.code == "insight.malformed_open_data"):
            opendata.declared()
    (city / "open-data.yaml").write_text("smallest: 5\nlicence: {url: 'https://example.org/by', zh: 署名, en: attribution}\n")
    said = opendata.declared()
    assert said is not None
    assert said.licence == "https://example.org/by"


def test_before_anything_is_published_the_page_says_so(client: Client, small_city: SmallCity):
    assert client.get("/open-data/").status_code == 200
    assert client.get("/open-data/counts.csv").status_code == 404
    many(small_city, 30, "140826402")
    with on(later(date(2027, 1, 2))):
        jobs.publish(timestamp=0)
    assert {row["period"] for row in rows(Publication.objects.get())} == {"2026-Q4", "2027-Q1"}
