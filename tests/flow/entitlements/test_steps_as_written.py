"""What a programme's file says of its steps is what happens: what waits when it is late, who does a step that was handed down, which role
decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from award_examples import AID, COUNTY, FEDERATION, City, asked
from case_examples import on, refused, staff
from late_examples import START, climbed, night_after
from place_examples import VILLAGE
from walk_examples import publish_draft

from linli.casework import inbox, timers
from linli.casework.models import Case, StepTaken, Task, Timer
from linli.casework.queries import case as case_for
from linli.casework.steps import acts as steps
from linli.entitlements import acts
from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer

pytestmark = pytest.mark.django_db
TOWNSHIP = "140802002"
LATE = "  late: escalate\n"
CHECK = "zh: 县残联初审, en: first check by the county federation, level: county, days: null"
DECIDE = "zh: 市残联集中审核, en: decision by the city federation, level: prefecture, days: null"
IN_TOWN, NEXT_TOWN = staff(81, Grant("officer", TOWNSHIP)), staff(82, Grant("officer", "140802003"))
IN_VILLAGE = staff(83, Grant("officer", VILLAGE))
CLERK, FAR_CLERK = staff(84, Grant("clerk", "140802")), staff(85, Grant("clerk", "140882"))
STEWARD, FAR_STEWARD = staff(86, Grant("steward", VILLAGE)), staff(87, Grant("steward", "140882100201"))


def accepted(city: City, *figures: tuple[str, str]) -> Case:
    """An application under a version whose file says so, in its first step."""
    publish_draft(AID, [('version: "2023"', 'version: "2026"'), ("effective_from: 2023-01-01", "effective_from: 2026-01-01"), *figures])
    with on(START):
        case = asked(city.found)
        return acts.accept(COUNTY, case.uid)


def desk(case: Case) -> tuple[str, str]:
    found = Task.objects.get(case=case)
    return found.role, found.desk_code


def nobody_else(case: Case, *viewers: Viewer) -> None:
    """None of them lets the step pass or decides it."""
    before = StepTaken.objects.filter(case=case).values_list("step", "result", "signatures")
    known = list(before)
    for viewer in viewers:
        for do in (lambda viewer=viewer: steps.pass_on(viewer, case.uid), lambda viewer=viewer: acts.decide(viewer, case.uid, "granted")):
            with pytest.raises((Refused, LinliError)):
                do()
    assert list(before.all()) == known


def test_a_late_step_of_a_programme_that_waits_stays_where_it_is_and_is_seen_to_be_late(city: City) -> None:
    case = accepted(city, (LATE, "  late: wait\n"), (CHECK, CHECK.replace("null", "3")))
    assert not Timer.objects.filter(case=case, done_at=None).exists()
    moment, before = night_after(case), desk(case)
    for later in (timedelta(0), timedelta(days=30)):
        with on(moment + later):
            assert timers.fire_due() == 0
    assert (climbed(case), desk(case), before) == ([], before, ("officer", "140802"))
    with on(moment + timedelta(days=1)):
        page = inbox.inbox(COUNTY, inbox.Choice())
        assert ([one.case for one in page.items], page.counts["red"]) == ([case.uid], 1)
        assert steps.pass_on(COUNTY, case.uid).step == "decide"


def test_the_same_step_of_a_programme_that_escalates_climbs(city: City) -> None:
    """What the test above looks for is there to be seen."""
    case = accepted(city, (CHECK, CHECK.replace("null", "3")))
    with on(night_after(case)):
        assert timers.fire_due() == 1
    assert (climbed(case), desk(case)) == (["prefecture"], ("officer", "1408"))


@pytest.mark.parametrize(
    ("level", "where", "does", "not_theirs"),
    [("township", TOWNSHIP, IN_TOWN, (NEXT_TOWN, IN_VILLAGE)), ("village", VILLAGE, IN_VILLAGE, (NEXT_TOWN,))],
)
def test_a_step_that_was_handed_down_is_done_there_and_may_be_called_back(
    city: City, level: str, where: str, does: Viewer, not_theirs: tuple[Viewer, ...]
) -> None:
    case = accepted(city, (LATE, f"{LATE}  delegated: {{check: {level}}}\n"))
    with on(START):
        assert desk(case) == ("officer", where)
        nobody_else(case, *not_theirs, FAR_CLERK, staff(88, Grant("officer", "140882")))
        assert steps.pass_on(does, case.uid).step == "decide"
        assert desk(case) == ("officer", "1408")
        with refused("casework.higher_desk"):
            acts.decide(does, case.uid, "granted")  # what was handed down is the check alone
        steps.send_back(FEDERATION, case.uid, "请再核对")
        assert desk(case) == ("officer", where)
        assert steps.pass_on(COUNTY, case.uid).step == "decide"  # the office above does it itself
        acts.decide(FEDERATION, case.uid, "granted")
    assert Case.objects.get(pk=case.pk).outcome == "granted"


@pytest.mark.parametrize(
    ("role", "level", "does", "others"),
    [("clerk", "county", CLERK, (FAR_CLERK, COUNTY, STEWARD)), ("steward", "village", STEWARD, (FAR_STEWARD, CLERK, NEXT_TOWN))],
)
def test_a_decision_is_made_by_the_role_that_the_file_names(
    city: City, role: str, level: str, does: Viewer, others: tuple[Viewer, ...]
) -> None:
    case = accepted(city, (DECIDE, DECIDE.replace("level: prefecture", f"level: {level}, role: {role}")))
    with on(START):
        steps.pass_on(COUNTY, case.uid)
        assert desk(case) == (role, "140802" if level == "county" else VILLAGE)
        nobody_else(case, *others)
        assert case_for(does, case.uid).uid == case.uid
        assert acts.decide(does, case.uid, "granted").outcome == "granted"
