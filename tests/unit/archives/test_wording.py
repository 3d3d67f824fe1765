"""Codes in an archive stand there in words."""

from __future__ import annotations

from linli.archives import wording
from linli.casework.models import ORIGINS, REQUIREMENTS


def test_however_a_case_came_in_and_however_a_paper_stands_has_a_word() -> None:
    assert set(ORIGINS) <= set(wording.ORIGINS)
    assert set(REQUIREMENTS) <= set(wording.NEEDS)
