"""A passkey in a real browser: made for this site with a virtual authenticator, then the second step of signing in."""

from __future__ import annotations

from conftest import Opener, sign_in
from playwright.sync_api import Page
from web_examples import PASSWORD, SmallCity

from linli.registers.models import RecoveryCode, SecondFactor, StaffSession

AUTHENTICATOR = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}


def with_authenticator(page: Page) -> None:
    """A security key in the browser's own test harness (WebAuthn, virtual authenticators)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, "automaticPresenceSimulation": True}})


def test_a_passkey_is_made_and_then_asked_for(opened: Opener, small_city: SmallCity):
    with opened() as page:
        with_authenticator(page)
        sign_in(page)
        page.goto("/admin/account/passkey/")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_selector("h1:has-text('备用码')")
        assert RecoveryCode.objects.filter(staff=small_city.officer, ended_at=None).count() == 10

        page.click("header form button[type=submit]")
        page.wait_for_url("**/office/sign-in/")
        page.fill("input[name=login]", "officer")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/office/sign-in/factor/")
        page.click("[data-passkey] button")
        page.wait_for_url("**/office/")
        assert StaffSession.objects.get(ended_at=None).method == "passkey"
        assert SecondFactor.objects.get(staff=small_city.officer).sign_count >= 1
