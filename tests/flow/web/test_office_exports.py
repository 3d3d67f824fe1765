"""The lists of the office as tables: the rows of the page, no more and no fewer, under the same grants."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from place_examples import FIRST_DAY, SYSTEM
from web_examples import AID, PASSWORD, SmallCity

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.web.tables.officeexports import LISTINGS

pytestmark = pytest.mark.django_db
ROLES = {"reader": ("officer", "clerk"), "keeper": ("administrator",), "looker": ("auditor",)}
"""By login: some roles are held alone."""
PAGES = {
    "runs": ("reader", "/office/", {}),
    "notices": ("reader", "/office/notices/sent/", {"state": "sent"}),
    "mailings": ("reader", "/office/notices/mailings/", {}),
    "deliveries": ("reader", "/office/imports/deliveries/", {}),
    "funds": ("reader", "/office/payments/funds/", {}),
    "paying": ("reader", "/office/payments/", {}),
    "recoveries": ("reader", "/office/payments/recoveries/", {}),
    "list-counties": ("reader", "/city/lists/housing/", {"slug": "housing"}),
    "lacking": ("reader", f"/window/lacking/?programme={AID}", {"programme": AID}),
    "staff": ("keeper", "/admin/staff/", {}),
    "windows": ("keeper", "/admin/windows/", {}),
    "trace": ("looker", "/admin/audit/", {}),
    "reads": ("looker", "/admin/audit/reads/", {}),
}
A_PAGE = 50
BODY = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)


@pytest.fixture
def readers(small_city: SmallCity) -> dict[str, Client]:
    """Whoever may read these lists, signed in."""
    found = {}
    for login, roles in ROLES.items():
        who = acts.add_staff(SYSTEM, login=login, name="测试员", password=PASSWORD)
        for role in roles:
            acts.place_grant(SYSTEM, staff=who, role=role, valid_from=FIRST_DAY)
        found[login] = Client()
        found[login].post("/office/sign-in/", {"login": login, "password": PASSWORD})
    return found


def test_a_table_has_the_rows_of_its_page(readers: dict[str, Client]) -> None:
    held = 0
    for listing, (login, address, parameters) in PAGES.items():
        page = readers[login].get(address)
        assert (listing, page.status_code) == (listing, 200)
        viewer = Viewer("staff:00000000-0000-7000-8000-0000000000e1", tuple(Grant(role) for role in ROLES[login]))
        sheet = LISTINGS[listing](viewer, parameters)
        rows = list(sheet.rows)
        body = BODY.search(page.content.decode())
        assert (listing, len(rows[:A_PAGE])) == (listing, body.group(1).count("<tr>") if body else 0)
        assert all(len(row) == len(sheet.headers) for row in rows)
        held += len(rows)
        asked = readers[login].post(f"/office/lists/{listing}/export/", parameters)
        assert asked.status_code in (302, 409), listing  # three at once, then later
    assert readers["reader"].post("/office/lists/trace/export/").status_code in (403, 404)
    assert readers["reader"].post("/office/lists/doubts/export/", {"delivery": "x"}).status_code == 404
    assert held > 60


def test_a_table_names_people_by_the_ends_of_their_ids_as_its_page_does(office: Client, small_city: SmallCity) -> None:
    office.post(f"/office/runs/{small_city.run.uid}/subjects/{small_city.found.uid}/")
    auditor = Viewer("staff:00000000-0000-7000-8000-0000000000e4", (Grant("auditor"),))
    for listing in ("trace", "reads"):
        said = "\n".join(str(cell) for row in LISTINGS[listing](auditor, {}).rows for cell in row)
        assert str(small_city.found.uid) not in said, listing
        assert str(small_city.found.uid)[-6:] in said, listing


def test_a_table_tells_nobody_more_than_their_pages(small_city: SmallCity) -> None:
    nobody = Viewer("staff:00000000-0000-7000-8000-0000000000e2", (Grant("steward", "140802001"),))
    for listing in ("staff", "windows", "trace", "reads", "deliveries"):
        with pytest.raises(LinliError):
            LISTINGS[listing](nobody, {})
    for listing in ("funds", "paying", "recoveries", "mailings", "runs"):
        assert list(LISTINGS[listing](nobody, {}).rows) == []
    of_one = Viewer("staff:00000000-0000-7000-8000-0000000000e3", (Grant("officer", "", AID),))
    assert {row[0] for row in LISTINGS["runs"](of_one, {}).rows} < {row[0] for row in LISTINGS["runs"](SYSTEM, {}).rows}
