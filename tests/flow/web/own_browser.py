"""A resident's number, the slip that a window prints for them, and a browser that is signed in with it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from linli import vault
from linli.kernel.viewer import Grant, Viewer, system
from linli.registers import acts
from linli.registers.models import Resident

WINDOW = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("clerk", "1408"),))


def number_of(who: Resident) -> str:
    """The whole identity number on record."""
    held = {"identity": who.identity_cipher}
    return vault.reveal(system("test"), purpose="registers.match", subject=who.uid, fields=held)["identity"]


def slip_of(who: Resident) -> str:
    """The code on paper of somebody whose card was checked."""
    number = number_of(who)
    return acts.issue_code(WINDOW, account=acts.check_card(WINDOW, resident=who, identity=number), identity=number)


def own_browser(who: Resident, **browser: Any) -> Client:
    """Signed in with a slip. browser: arguments of Client."""
    client = Client(**browser)
    response = client.post("/my/sign-in/code/", {"contact": number_of(who), "code": slip_of(who)})
    assert response["Location"] == "/my/"
    return client
