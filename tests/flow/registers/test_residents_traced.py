"""Every act of the registers names the rows it changed: afterwards nothing differs from what the trace says, and tampering does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import models, transaction
from listed_place_examples import place
from place_examples import BUILDING, CLERK, FIRST_DAY, GROUP, OTHER_BUILDING, SYSTEM, VILLAGE, identity, person, small_table
from service_window_examples import window

from linli.kernel.ids import uuid7
from linli.kernel.positions import Position
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts, facts
from linli.registers.acts.guardianships import Paper
from linli.registers.acts.renewal import renew_tokens
from linli.registers.bulk import NewHousehold, NewLink, NewResident, register_residents
from linli.registers.models import (
    Address,
    Area,
    Household,
    HouseholdMember,
    Organisation,
    Place,
    PlaceRole,
    Resident,
    Situation,
    Staff,
    StaffGrant,
)
from linli.trace import FactType
from linli.trace.deep import verify_rows
from linli.trace.models import Fact
from linli.trace.verify import verify_chains
from linli.vault import keyring

pytestmark = pytest.mark.usefixtures("small_city")
LATER = date(2025, 1, 1)


def everything() -> None:
    """Each act of the stage at least once, those that take things back included."""
    guardianships()
    father, child, other = person("王建国", identity=identity(male=True)), person("王小明"), person("李秀英", phone="19900000001")
    acts.correct_resident(SYSTEM, resident=father, changes={"hukou_type": "unified", "phone": "19900000002"})
    acts.record_situation(SYSTEM, resident=father, kind="lives", area_code=GROUP, valid_from=LATER)
    acts.record_situation(SYSTEM, resident=father, kind="lives", area_code=VILLAGE, valid_from=FIRST_DAY, valid_to=LATER)
    home = acts.form_household(
        SYSTEM, kind="shared_living", area_code=VILLAGE, members=[(father, "head"), (child, "child")], valid_from=FIRST_DAY
    )
    acts.change_member(SYSTEM, household=home, resident=other, role="other", on=LATER)
    acts.change_member(SYSTEM, household=home, resident=other, role=None, on=date(2025, 6, 1))
    acts.link_family(SYSTEM, resident=child, relative=father, relation="father", valid_from=FIRST_DAY)
    link = acts.link_family(SYSTEM, resident=child, relative=other, relation="guardian", valid_from=FIRST_DAY)
    acts.end_family_link(SYSTEM, link=link, on=LATER)
    acts.dissolve_household(SYSTEM, household=home, on=date(2026, 1, 1))
    acts.record_death(SYSTEM, resident=other, deceased_on=LATER)
    acts.erase_resident(SYSTEM, resident=child, reason="request")
    keyring.store(keyring.keyring().with_new("index"))
    renew_tokens(SYSTEM)
    places_and_staff()
    windows()
    listed_places()


SECOND = Viewer("staff:00000000-0000-7000-8000-000000000009", (Grant("security"),))


def places_and_staff() -> None:
    acts.register_address(SYSTEM, place_code=BUILDING, unit="2-301", detail="朝南")
    acts.assign_grid(SYSTEM, place_code=OTHER_BUILDING, grid_code=f"{VILLAGE}G001", valid_from=LATER)
    gone = {"140882101": "140882100", "140882101201": ""}
    acts.import_divisions(
        SYSTEM,
        divisions=small_table(c140882101="", c140882101201="", c140882100="樊城镇"),
        valid_from=LATER,
        file_digest="sha256:next",
        successors=gone,
    )
    acts.register_organisation(SYSTEM, name="示例公司", area_code="140802", kind="employer")
    watching = acts.add_staff(SYSTEM, login="auditor1", name="审计员", password="correct-horse-battery")
    acts.decline_grant(SYSTEM, proposal=acts.propose_grant(SYSTEM, staff=watching, role="auditor", valid_from=FIRST_DAY))
    acts.confirm_grant(SECOND, proposal=acts.propose_grant(SYSTEM, staff=watching, role="auditor", valid_from=FIRST_DAY))
    staff = acts.add_staff(SYSTEM, login="officer1", name="经办人", password="correct-horse-battery")
    acts.change_password(SYSTEM, staff=staff, password="another-good-one-7")
    number = identity(date(1980, 2, 3))
    person("测试本人", identity=number)
    acts.identify_staff(SYSTEM, staff=staff, identity=number)
    acts.place_staff(SYSTEM, staff=staff, name="盐湖区民政局", area_code="140802")
    acts.set_active(SYSTEM, staff=staff, active=False)
    grant = acts.place_grant(SYSTEM, staff=staff, role="clerk", area_code="1408", valid_from=FIRST_DAY)
    acts.end_grant(SYSTEM, grant=grant, on=LATER)


def windows() -> None:
    """Brought by a file, changed by hand, and areas with their centres."""
    acts.import_windows(SYSTEM, windows=[window("W1")], source="test")
    acts.record_window(SYSTEM, window=window("W1", 111.02))
    acts.position_areas(SYSTEM, positions={VILLAGE: Position(111.2, 35.0)}, source="test")


def listed_places() -> None:
    """Brought by a file, changed, moved and closed by hand."""
    acts.import_places(SYSTEM, places=[place("P1"), place("P2")], on=FIRST_DAY, file_digest="sha256:places")
    acts.change_place(SYSTEM, place=place("P1", phone="0359-2000000"), on=LATER)
    acts.move_place(SYSTEM, code="P1", to=Position(111.02, 35.01), on=LATER)
    acts.close_place(SYSTEM, code="P2", on=LATER)


def guardianships() -> None:
    """Refused, confirmed, revoked; and one whose guardian is erased, with what they had agreed to."""
    ward, niece = person("测试被监护人"), person("测试侄女", identity=identity(male=False))
    shown = Paper("judgment", "测1号", "测试法院", FIRST_DAY, FIRST_DAY)
    for guardian in (person("测试监护人", identity=identity()), person("测试兄弟", identity=identity())):
        for _again in range(2):
            paper = acts.record_guardianship(CLERK, ward=ward, guardian=guardian, paper=shown)
            acts.refuse_guardianship(SYSTEM, guardianship=paper, reasons="看不清")
        given = acts.grant_mandate(SYSTEM, principal=ward, kind="family", agent=niece, evidence="本人到场")
        paper = acts.record_guardianship(CLERK, ward=ward, guardian=guardian, paper=shown)
        acts.confirm_guardianship(SYSTEM, guardianship=paper)
        acts.agree_mandate(SYSTEM, mandate=given, guardian=guardian)
        if guardian.name == "测试监护人":
            acts.revoke_guardianship(SYSTEM, guardianship=paper, reasons="判决撤销")
    acts.erase_resident(SYSTEM, resident=guardian, reason="request")


def load() -> None:
    """The same stage through the bulk load."""
    people = [NewResident(uuid7(), "测试", identity(), situations=(("lives", VILLAGE, FIRST_DAY),)) for _ in range(2)]
    home = NewHousehold(uuid7(), "hukou_book", VILLAGE, FIRST_DAY, [(people[0].uid, "head"), (people[1].uid, "spouse")])
    register_residents(SYSTEM, people, [home], [NewLink(people[0].uid, people[1].uid, "spouse", FIRST_DAY)], source="test")


@pytest.mark.parametrize("work", [everything, load])
def test_after_every_act_rows_and_trace_agree(work: Callable[[], None]) -> None:
    work()
    assert list(verify_chains()) == []
    assert list(verify_rows()) == []


def test_every_fact_type_of_the_stage_is_recorded_by_some_act() -> None:
    everything()
    load()
    recorded = set(Fact.objects.values_list("type", flat=True))
    declared = {value.name for value in vars(facts).values() if isinstance(value, FactType)}
    by_lists = ("record", "list", "holding", "authorisation", "doubt", "verif")
    by_signing_in = (
        "account",
        "code",
        "identity",
        "mandate",
        "factor",
        "recovery",
        "session",
    )  # test_accounts.py, tests/flow/web/test_signing_in.py
    here = {name for name in declared if not name.split(".")[1].startswith(by_lists + by_signing_in)}
    assert here <= recorded


ALTERED: list[tuple[type[models.Model], dict[str, Any]]] = [
    (Resident, {"birth_date": date(1900, 1, 1), "birth_known": True}),
    (Situation, {"area_code": "140882100"}),
    (Household, {"area_code": "140882100"}),
    (HouseholdMember, {"role": "other"}),
    (Area, {"name": "别名"}),
    (Address, {"unit": "9-999"}),
    (Organisation, {"name": "别名"}),
    (Place, {"lon": "111.5"}),
    (PlaceRole, {"category": "market"}),
    (Staff, {"is_active": True}),
    (StaffGrant, {"role": "administrator"}),
]


def test_a_row_altered_behind_the_trace_is_named() -> None:
    everything()
    for model, change in ALTERED:
        before = transaction.savepoint()
        row = model._default_manager.latest("pk")
        model._default_manager.filter(pk=row.pk).update(**change)
        (finding,) = verify_rows()
        assert f"{model._meta.label_lower}:{row.pk}" in str(finding)
        transaction.savepoint_rollback(before)
