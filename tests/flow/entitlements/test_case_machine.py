"""Hypothesis drives applications from asked for to paid, by everybody in any order; what must hold holds after every act."""

from __future__ import annotations

import pytest
from award_examples import City
from bank_examples import CLOSED, PAID, RETURNED
from case_machine import BEGIN, Life, granted, publish, with_officer_of_the_same_name
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from web_examples import certify

from linli.casework.models import Case
from linli.kernel import clock
from linli.settlement.models import Payment
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(city: City) -> type[Life]:
    """The machine on two people who are eligible, under a programme with every kind of step."""
    with clock.frozen(BEGIN):
        publish()
        certify(city.undecided)
        Life.people, Life.near = (city.found, city.undecided), with_officer_of_the_same_name(city)
    return Life


def _drive(life: type[Life], examples: int, steps: int) -> None:
    checks = list(HealthCheck)
    rules = settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, database=None)
    run_state_machine_as_test(life, settings=rules)


def handed_over(one: Life) -> None:
    """The straight way from an application to a file at the bank."""
    award = granted(one, 0)
    one.what_must_hold()
    one.time_passes(1)
    one.react_to_all()
    award.refresh_from_db()
    assert award.state == "active"
    one.batch(2, "approve")
    assert not Payment.objects.exists(), "who opened a batch approved it"
    one.batch(3, "approve")
    for officer, verb in ((2, "take over"), (2, "make"), (2, "release"), (3, "release"), (3, "hand over")):
        one.pay(officer, verb)


def test_the_straight_way_leads_to_paid_whatever_is_tried_beside_it(life: type[Life]) -> None:
    """The machine's rules reach the end, so that what it finds nothing against has been done."""
    one = life()
    try:
        handed_over(one)
        one.what_must_hold()
        one.bank(CLOSED)
        assert list(Payment.objects.values_list("state", flat=True)) == ["failed"]
        one.correct(0)
        for officer, verb in ((2, "make"), (3, "release"), (3, "hand over")):
            one.pay(officer, verb)
        one.bank(PAID)
        one.bank(PAID)
        one.what_must_hold()
        assert list(Payment.objects.values_list("state", flat=True)) == ["paid"]
        assert Case.objects.get(uid=one.case(0)).outcome == "granted"
        assert Fact.objects.filter(type="settlement.paid").count() == 1
        one.bank(RETURNED)
        one.what_must_hold()
        assert list(Payment.objects.values_list("state", flat=True)) == ["failed"]
    finally:
        one.teardown()


def test_a_bank_that_says_paid_after_it_said_failed_is_not_believed(life: type[Life]) -> None:
    one = life()
    try:
        handed_over(one)
        one.bank(CLOSED)
        one.bank(PAID)
        one.what_must_hold()
        assert list(Payment.objects.values_list("state", flat=True)) == ["waiting"]
        assert not Fact.objects.filter(type="settlement.paid").exists()
    finally:
        one.teardown()


def test_who_withdraws_while_the_clock_stands_is_done_and_a_form_that_comes_late_opens_nothing(life: type[Life]) -> None:
    one = life()
    try:
        one.ask_for_aid(0, False, True, "a")
        one.accept(0, 0, "a")
        for officer in (0, 2):
            one.pass_on(0, officer, "")
        assert Case.objects.get(uid=one.case(0)).stopped_at is not None
        one.withdraw(0)
        assert Case.objects.get(uid=one.case(0)).status == "closed"
        one.what_must_hold()
        for do in one.done:
            one.again(do)
        one.what_must_hold()
    finally:
        one.teardown()


def test_whatever_everybody_does_what_must_hold_holds(life: type[Life]) -> None:
    _drive(life, 2, 8)


@pytest.mark.long
def test_over_long_histories_too(life: type[Life]) -> None:
    _drive(life, 20, 30)
