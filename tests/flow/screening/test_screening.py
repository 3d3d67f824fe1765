"""Policy finds people: what a run finds, what stands, what changed and why, and that an old run can be run again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from place_examples import FIRST_DAY, SYSTEM, VILLAGE, identity, person
from screening_examples import AID, HARDSHIP_LISTS, certify, deny, of_age, student

from linli.kernel import clock
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts as registers
from linli.registers.acts.records import end_record, record_change
from linli.screening import acts, comparing, explaining, queries, replaying
from linli.screening.models import Determination, Run
from linli.trace.deep import verify_rows
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.django_db
OFFICER = Viewer("staff:00000000-0000-7000-8000-000000000002", (Grant("officer", "140802", AID),))


def screen_aid() -> Run:
    (run,) = acts.screen(viewer=SYSTEM, slugs=[AID])
    return run


def standing(subject) -> Determination | None:
    return Determination.objects.filter(programme=AID, subject=subject.uid, until__isnull=True).first()


def test_a_run_finds_who_is_eligible_and_says_what_is_missing_for_the_undecided(city):
    found, undecided, refused = student("甲"), student("乙"), student("丙")
    certify(found)
    deny(refused, "disability-certificate", *HARDSHIP_LISTS)
    run = screen_aid()
    assert (run.state, run.eligible, run.undecided) == ("done", 1, 1)
    assert standing(found).amount_fen == 500_000
    assert {"has_disability_certificate", "household.has_disability_certificate"} <= set(standing(undecided).missing)
    assert standing(refused) is None
    assert run.newly_found == 1
    assert list(verify_chains()) == []
    assert list(verify_rows()) == []


def test_a_family_member_in_hardship_makes_the_student_eligible(city):
    child = student("子", level="college")
    parent = person("父", identity=identity(of_age(45)))
    registers.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(parent, "head"), (child, "child")], valid_from=FIRST_DAY
    )
    deny(child, "disability-certificate", *HARDSHIP_LISTS)
    certify(parent)
    screen_aid()
    assert standing(child).verdict == "unknown"
    record_change(SYSTEM, subject=parent, list_slug="low-income-edge", valid_from=FIRST_DAY)
    screen_aid()
    assert standing(child).amount_fen == 400_000


def test_an_unchanged_register_changes_nothing_and_keeps_since(city):
    certify(who := student())
    screen_aid()
    first = standing(who)
    again = screen_aid()
    assert (again.newly_found, again.newly_lost) == (0, 0)
    assert standing(who).pk == first.pk
    assert Run.objects.count() == 2
    assert len(list((city / "screening" / "snapshots").iterdir())) == 1


def test_the_difference_of_two_runs_names_the_fact_that_changed(city):
    certify(lost := student("甲"))
    deny(found := student("乙"), "disability-certificate")
    before = screen_aid()
    end_record(SYSTEM, subject=lost, list_slug="disability-certificate", on=clock.today())
    deny(lost, "disability-certificate")
    certify(found)
    after = screen_aid()
    assert (after.newly_found, after.newly_lost) == (1, 1)
    by_subject = {one.subject: one for one in comparing.between(before, after)}
    assert set(by_subject) == {str(lost.uid), str(found.uid)}
    own = {(change.who, change.fact, change.after) for change in by_subject[str(found.uid)].changes}
    assert ("subject", "has_disability_certificate", "true") in own
    assert by_subject[str(lost.uid)].after == "not_eligible"


def test_a_change_screens_the_person_and_the_household_again_without_touching_others(city):
    child, bystander = student("子"), student("邻")
    certify(bystander)
    parent = person("父", identity=identity(of_age(45)))
    registers.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(parent, "head"), (child, "child")], valid_from=FIRST_DAY
    )
    deny(child, "disability-certificate", *HARDSHIP_LISTS)
    screen_aid()
    untouched = standing(bystander)
    certify(parent)
    record_change(SYSTEM, subject=parent, list_slug="extreme-hardship", valid_from=FIRST_DAY)
    assert acts.rescreen(viewer=SYSTEM, residents=[parent.uid]) > 0
    assert standing(child).verdict == "eligible"
    assert standing(bystander).pk == untouched.pk
    assert acts.rescreen(viewer=SYSTEM, residents=[parent.uid]) == 0
    assert list(verify_rows()) == []


def test_the_dead_are_not_found_and_no_longer_count_in_their_household(city):
    child = student("子")
    parent = person("父", identity=identity(of_age(45)))
    registers.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(parent, "head"), (child, "child")], valid_from=FIRST_DAY
    )
    registers.link_family(SYSTEM, resident=child, relative=parent, relation="father", valid_from=FIRST_DAY)
    certify(parent)
    deny(child, "disability-certificate", *HARDSHIP_LISTS)
    record_change(SYSTEM, subject=parent, list_slug="low-income-edge", valid_from=FIRST_DAY)
    before = screen_aid()
    assert standing(child).verdict == "eligible"
    registers.record_death(SYSTEM, resident=parent, deceased_on=clock.today())
    acts.rescreen(viewer=SYSTEM, residents=[parent.uid])
    assert standing(child) is None
    certify(child)
    registers.record_death(SYSTEM, resident=child, deceased_on=clock.today())
    acts.rescreen(viewer=SYSTEM, residents=[child.uid])
    assert standing(child) is None
    after = screen_aid()
    assert (after.eligible, after.undecided) == (0, 0)
    assert replaying.replay(before).same
    (past,) = acts.screen(viewer=SYSTEM, slugs=[AID], as_of=clock.today() - timedelta(days=1))
    assert past.eligible == 1


def test_a_run_over_an_older_snapshot_does_not_undo_what_was_learnt_since(city, monkeypatch):
    who = student()
    deny(who, "disability-certificate")
    real = acts.evaluation.evaluate

    def learn_meanwhile(*arguments):
        files = real(*arguments)
        certify(who)
        acts.rescreen(viewer=SYSTEM, residents=[who.uid])
        return files

    monkeypatch.setattr(acts.evaluation, "evaluate", learn_meanwhile)
    screen_aid()
    assert standing(who).verdict == "eligible"


def test_a_past_day_gives_the_past_answer_and_changes_nothing_that_stands(city):
    who = student()
    yesterday = clock.today() - timedelta(days=1)
    deny(who, "disability-certificate")
    certify(who, valid_from=clock.today())
    screen_aid()
    (past,) = acts.screen(viewer=SYSTEM, slugs=[AID], as_of=yesterday)
    assert (past.eligible, past.not_eligible) == (0, 1)
    assert standing(who).verdict == "eligible"
    assert queries.people(SYSTEM, past, "found") == []
    assert [run.as_of for run in queries.latest_runs(SYSTEM)] == [clock.today()]
    assert explaining.reasons(SYSTEM, AID, who.uid, as_of=yesterday).explanation.verdict.verdict == "not_eligible"


def test_what_was_known_then_can_be_asked_again(city):
    who = student()
    deny(who, "disability-certificate")
    then = clock.now()
    certify(who)
    assert explaining.reasons(SYSTEM, AID, who.uid, known_at=then).explanation.verdict.verdict == "not_eligible"
    assert explaining.reasons(SYSTEM, AID, who.uid).explanation.verdict.verdict == "eligible"


def test_an_old_run_replays_to_the_same_digest_after_the_register_changed(city):
    certify(who := student())
    run = screen_aid()
    end_record(SYSTEM, subject=who, list_slug="disability-certificate", on=clock.today())
    outcome = replaying.replay(run)
    assert outcome.same
    assert outcome.tombstones == 0


def test_an_earlier_run_shows_what_it_found_itself(city):
    certify(lost := student("甲"))
    open_case = student("丙", village="140882100201")
    run = screen_aid()
    deny(lost, "disability-certificate", *HARDSHIP_LISTS)
    certify(student("乙"))
    later = screen_aid()
    assert [row.subject for row in queries.people(SYSTEM, run, "found")] == [lost.uid]
    assert [row.subject for row in queries.people(SYSTEM, run, "undecided")] == [open_case.uid]
    assert queries.people(OFFICER, run, "undecided") == []
    assert queries.people(SYSTEM, later, "found")[0].subject != lost.uid
    counts = {count.code: (count.eligible, count.undecided) for count in queries.counts_by_county(SYSTEM, run)}
    assert counts == {"140802": (1, 0), "140882": (0, 1)}
    assert "has_disability_certificate" in dict(queries.missing_facts(SYSTEM, run))


def test_an_altered_verdict_file_is_not_what_the_replay_gives(city):
    certify(student())
    run = screen_aid()
    Run.objects.filter(pk=run.pk).update(verdict_digest="sha256:" + "0" * 64)
    run.refresh_from_db()
    assert not replaying.replay(run).same


def test_erasure_leaves_tombstones_and_the_old_run_still_replays(city):
    certify(who := student("甲"))
    certify(student("乙"))
    run = screen_aid()
    registers.erase_resident(SYSTEM, resident=who, reason="test")
    replaying.bury(str(who.uid))
    acts.forget(viewer=SYSTEM, resident=who.uid)
    for path in city.rglob("*.parquet"):
        assert path.name == replaying.verdicts.TOMBSTONES or str(who.uid).encode() not in path.read_bytes()
    outcome = replaying.replay(run)
    assert outcome.same
    assert outcome.tombstones == 1
    assert standing(who) is None
    assert not Determination.objects.filter(subject=who.uid).exists()
    assert list(verify_rows()) == []
    assert replaying.bury(str(who.uid)) == 0


def test_the_explanation_says_which_list_and_since_when(city):
    certify(who := student())
    reasons = explaining.reasons(SYSTEM, AID, who.uid)
    told = reasons.told["has_disability_certificate"]
    assert told.source.list == "disability-certificate"
    assert told.true_since == FIRST_DAY
    assert [condition.holds for condition in reasons.explanation.conditions] == [True] * len(reasons.explanation.conditions)


def test_an_officer_of_another_county_sees_nobody_and_may_not_ask(city):
    certify(here := student("甲"))
    certify(there := student("乙", village="140882100201"))
    run = screen_aid()
    assert [row.subject for row in queries.people(OFFICER, run, "found")] == [here.uid]
    assert [(county.code, county.eligible) for county in queries.counts_by_county(OFFICER, run)] == [("140802", 1)]
    assert {county.code for county in queries.counts_by_county(SYSTEM, run)} == {"140802", "140882"}
    with pytest.raises(Refused):
        explaining.reasons(OFFICER, AID, there.uid)
    with pytest.raises(Refused):
        queries.people(Viewer("staff:x", (Grant("officer", "140802", "elder-pairing"),)), run, "found")


def test_counts_of_a_run_are_those_of_the_rows_that_the_viewer_may_open(city):
    here, there, stays = student("甲"), student("乙", village="140882100201"), student("丙", village="140882100201")
    for one in (here, there, stays):
        certify(one)
    student("丁")
    first = screen_aid()
    end_record(SYSTEM, subject=there, list_slug="disability-certificate", on=clock.today())
    deny(there, "disability-certificate", *HARDSHIP_LISTS)
    certify(student("戊"))
    second = screen_aid()
    for viewer in (SYSTEM, OFFICER):
        counted = queries.tallies(viewer, [first, second])
        now = counted[second.pk]
        assert now.eligible == len(queries.people(viewer, second, "found"))
        assert now.undecided == len(queries.people(viewer, second, "undecided"))
        for run in (first, second):
            assert counted[run.pk].newly_found == len(queries.people(viewer, run, "newly_found"))
            assert counted[run.pk].newly_lost == len(queries.people(viewer, run, "newly_lost"))
    assert queries.tallies(OFFICER, [second])[second.pk].eligible == 2
    assert queries.tallies(OFFICER, [second])[second.pk].newly_lost == 0
    assert queries.tallies(SYSTEM, [second])[second.pk].newly_lost == 1
    assert queries.tallies(OFFICER, [first])[first.pk].eligible is None
    assert queries.tallies(SYSTEM, [second])[second.pk].not_eligible == second.not_eligible


def test_lists_filter_by_what_is_missing_and_page_by_key(city):
    for index in range(5):
        student(f"测试{index}")
    run = screen_aid()
    assert ("has_disability_certificate", 5) in queries.missing_facts(SYSTEM, run)
    first = queries.people(SYSTEM, run, "undecided", missing="has_disability_certificate", limit=3)
    rest = queries.people(SYSTEM, run, "undecided", after=first[-1].id)
    assert len({row.subject for row in (*first, *rest)}) == 5
    assert queries.people(SYSTEM, run, "undecided", missing="monthly_income") == []


def test_a_programme_that_cannot_run_finds_nobody_and_says_so_and_stops_no_other(city):
    certify(who := student())
    before_any_amount = datetime(2022, 6, 1, tzinfo=UTC).date()
    with pytest.raises(LinliError) as refused:
        acts.screen(viewer=SYSTEM, slugs=[AID], as_of=before_any_amount)
    assert AID in str(refused.value)
    screen_aid()
    broken = acts.prepare(acts.live_versions(clock.today()), before_any_amount)
    assert any(item.error and item.programme is None for item in broken)
    assert standing(who).verdict == "eligible"
