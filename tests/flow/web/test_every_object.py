"""Every address that takes an id, with one that is really there: it opens for whom it is declared and for nobody else, names nobody whom
the viewer may not see, and nothing comes of what others send there. Nobody works on what is theirs or their family's.

A new address that takes an id fails here until object_addresses says with what it is asked and for whom it opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.converters import UUIDConverter
from object_addresses import ADDRESSES, OFFICES, RESIDENTS, WORDS, Asked
from object_examples import OTHER, VILLAGE, World
from own_browser import own_browser
from place_examples import FIRST_DAY, SYSTEM
from place_examples import VILLAGE as ABROAD
from standing import standing
from test_every_address import NOTHING, answers, standing_still
from web_examples import PASSWORD, SmallCity, officer

from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.registers import acts
from linli.registers.models import HouseholdMember, Resident, Staff, StaffPerson
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
MAY_READ_OF_HER = frozenset({"officer", "near", "nearby", "auditor", "clerk", "self", "elder", "other"})
"""Whose pages may name 测试乙, her household or her family: other deals with her father's works."""
LOOKED = {"entitlements.reckoned"}
"""What is recorded of looking alone."""


def parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of all addresses with their converters by parameter."""

    def walk(resolver: Any, namespace: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for one in resolver.url_patterns:
            if hasattr(one, "url_patterns"):
                yield from walk(one, namespace + (f"{one.namespace}:" if one.namespace else ""))
            else:
                yield namespace + (one.name or str(one.pattern)), one.pattern.converters

    return walk(get_resolver(), "")


def addresses(world: World) -> Iterator[tuple[str, Asked, str]]:
    """Each declared address with what is declared of it, ready to be asked for."""
    for name, told in parameters():
        if name in ADDRESSES and set(ADDRESSES[name].ids) <= set(told):
            asked = ADDRESSES[name]
            words = WORDS | ({"kind": "found"} if name.startswith("office:") else {})
            kwargs = {one: world.ids[asked.ids[one]] if one in asked.ids else words[one] for one in told}
            yield name, asked, reverse(name, kwargs=kwargs)


def signed_in(login: str) -> Client:
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def employed(login: str, role: str, area: str = "", programme: str = "") -> Staff:
    """Somebody with one grant, who signs in with PASSWORD."""
    who = acts.add_staff(SYSTEM, login=login, name=f"岗位{login}", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=who, role=role, area_code=area, programme=programme, valid_from=FIRST_DAY)
    return who


@pytest.fixture(scope="module")
def world(small_city: SmallCity, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[World]:
    """One of everything."""
    with standing(django_db_blocker):
        made = World(small_city, Path(tmp_path_factory.mktemp("world")))
        made.desk(signed_in("officer"))
        made.administration()
        yield made


@pytest.fixture
def viewers(world: World, small_city: SmallCity, db: None) -> dict[str, Client]:
    """A browser for each kind of viewer."""
    officer("near", "河津员", area_code=OTHER)
    officer("abroad", "盐湖二员", area_code="140802")
    officer("other", "别的员", programme="home-adaptation")
    places = {"clerk": ("clerk", "140802"), "steward": ("steward", ABROAD), "nearby": ("steward", VILLAGE)}
    places |= {role: (role, "") for role in ("planner", "auditor", "administrator", "security")}
    for login, (role, area) in places.items():
        employed(login, role, area)
    clients = {login: signed_in(login) for login in OFFICES.split()}
    residents = {"self": world.away, "elder": world.elder, "stranger": small_city.found}
    return clients | {"anonymous": Client()} | {name: own_browser(who) for name, who in residents.items()}


def test_every_address_that_takes_an_id_is_asked_with_something_that_is_there(world: World) -> None:
    taking = {name for name, told in parameters() if any(isinstance(one, UUIDConverter) for one in told.values())}
    assert sorted(taking - set(ADDRESSES)) == []
    assert sorted(set(ADDRESSES) - {name for name, _told in parameters()}) == []
    asked = {one for asked in ADDRESSES.values() for one in asked.ids.values()}
    assert sorted(asked - set(world.ids)) == []


def test_an_address_opens_for_whom_it_is_declared_and_for_nobody_else(world: World, viewers: dict[str, Client]) -> None:
    wrong = []
    with standing_still() as back:
        for name, asked, address in addresses(world):
            public = asked.viewers >= {"anonymous"}
            least = {"officer", *RESIDENTS.split()} if name.startswith("my:") else {*OFFICES.split(), "self"}
            for viewer in sorted(least | {"anonymous"} | asked.viewers):
                client = viewers[viewer]
                newest, done = Fact.objects.latest("id").pk, list[str]()

                def counted(newest: int = newest, done: list[str] = done) -> None:
                    done += Fact.objects.filter(pk__gt=newest).values_list("type", flat=True)
                    back()

                opened, said = answers(client, address, counted, (*NOTHING, 409))
                if opened != (viewer in asked.viewers):
                    wrong.append(f"{name} {'opens' if opened else 'does not open'} for {viewer}")
                if "测试乙" in "".join(said) and viewer not in MAY_READ_OF_HER and not public and name != "announcement_object":
                    wrong.append(f"{name} names 测试乙 to {viewer}")
                if not opened and done:
                    wrong.append(f"{name} does {done} for {viewer}")
    assert wrong == []


def test_nobody_turns_to_a_stranger(world: World, viewers: dict[str, Client]) -> None:
    for viewer in ("elder", "stranger"):  # being the father opens nothing while she is of age
        viewers[viewer].post(reverse("my:turn", args=[world.away.uid]))
        assert "测试乙的" not in viewers[viewer].get("/my/").content.decode()
        assert viewers[viewer].get(f"/my/cases/{world.ids['case']}/").status_code == 404


TOLD = {
    "reasons": "测试说明", "words": "测试说明", "layout": "transfer", "finding": "测试", "fen": "100", "on_0": "2026",
    "on_1": "11", "on_2": "1", "reference": "回单9", "outcome": "partly", "proposed": "waived", "name": "测试乙", "bank": "测试银行",
    "number": "6217000000000000123", "supervision": "12345", "objections_to": "测试局", "days": "5", "document": "测试文件",
    "owed0": "1000", "how": "cleared", "confirm_end": "1", "day": clock.today().isoformat(),
}  # fmt: skip
VERBS = ("accept", "supplement", "pass", "granted", "refused", "accepted", "back", "hold", "freeze", "bill")
BODIES: tuple[dict[str, str], ...] = (
    *({"verb": verb, "do": verb, "result": verb} for verb in VERBS),
    *({button: "1"} for button in ("release", "drop", "confirm", "withdraw", "served")),
)
DOES = {
    *("office:case", "office:case_hold", "office:overpaid_say", "office:answer", "office:paper", "office:guardianship"),
    *("payments:recovery", "payments:bank_word", "payments:inquiry_file", "payments:decide", "payments:give_up"),
}
"""Where a colleague who isn't concerned does something with these forms: what keeps the others is that they are."""
OF_THE_LIST = {"batches:batch", "batches:declared", "office:decide_mailing", "office:send_again"}
"""Whoever is on a list may gather it and say what was declared: neither chooses anybody. A letter that was written goes out once more."""


