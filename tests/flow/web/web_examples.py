"""A small city as the pages show it: published programmes, a few people whose answers are known, one screening, two officers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from place_examples import BUILDING, FIRST_DAY, GROUP, SYSTEM, VILLAGE, identity, load_small_city, person

from linli.casework import acts as casework
from linli.casework.models import Case
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.programmes.acts import confirm_reading, publish_ready
from linli.programmes.catalogue import catalogue
from linli.registers import acts
from linli.registers.acts.records import record_change
from linli.registers.models import Resident, Staff
from linli.screening import acts as screening
from linli.screening.models import Run
from linli.vault import keyring

OPENED = datetime(2026, 11, 20, 10, tzinfo=clock.SHANGHAI)  # when somebody disputed a fact
AID, ALLOWANCE = "disabled-student-aid", "subsistence-allowance"
PASSWORD = "a-long-test-password-7"


@dataclass(frozen=True)
class SmallCity:
    """found lives in 盐湖区 and away in 河津市: both are eligible for the student aid. undecided lacks a certificate's yes or no."""

    found: Resident
    away: Resident
    undecided: Resident
    officer: Staff
    local: Staff
    run: Run
    household_run: Run


def born(years: int) -> date:
    """The birth date of someone who turned that old some months ago."""
    return clock.today() - timedelta(days=years * 366 + 100)


def prepare_state(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Keys outside the database; returns the settings that go with them: a state folder and a quick password hash."""
    patch.delenv("LINLI_KEYS", raising=False)
    patch.setenv("LINLI_KEY_FILE", str(folder / "keys.json"))
    patch.setenv("LINLI_ERASURES", str(folder / "erasures.jsonl"))
    keyring.write(keyring.new_keyring(), folder / "keys.json")
    return {"LINLI_STATE": folder, "LINLI_SECOND_FACTOR": "optional", "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}


def publish_programmes() -> None:
    """Every programme of Yuncheng that can be published."""
    files = catalogue(django_settings.LINLI_CITY)
    confirm_reading(viewer=SYSTEM, programme=files.newest("elder-pairing"), confirmed_by="测试单位")
    publish_ready(viewer=SYSTEM, catalogue=files, demonstration=True)


def student(name: str, village: str) -> Resident:
    """An undergraduate of 20 in a household of their own, with a telephone."""
    lives = BUILDING if village == VILLAGE else GROUP
    who = person(
        name,
        identity=identity(born(20)),
        phone="12500000000",
        birth_date=born(20),
        situations=[acts.Lives("registered", village, FIRST_DAY), acts.Lives("lives", lives, FIRST_DAY)],
        relations_known=True,
    )
    record_change(SYSTEM, subject=who, list_slug="student-status", valid_from=FIRST_DAY, data={"student_level": "undergraduate"})
    acts.form_household(SYSTEM, kind="shared_living", area_code=village, members=[(who, "head")], valid_from=FIRST_DAY)
    return who


def certify(who: Resident) -> None:
    """Put someone on the list of disability certificates."""
    data = {"disability_kind": "visual", "disability_level": 1}
    record_change(SYSTEM, subject=who, list_slug="disability-certificate", valid_from=FIRST_DAY, data=data)


def dispute(who: Resident, fact: str = "disability_level") -> Case:
    """Somebody says that a fact of theirs is wrong."""
    own = Viewer(f"resident:{who.uid}", subject=str(who.uid), level="card")
    with clock.frozen(OPENED):
        return casework.open_dispute(own, who.uid, fact, "证上写的是二级")


def officer(login: str, name: str, **grant: str) -> Staff:
    """Someone who signs in with PASSWORD."""
    who = acts.add_staff(SYSTEM, login=login, name=name, password=PASSWORD)
    acts.place_grant(SYSTEM, staff=who, role="officer", valid_from=FIRST_DAY, **grant)
    return who


def build() -> SmallCity:
    """The whole of it: about forty acts and one screening of two programmes."""
    load_small_city()
    publish_programmes()
    found, away, undecided = student("测试甲", VILLAGE), student("测试乙", "140882100201"), student("测试丙", VILLAGE)
    certify(found)
    certify(away)
    runs = {run.programme: run for run in screening.screen(viewer=SYSTEM, slugs=[AID, ALLOWANCE])}
    return SmallCity(
        found,
        away,
        undecided,
        officer("officer", "测试员"),
        officer("local", "盐湖员", area_code="140802", programme=AID),
        runs[AID],
        runs[ALLOWANCE],
    )
