"""Every route that takes an id, with something of 河津市 that is really there: which tokens are answered is declared here; everybody else
gets nothing, and nothing comes of what they send. Nobody works on their own matter or their family's by a program either.

A new route with an id fails here until it is declared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import Client as Browser
from object_examples import OTHER, VILLAGE, World
from place_examples import VILLAGE as ABROAD
from standing import standing
from test_every_address import standing_still
from web_examples import AID, PASSWORD, SmallCity

from linli.api.acts import add_webhook
from linli.api.application import api, operations
from linli.api.models import Calls, Delivery
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant
from linli.registers.models import Staff, StaffPerson
from linli.registers.queries import viewer_of
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
TYPE = "registers.resident_registered"
TOKENS: dict[str, tuple[str, str, str]] = {
    "officer": ("officer", "", ""), "near": ("officer", OTHER, ""), "abroad": ("officer", "140802", ""),
    "other": ("officer", "", "home-adaptation"), "clerk": ("clerk", "140802", ""), "nearclerk": ("clerk", OTHER, ""),
    "steward": ("steward", ABROAD, ""), "nearby": ("steward", VILLAGE, ""), "planner": ("planner", "", ""),
    "auditor": ("auditor", "", ""), "administrator": ("administrator", "", ""), "security": ("security", "", ""),
}  # fmt: skip


class Asked(NamedTuple):
    """answered: whose tokens get something; thing: of World.ids, by the parameter of the route."""

    answered: frozenset[str]
    things: dict[str, str]


def _row(answered: str, names: str, **things: str) -> dict[str, Asked]:
    return {name: Asked(frozenset(answered.split()), things) for name in names.split()}


ROUTES: dict[str, Asked] = {
    **_row("owner officer", "undo_import", uid="delivery"),
    **_row("owner officer", "list_doubts", uid="delivery"),
    **_row("owner officer", "settle_doubt", uid="doubt"),
    **_row("owner", "get_file apply_file", uid="upload"),  # a file is its sender's own
    **_row("owner officer near nearclerk nearby", "get_resident", uid="person"),
    **_row("owner officer near nearclerk nearby auditor", "list_facts", subject="person"),
    **_row("owner officer near nearclerk", "reveal_numbers", uid="person"),
    **_row("owner officer near auditor", "list_determinations explain", uid="person"),
    **_row("owner officer near abroad auditor", "get_screening list_screening_counties", uid="run"),
    **_row("owner officer near abroad auditor", "list_screening_subjects", uid="run"),
    **_row("owner officer abroad auditor", "list_missing_facts", uid="run"),  # nobody in 河津市 lacks one
    **_row("administrator security", "revoke_token", uid="token"),
    **_row("owner administrator security", "end_webhook list_deliveries", uid="webhook"),
    **_row("owner", "replay_delivery", uid="told"),
    **_row("owner officer near", "get_case take_case answer_case", uid="dispute"),
    **_row("owner officer near", "list_cases", uid="person"),
    **_row("owner officer near", "get_application accept_application supplement_application pass_application", uid="case"),
    **_row("owner officer near", "return_application decide_application number_application", uid="case"),
    **_row("owner officer near", "answer_application_elsewhere", uid="forwarded"),
    **_row("owner officer auditor", "get_bank_answer list_bank_answer_rows", uid="outcome"),  # the bank answers for the city
    **_row("owner officer auditor", "get_draft get_draft_difference ask_preview", uid="draft"),  # kept by officers of the whole city
    **_row("owner officer", "submit_draft", uid="draft"),
    **_row("owner officer auditor", "get_preview", uid="preview"),
    **_row("owner officer near nearclerk", "list_notices", uid="person"),
    **_row("auditor administrator security", "get_staff", uid="staff"),
}
BODIES: dict[str, dict[str, Any]] = {
    "open_case": {}, "answer_case": {"outcome": "corrected", "words": "测试", "version": 1}, "pass_application": {}, "take_case": {},
    "supplement_application": {"materials": ["identity"], "words": "请补"}, "return_application": {"words": "退回"},
    "decide_application": {"outcome": "granted"}, "number_application": {"system": "other", "number": "7"},
    "answer_application_elsewhere": {"outcome": "partly"}, "reveal_numbers": {"fields": ["identity"], "purpose": "registers.match"},
    "settle_doubt": {"verb": "dismiss"}, "apply_file": {"plan": "x"}, "submit_draft": {"revision": 1},
}  # fmt: skip


def routes(world: World) -> Iterator[tuple[str, str, str]]:
    """Operation, method and address of each route that takes an id."""
    for method, path, one in operations(api):
        if one.operation_id in ROUTES:
            address = path.replace("{slug}", AID)
            for name, thing in ROUTES[one.operation_id].things.items():
                address = address.replace(f"{{{name}}}", f"resident:{world.ids[thing]}" if name == "subject" else str(world.ids[thing]))
            yield one.operation_id, method, address


def taking_an_id() -> set[str]:
    return {one.operation_id for _method, path, one in operations(api) if re.search(r"\{(uid|subject)\}", path)}


@pytest.fixture(scope="module")
def world(city: SmallCity, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[World]:
    """One of everything, and a webhook of the officer's with a delivery."""
    with standing(django_db_blocker):
        made = World(city, Path(tmp_path_factory.mktemp("world")))
        browser = Browser()
        browser.post("/office/sign-in/", {"login": "officer", "password": PASSWORD})
        made.desk(browser)
        made.administration()
        hook, _secret = add_webhook(viewer_of(city.officer), address="https://1.1.1.1/hook", types=[TYPE], role="officer")
        told = Delivery.objects.create(webhook=hook, fact=Fact.objects.latest("id").pk, status="failed", due_at=clock.now())
        made.ids |= {"webhook": hook.uid, "told": told.uid}
        yield made


