"""The purposes file: every shipped purpose is whole, and a broken file is refused."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.vault import purposes


def test_every_purpose_of_the_city_has_both_languages_a_legal_basis_fields_and_roles() -> None:
    for purpose in purposes().values():
        assert all((purpose.zh, purpose.en, purpose.legal_basis_zh, purpose.legal_basis_en, purpose.fields, purpose.roles))


@pytest.mark.parametrize(
    "text",
    ["", "- a", "a: [", "a: {zh: x}", "a: {zh: x, en: y, legal_basis: {zh: a, en: b}, fields: phone, roles: [officer]}",
     "a: {zh: x, en: y, legal_basis: {zh: a, en: ''}, fields: [phone], roles: [officer]}"],
)  # fmt: skip
def test_a_malformed_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "purposes.yaml").write_text(text)
    with pytest.raises(LinliError) as error:
        purposes(tmp_path)
    assert error.value.code == "vault.bad_purposes"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LinliError):
        purposes(tmp_path)


def test_whoever_acts_for_a_person_reads_as_they_would_and_staff_still_need_their_role() -> None:
    person, known = uuid4(), purposes()
    family = Viewer("resident:x", subject="x", acts_for=(str(person),))
    clerk = Viewer("staff:x", (Grant("clerk"),), acts_for=(str(person),))
    assert known["self.view"].admits(family, person)
    assert not known["self.view"].admits(family, uuid4())
    assert not known["registers.service"].admits(family, person)
    assert known["registers.service"].admits(clerk, person)
    assert not known["audit.review"].admits(clerk, person)
