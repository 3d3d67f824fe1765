"""Who is left behind by an erasure: what is added up over their household or family is unknown afterwards, never a smaller number."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from screening_examples import AID, HARDSHIP_LISTS, certify, deny, of_age, student

from linli.kernel import clock
from linli.registers import acts as registers
from linli.registers import snapshot
from linli.registers.acts.records import record_authorisation, record_change
from linli.registers.facts import FAMILY_LINKED, HOUSEHOLD_CHANGED, RESIDENT_ERASED
from linli.registers.lists import vocabulary
from linli.registers.models import Household, Resident
from linli.rules import evaluate_frame, load_rule
from linli.screening import acts, explaining, queries, replaying
from linli.screening.models import Determination
from linli.screening.reactions import bury, rescreen
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db
ALLOWANCE = "subsistence-allowance"
AGGREGATES = {
    "at_home": "household_count(TRUE) >= 1",
    "poor_at_home": "household_any(on_subsistence_allowance)",
    "certified_at_home": "household_any(has_disability_certificate)",
    "in_family": "family_count(TRUE) >= 1",
    "certified_in_family": "family_any(has_disability_certificate)",
}


def counting_rule():
    conditions = [{"id": name, "zh": "条件", "en": name, "when": when} for name, when in AGGREGATES.items()]
    return load_rule({"rule": {"subject": "person", "as_of": "screening", "conditions": conditions}}, vocabulary(Path(settings.LINLI_CITY)))


def answers(who: Resident, folder: Path, known_at=None) -> list[dict[str, bool | None]]:
    """Every aggregate for one person, by the whole snapshot and by the live look."""
    info = snapshot.write(folder / "snapshot", as_of=clock.today(), known_at=known_at)
    family = snapshot.facts_for([who.uid], as_of=clock.today(), known_at=known_at)
    found = []
    for tables in ((info.people, info.households, info.relations), family.frames()):
        frame = evaluate_frame(counting_rule(), *tables, as_of=clock.today())
        row = next(row for row in frame.iter_rows(named=True) if row["subject_id"] == str(who.uid))
        found.append({name: row[f"condition.{name}"] for name in AGGREGATES})
    return found


def family_of_three() -> tuple[Resident, Resident, Resident]:
    """A student with both parents in one household, all links known. The mother is certified and poor, nobody else is."""
    child = student("子", level="college")
    mother, father = (person(name, identity=identity(of_age(45), male=name == "父"), relations_known=True) for name in ("母", "父"))
    members = [(father, "head"), (mother, "spouse"), (child, "child")]
    registers.form_household(SYSTEM, kind="shared_living", area_code=VILLAGE, members=members, valid_from=FIRST_DAY)
    for parent, relation in ((mother, "mother"), (father, "father")):
        registers.link_family(SYSTEM, resident=child, relative=parent, relation=relation, valid_from=FIRST_DAY)
    certify(mother)
    record_change(SYSTEM, subject=mother, list_slug="low-income-edge", valid_from=FIRST_DAY)
    for other in (child, father):
        deny(other, "disability-certificate", *HARDSHIP_LISTS)
    deny(mother, "subsistence-allowance", "extreme-hardship")
    return child, mother, father


def erase(who: Resident) -> None:
    """Erase, then let the reactions to the facts of it run, as the worker does."""
    last = Fact.objects.latest("id").pk
    registers.erase_resident(SYSTEM, resident=who, reason="test")
    facts = Fact.objects.filter(pk__gt=last)
    bury(list(facts.filter(type=RESIDENT_ERASED.name)))
    rescreen(list(facts.filter(type__in=[HOUSEHOLD_CHANGED.name, FAMILY_LINKED.name])))


def standing(programme: str, subject) -> Determination | None:
    return Determination.objects.filter(programme=programme, subject=subject.uid, until__isnull=True).first()


def test_every_aggregate_over_those_who_are_left_is_unknown_on_every_path_and_for_every_past_knowledge(city, tmp_path):
    child, mother, _father = family_of_three()
    before = clock.now()
    assert answers(child, tmp_path) == [dict(zip(AGGREGATES, (True, False, True, True, True), strict=True))] * 2
    erase(mother)
    unknown = [dict.fromkeys(AGGREGATES)] * 2
    assert answers(child, tmp_path) == unknown
    assert answers(child, tmp_path, known_at=before) == unknown


def test_what_was_once_believed_of_the_relatives_is_unknown_too(city, tmp_path):
    child, mother, _father = family_of_three()
    before = clock.now()
    registers.correct_resident(SYSTEM, resident=child, changes={"hukou_type": "unified"})
    erase(mother)
    assert answers(child, tmp_path, known_at=before)[0]["in_family"] is None
    assert list(verify_chains()) == []
    assert list(verify_rows()) == []


def test_those_who_were_not_related_keep_their_answers(city, tmp_path):
    child, _mother, _father = family_of_three()
    stranger = person("邻", identity=identity(of_age(45)), relations_known=True)
    registers.form_household(SYSTEM, kind="hukou_book", area_code=VILLAGE, members=[(stranger, "head")], valid_from=FIRST_DAY)
    known = answers(child, tmp_path)
    erase(stranger)
    assert answers(child, tmp_path) == known


def test_a_student_found_through_an_erased_parent_becomes_undecided_live_and_in_the_next_run(city):
    child, mother, _father = family_of_three()
    (run,) = acts.screen(viewer=SYSTEM, slugs=[AID])
    assert standing(AID, child).verdict == "eligible"
    erase(mother)
    first = standing(AID, child)
    assert first.verdict == "unknown"
    acts.screen(viewer=SYSTEM, slugs=[AID])
    assert standing(AID, child).pk == first.pk
    verdict = explaining.reasons(SYSTEM, AID, child.uid).explanation.verdict
    assert (verdict.verdict, set(verdict.missing)) == ("unknown", set(first.missing))
    assert replaying.replay(run).same


def test_a_household_with_a_lost_member_is_undecided_and_still_found_by_its_county(city):
    child, mother, father = family_of_three()
    for one in (child, mother, father):
        record_authorisation(SYSTEM, resident=one, list_slug="economic-check", valid_from=FIRST_DAY, evidence="sha256:paper")
        money = {"monthly_income": 10_000, "assets": 0}
        record_change(SYSTEM, subject=one, list_slug="economic-check", valid_from=FIRST_DAY, data=money)
    home = Household.objects.get(members__resident=mother)
    acts.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    assert standing(ALLOWANCE, home).amount_fen == 3 * 69_000 - 30_000
    erase(mother)
    first = standing(ALLOWANCE, home)
    assert (first.verdict, first.area_code) == ("unknown", VILLAGE)
    (run,) = acts.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    assert standing(ALLOWANCE, home).pk == first.pk
    assert [row.name for row in queries.people(SYSTEM, run, "undecided", county="140802") if row.subject == home.uid] == ["父"]
    assert explaining.reasons(SYSTEM, ALLOWANCE, home.uid).explanation.verdict.verdict == "unknown"
    assert [row.subject for row in queries.people(SYSTEM, run, "newly_lost")] == []


def test_a_household_that_is_asked_again_is_formed_anew_and_known(city, tmp_path):
    child, mother, father = family_of_three()
    home = Household.objects.get(members__resident=mother)
    erase(mother)
    registers.dissolve_household(SYSTEM, household=home, on=clock.today())
    registers.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(father, "head"), (child, "child")], valid_from=clock.today()
    )
    registers.correct_resident(SYSTEM, resident=child, changes={"relations_known": True})
    expected = dict(zip(AGGREGATES, (True, False, False, True, False), strict=True))
    assert answers(child, tmp_path) == [expected] * 2


def test_a_household_of_whom_nobody_is_left_is_no_subject_any_more(city):
    alone = student("独")
    home = Household.objects.get(members__resident=alone)
    acts.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    assert standing(ALLOWANCE, home).verdict == "unknown"
    erase(alone)
    assert standing(ALLOWANCE, home) is None
    (run,) = acts.screen(viewer=SYSTEM, slugs=[ALLOWANCE])
    assert (run.eligible, run.undecided, run.not_eligible) == (0, 0, 0)
    assert standing(ALLOWANCE, home) is None
