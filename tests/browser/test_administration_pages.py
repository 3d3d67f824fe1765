"""The pages of administration, security and audit, and of one's own account, measured like every other page."""

from __future__ import annotations

from datetime import date

import pytest
from conftest import Opener
from inspecting import Inspector, for_officers
from place_examples import FIRST_DAY, SYSTEM
from playwright.sync_api import Page
from web_examples import PASSWORD, SmallCity

from linli.registers import acts
from linli.registers.acts import sessions
from linli.registers.models import Staff

ROLES = ("administrator", "security", "auditor")


def as_one_of(page: Page, role: str) -> None:
    page.goto("/office/sign-in/")
    page.fill("input[name=login]", role)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/admin/**")


def proposed() -> str:
    """The page of somebody for whom a role that is held alone has been proposed."""
    new = acts.add_staff(SYSTEM, login="proposed", name="盐湖员", password=PASSWORD)
    acts.propose_grant(SYSTEM, staff=new, role="auditor", valid_from=FIRST_DAY)
    return f"/admin/staff/{new.uid}/"


def linked() -> str:
    """Where the administrator confirms that an identity is theirs."""
    own = Staff.objects.get(login="administrator")
    identity = sessions.link_identity(SYSTEM, staff=own, issuer="https://id.example", subject="p-7")
    return f"/admin/account/identities/{identity.uid}/"


def pages(officer: Staff) -> dict[str, list[tuple[str, str]]]:
    account = f"/admin/staff/{officer.uid}/"
    return {
        "administrator": [
            ("staff", "/admin/staff/"), ("staff-add", "/admin/staff/add/"), ("staff-person", account), ("staff-grant", f"{account}grants/"),
            ("account", "/admin/account/"), ("account-totp", "/admin/account/totp/"), ("account-passkey", "/admin/account/passkey/"),
            ("account-password", "/admin/account/password/"), ("account-identity", linked()),
        ],
        "security": [("security", "/admin/security/"), ("staff-proposed", proposed())],
        "auditor": [("audit", "/admin/audit/"), ("reads", "/admin/audit/reads/")],
    }  # fmt: skip


@for_officers
def test_every_page_of_administration(opened: Opener, small_city: SmallCity, edition: str, language: str):
    for role in ROLES:
        staff = acts.add_staff(SYSTEM, login=role, name=f"岗位{ROLES.index(role)}", password=PASSWORD)
        acts.place_grant(SYSTEM, staff=staff, role=role, valid_from=FIRST_DAY)
    acts.place_grant(SYSTEM, staff=small_city.local, role="clerk", area_code="140802", valid_from=date(2099, 1, 1))
    problems = []
    for role, addresses in pages(small_city.local).items():
        with opened(edition=edition, language=language) as page:
            inspector = Inspector(page, edition, language)
            as_one_of(page, role)
            for name, address in addresses:
                page.goto(address)
                inspector.look(f"admin-{name}")
        problems += inspector.problems
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
