"""Mandates on one's own pages and at the window, letters that have come, the page of a first password: looked at like every page."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Opener, sign_in
from inspecting import Inspector, for_residents
from mailbox_examples import Mailbox
from own_browser import WINDOW
from place_examples import FIRST_DAY, SYSTEM, identity, person
from procrastinate.contrib.django.models import ProcrastinateJob
from test_own_pages import resident_signs_in
from web_examples import PASSWORD, SmallCity

from linli.casework import acts as casework
from linli.casework.guardianships import open_guardianship
from linli.casework.models import Case
from linli.kernel.viewer import Viewer
from linli.notices import mail
from linli.registers import acts
from linli.registers.acts.guardianships import Paper
from linli.registers.models import Guardianship, Mandate, Resident
from linli.trace.jobs import react


def self_of(who: Resident) -> Viewer:
    return Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")


def guarded(city: SmallCity) -> tuple[Resident, Guardianship, Case]:
    """(guardian, a confirmed paper, a case about another). Whom the small city found gave a mandate before they were a ward."""
    guardian, sister = person("测试监护人", identity=identity()), person("测试姐姐", identity=identity(male=False))
    shown = Paper("judgment", "（2025）测0802民特1号", "测试人民法院", FIRST_DAY, FIRST_DAY)
    acts.grant_mandate(self_of(city.found), principal=city.found, kind="family", agent=sister, evidence="本人登录后授权")
    case = open_guardianship(WINDOW, ward=city.found, guardian=guardian, paper=shown)
    casework.answer(SYSTEM, case.uid, "confirmed")
    waiting = open_guardianship(WINDOW, ward=city.found, guardian=sister, paper=shown)
    return guardian, Guardianship.objects.get(uid=case.fact), waiting


def entrusted(city: SmallCity) -> tuple[Resident, Mandate]:
    """A volunteer who follows a case for the person whom the small city found; letters about it have come."""
    volunteer = person("测试志愿者", identity=identity(male=False))
    case = casework.open_dispute(self_of(city.found), city.found.uid, "disability_level", "证上写的是二级")
    given = acts.grant_mandate(
        self_of(city.found), principal=city.found, kind="single_matter", agent=volunteer, matter=str(case), evidence="本人登录后委托"
    )
    for job in ProcrastinateJob.objects.filter(task_name=react.name, args__reaction="notices.write").order_by("id"):
        react(**job.args)
    return volunteer, given


def look_at_guardianships(inspector: Inspector, city: SmallCity, *, in_full: bool) -> None:
    """Recorded at the window, decided by the county, seen by both sides. in_full: the two pages most like others, too."""
    guardian, paper, waiting = guarded(city)
    acts.place_grant(SYSTEM, staff=city.officer, role="clerk", area_code="1408", valid_from=FIRST_DAY)
    page, person_page = inspector.page, f"/window/people/{city.found.uid}/"
    resident_signs_in(page, guardian)
    page.goto("/my/mandates/")
    inspector.look("my-mandates-of-wards")
    page.context.clear_cookies(name="linli_staff")
    sign_in(page)
    known = {"window-guardianship": f"{person_page}guardianship/", "office-case-guardianship": f"/office/cases/{waiting.uid}/"}
    more = {"window-mandates-resting": f"{person_page}mandates/", "office-guardianship": f"/office/guardianships/{paper.uid}/"}
    for name, address in (known | more if in_full else known).items():
        page.goto(address)
        inspector.look(name)


@for_residents
def test_the_pages_of_mandates_letters_and_first_passwords(
    opened: Opener, small_city: SmallCity, edition: str, language: str, settings: Any
):
    settings.LINLI_SECOND_FACTOR = "optional"
    settings.LINLI_DEMO = False
    settings.LINLI_CHANNELS = {"email": "mailbox_examples.Mailbox"}
    volunteer, given = entrusted(small_city)
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        resident_signs_in(page, small_city.found)
        mail.ask(self_of(small_city.found), recipient=small_city.found.uid, address="someone@city.example", language="zh")
        assert Mailbox.came
        own = {"mandates/": "my-mandates-given", "mandates/matter/": "my-matter", f"mandates/{given.uid}/form/": "my-paper"}
        for rest, name in {**own, "letters/": "my-letters-come", "letters/reach/mail/": "my-mail"}.items():
            page.goto(f"/my/{rest}")
            inspector.look(name)
        resident_signs_in(page, volunteer)
        page.goto("/my/mandates/")
        page.click(f"form[action*='{given.uid}/act'] button")
        page.wait_for_selector("#mine")
        inspector.look("my-errand")
        clerk = acts.add_staff(SYSTEM, login="window", name="窗口员", password=PASSWORD)
        acts.place_grant(SYSTEM, staff=clerk, role="clerk", area_code="140882", valid_from=FIRST_DAY)
        acts.grant_mandate(
            self_of(small_city.found),
            principal=small_city.found,
            kind="single_matter",
            agent=clerk,
            matter="visit",
            evidence="本人登录后委托",
        )
        sign_in(page, "window")
        person_page = f"/window/people/{small_city.found.uid}/"
        window = {
            "window-entrusted": "/window/",
            "window-mandates": f"{person_page}mandates/",
            "window-blank": f"{person_page}paper/visit/",
        }
        for name, address in window.items():
            page.goto(address)
            inspector.look(name)
        page.goto("/admin/account/tokens/")
        inspector.look("tokens")
        page.fill("input[name=label]", "便民服务系统")
        page.check("input[name=grants]")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button.button-large")
        page.wait_for_selector("dl.summary")
        inspector.look("token")
        acts.change_password(SYSTEM, staff=clerk, password=PASSWORD)
        page.goto("/office/sign-in/")
        page.fill("input[name=login]", "window")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/admin/account/password/")
        inspector.look("first-password")
        look_at_guardianships(inspector, small_city, in_full=(edition, language) != ("elder", "zh"))
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
