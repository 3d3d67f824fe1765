"""A steward's day on a phone with a poor network: what is kept, that it is sent once, what is refused, and whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from conftest import PHONE, Opener
from inspecting import Inspector, for_residents
from place_examples import BUILDING, FIRST_DAY, SYSTEM, VILLAGE, person
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from web_examples import PASSWORD, SmallCity

from linli.casework import acts as cases
from linli.casework.models import Case, Visit
from linli.casework.visits import acts as visits
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.registers import acts
from linli.registers.models import Resident
from linli.trace.models import Fact

HOME = "/steward/"
expect.set_options(timeout=30_000)
# What the phone keeps becomes a day older.
A_DAY_LATER = """async () => {
    const pages = await caches.open("linli-day")
    for (const each of await pages.keys()) {
        const kept = await pages.match(each), headers = new Headers(kept.headers)
        headers.set("X-Linli-Kept-At", String(Number(headers.get("X-Linli-Kept-At")) - 24 * 60 * 60 * 1000))
        await pages.put(each, new Response(await kept.blob(), { headers }))
    }
}"""
# The phone keeps more pages than it may.
MANY_PAGES = """async () => {
    const pages = await caches.open("linli-day"), kept = await pages.match("/steward/")
    for (let number = 0; number < 70; number++) await pages.put(`/steward/places/${number}/`, kept.clone())
}"""
KEPT_PAGES = "caches.open('linli-day').then(pages => pages.keys()).then(keys => keys.length)"
# Signing out while a page is still on its way, and another is asked for before the sign-out page opens.
FORGET_ON_THE_WAY = """async () => {
    const before = fetch("/steward/"), worker = (await navigator.serviceWorker.ready).active, channel = new MessageChannel()
    const said = new Promise(resolve => channel.port1.onmessage = resolve)
    worker.postMessage("forget", [channel.port2])
    const forgotten = await said.then(event => event.data)
    const answers = [await before, await fetch("/steward/waiting/"), await fetch("/steward/")]
    await Promise.all(answers.map(answer => answer.text()))
    return [forgotten, answers.every(answer => answer.ok)]
}"""
FINE, AWAY = "button[value=visited]", "button[value=not_home]"


def elder(name: str) -> Resident:
    """Somebody of over eighty who lives alone in the steward's building."""
    at = [acts.Lives("registered", VILLAGE, FIRST_DAY), acts.Lives("lives", BUILDING, FIRST_DAY)]
    who = person(name, birth_date=date(clock.today().year - 81, 1, 5), situations=at)
    acts.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(who, "head")], valid_from=FIRST_DAY)
    return who


def steward(login: str, area: str) -> None:
    staff = acts.add_staff(SYSTEM, login=login, name="测试管家", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=staff, role="steward", area_code=area, valid_from=FIRST_DAY)


def sign_in(page: Page, login: str = "guanjia") -> None:
    """Sign in and wait until the day is kept on the phone."""
    page.goto(f"/office/sign-in/?next={HOME}")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"**{HOME}")
    page.wait_for_selector("html[data-queue-kept]", state="attached")


def call(page: Page, name: str, button: str = FINE, words: str = "") -> None:
    """Open somebody from the day's list and say how the call went."""
    page.click(f".round-link:has-text('{name}')")
    page.wait_for_selector(f"h1:has-text('{name}')")
    if words:
        page.fill("textarea[name=words]", words)
    page.click(button)


@pytest.fixture
def day(small_city: SmallCity) -> list[Resident]:
    """Three people who are due, and two who look after them: one the building, the other its grid."""
    steward("guanjia", BUILDING)
    steward("wangge", f"{VILLAGE}G001")
    return [elder(f"测试老人{number}") for number in "甲乙丙"]


@pytest.fixture
def phone(chromium: Browser, live_server: Any, settings: Any) -> Callable[[], Any]:
    """A phone whose network may go away: its browser complains of that, and of nothing else."""
    settings.LINLI_SECOND_FACTOR = "optional"

    @contextmanager
    def opened() -> Iterator[tuple[BrowserContext, Page]]:
        context = chromium.new_context(viewport=PHONE, base_url=live_server.url)  # type: ignore[arg-type]
        page, problems = context.new_page(), list[str]()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
        yield context, page
        context.close()
        assert problems == []

    return opened