def test_every_route_that_takes_an_id_is_declared() -> None:
    assert sorted(taking_an_id() ^ set(ROUTES)) == []


@pytest.fixture
def secrets(world: World, city: SmallCity, tokens: Any) -> dict[str, str]:
    """A token for each kind of caller; the owner is the officer of the whole city whose desk it is."""
    made = {name: tokens.secret(tokens.staff(f"calls-{name}", grant)) for name, grant in TOKENS.items()}
    return made | {"owner": tokens.secret(city.officer)}


def called(secret: str, operation: str, method: str, address: str) -> tuple[bool, str]:
    """Whether the token is answered (an empty list is no answer), and what it is told. Every call is the first of its minute."""
    Calls.objects.all().delete()
    answer: Any = Browser(raise_request_exception=False).generic(
        method, address, json.dumps(BODIES.get(operation, {})), content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": str(uuid7())},
    )  # fmt: skip
    assert answer.status_code < 500, (operation, answer.content)
    told = answer.json() if answer.content else {}
    empty = isinstance(told, dict) and told.get("items") == []
    return answer.status_code not in (401, 403, 404) and not empty, answer.content.decode()


def test_a_route_answers_whom_it_is_declared_to_answer_and_nobody_else(world: World, secrets: dict[str, str]) -> None:
    wrong = []
    with standing_still() as back:
        for operation, method, address in routes(world):
            for name, secret in secrets.items():
                newest = Fact.objects.latest("id").pk
                answered, told = called(secret, operation, method, address)
                done = list(Fact.objects.filter(pk__gt=newest).values_list("type", flat=True))
                back()
                if answered != (name in ROUTES[operation].answered):
                    wrong.append(f"{operation} {'answers' if answered else 'does not answer'} {name}: {told[:200]}")
                elif not answered and (done or world.away.name in told):
                    wrong.append(f"{operation} does {done} for {name}, or tells of her")
    assert wrong == []


def test_a_grant_for_less_than_the_holder_has_answers_no_more_than_it_says(world: World, city: SmallCity, tokens: Any) -> None:
    """A token of the officer of the whole city that was made for one county, or one other programme."""
    for grant in (Grant("officer", "140802"), Grant("officer", "", "home-adaptation")):
        secret = tokens.secret(city.officer, grant)
        for operation in ("get_application", "pass_application", "get_case", "get_resident"):
            (address,) = [(method, path) for one, method, path in routes(world) if one == operation]
            assert called(secret, operation, *address)[0] is False, (operation, grant)


OF_NOBODY = {"submit_draft", "undo_import", "settle_doubt", "number_application"}
"""Drafts, deliveries and their rows, which are of others here; and a number that another system gives, which decides nothing."""
DOES = {"take_case", "pass_application", "supplement_application", "answer_application_elsewhere"}


def test_nobody_does_anything_to_their_own_matter_or_their_familys_by_a_program(world: World, tokens: Any) -> None:
    people = {"colleague": None, "herself": world.away, "father": world.elder, "flatmate": world.flatmate}
    done: dict[str, set[str]] = {login: set() for login in people}
    secrets = {}
    for login, who in people.items():
        staff = tokens.staff(f"near-{login}", ("officer", "", ""))
        Staff.objects.filter(pk=staff.pk).update(name=f"经办{login}")
        if who is not None:
            StaffPerson.objects.create(staff=staff, resident=who, checked_by="x", checked_at=clock.now())
        secrets[login] = tokens.secret(staff)
    with standing_still() as back:
        for operation, method, address in routes(world):
            for login, secret in secrets.items():
                newest = Fact.objects.latest("id").pk
                called(secret, operation, method, address)
                if method == "POST" and operation not in OF_NOBODY and Fact.objects.filter(pk__gt=newest).exists():
                    done[login].add(operation)
                back()
    assert done.pop("colleague") >= DOES
    assert done == {"herself": set(), "father": set(), "flatmate": set()}
