"""The city's files of visits and surveys: whole as shipped, refused with their name where malformed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linli.casework.kinds import KINDS
from linli.casework.surveys import question
from linli.casework.visits.rules import visit_rules
from linli.kernel.errors import LinliError

WHOLE = """
daily: 3
regular:
  slug: a
  label: {zh: 独居, en: alone}
  basis: {zh: 暂定, en: for now}
  age: 75
  every_days: 14
  ahead_days: 3
  late_days: 7
brings: [x]
"""


def test_the_shipped_figures_leave_time_before_a_call_is_due():
    rule = visit_rules().regular
    assert rule.ahead_days < rule.every_days
    assert visit_rules().daily > 0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_case_has_a_question(kind: str):
    assert question(kind).zh.endswith("？")
    assert question(kind).en.endswith("?")


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("daily: 3", "daily: 0"),
        ("daily: 3", "daily: yes"),
        ("every_days: 14", "every_days: two weeks"),
        ("  late_days: 7\n", ""),
        ("{zh: 独居, en: alone}", "{zh: 独居}"),
        ("brings: [x]", "brings: x"),
        ("regular:", "irregular:"),
        ("brings: [x]", "brings: ["),
    ],
)
def test_a_malformed_file_of_visits_is_refused_with_its_name(tmp_path: Path, settings: Any, good: str, bad: str):
    settings.LINLI_CITY = tmp_path
    (tmp_path / "visits.yaml").write_text(WHOLE)
    assert visit_rules().daily == 3
    (tmp_path / "visits.yaml").write_text(WHOLE.replace(good, bad) + " ")
    with pytest.raises(LinliError, match=r"visits\.yaml"):
        visit_rules()


@pytest.mark.parametrize("text", ["[]", "others: {zh: 满意吗？}", "home_visit: {zh: 满意吗？, en: content}", "{", "others: 5"])
def test_a_malformed_file_of_questions_is_refused_with_its_name(tmp_path: Path, settings: Any, text: str):
    settings.LINLI_CITY = tmp_path
    with pytest.raises(LinliError, match="no file"):
        question("home_visit")
    (tmp_path / "surveys.yaml").write_text(text)
    with pytest.raises(LinliError, match=r"surveys\.yaml"):
        question("home_visit")