def sent(client: Client, address: str, actor: str, back: Callable[[], None]) -> set[str]:
    """What comes of every form, each by itself."""
    found: set[str] = set()
    for body in BODIES:
        newest = Fact.objects.latest("id").pk
        client.post(address, {**TOLD, **body, "key": str(uuid7())})
        found |= set(Fact.objects.filter(pk__gt=newest, actor=actor).values_list("type", flat=True))
        back()
    return found - LOOKED


def known_as(login: str, who: Resident | None, **grant: str) -> tuple[Client, str]:
    """An officer whose identity was checked."""
    staff = officer(login, f"经办{login}", **grant)
    if who is not None:
        StaffPerson.objects.create(staff=staff, resident=who, checked_by="x", checked_at=clock.now())
    return signed_in(login), staff.actor


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.long)])
def test_nobody_does_anything_to_their_own_matter_or_their_familys(world: World, db: None, everywhere: bool) -> None:
    """Officers of the whole city: herself, her father, who lives with her; a colleague does what they don't."""
    mother = world.flatmate
    assert HouseholdMember.objects.filter(resident=mother, valid_to=None).exists()
    clients = {
        "herself": known_as("herself", world.away),
        "father": known_as("father", world.elder),
        "flatmate": known_as("flatmate", mother),
    }
    colleague, actor = known_as("colleague", None)
    wrong, does = [], set()
    with standing_still() as back:
        for name, asked, address in addresses(world):
            if not name.startswith(("office:", "batches:", "payments:")) or "officer" not in asked.viewers | _by_form(name):
                continue
            if name in OF_THE_LIST or (name in DOES) == everywhere or not sent(colleague, address, actor, back):
                continue  # what a colleague can't do with these forms, nobody does
            does.add(name)
            for login, (client, own) in clients.items():
                if done := sent(client, address, own, back):
                    wrong.append(f"{name} does {done} for {login}")
    assert wrong == []
    assert everywhere or sorted(DOES - does) == [], "a colleague does nothing there: the test tells nothing of those who are concerned"


def _by_form(name: str) -> set[str]:
    """Addresses that open by a filled form alone."""
    return {"officer"} if name in ("payments:decide", "payments:bank_word") else set()
