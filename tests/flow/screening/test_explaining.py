"""A live explanation and a run are two ways to the same answer."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from screening_examples import AID, HARDSHIP_LISTS, certify, deny, of_age, student

from linli.kernel import clock, prepared
from linli.programmes.queries import live_version, live_versions, programme_of
from linli.registers import acts as registers
from linli.registers import snapshot
from linli.registers.acts.records import record_change, record_holding
from linli.registers.models import HouseholdMember, Resident
from linli.screening import acts, explaining
from linli.screening.models import Determination

pytestmark = pytest.mark.django_db
ADAPTATION = "home-adaptation"


def elder(name: str) -> Resident:
    """Somebody of 70 who is owed a home adaptation unless they had one."""
    who = person(name, identity=identity(of_age(70)), situations=[registers.Lives("registered", VILLAGE, FIRST_DAY)], relations_known=True)
    record_change(SYSTEM, subject=who, list_slug="housing", valid_from=FIRST_DAY, data={"dwelling_unsafe_for_elders": True})
    record_change(SYSTEM, subject=who, list_slug="subsistence-allowance", valid_from=FIRST_DAY)
    return who


def mixed_people(chance: random.Random) -> list[Resident]:
    """Students and elders, some in one household, some on lists, some holding something themselves or with their household."""
    people = [student(f"学生{index}") for index in range(4)] + [elder(f"长者{index}") for index in range(4)]
    pairs = zip(people[:3], people[4:7], strict=True)
    for child, head in pairs:
        members = [(head, "head"), (child, "grandchild")]
        home = registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
        if chance.random() < 0.5:
            record_holding(SYSTEM, subject=home, programme_slug=ADAPTATION, valid_from=FIRST_DAY)
    for who in people:
        if chance.random() < 0.4:
            certify(who)
        elif chance.random() < 0.5:
            deny(who, "disability-certificate", *(HARDSHIP_LISTS if who in people[:4] else ()))
        if chance.random() < 0.3:
            record_holding(SYSTEM, subject=who, programme_slug=ADAPTATION, valid_from=FIRST_DAY)
    return people


@pytest.mark.parametrize("seed", range(2))
def test_an_explanation_says_what_the_run_found(city, seed):
    people = mixed_people(random.Random(seed))
    acts.screen(viewer=SYSTEM)
    homes = {row.household.uid for row in HouseholdMember.objects.select_related("household").filter(known_to__isnull=True)}
    subjects = {"person": [who.uid for who in people], "household": sorted(homes)}
    compared = 0
    looked_for = [version for version in live_versions(clock.today()) if programme_of(version).invites]
    for version in looked_for:
        for subject in subjects.get(version.subject, []):
            stands = Determination.objects.filter(programme=version.slug, subject=subject, until__isnull=True).first()
            verdict = explaining.reasons(SYSTEM, version.slug, subject).explanation.verdict
            assert verdict.verdict == (stands.verdict if stands else "not_eligible"), (version.slug, subject)
            if stands:
                assert set(verdict.missing) == set(stands.missing)
                assert verdict.amount_fen == stands.amount_fen
            compared += 1
    assert compared > 30


def test_what_a_person_holds_is_not_hidden_by_a_household_that_holds_nothing(city):
    who = elder("甲")
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(who, "head")], valid_from=FIRST_DAY)
    assert explaining.reasons(SYSTEM, ADAPTATION, who.uid).explanation.verdict.verdict == "eligible"
    record_holding(SYSTEM, subject=who, programme_slug=ADAPTATION, valid_from=FIRST_DAY)
    assert explaining.reasons(SYSTEM, ADAPTATION, who.uid).explanation.verdict.verdict == "not_eligible"


def test_the_queries_of_an_explanation_do_not_grow_with_the_family(city, monkeypatch):
    alone, child = student("独"), student("子")
    family = [(person(f"亲{index}", identity=identity(of_age(40 + index))), "other") for index in range(6)]
    members = [(child, "head"), *family]
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
    sent: list[str] = []
    run = prepared.rows
    monkeypatch.setattr(prepared, "rows", lambda *arguments: sent.append(arguments[1]) or run(*arguments))
    explaining.reasons(SYSTEM, AID, alone.uid)
    counts = []
    for who in (alone, child):
        sent.clear()
        with CaptureQueriesContext(connection) as others:
            explaining.reasons(SYSTEM, AID, who.uid)
        counts.append(len(sent) + len(others))
    assert counts[0] == counts[1] <= 5


def test_who_says_something_is_asked_as_of_a_day_and_as_known_then(city):
    who = student()
    before = clock.now()
    certify(who, valid_from=clock.today())
    now = snapshot.provenance_of("person", who.uid, as_of=clock.today())[who.uid]
    assert now.lists["disability-certificate"].true == clock.today()
    assert now.lists["disability-certificate"].known >= before
    assert now.situations["registered"].true == FIRST_DAY
    assert now.register is not None
    assert now.register.known == who.known_from
    for as_of, known_at in ((clock.today() - timedelta(days=1), None), (clock.today(), before)):
        found = snapshot.provenance_of("person", who.uid, as_of=as_of, known_at=known_at)[who.uid]
        assert set(found.lists) == {"student-status"}


def test_a_published_version_is_read_once_and_found_by_its_day(city):
    today = clock.today()
    first = live_version(AID, today)
    assert live_version(AID, today) is first
    assert first in live_versions(today)
    assert live_version(AID, first.effective_from - timedelta(days=1)) in (None, *live_versions(first.effective_from - timedelta(days=1)))
    assert live_version(AID, today, known_at=first.published_at - timedelta(seconds=1)) is None
