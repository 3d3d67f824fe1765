"""The purposes file: every shipped purpose is whole, and a broken file is refused."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from linli import vault
from linli.kernel.errors import LinliError
from linli.kernel.viewer import Grant, Viewer
from linli.vault import purposes
from linli.vault.purpose import NEEDED, require_whole


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


CITIES = [path.parent for path in sorted(Path(settings.LINLI_CITY).parent.glob("*/city.yaml"))]


def test_what_the_release_reads_for_is_what_its_source_names() -> None:
    named = re.compile(r'(?:purpose=|PURPOSES? = \(?)((?:"[a-z_]+\.[a-z_]+"(?:, )?)+)')
    house = Path(vault.__file__).parents[1]
    source = "".join(file.read_text("utf-8") for file in house.rglob("*.py") if file != Path(vault.__file__).with_name("purpose.py"))
    found = {slug for match in named.finditer(source) for slug in re.findall(r'"([a-z_.]+)"', match[1])}
    assert found <= set(NEEDED)
    assert [slug for slug in NEEDED if f'"{slug}"' not in source] == []


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_every_city_declares_what_the_release_reads_for_and_a_lacking_one_is_named(city: Path, tmp_path: Path) -> None:
    require_whole(city)
    text = (city / "purposes.yaml").read_text("utf-8")
    for slug in ("settlement.payee", "recovery.told"):
        (tmp_path / "purposes.yaml").write_text(re.sub(rf"^{re.escape(slug)}:$", f"{slug}.not:", text, flags=re.MULTILINE), "utf-8")
        with pytest.raises(LinliError) as error:
            require_whole(tmp_path)
        assert (error.value.code, error.value.found) == ("vault.purposes_lacking", f"missing: {slug}")


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
