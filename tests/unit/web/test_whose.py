"""The office that has a case, by its name at the level of the desk."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from linli.web.case.whose import office_of

CIVIL = "运城市民政局"


@pytest.mark.parametrize(
    ("department", "desk", "zh", "en"),
    [
        (CIVIL, "140802", "盐湖区民政局", "Yanhu District Civil Affairs Bureau"),
        (CIVIL, "1408", CIVIL, "Yuncheng Civil Affairs Bureau"),
        ("", "140802", "盐湖区", "Yanhu District"),
        ("", "1408", "运城市", "Yuncheng"),
        ("国家税务总局运城市税务局", "140882", "国家税务总局河津市税务局", "Hejin City 国家税务总局运城市税务局"),
    ],
)
def test_a_department_is_named_at_the_level_of_its_desk(department: str, desk: str, zh: str, en: str):
    case: Any = SimpleNamespace(department=department, task=SimpleNamespace(desk_code=desk))
    found = office_of(case)
    assert (found.zh, found.en) == (zh, en)
