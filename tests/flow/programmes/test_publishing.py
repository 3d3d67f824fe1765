"""Publishing a version, confirming a reading, and what neither the file nor the database can change afterwards."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from linli.kernel import clock
from linli.kernel.errors import Problems, Refused
from linli.kernel.viewer import Grant, Viewer, system
from linli.programmes import Catalogue, catalogue
from linli.programmes.acts import confirm_reading, publish_ready, publish_version
from linli.programmes.models import ProgrammeVersion, ReadingConfirmation
from linli.programmes.queries import live_version, live_versions, programme_of, versions
from linli.trace.deep import verify_rows

YUNCHENG = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
ADMIN = system("test")
pytestmark = pytest.mark.django_db


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A copy of the city folder that a test may edit."""
    folder = tmp_path / "yuncheng"
    shutil.copytree(YUNCHENG / "programmes", folder / "programmes")
    shutil.copytree(YUNCHENG / "registers", folder / "registers")
    shutil.copy(YUNCHENG / "city.yaml", folder / "city.yaml")
    return folder


def edit(city: Path, slug: str, old: str, new: str, file: str = "programme.yaml") -> Catalogue:
    path = city / "programmes" / slug / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return catalogue(city)


def publish(shelf: Catalogue, slug: str, version: str | None = None, *, demonstration: bool = True) -> ProgrammeVersion:
    programme = shelf.version(slug, version) if version else shelf.newest(slug)
    return publish_version(viewer=ADMIN, catalogue=shelf, programme=programme, demonstration=demonstration)


def refusal(shelf: Catalogue, slug: str, *, demonstration: bool = True) -> list[str]:
    with pytest.raises(Problems) as caught:
        publish(shelf, slug, demonstration=demonstration)
    assert not ProgrammeVersion.objects.filter(slug=slug).exists()
    return [error.code for error in caught.value.problems]


def facts_of(slug: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type FROM trace_fact WHERE subject = %s ORDER BY seq", [f"programme:{slug}"])
        return [row[0] for row in cursor.fetchall()]


def test_a_published_version_can_be_read_back_from_its_row_alone(city: Path) -> None:
    shelf = catalogue(city)
    row = publish(shelf, "disabled-student-aid")
    shutil.rmtree(city)
    programme = programme_of(ProgrammeVersion.objects.get(pk=row.pk))
    assert programme.digest == row.digest
    assert programme.rule.digest == row.rule_digest
    assert row.words_zh == programme.words("zh")
    assert facts_of("disabled-student-aid") == ["programmes.version_published"]


def test_publishing_the_same_again_changes_nothing(city: Path) -> None:
    first = publish(catalogue(city), "disabled-student-aid")
    again = publish(edit(city, "disabled-student-aid", "programme: dis", "# a remark\nprogramme: dis"), "disabled-student-aid")
    assert again == first
    assert facts_of("disabled-student-aid") == ["programmes.version_published"]


def test_a_published_version_cannot_be_replaced_by_another_text(city: Path) -> None:
    publish(catalogue(city), "disabled-student-aid")
    with pytest.raises(Problems) as caught:
        publish(edit(city, "disabled-student-aid", "value: 4000 yuan", "value: 4001 yuan"), "disabled-student-aid")
    assert [error.code for error in caught.value.problems] == ["programmes.published_version_changed"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programmes_programmeversion SET zh = 'x'",
        "DELETE FROM programmes_programmeversion",
        "TRUNCATE programmes_programmeversion CASCADE",
        "UPDATE programmes_readingconfirmation SET confirmed_by = 'x'",
        "DELETE FROM programmes_readingconfirmation",
        "TRUNCATE programmes_readingconfirmation",
    ],
)
def test_the_database_refuses_changes(statement: str, city: Path) -> None:
    publish(catalogue(city), "disabled-student-aid")
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_version_altered_behind_the_trace_is_named(city: Path) -> None:
    row = publish(catalogue(city), "disabled-student-aid")
    assert list(verify_rows()) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE programmes_programmeversion DISABLE TRIGGER USER")
        cursor.execute("UPDATE programmes_programmeversion SET source = replace(source, '6000 yuan', '9000 yuan')")
    [finding] = verify_rows()
    assert f"programmes.programmeversion:{row.pk}" in finding.text("en")


