"""Every address that takes the id of a case, paper, letter, list, check, draw, payment or order, with one that is really there: whoever
works in another county finds nothing, whoever works in the whole city does, and nobody works on what is theirs.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from batch_examples import COLLEGE, GIVEN, HOUR, MAKER, VILLAGES, granted
from case_examples import resident
from django.test import Client
from django.urls import reverse
from paper_examples import taken
from place_examples import SYSTEM
from settle_examples import FUND, Treasury, given
from test_every_address import NOBODY, addresses, answers, standing_still
from walk_examples import FIRST, WINDOW
from web_examples import AID, PASSWORD, SmallCity, officer

from linli.batches.acts import drawing, gathering
from linli.batches.models import Check, Item
from linli.casework.documents import acts as documents
from linli.casework.models import Case, Letter
from linli.entitlements import acts as entitlements
from linli.entitlements.acts import Account
from linli.entitlements.acts.applying import Wanted
from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.ledger.acts import Promise, open_fund
from linli.registers.models import StaffPerson
from linli.settlement import acts as settlement
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
OTHER = "140882"
HERE = (
    "case", "case_hold", "case_archive", "case_again", "case_back", "works", "papers", "give_paper", "escrow", "answer", "score",
)  # fmt: skip
# Its case has no works, money held, other system or sheet, its paper shows no fact; its payment hasn't failed, no school is paid, and an
# empty form decides nothing.
NOT_OF_IT = {
    *(f"office:{name}" for name in ("works", "escrow", "answer", "score", "paper_facts")),
    *(f"payments:{name}" for name in ("bank_says", "payees", "decide", "give_up")),
}


def applied(city: SmallCity) -> Case:
    """A case of somebody in 河津市, accepted, with a paper and a letter."""
    wanted = Wanted(AID, account=Account("测试乙", "62170000000000001", "测试银行"), committed=("kinship",))
    case = entitlements.apply(resident(city.away), city.away.uid, wanted)
    documents.give(WINDOW, case.uid, "account", b"page")
    entitlements.accept(FIRST, case.uid)
    return Case.objects.get(pk=case.pk)


def owed(city: SmallCity) -> Treasury:
    """What somebody in 河津市 is owed, in an order."""
    promises = [Promise("province", ("省级", "province"), 10**9)]
    open_fund(SYSTEM, slug=FUND, purpose=("助学", "aid"), programme=AID, promises=promises)
    payer = settlement.enter_payer(SYSTEM, name="运城市财政局", number="1400990000001", bank="102181000012")
    made = Treasury([city.away], payer)
    made.owe(city.away, given(city.away.name, 1), area_code=VILLAGES[OTHER])
    made.take_over()
    return made


@pytest.fixture
def objects(small_city: SmallCity, db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """By the name of an address, the ids of something of 河津市."""
    monkeypatch.setattr(documents, "take_in", taken)
    case = applied(small_city)
    paper, letter = case.documents.get(), Letter.objects.filter(case=case).earliest("id")
    granted("学生", COLLEGE, OTHER)
    batch = gathering.open_batch(MAKER, programme=AID, period="2026", area=OTHER, given=GIVEN)
    gathering.gather(MAKER, batch=batch.uid)
    item = Item.objects.get(batch=batch)
    draw = drawing.open_draw(MAKER, batch=batch.uid, reveal_by=clock.now() + 24 * HOUR)
    check = Check.objects.create(item=item, kind="every", subject=item.person, desk_code=OTHER)
    treasury = owed(small_city)
    order = treasury.order()
    (payment,) = treasury.payments()
    found: dict[str, dict[str, Any]] = {f"office:{name}": {"uid": case.uid} for name in HERE}
    found |= {f"office:{name}": {"uid": paper.uid, "number": 1} for name in ("paper", "paper_page", "paper_facts")}
    found |= {f"office:{name}": {"uid": letter.uid} for name in ("letter", "letter_pdf")}
    lists = ("batch", "archive", "dissolve", "declared", "items", "left", "draw_begin", "notice_begin")
    found |= {f"batches:{name}": {"uid": batch.uid} for name in lists}
    found |= {"batches:item": {"uid": item.uid}, "batches:draw": {"uid": draw.uid}, "batches:check": {"uid": check.uid}}
    found |= {f"payments:{name}": {"batch": treasury.batch} for name in ("batch", "payees", "ask_accounts")}
    found |= {f"payments:{name}": {"order": order.uid} for name in ("order", "decide", "file")}
    found |= {f"payments:{name}": {"payment": payment.uid} for name in ("payment", "give_up", "bank_says")}
    return found


def pages(objects: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """(name, address) of each, in the order of the site."""
    rows = [(name, parameters) for name, parameters in addresses() if name in objects]
    return [(name, reverse(name, kwargs={one: objects[name].get(one, NOBODY) for one in parameters})) for name, parameters in rows]


def signed_in(login: str) -> Client:
    client = Client()
    assert client.post("/office/sign-in/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def test_whoever_works_in_another_county_finds_nothing_and_whoever_works_in_the_city_does(
    small_city: SmallCity, objects: dict[str, dict[str, Any]]
) -> None:
    officer("near", "河津员", area_code=OTHER)
    officer("abroad", "盐湖二员", area_code="140802")
    clients = {login: signed_in(login) for login in ("officer", "near", "local", "abroad")}
    wrong = []
    with standing_still() as back:
        for name, address in pages(objects):
            for login, client in clients.items():
                opened, said = answers(client, address, back)
                may = login in ("officer", "near") and name not in NOT_OF_IT
                if opened != may:
                    wrong.append(f"{name} {'opens' if opened else 'does not open'} for {login}")
                if login in ("local", "abroad") and "测试乙" in "".join(said):
                    wrong.append(f"{name} names 测试乙 to {login}")
    assert wrong == []


WORDS = {"reasons": "测试", "result": "accepted", "release": "1", "layout": "transfer", "day": "2026-11-23", "finding": "测试"}
VERBS = ("accept", "supplement", "pass", "passed", "granted", "refused", "accepted", "rejected", "back", "hold", "freeze", "bill")


LOOKED = {"entitlements.reckoned"}
"""What is recorded of looking alone."""


def test_nobody_does_anything_to_their_own_matter(small_city: SmallCity, objects: dict[str, dict[str, Any]]) -> None:
    """An officer of the whole city whose case it is: whatever is sent, nothing is done to it."""
    who = officer("himself", "经办本人")
    StaffPerson.objects.create(staff=who, resident=small_city.away, checked_by="x", checked_at=clock.now())
    client = signed_in("himself")
    mine = [(name, address) for name, address in pages(objects) if not name.startswith(("batches:", "payments:"))]
    case = Case.objects.get(uid=objects["office:case"]["uid"])
    before, newest = (case.version, case.step), Fact.objects.latest("id").pk
    for _name, address in mine:
        for verb in VERBS:
            client.post(address, {**WORDS, "verb": verb, "result": verb, "key": str(uuid7())})
    case.refresh_from_db()
    assert (case.version, case.step) == before
    done = Fact.objects.filter(pk__gt=newest, actor=who.actor).values_list("type", flat=True)
    assert set(done) <= LOOKED


def test_every_id_is_of_something_that_is_there(objects: dict[str, dict[str, Any]]) -> None:
    known = {name for name, _parameters in addresses()}
    assert set(objects) <= known
    assert all(isinstance(one, UUID) and one != NOBODY for told in objects.values() for name, one in told.items() if name != "number")