def test_three_calls_without_a_network_are_each_made_once_when_it_is_back(phone: Any, day: list[Resident]):
    with phone() as (context, page):
        sign_in(page)
        other = context.new_page()
        other.goto(f"{HOME}waiting/")
        context.set_offline(True)
        page.reload()
        expect(page.locator("[data-queue-says=offline]")).to_be_visible()
        for who, button in zip(day, (FINE, AWAY, FINE), strict=True):
            call(page, who.name, button)
            page.wait_for_url(f"**{HOME}")
        expect(page.locator("[data-queue-says=waiting]")).to_contain_text("3")
        expect(page.locator("[data-queue-mark]:visible")).to_have_count(3)
        page.goto(f"{HOME}waiting/")
        expect(page.locator("[data-queue-list] > li")).to_have_count(3)
        assert not Visit.objects.exists()
        context.set_offline(False)
        expect(page.locator("[data-queue-none]")).to_be_visible()
        expect(other.locator("[data-queue-none]")).to_be_visible()
    outcomes = [(visit.subject, visit.outcome) for visit in Visit.objects.order_by("id")]
    assert outcomes == [(day[0].uid, "visited"), (day[1].uid, "not_home"), (day[2].uid, "visited")]
    assert Fact.objects.filter(type="casework.called_on", echo_of__isnull=True).count() == 3


@pytest.mark.long
def test_a_day_without_calls_is_kept_on_the_first_visit_too(phone: Any, small_city: SmallCity):
    steward("kongxian", "140882100201")
    with phone() as (context, page):
        sign_in(page, "kongxian")
        assert page.locator(".round-link").count() == 0
        context.set_offline(True)
        for address in (HOME, f"{HOME}waiting/"):
            page.goto(address)
            assert "没有网络，这一页打不开" not in page.content()


@pytest.mark.long
def test_a_lost_answer_is_asked_for_again_and_the_call_stays_one(phone: Any, day: list[Resident]):
    with phone() as (_context, page):
        sign_in(page)
        sent: list[str] = []

        def lose(route: Route) -> None:
            if route.request.method != "POST" or sent:
                route.fallback()
                return
            sent.append(route.fetch().text())  # the server has done it …
            route.abort()  # … and the phone never hears of it

        page.route("**/steward/people/**", lose)
        call(page, day[0].name)
        page.wait_for_url(f"**{HOME}")
        expect(page.locator("[data-queue-says=waiting]")).to_be_hidden()
        expect(page.locator(f".round-link:has-text('{day[0].name}')")).to_have_count(0)
    assert "done" in sent[0]
    assert Visit.objects.filter(subject=day[0].uid).count() == 1


@pytest.mark.long
def test_pages_read_before_open_without_a_network_say_from_when_and_take_a_request(phone: Any, day: list[Resident]):
    with phone() as (context, page):
        sign_in(page)
        page.goto(f"{HOME}places/")
        page.wait_for_selector("html[data-queue-kept]", state="attached")
        expect(page.locator("[data-queue-says=kept]")).to_be_hidden()
        context.set_offline(True)
        page.goto(f"{HOME}lacking/")
        expect(page.locator("[data-queue-says=kept] time")).to_be_visible()
        page.goto(f"{HOME}places/{BUILDING}/")
        expect(page.locator("[data-queue-says=kept] time")).to_be_visible()
        page.click("main details summary")
        page.select_option("select[name=person]", label=day[1].name)
        page.click("main details button")
        expect(page.locator("[data-queue-says=waiting]")).to_contain_text("1")
        page.goto(f"{HOME}waiting/")
        expect(page.locator("[data-queue-list]")).to_contain_text(f"{day[1].name} · 请人上门")
        context.set_offline(False)
        expect(page.locator("[data-queue-none]")).to_be_visible()
        page.goto(f"{HOME}?now")  # not kept: however slow the server, this is its own answer
        expect(page.locator("[data-queue-says=kept]")).to_be_hidden()
        expect(page.locator(".round", has_text=day[1].name)).to_contain_text("有人代请上门")
        page.evaluate(MANY_PAGES)
        page.goto(f"{HOME}lacking/")
        page.wait_for_selector("html[data-queue-kept]", state="attached")
        assert page.evaluate(KEPT_PAGES) == 60
        context.clear_cookies()
        sign_in(page, "wangge")
        context.set_offline(True)
        page.goto(f"{HOME}places/{BUILDING}/")
        assert "没有网络" in page.inner_text("h1")
        page.goto(f"{HOME}places/")
        assert "我的楼栋" in page.inner_text("h1")
    assert [case.subject_uid for case in Case.objects.filter(kind="home_visit")] == [day[1].uid]


