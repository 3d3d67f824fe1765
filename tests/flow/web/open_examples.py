"""Open data as somebody reads them, and people for them to count."""

from __future__ import annotations

import csv
import io

from web_examples import AID, SmallCity

from linli.insight.models import Publication
from linli.kernel.ids import uuid7
from linli.screening.models import Determination


def rows(published: Publication) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(published.table, newline="")))


def many(city: SmallCity, number: int, area: str) -> None:
    """So many more of whom the rule found in an area."""
    one = Determination.objects.get(programme=AID, subject=city.found.uid, until__isnull=True)
    for _ in range(number):
        one.pk, one.subject, one.area_code = None, uuid7(), area
        one.save()
