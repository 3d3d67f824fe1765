"""Open data: what anybody may read is counted from what stands, small counts left out, and keeps every rule of CSVW."""

from __future__ import annotations

import json
from datetime import date
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


def test_what_did_not_change_is_not_published_again(small_city: SmallCity):
    first = opendata.publish()
    assert opendata.publish() is None
    many(small_city, 9, "140826402")
    second = opendata.publish()
    assert first is not None
    assert second is not None
    assert [one.digest for one in opendata.publications()] == [second.digest, first.digest]
    assert "dc:license" not in json.loads(second.metadata)


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
    with on(later(date(2027, 1, 2))):
        jobs.publish(timestamp=0)
    assert {row["period"] for row in rows(Publication.objects.get())} == {"2026-Q4", "2027-Q1"}
