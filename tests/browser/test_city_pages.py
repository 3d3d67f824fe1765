"""The city's overview in both editions and languages, read and measured like every other page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from award_examples import ACCOUNT, COMMITTED, COUNTY, FEDERATION
from case_examples import resident
from conftest import Opener, sign_in
from inspecting import Inspector, for_officers
from place_examples import SYSTEM
from web_examples import AID, SmallCity, dispute

from linli.casework.steps import acts as steps
from linli.entitlements import acts as applications
from linli.entitlements.acts.applying import Wanted
from linli.insight import acts, counting
from linli.insight.models import FundFigure, ServiceFigure
from linli.kernel import clock
from linli.papers import write_table
from linli.web.models import Download
from linli.web.tables import downloads

PAGES = {
    "city": "/city/",
    "city-programme": f"/city/programmes/{AID}/",
    "city-people": f"/city/programmes/{AID}/untaken/",
    "city-way": "/city/way/",
    "city-way-of": f"/city/way/{AID}/",
    "city-way-of-homes": "/city/way/home-adaptation/",
    "city-unpaid": f"/city/way/{AID}/unpaid/",
    "city-lists": "/city/lists/",
    "city-list": "/city/lists/disability-certificate/",
    "city-rows": "/city/lists/disability-certificate/disputed/",
}


def form_pages(folder: Path) -> dict[str, str]:
    """A form of figures and one of people, each with something mapped."""
    headers = {"figures": ("县", "找到"), "people": ("序号", "姓名", "备注")}
    found = {"city-forms": "/city/forms/"}
    for kind, row in headers.items():
        path = folder / f"{kind}.xlsx"
        write_table(path, row, [("盐湖区", "")] if kind == "figures" else [])
        made = acts.add_form(SYSTEM, name=f"月报 {kind}", kind=kind, area="", file_name=path.name, content=path.read_bytes())
        slot = {"target": "B2", "measure": "found", "programme": AID, "county": "140802"}
        table = {"sheet": "Sheet1", "row": 2, "programme": AID, "state": "found", "columns": [{"target": "B", "field": "name"}]}
        acts.map_form(SYSTEM, form=made.form.uid, based_on=1, mapping=[slot] if kind == "figures" else table)
        found[f"city-form-{kind}"] = f"/city/forms/{made.form.uid}/"
    return found


def decided(city: SmallCity) -> None:
    """An application that officers took from its acceptance to a grant, so that times, approvals and care have a line."""
    case = applications.apply(resident(city.found), city.found.uid, Wanted(AID, account=ACCOUNT, committed=COMMITTED))
    applications.accept(COUNTY, case.uid)
    steps.pass_on(COUNTY, case.uid)
    applications.decide(FEDERATION, case.uid, "granted")


def adapted() -> None:
    """2,668 homes for 1,420,000 yuan out of two funds, far below what they cost elsewhere."""
    homes = {"programme": "home-adaptation", "area_code": "140802001"}
    ServiceFigure.objects.create(**homes, applications=2668, paid_fen=142_000_000, units=2668, completed=2668)
    for fund, fen in (("provincial", 46_000_000), ("lottery", 96_000_000)):
        FundFigure.objects.create(**homes, fund=f"home-adaptation.{fund}", paid_fen=fen)


def exported(city: SmallCity) -> None:
    """Three tables of the officer's: one waiting, one to be fetched, one that is beyond the grants of now."""
    told = {"actor": f"staff:{city.officer.uid}", "listing": "people", "language": "zh-cn", "file_name": "高龄津贴-找到的人.xlsx"}
    for state, grants in (("waiting", []), ("finished", [["officer", "", ""]]), ("finished", [["auditor", "", ""]])):
        one = Download.objects.create(**told, state=state, grants=grants, done=len(grants) * 12_345, asked_at=clock.now())
        if grants:
            downloads.file_of(one).write_bytes(bytes(1_234_567))


@for_officers
def test_the_pages_of_the_city(opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any, tmp_path: Path):
    settings.LINLI_SECOND_FACTOR = "optional"
    dispute(small_city.found)
    decided(small_city)
    counting.count()
    adapted()
    exported(small_city)
    pages = PAGES | form_pages(tmp_path) | {"downloads": "/office/downloads/"}
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        sign_in(page, "officer")
        for name, address in pages.items():
            page.goto(address)
            inspector.look(name)
        page.goto(f"/office/runs/{small_city.run.uid}/")
        inspector.look("city-overview-of-a-run")
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
