"""Staff may do what their grants in force say, where they say it, until they end by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from place_examples import CLERK, FIRST_DAY, SYSTEM, VILLAGE

from linli.kernel.errors import LinliError, Refused
from linli.kernel.viewer import Grant, Viewer
from linli.registers import acts, queries
from linli.registers.models import Organisation, Staff, StaffGrant
from linli.trace.models import Fact

pytestmark = pytest.mark.usefixtures("small_city")
PASSWORD = "correct-horse-battery"
TODAY = date(2026, 11, 22)
COUNTY_ADMINISTRATOR = Viewer("staff:00000000-0000-7000-8000-000000000003", (Grant("administrator", "140802"),))


def staff(login: str = "officer1") -> Staff:
    return acts.add_staff(SYSTEM, login=login, name="经办人", password=PASSWORD)


def test_someone_added_can_sign_in_and_may_do_nothing_yet() -> None:
    added = staff()
    assert authenticate(username="officer1", password=PASSWORD) == added
    assert queries.viewer_of(added) == Viewer(f"staff:{added.uid}")
    assert PASSWORD not in str(list(Fact.objects.values_list("payload", flat=True)))


def test_a_grant_holds_from_its_first_day_and_ends_by_itself() -> None:
    added = staff()
    acts.place_grant(
        SYSTEM, staff=added, role="officer", area_code="140802", programme="elder-pairing", valid_from=FIRST_DAY, valid_to=TODAY
    )
    assert queries.viewer_of(added, FIRST_DAY - timedelta(days=1)).grants == ()
    assert queries.viewer_of(added, TODAY - timedelta(days=1)).grants == (Grant("officer", "140802", "elder-pairing"),)
    assert queries.viewer_of(added, TODAY).grants == ()


def test_the_same_grant_twice_is_one() -> None:
    added = staff()
    one, other = (acts.place_grant(SYSTEM, staff=added, role="clerk", area_code="1408", valid_from=FIRST_DAY) for _ in range(2))
    assert one == other
    assert Fact.objects.filter(type="registers.grant_given").count() == 1


def test_a_grant_can_be_ended_early() -> None:
    grant = acts.place_grant(SYSTEM, staff=staff(), role="clerk", area_code="1408", valid_from=FIRST_DAY)
    acts.end_grant(SYSTEM, grant=grant, on=TODAY)
    assert queries.viewer_of(grant.staff, TODAY).grants == ()
    assert queries.viewer_of(grant.staff, TODAY - timedelta(days=1)).grants != ()


def test_a_grant_given_by_mistake_is_taken_back_the_same_day() -> None:
    grant = acts.place_grant(SYSTEM, staff=staff(), role="steward", area_code=f"{VILLAGE}G001", valid_from=TODAY)
    acts.end_grant(SYSTEM, grant=grant, on=TODAY)
    assert queries.viewer_of(grant.staff, TODAY).grants == ()
    right = acts.add_staff(SYSTEM, login="right", name="网格员", password=PASSWORD)
    acts.place_grant(SYSTEM, staff=right, role="steward", area_code=f"{VILLAGE}G001", valid_from=TODAY)
    assert queries.viewer_of(right, TODAY).grants != ()


def test_who_may_no_longer_sign_in_has_no_grants() -> None:
    added = staff()
    acts.place_grant(SYSTEM, staff=added, role="clerk", valid_from=FIRST_DAY)
    acts.set_active(SYSTEM, staff=added, active=False)
    added.refresh_from_db()
    assert queries.viewer_of(added, TODAY).grants == ()
    assert authenticate(username="officer1", password=PASSWORD) is None


def test_a_countys_administrator_grants_in_the_county_only() -> None:
    added = staff()
    acts.place_grant(COUNTY_ADMINISTRATOR, staff=added, role="clerk", area_code=VILLAGE, valid_from=FIRST_DAY)
    for area in ("140882", "1408", ""):
        with pytest.raises(Refused):
            acts.place_grant(COUNTY_ADMINISTRATOR, staff=added, role="clerk", area_code=area, valid_from=FIRST_DAY)
    with pytest.raises(Refused):
        acts.add_staff(COUNTY_ADMINISTRATOR, login="new", name="新人", password=PASSWORD)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": "king"}, "registers.unknown_word"),
        ({"area_code": "999999"}, "registers.unknown_area"),
        ({"valid_to": FIRST_DAY}, "registers.empty_range"),
    ],
)
def test_a_bad_grant_is_refused(change: dict[str, object], code: str) -> None:
    wanted = {"staff": staff(), "role": "clerk", "area_code": "1408", "valid_from": FIRST_DAY, **change}
    with pytest.raises(LinliError) as caught:
        acts.place_grant(SYSTEM, **wanted)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert not StaffGrant.objects.exists()


@pytest.mark.parametrize("password", ["", "12345678", "password"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(LinliError) as caught:
        acts.add_staff(SYSTEM, login="officer1", name="经办人", password=password)
    assert caught.value.code == "staff.weak_password"


def test_a_password_is_changed_by_oneself_or_an_administrator() -> None:
    added = staff()
    acts.change_password(Viewer(added.actor), staff=added, password="another-good-one-7")
    assert authenticate(username="officer1", password="another-good-one-7") == added
    with pytest.raises(Refused):
        acts.change_password(CLERK, staff=added, password="taken-over-by-a-clerk")


def test_an_organisation_is_one_under_its_credit_code() -> None:
    code = "91140802MA0KQ1234X"
    with pytest.raises(LinliError):
        acts.register_organisation(SYSTEM, name="示例公司", area_code="140802", kind="employer", credit_code=code)
    good = credit_code()
    first = acts.register_organisation(SYSTEM, name="示例公司", area_code="140802", kind="employer", credit_code=good)
    assert acts.register_organisation(SYSTEM, name="示例公司", area_code="140802", kind="employer", credit_code=good.lower()) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(name="别名", area_code="140802", kind="employer", credit_code=good)


def credit_code() -> str:
    from linli.kernel.identity import credit_check_character

    first = "91990000MA0000001"
    return first + credit_check_character(first)
