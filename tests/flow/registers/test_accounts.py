"""Residents' accounts: codes, levels, and mandates, as their owners and somebody who wants in would notice them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from place_examples import FIRST_DAY, SYSTEM, identity, load_small_city, person

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts
from linli.registers.acts import accounts
from linli.registers.acts.renewal import outdated_tokens, renew_tokens
from linli.registers.models import AccountSignIn, Mandate, Resident, ResidentAccount, SignInCode
from linli.registers.queries.accounts import covers, find_person, known_as, mandate, mandates_of, viewer_at_window, viewer_of_resident
from linli.trace.queries import timeline
from linli.vault import keyring

pytestmark = pytest.mark.django_db
PHONE = "12500001111"
WINDOW = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("clerk", "140882"),))


class Telephones:
    """What arrived where."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def send(self, phone: str, text: str) -> None:
        self.texts.append((phone, text))

    @property
    def code(self) -> str:
        return next(word for word in self.texts[-1][1].replace("，", " ").split() if word.isdecimal() and len(word) == 6)


@pytest.fixture
def city() -> None:
    load_small_city()


@pytest.fixture
def telephones() -> Telephones:
    return Telephones()


def ask(telephones: Telephones, phone: str = PHONE, address: str = "10.0.0.1") -> None:
    acts.request_code(contact=phone, address=address, sender=telephones, hotline="12345")


def elder(**fields: Any) -> Resident:
    return person("测试老人", identity=identity(), phone=PHONE, **fields)


def carded(who: Resident, phone: str = "") -> ResidentAccount:
    (number,) = vault.reveal(SYSTEM, purpose="registers.match", subject=who.uid, fields={"identity": who.identity_cipher}).values()
    return acts.check_card(WINDOW, resident=who, identity=number, phone=phone)


def test_a_known_telephone_gets_a_code_that_opens_an_account_once(city: None, telephones: Telephones):
    who = elder()
    ask(telephones)
    account = acts.confirm_code(contact=PHONE, code=telephones.code)
    assert (account.resident, account.level) == (who, "phone")
    with pytest.raises(LinliError, match="wrong"):
        acts.confirm_code(contact=PHONE, code=telephones.code)
    assert [fact.type for fact in timeline(f"resident:{who.uid}")][-1] == "registers.account_opened"


def test_an_unknown_telephone_gets_nothing_and_leaves_the_same_traces(city: None, telephones: Telephones):
    ask(telephones)
    assert telephones.texts == []
    assert SignInCode.objects.count() == 1
    with pytest.raises(LinliError) as unknown:
        acts.confirm_code(contact=PHONE, code="000000")
    elder()
    with pytest.raises(LinliError) as wrong:
        acts.confirm_code(contact=PHONE, code="000000")
    assert str(unknown.value) == str(wrong.value)


def test_five_wrong_tries_spoil_a_code(city: None, telephones: Telephones):
    elder()
    ask(telephones)
    wrong = "000000" if telephones.code != "000000" else "111111"
    for _try in range(accounts.TRIES):
        with pytest.raises(LinliError, match="wrong"):
            acts.confirm_code(contact=PHONE, code=wrong)
    with pytest.raises(LinliError, match="wrong"):
        acts.confirm_code(contact=PHONE, code=telephones.code)


def test_a_strangers_wrong_tries_cost_the_stranger_and_not_whoever_holds_the_slip(city: None):
    number = identity()
    account = acts.check_card(WINDOW, resident=person("测试老人", identity=number), identity=number)
    code = acts.issue_code(WINDOW, account=account, identity=number)
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(3 * accounts.TRIES):
        with pytest.raises(LinliError, match="wrong"):
            acts.confirm_code(contact=number, code=wrong, address="192.0.2.1")
    with pytest.raises(LinliError, match="wrong"):
        acts.confirm_code(contact=number, code=code, address="192.0.2.1")
    assert acts.confirm_code(contact=number, code=code, address="10.0.0.7") == account


