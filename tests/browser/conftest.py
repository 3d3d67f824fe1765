"""A real Chromium on a real server with the small city of the flow tests. Nothing leaves the machine."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from web_examples import PASSWORD, SmallCity, build, prepare_state

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "test-output" / "screenshots"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
Opener = Callable[..., Any]


@pytest.fixture(scope="session", autouse=True)
def _threads() -> Iterator[None]:
    """Playwright's loop makes Django think that it runs in async code; the tests are plain synchronous ones."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE") if before is None else os.environ.update(DJANGO_ALLOW_ASYNC_UNSAFE=before)


def _has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Only someone who may install system packages can add it: without it these tests are skipped and say so."""
    path = os.environ.get("LINLI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path or not _has_library("libatomic.so.1"):
        pytest.skip(
            "the browser tests need the system packages chromium, fonts-noto-cjk and libatomic1: `make browser` as root or with sudo"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def small_city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[SmallCity]:
    """The city of tests/flow/web, committed, so that the server's own threads see it."""
    with override_settings(**prepare_state(tmp_path, monkeypatch)):
        yield build()


@pytest.fixture(scope="session")
def spare(chromium: Browser) -> list[BrowserContext]:
    """Contexts that a test has done with: a new one costs Chromium as much as ten pages."""
    return []


def emptied(context: BrowserContext, origin: str) -> None:
    """As new: without pages, cookies, stored data, service worker or cache."""
    context.clear_cookies()
    session = context.new_cdp_session(context.pages[0])
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    session.send("Network.clearBrowserCache")
    for each in context.pages:
        each.close()


@pytest.fixture
def opened(chromium: Browser, spare: list[BrowserContext], live_server: Any, small_city: SmallCity) -> Opener:
    """`with opened(size=PHONE, edition="elder", language="en") as page`: a page of a browser of its own; an error in it fails the test."""

    @contextmanager
    def open_page(*, size: dict[str, int] = DESKTOP, edition: str = "standard", language: str = "zh", **more: Any) -> Iterator[Page]:
        context = spare.pop() if spare and not more else chromium.new_context(base_url=live_server.url, **more)
        for name, value in (("edition", edition), ("language", language)):
            context.add_cookies([{"name": f"linli_{name}", "value": value, "url": live_server.url}])
        page = context.new_page()
        page.set_viewport_size(size)  # type: ignore[arg-type]
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on(
            "request",
            lambda request: None if request.url.startswith((live_server.url, "data:")) else problems.append(f"outside call: {request.url}"),
        )
        yield page  # of a test that failed the browser is not used again
        met = [*problems]  # not what a worker says whose data is taken away while it starts
        if more:
            context.close()
        else:
            emptied(context, live_server.url)
            spare.append(context)
        assert met == []

    return open_page


def sign_in(page: Page, login: str = "officer") -> None:
    """Sign in as one of the small city's officers."""
    page.goto("/office/sign-in/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in/" not in address)


def shot(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page for people to look at; none with LINLI_LOOK=quick."""
    if os.environ.get("LINLI_LOOK") == "quick":
        return
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.jpg", type="jpeg", quality=80, full_page=True)