def test_an_empty_parameter_is_a_refusal_that_says_why(city: Path) -> None:
    shelf = catalogue(city)
    with pytest.raises(Problems) as caught:
        publish(shelf, "employer-insurance-subsidy")
    reasons = [error.text("zh") for error in caught.value.problems]
    assert any("近十二个月净增参保人数下限" in reason and "没有数值" in reason for reason in reasons)
    assert not ProgrammeVersion.objects.exists()


def test_stand_in_figures_are_published_on_a_demonstration_only(city: Path) -> None:
    shelf = catalogue(city)
    assert refusal(shelf, "subsistence-allowance", demonstration=False) == ["programmes.demonstration_figures"]
    assert publish(shelf, "subsistence-allowance").subject == "household"


def test_a_reading_has_to_be_confirmed_and_the_confirmation_is_bound_to_the_words(city: Path) -> None:
    shelf = catalogue(city)
    assert refusal(shelf, "elder-pairing") == ["programmes.reading_unconfirmed"]
    confirmed = confirm_reading(viewer=ADMIN, programme=shelf.newest("elder-pairing"), confirmed_by="运城市民政局")
    changed = edit(city, "elder-pairing", "value: 80,", "value: 85,")
    assert "programmes.reading_unconfirmed" in refusal(changed, "elder-pairing")
    back = edit(city, "elder-pairing", "value: 85,", "value: 80,")
    row = publish(back, "elder-pairing")
    assert (row.confirmed_by, row.words_digest) == ("运城市民政局", confirmed.words_digest)
    assert facts_of("elder-pairing") == ["programmes.reading_confirmed", "programmes.version_published"]


def test_confirming_the_same_words_twice_is_one_confirmation(city: Path) -> None:
    programme = catalogue(city).newest("elder-pairing")
    first = confirm_reading(viewer=ADMIN, programme=programme, confirmed_by="运城市民政局")
    assert confirm_reading(viewer=ADMIN, programme=programme, confirmed_by="another") == first
    assert ReadingConfirmation.objects.count() == 1


def test_an_example_that_differs_stops_publication(city: Path) -> None:
    shelf = edit(city, "disabled-student-aid", "amount: 6000 yuan", "amount: 6500 yuan", "examples.yaml")
    assert set(refusal(shelf, "disabled-student-aid")) == {"programmes.example_differs"}


def test_too_few_examples_stop_publication(city: Path) -> None:
    path = city / "programmes" / "disabled-student-aid" / "examples.yaml"
    path.write_text(path.read_text("utf-8").split("  - zh: 持残疾人证的研究生")[0], "utf-8")
    assert refusal(catalogue(city), "disabled-student-aid") == ["programmes.too_few_examples"]


def test_hukou_type_stops_an_employment_programme_even_with_a_basis(city: Path) -> None:
    shelf = edit(city, "hard-to-employ", "        OR on_subsistence_allowance\n", "        OR hukou_type = 'agricultural'\n")
    assert "programmes.hukou_decides" in refusal(shelf, "hard-to-employ")


def test_an_officer_publishes_with_a_grant_for_that_programme_only(city: Path) -> None:
    shelf = catalogue(city)
    officer = Viewer("staff:1", (Grant("officer", "", "disabled-student-aid"),))
    with pytest.raises(Refused):
        publish_version(viewer=officer, catalogue=shelf, programme=shelf.newest("home-adaptation"))
    row = publish_version(viewer=officer, catalogue=shelf, programme=shelf.newest("disabled-student-aid"), demonstration=True)
    assert row.published_by == "staff:1"


