"""Gates: what keeps a case in its step with its reason, and who is told when it ends, however it ends."""

from __future__ import annotations

from typing import Any

import pytest
from award_examples import COUNTY, FEDERATION, City, asked, own
from case_examples import refused

from linli.agreements.models import Award
from linli.batches.models import Batch, Check, Item
from linli.casework.models import Case, StepTaken
from linli.casework.steps import acts as steps
from linli.casework.steps import gates
from linli.casework.steps.acts import programme_of
from linli.casework.withdrawing import withdraw
from linli.entitlements import acts
from linli.entitlements.awarding import propose
from linli.entitlements.models import Application
from linli.entitlements.reckoning import reckon
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.trace import act

pytestmark = pytest.mark.django_db


def test_a_gate_keeps_a_case_in_its_step_until_it_is_content(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = ["photos"]

    def gate(_a: Any, _viewer: Any, _case: Case, _programme: Any, taken: StepTaken, outcome: str) -> None:
        assert (taken.step, outcome) == ("check", "passed")
        if lacking:
            raise LinliError("test.lacking", zh="缺少照片", en="Pictures are missing.")

    case = asked(city.found)
    acts.accept(COUNTY, case.uid)
    monkeypatch.setattr(gates, "_leaving", [gate])
    with refused("test.lacking"):
        steps.pass_on(COUNTY, case.uid)
    assert Case.objects.get(pk=case.pk).step == "check"
    lacking.clear()
    assert steps.pass_on(COUNTY, case.uid).step == "decide"


def test_who_checked_a_file_does_not_decide_it(city: City) -> None:
    case = asked(city.found)
    acts.accept(COUNTY, case.uid)
    steps.pass_on(COUNTY, case.uid)
    application = Application.objects.select_related("case").get(case=case)
    application.amount_fen = 500000
    with act(COUNTY) as a:
        propose(a, application, programme_of(case), reckon(programme_of(case), application.beneficiary_uid))
    award, now = Award.objects.get(case=case), clock.now()
    about = {"programme": award.programme, "period": "2026"}
    batch = Batch.objects.create(**about, programme_version=award.programme_version, opened_at=now, opened_by="staff:x")
    item = Item.objects.create(
        **about, batch=batch, award=award, person=award.person, beneficiary_kind="person", beneficiary=award.beneficiary,
        level_fen=500000, amount_fen=500000, payee="self", added_at=now,
    )  # fmt: skip
    look = {"item": item, "kind": "every", "subject": award.person, "result": "passed", "done_at": now}
    check = Check.objects.create(**look, done_by=FEDERATION.actor)
    with refused("batches.same_person"):
        acts.decide(FEDERATION, case.uid, "granted")
    Check.objects.filter(pk=check.pk).update(done_by="staff:00000000-0000-7000-8000-00000000abcd")
    assert acts.decide(FEDERATION, case.uid, "granted").outcome == "granted"


def test_a_gate_is_told_when_a_case_is_taken_back(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(gates, "_ending", [lambda _a, _viewer, case, programme: heard.append((case.outcome, programme.slug))])
    case = asked(city.found)
    withdraw(own(city.found), case.uid)
    assert heard == [("withdrawn", case.programme)]


def test_what_was_proposed_falls_with_the_case_and_its_clock_runs_no_more(city: City) -> None:
    case = asked(city.undecided)
    acts.ask_supplement(COUNTY, case.uid, ["certificate"], "请提供残疾人证")
    application = Application.objects.select_related("case").get(case=case)
    application.amount_fen = 500000
    with act(COUNTY) as a:
        propose(a, application, programme_of(case), reckon(programme_of(case), application.beneficiary_uid))
    withdraw(own(city.undecided), case.uid)
    award, done = Award.objects.get(case=case), Case.objects.get(pk=case.pk)
    assert (award.state, award.ending, done.stopped_at) == ("dropped", "not_granted", None)
    assert not done.pauses.filter(ended_at__isnull=True).exists()
    assert asked(city.undecided).status == "open"
