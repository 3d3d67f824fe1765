"""The level in a public notice is never one that a sensitive list says, unless its column may be shown; what is unknown isn't shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from award_examples import City
from case_examples import later, on
from place_examples import VILLAGE
from walk_examples import asked, on_list, publish_draft, somebody

from linli.batches.shown import Shown, lines
from linli.entitlements.reckoning import reckon
from linli.programmes.queries import pinned

pytestmark = pytest.mark.django_db
NURSING = "disability-nursing-subsidy"
LIST = """
list: serious-illness
zh: 大病救助对象
en: people aided in serious illness
owner: {{zh: 测试医保局, en: test medical insurance bureau}}
subject: person
key: identity_number
sensitivity: {sensitivity}
refresh: {{every_days: 31}}
coverage: {{place: registered, area: "1408"}}
absence: "no"
source: file
presence: {{fact: is_seriously_ill, zh: 大病救助对象, en: is aided in serious illness}}
columns:
  - {{name: identity_number, zh: 身份证号, en: identity number, type: identity}}
  - {{name: illness_kind, zh: 病种, en: kind of illness, type: text, values: [cancer, kidney], fact: illness_kind{more}}}
"""
CHANGED = [
    ('version: "2026"', 'version: "ill"'),
    ("effective_from: 2026-01-01", "effective_from: 2026-10-01"),
    (
        "CASE WHEN disability_level = 1 THEN level_one_rate ELSE level_two_rate END",
        "CASE WHEN illness_kind = 'cancer' THEN level_one_rate ELSE level_two_rate END",
    ),
    (
        "materials:",
        "public_notice: {fields: [name, category], days: 5, unit: working, place: before_payment, minors_online: false}\nmaterials:",
    ),
]


def noticed(settings: Any, folder: Path, sensitivity: str, more: str = "") -> tuple[str, str]:
    """What a decision keeps as the level, and what a notice shows of one that was kept earlier."""
    city = folder / "city"
    city.mkdir()
    for one in Path(settings.LINLI_CITY).resolve().iterdir():
        if one.name != "registers":
            (city / one.name).symlink_to(one)
    (city / "registers").mkdir()
    for one in (Path(settings.LINLI_CITY).resolve() / "registers").iterdir():
        (city / "registers" / one.name).symlink_to(one)
    (city / "registers" / "serious-illness.yaml").write_text(LIST.format(sensitivity=sensitivity, more=more), "utf-8")
    settings.LINLI_CITY = city
    with on(later(date(2026, 10, 19))):
        publish_draft(NURSING, CHANGED, "ill")
        who = somebody(40)
        on_list(who, "disability-certificate", disability_kind="physical", disability_level=2)
        on_list(who, "extreme-hardship", present=False)
        on_list(who, "serious-illness", illness_kind="cancer")
        programme = pinned(NURSING, asked(who, NURSING).programme_version)
        kept = reckon(programme, who.uid).category
        entry = Shown(uuid4(), 1, "person", who.uid, who.uid, VILLAGE, "cancer", None, False)
        (line,) = lines(programme, [entry])
    return kept, line.cells[1]


def test_a_level_of_a_sensitive_list_is_neither_kept_nor_shown(city: City, settings: Any, tmp_path: Path) -> None:
    assert noticed(settings, tmp_path, "sensitive") == ("", "")


def test_a_level_whose_column_may_be_shown_is_shown(city: City, settings: Any, tmp_path: Path) -> None:
    assert noticed(settings, tmp_path, "sensitive", ", public: true") == ("cancer", "cancer")


def test_a_level_of_a_list_that_is_not_sensitive_is_shown(city: City, settings: Any, tmp_path: Path) -> None:
    assert noticed(settings, tmp_path, "internal") == ("cancer", "cancer")