@pytest.mark.long
def test_a_refusal_is_shown_to_its_author_with_the_next_step(phone: Any, day: list[Resident], small_city: SmallCity):
    who = small_city.found
    case = cases.open_home_visit(Viewer(f"resident:{who.uid}", subject=str(who.uid), level="phone"), who.uid)
    with phone() as (context, page):
        sign_in(page)
        context.set_offline(True)
        call(page, who.name, words="已经问过了")
        page.wait_for_url(f"**{HOME}")
        visits.call(SYSTEM, who.uid, "visited", uid=uuid7(), case=case.uid)
        context.set_offline(False)
        expect(page.locator("[data-queue-says=refused]")).to_be_visible()
        page.click("[data-queue-says=refused] a")
        page.wait_for_selector("[data-queue-list] li")
        shown = page.inner_text("[data-queue-list]")
        assert "其他人办结" in shown
        assert "另记一次走访" in shown
        page.click("[data-queue-drop]")
        expect(page.locator("[data-queue-none]")).to_be_visible()
    assert Case.objects.get(pk=case.pk).status == "closed"
    assert Visit.objects.count() == 1


@pytest.mark.long
def test_nobody_sends_anothers_records_and_signing_out_takes_the_day_along(phone: Any, day: list[Resident]):
    with phone() as (context, page):
        sign_in(page)
        page.route("**/steward/people/**", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
        call(page, day[0].name)
        page.wait_for_url(f"**{HOME}")
        assert page.evaluate(FORGET_ON_THE_WAY) == ["forgotten", True]
        assert page.evaluate(KEPT_PAGES) == 0
        page.goto(HOME)
        page.wait_for_function(f"{KEPT_PAGES}.then(kept => kept > 0)")
        page.click("form[data-forget-device] button")
        page.wait_for_url("**/office/sign-in/")
        assert page.evaluate(KEPT_PAGES) == 0
        page.unroute("**/steward/people/**")
        sign_in(page, "wangge")
        expect(page.locator("[data-queue-says=others]")).to_be_visible()
        assert day[0].name not in page.inner_text("[data-queue-says=others]")
        page.goto(f"{HOME}waiting/")
        expect(page.locator("[data-queue-none]")).to_be_visible()
        assert not Visit.objects.exists()
        page.click("form[data-forget-device] button")
        page.wait_for_url("**/office/sign-in/")
        sign_in(page)
        expect(page.locator("[data-queue-says=waiting]")).to_be_hidden()
        context.set_offline(True)
        page.goto(f"{HOME}places/{VILLAGE}/")
        assert "没有网络" in page.inner_text("h1")
        page.goto(HOME)
        assert "今天的任务" in page.inner_text("h1")
        page.evaluate(A_DAY_LATER)
        page.goto(HOME)
        assert "没有网络" in page.inner_text("h1")
    assert [visit.subject for visit in Visit.objects.all()] == [day[0].uid]


@pytest.mark.long
def test_an_ended_session_keeps_the_records_until_the_next_sign_in(phone: Any, day: list[Resident]):
    with phone() as (context, page):
        sign_in(page)
        page.click(f".round-link:has-text('{day[0].name}')")
        page.wait_for_selector("h1")
        context.clear_cookies()
        page.click(FINE)
        page.wait_for_url("**/office/sign-in/**")
        assert not Visit.objects.exists()
        sign_in(page)
        expect(page.locator("[data-queue-says=waiting]")).to_be_hidden()
        expect(page.locator(f".round-link:has-text('{day[0].name}')")).to_have_count(0)
    assert Visit.objects.count() == 1


def pages(day: list[Resident], city: SmallCity) -> dict[str, str]:
    own = Viewer(f"resident:{city.found.uid}", subject=str(city.found.uid), level="phone")
    cases.open_home_visit(own, city.found.uid, "想问问残疾人补贴怎么办")
    return {
        "steward": HOME,
        "steward-person": f"{HOME}people/{day[0].uid}/",
        "steward-asked": f"{HOME}people/{city.found.uid}/",
        "steward-places": f"{HOME}places/",
        "steward-place": f"{HOME}places/{BUILDING}/",
        "steward-lacking": f"{HOME}lacking/",
        "steward-waiting": f"{HOME}waiting/",
        "steward-offline": f"{HOME}offline/",
    }


@for_residents
def test_the_stewards_pages(opened: Opener, day: list[Resident], small_city: SmallCity, edition: str, language: str, settings: Any):
    settings.LINLI_SECOND_FACTOR = "optional"
    with opened(edition=edition, language=language) as page:
        inspector = Inspector(page, edition, language)
        addresses = pages(day, small_city)
        sign_in(page)
        for name, address in addresses.items():
            page.goto(address)
            inspector.look(name)
    if inspector.problems:
        pytest.fail("\n".join(inspector.problems), pytrace=False)
