"""The golden figures of the student aid: 1,680 college, 3,567 undergraduate and 559 postgraduate students are 27,909,000.00 yuan."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from linli.kernel.money import yuan_text
from linli.programmes import catalogue
from linli.rules import evaluate_frame

SHELF = catalogue(Path(__file__).resolve().parents[3] / "cities" / "yuncheng")
STUDENTS = {"college": 1680, "undergraduate": 3567, "postgraduate": 559}
OTHERS = 4000
AS_OF = date(2023, 11, 1)
NO = {
    "has_disability_certificate": False,
    "on_subsistence_allowance": False,
    "in_extreme_hardship": False,
    "in_low_income_edge_family": False,
}
HARDSHIPS = ("on_subsistence_allowance", "in_extreme_hardship", "in_low_income_edge_family")


def person(home: str, role: str, **facts: Any) -> dict[str, Any]:
    return {
        "household_id": home,
        "role": role,
        "registered_prefecture": "1408",
        "is_enrolled_student": False,
        "student_level": None,
        **NO,
        **facts,
    }


def entitled(home: str, level: str, chance: random.Random) -> list[dict[str, Any]]:
    """A student of either group with a family."""
    student = person(home, "child", is_enrolled_student=True, student_level=level)
    parent = person(home, "head")
    if chance.random() < 0.5:
        student["has_disability_certificate"] = True
    else:
        parent["has_disability_certificate"] = True
        chance.choice([student, parent])[chance.choice(HARDSHIPS)] = True
    return [student, parent]


def near_miss(home: str, chance: random.Random) -> list[dict[str, Any]]:
    """A family that lacks exactly one thing."""
    student, parent = entitled(home, chance.choice(list(STUDENTS)), chance)
    lack = chance.randrange(4)
    if lack == 0:
        student["is_enrolled_student"] = False
    elif lack == 1:
        student["student_level"] = chance.choice(["junior_secondary", "senior_secondary"])
    elif lack == 2:
        student["registered_prefecture"] = "1401"
    else:
        student["has_disability_certificate"] = parent["has_disability_certificate"] = False
    return [student, parent]


def test_the_golden_total_comes_out_of_the_rule() -> None:
    chance = random.Random(1680)
    homes = [(level, True) for level, count in STUDENTS.items() for _ in range(count)] + [("", False)] * OTHERS
    chance.shuffle(homes)
    rows = [
        row | {"person_id": f"{index}-{row['role']}", "planted": wanted and row["role"] == "child"}
        for index, (level, wanted) in enumerate(homes)
        for row in (entitled(f"h{index}", level, chance) if wanted else near_miss(f"h{index}", chance))
    ]
    people = pl.DataFrame(rows, infer_schema_length=None)
    found = evaluate_frame(SHELF.newest("disabled-student-aid").rule, people, as_of=AS_OF)
    eligible = found.filter(pl.col("verdict") == "eligible").join(people, left_on="subject_id", right_on="person_id")
    assert eligible.height == sum(STUDENTS.values())
    assert eligible["planted"].all()
    assert dict(eligible.group_by("student_level").len().iter_rows()) == STUDENTS
    assert yuan_text(eligible["amount_fen"].sum()) == "27,909,000.00"
    assert found["amount_fen"].drop_nulls().len() == eligible.height


def test_filling_in_the_missing_level_decides_the_amount() -> None:
    rule = SHELF.newest("disabled-student-aid").rule
    student = person("h", "head", person_id="s", is_enrolled_student=True, has_disability_certificate=True)
    unknown = evaluate_frame(rule, pl.DataFrame([student], schema_overrides={"student_level": pl.String}), as_of=AS_OF).row(0, named=True)
    assert (unknown["verdict"], unknown["missing"]) == ("unknown", ["student_level"])
    known = evaluate_frame(rule, pl.DataFrame([student | {"student_level": "college"}]), as_of=AS_OF).row(0, named=True)
    assert (known["verdict"], known["amount_fen"]) == ("eligible", 400_000)