def test_all_addresses_together_have_twenty_five_tries_at_a_code(city: None):
    number = identity()
    account = acts.check_card(WINDOW, resident=person("测试老人", identity=number), identity=number)
    code = acts.issue_code(WINDOW, account=account, identity=number)
    wrong = "000000" if code != "000000" else "111111"
    for place in range(accounts.TRIES_TOGETHER // accounts.TRIES):
        for _try in range(accounts.TRIES):
            with pytest.raises(LinliError, match="wrong"):
                acts.confirm_code(contact=number, code=wrong, address=f"192.0.2.{place}")
    with pytest.raises(LinliError, match="wrong"):
        acts.confirm_code(contact=number, code=code, address="10.0.0.7")


def test_an_address_that_tries_many_numbers_waits(city: None):
    for number in range(accounts.WRONG):
        with pytest.raises(LinliError, match="wrong"):
            acts.confirm_code(contact=f"1250002{number:04d}", code="000000", address="192.0.2.1")
    with pytest.raises(LinliError, match="Too many wrong codes"):
        acts.confirm_code(contact=PHONE, code="000000", address="192.0.2.1")
    with pytest.raises(LinliError, match="wrong"):
        acts.confirm_code(contact=PHONE, code="000000", address="192.0.2.2")
    with clock.frozen(clock.now() + accounts.WINDOW), pytest.raises(LinliError, match="wrong"):
        acts.confirm_code(contact=PHONE, code="000000", address="192.0.2.1")


def test_a_stranger_who_asks_for_somebodys_codes_leaves_the_owner_theirs(city: None, telephones: Telephones):
    elder()
    now = clock.now()
    for minutes in range(accounts.PER_CONTACT_AND_ADDRESS):
        with clock.frozen(now + timedelta(minutes=2 * minutes)):
            ask(telephones, address="192.0.2.1")
    with clock.frozen(now + timedelta(minutes=20)):
        with pytest.raises(LinliError, match="too often"):
            ask(telephones, address="192.0.2.1")
        ask(telephones, address="10.0.0.7")


def test_a_slip_is_a_fact_and_needs_the_number_on_the_card(city: None):
    number = identity()
    who = person("测试老人", identity=number)
    account = acts.check_card(WINDOW, resident=who, identity=number)
    with pytest.raises(LinliError, match="not the registered one"):
        acts.issue_code(WINDOW, account=account, identity=identity())
    code = acts.issue_code(WINDOW, account=account, identity=number)
    last = timeline(f"resident:{who.uid}")[-1]
    assert (last.type, last.actor, last.payload) == ("registers.code_issued", WINDOW.actor, {})
    acts.confirm_code(contact=number, code=code)
    (seen,) = AccountSignIn.objects.filter(account=account)
    assert (seen.how, seen.printed_by) == ("slip", WINDOW.actor)
    acts.erase_resident(SYSTEM, resident=who, reason="request")
    assert not AccountSignIn.objects.exists()


def test_a_code_is_old_after_five_minutes_and_a_newer_one_replaces_it(city: None, telephones: Telephones):
    elder()
    now = clock.now()
    ask(telephones)
    first = telephones.code
    with clock.frozen(now + timedelta(minutes=6)), pytest.raises(LinliError, match="no longer valid"):
        acts.confirm_code(contact=PHONE, code=first)
    with clock.frozen(now + timedelta(minutes=2)):
        ask(telephones)
        if telephones.code != first:
            with pytest.raises(LinliError, match="wrong"):
                acts.confirm_code(contact=PHONE, code=first)
        assert acts.confirm_code(contact=PHONE, code=telephones.code).level == "phone"


def test_codes_are_rationed_by_telephone_and_by_address(city: None, telephones: Telephones):
    ask(telephones)
    with pytest.raises(LinliError, match="too often"):
        ask(telephones)
    for number in range(accounts.PER_ADDRESS_AN_HOUR - 1):
        ask(telephones, phone=f"1250002{number:04d}")
    with pytest.raises(LinliError, match="too often"):
        ask(telephones, phone="12500039999")


def test_a_telephone_of_two_people_opens_nothing_until_a_window_says_whose_it_is(city: None, telephones: Telephones):
    one = elder()
    person("测试老伴", identity=identity(male=False), phone=PHONE)
    ask(telephones)
    with pytest.raises(LinliError, match="not certain"):
        acts.confirm_code(contact=PHONE, code=telephones.code)
    carded(one, phone=PHONE)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        ask(telephones)
        assert acts.confirm_code(contact=PHONE, code=telephones.code).resident == one


def test_a_card_is_checked_at_any_window_and_raises_the_level(city: None):
    who = elder()
    with pytest.raises(LinliError, match="not the registered one"):
        acts.check_card(WINDOW, resident=who, identity=identity())
    with pytest.raises(Refused):
        acts.check_card(Viewer("staff:x", (Grant("officer"),)), resident=who, identity=identity())
    account = carded(who)
    assert (account.level, account.checked_by) == ("card", WINDOW.actor)
    assert viewer_of_resident(account).level == "card"
    assert viewer_of_resident(account, "phone").level == "phone"


def test_who_has_no_telephone_signs_in_by_card_number_with_a_code_from_the_window(city: None, telephones: Telephones):
    number = identity()
    who = person("测试老人", identity=number)
    ask(telephones, phone=number)
    assert telephones.texts == []
    account = acts.check_card(WINDOW, resident=who, identity=number)
    code = acts.issue_code(WINDOW, account=account, identity=number)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        ask(telephones, phone=number)  # the page's first step, with the slip in hand
        assert acts.confirm_code(contact=number, code=code) == account


def test_a_telephone_that_is_another_accounts_cannot_be_taken_over(city: None):
    carded(elder(), phone=PHONE)
    with pytest.raises(LinliError, match="another resident"):
        carded(person("测试他人", identity=identity()), phone=PHONE)


def test_family_acts_for_whom_they_were_given_a_mandate_and_no_longer_once_it_ends(city: None):
    mother, daughter = elder(), person("测试女儿", identity=identity(male=False))
    hers, daughters = carded(mother), carded(daughter)
    given = acts.grant_mandate(viewer_of_resident(hers), principal=mother, kind="family", agent=daughter, evidence="本人在网页上授权")
    agent = viewer_of_resident(daughters)
    assert agent.acts_for_resident(mother.uid)
    assert not viewer_of_resident(hers).acts_for_resident(daughter.uid)
    assert mandates_of(agent, daughter.uid).held == (given,)
    for side in (mother, daughter):
        assert timeline(f"resident:{side.uid}")[-1].type == "registers.mandate_granted"
    assert mandate(agent, given.uid) == given
    acts.end_mandate(agent, mandate=given)
    assert not viewer_of_resident(daughters).acts_for_resident(mother.uid)


def test_nobody_gives_a_mandate_for_somebody_else_or_by_telephone_alone(city: None, telephones: Telephones):
    mother, son = elder(), person("测试儿子", identity=identity())
    with pytest.raises(Refused):
        acts.grant_mandate(viewer_of_resident(carded(son)), principal=mother, kind="family", agent=son, evidence="说是同意了")
    ask(telephones)
    by_phone = viewer_of_resident(acts.confirm_code(contact=PHONE, code=telephones.code))
    with pytest.raises(Refused, match="identity card"):
        acts.grant_mandate(by_phone, principal=mother, kind="family", agent=son, evidence="本人授权")


def test_a_guardians_mandate_rests_on_the_register(city: None):
    ward, guardian = elder(), person("测试监护人", identity=identity())
    viewer = viewer_of_resident(carded(guardian))
    with pytest.raises(LinliError, match="no such guardianship"):
        acts.grant_mandate(viewer, principal=ward, kind="guardian", agent=guardian, evidence="登记")
    link = acts.link_family(SYSTEM, resident=ward, relative=guardian, relation="guardian", valid_from=FIRST_DAY)
    acts.grant_mandate(viewer, principal=ward, kind="guardian", agent=guardian, evidence="登记")
    assert viewer_of_resident(carded(guardian)).acts_for_resident(ward.uid)
    acts.end_family_link(SYSTEM, link=link, on=clock.today())
    assert not viewer_of_resident(carded(guardian)).acts_for_resident(ward.uid)


def test_a_single_matter_covers_itself_only_and_ends_with_it(city: None):
    who = elder()
    clerk = acts.add_staff(SYSTEM, login="window", name="窗口员", password="a-long-test-password-7")
    viewer = Viewer(clerk.actor, (Grant("clerk", "140882"),))
    acts.grant_mandate(viewer, principal=who, kind="single_matter", agent=clerk, matter="benefits", evidence="本人到场，口头同意")
    assert covers(viewer, who, "benefits")
    assert not covers(viewer, who, "visit")
    assert viewer_at_window(viewer, clerk, "benefits").acts_for_resident(who.uid)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert not covers(viewer, who, "benefits")
    acts.end_matter(viewer, principal=who.uid, matters=["benefits"])
    assert not covers(viewer, who, "benefits")
    (granted,) = [fact for fact in timeline(f"resident:{who.uid}") if fact.type == "registers.mandate_granted"]
    assert granted.payload["on_behalf_of"] == f"resident:{who.uid}"


def test_a_person_is_found_exactly_or_not_at_all(city: None):
    number = identity()
    who = person("测试老人", identity=number)
    assert find_person(WINDOW, identity=number) == [who]
    assert find_person(WINDOW, name="测试老人", birth_date=who.birth_date) == [who]
    assert find_person(WINDOW, name="测试") == []
    assert known_as("测试老人", number) == who
    assert known_as("别的名字", number) is None
    with pytest.raises(Refused):
        find_person(Viewer("staff:x", (Grant("officer"),)), identity=number)


def test_erasure_takes_accounts_and_mandates_along(city: None):
    mother, daughter = elder(), person("测试女儿", identity=identity(male=False))
    carded(mother, phone=PHONE)
    acts.grant_mandate(WINDOW, principal=mother, kind="family", agent=daughter, evidence="本人到场")
    acts.erase_resident(SYSTEM, resident=mother, reason="本人申请")
    assert not ResidentAccount.objects.filter(resident=mother).exists()
    assert not Mandate.objects.exists()
    assert timeline(f"resident:{daughter.uid}")[-1].type == "registers.mandate_ended"


def test_an_accounts_token_is_renewed_with_the_index_key(city: None, telephones: Telephones):
    who = elder()
    carded(who, phone=PHONE)
    keyring.store(keyring.keyring().with_new("index"))
    assert outdated_tokens() == 2
    renew_tokens(SYSTEM)
    assert outdated_tokens() == 0
    ask(telephones)
    assert acts.confirm_code(contact=PHONE, code=telephones.code).resident == who


def test_a_telephone_that_only_the_register_named_opens_nothing_once_the_card_was_checked_without_it(city: None, telephones: Telephones):
    who = elder()
    ask(telephones)
    begun = acts.confirm_code(contact=PHONE, code=telephones.code)
    held = begun.level
    checked = carded(who)
    assert (checked.phone_token, checked.phone_cipher) == (None, "")
    assert viewer_of_resident(checked, held).level == "phone"
    SignInCode.objects.all().delete()
    ask(telephones)
    with pytest.raises(LinliError, match="not certain"):
        acts.confirm_code(contact=PHONE, code=telephones.code)


def test_a_telephone_said_at_the_window_stays_when_the_card_is_checked_again(city: None, telephones: Telephones):
    who = elder()
    carded(who, PHONE)
    assert carded(who).phone_token is not None