def test_the_version_in_force_follows_the_day(city: Path) -> None:
    shelf = catalogue(city)
    for version in ("2023", "2018"):
        publish(shelf, "child-rehabilitation-aid", version)
    found = {day: live_version("child-rehabilitation-aid", day) for day in (date(2018, 9, 30), date(2022, 12, 31), date(2023, 1, 1))}
    assert [row.version if row else None for row in found.values()] == [None, "2018", "2023"]
    assert [row.version for row in versions("child-rehabilitation-aid")] == ["2018", "2023"]


@pytest.mark.parametrize(("before", "after"), [("aes", "sm"), ("sm", "aes")])
def test_another_digest_algorithm_forgets_neither_version_nor_confirmation(
    city: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    monkeypatch.setenv("LINLI_CRYPTO", before)
    confirm_reading(viewer=ADMIN, programme=catalogue(city).newest("elder-pairing"), confirmed_by="运城市民政局")
    aid = publish(catalogue(city), "disabled-student-aid")
    monkeypatch.setenv("LINLI_CRYPTO", after)
    assert publish(catalogue(city), "elder-pairing").confirmed_by == "运城市民政局"
    assert publish(catalogue(city), "disabled-student-aid") == aid
    assert list(verify_rows()) == []


def test_files_and_database_agree_on_the_version_of_a_day(city: Path) -> None:
    shelf = edit(city, "disabled-student-aid", 'version: "2023"', 'version: "2023"\neffective_to: 2024-12-31')
    for slug in ("child-rehabilitation-aid", "disabled-student-aid"):
        for programme in shelf.of(slug):
            publish(shelf, slug, programme.version)
        for day in (date(2018, 9, 30), date(2018, 10, 1), date(2022, 12, 31), date(2023, 1, 1), date(2024, 12, 31), date(2025, 1, 1)):
            by_file, by_row = shelf.in_force(slug, day), live_version(slug, day)
            assert (by_file.version if by_file else None) == (by_row.version if by_row else None)


def test_what_was_published_later_was_not_known_before(city: Path) -> None:
    shelf = catalogue(city)
    with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)):
        publish(shelf, "child-rehabilitation-aid", "2018")
    with clock.frozen(datetime(2026, 2, 1, tzinfo=UTC)):
        publish(shelf, "child-rehabilitation-aid", "2023")
    day = date(2026, 3, 1)
    assert [row.version for row in live_versions(day)] == ["2023"]
    assert live_versions(day, datetime(2026, 1, 15, tzinfo=UTC)) == []
    assert [row.version for row in live_versions(date(2020, 1, 1), datetime(2026, 1, 15, tzinfo=UTC))] == ["2018"]


def test_a_first_day_that_a_published_version_has_is_an_overlap(city: Path) -> None:
    publish(catalogue(city), "disabled-student-aid")
    shelf = edit(city, "disabled-student-aid", 'version: "2023"', 'version: "2023b"')
    with pytest.raises(Problems) as caught:
        publish(shelf, "disabled-student-aid")
    assert "programmes.overlap" in [error.code for error in caught.value.problems]


def test_publish_ready_publishes_what_it_can_and_says_why_not_the_rest(city: Path) -> None:
    report = publish_ready(viewer=ADMIN, catalogue=catalogue(city), demonstration=True)
    refused = {programme.slug: [error.code for error in errors] for programme, errors in report.refused}
    assert refused["elder-pairing"] == ["programmes.reading_unconfirmed"]
    drafts = {one.slug for one in catalogue(city) if one.empty_parameters}
    assert {"employer-insurance-subsidy", "rural-teaching-allowance"} <= drafts
    assert {code for slug in drafts for code in refused[slug]} == {"programmes.empty_parameter"}
    assert set(refused) == {"elder-pairing", *drafts}
    assert {row.slug for row in report.published} == set(catalogue(city).slugs) - set(refused)
    again = publish_ready(viewer=ADMIN, catalogue=catalogue(city), demonstration=True)
    assert [row.pk for row in again.published] == [row.pk for row in report.published]
