"""People whose answers are known beforehand, because their records were chosen so."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from place_examples import FIRST_DAY, OTHER_BUILDING, SYSTEM, VILLAGE, identity, load_small_city, person

from linli.kernel import clock
from linli.programmes import Programme, catalogue
from linli.programmes.acts import publish_ready
from linli.programmes.acts.publishing import _row
from linli.registers import acts
from linli.registers.acts.records import record_change
from linli.registers.imports.deliver import Delivery, import_list
from linli.registers.lists import load_lists
from linli.registers.models import Resident
from linli.vault import keyring

AID = "disabled-student-aid"
HARDSHIP_LISTS = ("subsistence-allowance", "extreme-hardship", "low-income-edge")


def prepare_keys(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Keys outside the database."""
    patch.delenv("LINLI_KEYS", raising=False)
    patch.setenv("LINLI_KEY_FILE", str(folder / "keys.json"))
    patch.setenv("LINLI_ERASURES", str(folder / "erasures.jsonl"))
    keyring.write(keyring.new_keyring(), folder / "keys.json")


def build() -> None:
    """The division table and every programme that can be published."""
    load_small_city()
    publish_ready(viewer=SYSTEM, catalogue=catalogue(settings.LINLI_CITY), demonstration=True)


def of_age(years: int) -> date:
    """A birth date of somebody who turned that old some months ago."""
    return clock.today() - timedelta(days=years * 366 + 100)


def student(name: str = "测试学生", *, level: str = "undergraduate", village: str = VILLAGE, number: str | None = None) -> Resident:
    """A student of 20 living alone, on no other list."""
    who = person(
        name,
        identity=number or identity(of_age(20)),
        situations=[acts.Lives("registered", village, FIRST_DAY), acts.Lives("lives", OTHER_BUILDING, FIRST_DAY)],
        relations_known=True,
    )
    record_change(SYSTEM, subject=who, list_slug="student-status", valid_from=FIRST_DAY, data={"student_level": level})
    acts.form_household(SYSTEM, kind="shared_living", area_code=village, members=[(who, "head")], valid_from=FIRST_DAY)
    return who


def certify(who: Resident, valid_from: date = FIRST_DAY) -> None:
    """Put the person on the list of disability certificates."""
    data = {"disability_kind": "visual", "disability_level": 1}
    record_change(SYSTEM, subject=who, list_slug="disability-certificate", valid_from=valid_from, data=data)


def deny(who: Resident, *lists: str) -> None:
    """State that the person is not on the lists."""
    for slug in lists:
        record_change(SYSTEM, subject=who, list_slug=slug, valid_from=FIRST_DAY, present=False)


def deliver(folder: Path, slug: str, rows: Sequence[Mapping[str, str]], *, area: str = "", as_of: date | None = None) -> None:
    """Import rows (by column name) as the department's csv file would bring them."""
    declaration = load_lists(Path(settings.LINLI_CITY))[slug]
    path = folder / f"{slug}-{as_of}-{len(rows)}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [column.headers[0] for column in declaration.columns])
        writer.writeheader()
        for row in rows:
            writer.writerow({declaration.column(name).headers[0]: value for name, value in row.items()})
    import_list(SYSTEM, declaration=declaration, delivery=Delivery(path=path, as_of=as_of, area=area, accept_drop=True))


def edited(folder: Path, slug: str, *changes: tuple[str, str]) -> Programme:
    """A programme of the demo city with parts of its file written otherwise."""
    copy = folder / "city"
    if not copy.exists():
        for part in ("programmes", "registers"):
            shutil.copytree(Path(settings.LINLI_CITY) / part, copy / part)
        shutil.copy(Path(settings.LINLI_CITY) / "city.yaml", copy)
    path = copy / "programmes" / slug / "programme.yaml"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return catalogue(copy).newest(slug)


def put_in_force(programme: Programme) -> None:
    """Publish a version without the examples and figures that publishing asks for."""
    _row(programme, SYSTEM, "").save()


def employer_subsidy(folder: Path) -> Programme:
    """The employers' subsidy with a threshold of ten new hires and 1,000 yuan for each of them."""
    figure = "values: [{{from: 2026-01-01, value: {}, source: {{zh: 测试数值, en: test value}}}}]"
    head, empty = "en: {}\n      ", "values: []"
    names = {"least number of net new hires in twelve months": "10", "subsidy for each net new hire": "1000 yuan"}
    changes = [(head.format(name) + empty, head.format(name) + figure.format(value)) for name, value in names.items()]
    return edited(folder, "employer-insurance-subsidy", *changes)
