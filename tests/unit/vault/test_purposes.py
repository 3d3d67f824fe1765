"""The purposes file: every shipped purpose is whole, and a broken file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.kernel.errors import LinliError
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
