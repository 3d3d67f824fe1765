"""Approval rates with what checks found beside them: the numbers on the city's pages and in their sheets follow each finding."""

from __future__ import annotations

import re
from typing import Any

import openpyxl
import pytest
from award_examples import COUNTY, FEDERATION, OTHER_COUNTY
from batch_examples import GIVEN
from django.test import Client
from test_lifecycle import CITY, asked, text
from web_examples import AID, SmallCity

from linli.batches.acts import gathering
from linli.batches.models import Check, Item
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.insight import counting
from linli.kernel import clock
from linli.web.models import Download
from linli.web.tables import downloads

pytestmark = pytest.mark.django_db


def numbers(office: Client, slug: str) -> tuple[list[str], list[Any]]:
    """What the page's table and its sheet say of decisions and of what checks found of them."""
    page = text(office.get(f"/city/way/{slug}/" if slug else "/city/way/"))
    table = page[page.index('id="approvals"') :]
    shown = re.findall(r'<td class="number"[^>]*>([^<]*)</td>', table[: table.index("</table>")])
    assert office.post("/city/export/city-approvals/", {"slug": slug, "kind": "", "county": ""}).status_code == 302
    made = Download.objects.latest("id")
    downloads.make(made.uid)
    made.refresh_from_db()
    return shown, [cell.value for cell in list(openpyxl.load_workbook(downloads.file_of(made)).active)[1]][2:]


@pytest.mark.parametrize("slug", ["", AID])
def test_what_checks_found_stands_beside_what_was_decided(office: Client, small_city: SmallCity, slug: str):
    """Two granted; one of the two files was checked. A finding counts once, and not once it was cleared."""
    for who, county in ((small_city.found, COUNTY), (small_city.away, OTHER_COUNTY)):
        case = asked(who)
        acts.accept(county, case.uid)
        steps.pass_on(county, case.uid)
        acts.decide(FEDERATION, case.uid, "granted")
    batch = gathering.open_batch(CITY, programme=AID, period=str(clock.today().year), given=GIVEN)
    gathering.gather(CITY, batch=batch.uid)
    item = Item.objects.get(batch=batch, person=small_city.found.uid)
    checks = [Check.objects.create(item=item, kind=kind, subject=item.person, desk_code="140802") for kind in ("every", "cross")]
    first = ["1 / 1", "100.0%"] if slug else ["2 / 2", "100.0%"]
    granted = 1 if slug else 2

    def found() -> tuple[list[str], list[Any]]:
        counting.count()
        shown, sheet = numbers(office, slug)
        return shown[2:4] if shown[:2] == first else shown, [sheet[0], sheet[1], *sheet[3:]]

    assert found() == (["0 / 0", "还没有核查"], [granted, 0, 0, 0])
    now = {"done_at": clock.now(), "done_by": "staff:test"}
    Check.objects.filter(pk=checks[0].pk).update(result="passed", **now)
    assert found() == (["0 / 1", "0.0%"], [granted, 0, 1, 0])
    Check.objects.filter(pk=checks[1].pk).update(result="finding", **now)
    assert found() == (["1 / 1", "100.0%"], [granted, 0, 1, 1])
    Check.objects.filter(pk=checks[1].pk).update(settled="cleared", settled_at=clock.now(), settled_by="staff:other")
    assert found() == (["0 / 1", "0.0%"], [granted, 0, 1, 0])
