"""The demo city: set up in steps that survive a kill, cost nothing twice and belong to one database."""

from __future__ import annotations

import json
import stat
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.batches.models import Batch
from linli.casework.models import Case
from linli.casework.visits.queries import day_list
from linli.circles.acts.reports import report_place
from linli.circles.models import Action, IssuedPlan, Plan
from linli.circles.queries import words_for
from linli.circles.reports import waiting
from linli.entitlements.models import Application
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Viewer
from linli.ledger.verify import verify_book
from linli.programmes.models import ProgrammeVersion
from linli.programmes.queries import programme_of
from linli.registers.generated.prices import DOCUMENT
from linli.registers.models import Record, Resident, Staff
from linli.registers.queries import viewer_of
from linli.registers.queries.places import open_places
from linli.registers.queries.prices import prices_on
from linli.screening.models import Run
from linli.site import demo, demo_cases, demo_plans
from linli.site.crew import Crew
from linli.trace.verify import verify_chains
from linli.vault import keyring


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """A state folder of its own, with keys."""
    settings.LINLI_STATE = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("LINLI_KEYS", "LINLI_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    keyring.ensure()
    return tmp_path


def _set_up(plan: demo.Demo) -> list[str]:
    """Run what is missing, as the command does; returns the steps that were run."""
    taken = []
    with demo.crew_for(plan) as crew:
        for step in demo.missing(plan, crew):
            with demo.timed(plan, step):
                step.run(plan, crew, lambda done, of: None)
            taken.append(step.name)
    return taken


def test_a_small_city_is_set_up_whole_and_the_second_time_nothing_is_left_to_do(db: None, state: Path) -> None:
    _set_up(demo.open_demo(state, 1000, 3))
    assert Resident.objects.count() == 1000
    assert Record.objects.exists()
    screened = set(Run.objects.filter(state="done").values_list("programme", flat=True))
    looked_for = {row.slug for row in ProgrammeVersion.objects.all() if programme_of(row).invites}
    assert screened == looked_for != set()
    steward = viewer_of(Staff.objects.get(login="steward"))
    assert day_list(steward).calls, "the steward has nobody to call on"
    assert len(steward.grants) <= 1 + demo.MOST_VILLAGES
    _what_is_reported_in_the_town_reaches_a_grid_worker()
    assert "employer-insurance-subsidy" not in screened
    _cases_stand_at_every_step_and_are_brought_once()
    _plans_stand_at_every_step_and_are_made_once(demo.open_demo(state, None, 3).as_of)
    assert _set_up(demo.open_demo(state, None, 3)) == []


def _what_is_reported_in_the_town_reaches_a_grid_worker() -> None:
    worker = viewer_of(Staff.objects.get(login="yanhu-steward"))
    shop = next(row for row in open_places(clock.today()).rows if row.key.startswith("place:"))
    report = report_place(Viewer("public:1"), kind="closed", place=UUID(str(shop.uid)), key="a")
    assert report.uid in {one.report.uid for one in waiting(worker, clock.today())}


def _plans_stand_at_every_step_and_are_made_once(as_of: date) -> None:
    assert sorted(Plan.objects.values_list("state", flat=True)) == ["adopted", "adopted", "adopted", "draft"]
    assert IssuedPlan.objects.count() == 1
    (late,) = Action.objects.filter(state="open", due_on__lt=as_of)
    assert late.rung == 2
    assert Action.objects.filter(state="open", done_on=as_of).exists()
    housing = viewer_of(Staff.objects.get(login="yanhu-housing"))
    assert [one.step.action.pk for one in words_for(housing, on=as_of)] == [late.pk]
    assert demo_plans.plan(as_of) is None
    assert Plan.objects.count() == 4


def _cases_stand_at_every_step_and_are_brought_once() -> None:
    aid = Case.objects.filter(programme=demo_cases.AID)
    assert aid.filter(outcome="granted").count() == demo_cases.GRANTED_EACH * len(demo_cases.FEDERATIONS)
    standing = {(one.origin, one.step, one.stopped_at is not None) for one in aid.filter(status="open")}
    waiting, asked = ("invitation", None, False), ("invitation", None, True)
    assert standing >= {waiting, asked, ("invitation", "check", False), ("invitation", "decide", False), ("window", None, False)}
    assert Application.objects.filter(programme=demo_cases.ALLOWANCE, automatic=True, case__outcome="granted").exists()
    assert dict(Batch.objects.values_list("programme", "state")) == {demo_cases.AID: "checking", demo_cases.ALLOWANCE: "approved"}
    cases = Case.objects.count()
    assert demo_cases.walk() is None
    assert Case.objects.count() == cases
    assert [*verify_book(), *verify_chains()] == []


def test_a_price_that_is_looked_up_in_the_demo_says_that_it_is_made_up(db: None, state: Path) -> None:
    plan = demo.open_demo(state, 100, 3)
    for step in demo.steps():
        if step.name in ("areas", "prices"):
            step.run(plan, Crew(0), lambda done, of: None)
            step.run(plan, Crew(0), lambda done, of: None)  # again, as after a kill
    found = prices_on(plan.as_of, "诊查费")
    assert len(found) == 5
    assert {one.version.document for one in found} == {DOCUMENT}
    assert "演示" in DOCUMENT


def test_every_role_has_a_sign_in_and_a_county_officer_sees_the_county_only(db: None, state: Path) -> None:
    plan = demo.open_demo(state, 100, 3)
    for step in demo.steps():
        if step.name in ("areas", "staff"):
            step.run(plan, Crew(0), lambda done, of: None)
            step.run(plan, Crew(0), lambda done, of: None)  # cut off before it was noted, it runs again and adds nothing
    passwords = demo.sign_ins(plan)
    assert set(Staff.objects.values_list("login", flat=True)) == set(passwords)
    assert all(Staff.objects.get(login=login).check_password(password) for login, password in passwords.items())
    assert viewer_of(Staff.objects.get(login="officer"), plan.as_of).areas("officer") == ("",)
    assert viewer_of(Staff.objects.get(login="yanhu"), plan.as_of).areas("officer") == ("140802",)
    assert stat.S_IMODE((plan.folder / "sign-ins.json").stat().st_mode) == 0o600


class _Remembering(Crew):
    """A crew that only writes down what it is told to begin."""

    def __init__(self) -> None:
        super().__init__(0)
        self.told: list[str] = []

    def begin(self, name: str, work: Any, orders: Any) -> None:
        self.told.append(name)


def test_heavy_work_is_begun_once_as_soon_as_what_it_needs_is_there(db: None, state: Path) -> None:
    plan, crew, begun_before = demo.open_demo(state, 400, 3), _Remembering(), []
    for step in demo.missing(plan, crew):
        begun_before.append((step.name, list(crew.told)))
        plan.done[step.name] = 0.0
    assert begun_before[:2] == [("areas", []), ("files", ["people"])]
    assert ("rounds", ["people", "circles"]) in begun_before  # as soon as the lists are imported
    assert crew.told == ["people", "circles"]
    assert [name for name, _ in begun_before] == [step.name for step in demo.steps()]


def test_another_number_of_residents_is_refused(db: None, state: Path) -> None:
    demo.open_demo(state, 400, 3)
    with pytest.raises(LinliError) as refused:
        demo.open_demo(state, 500, 3)
    assert (refused.value.expected, refused.value.found) == ("400", "500")


def test_what_was_done_in_another_database_does_not_count(db: None, state: Path) -> None:
    plan = demo.open_demo(state, 400, 3)
    plan.done = {"people": 1.0}
    plan.save()
    assert demo.open_demo(state, None, 3).done == {"people": 1.0}
    content = json.loads(plan.file.read_text("utf-8"))
    plan.file.write_text(json.dumps(content | {"database": "elsewhere"}), "utf-8")
    assert demo.open_demo(state, 600, 3).done == {}


def test_a_step_that_fails_is_not_noted(db: None, state: Path) -> None:
    plan = demo.open_demo(state, 400, 3)
    with pytest.raises(RuntimeError), demo.timed(plan, demo.steps()[0]):
        raise RuntimeError
    assert demo.open_demo(state, None, 3).done == {}
