"""A generated city goes through the real doors: registered in bulk, lists imported as files, and read back as the generator meant it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from linli.kernel import clock
from linli.kernel.viewer import system
from linli.papers import read_table
from linli.registers import bulk, cityareas, snapshot
from linli.registers.generated import load_population
from linli.registers.generated.files import read_deliveries, write_files
from linli.registers.generated.generate import generate_parquet
from linli.registers.generated.load import LoadedPeople, load_people
from linli.registers.imports import Delivery, import_list
from linli.registers.imports.deliver import DeliveryRefused
from linli.registers.lists import load_lists
from linli.registers.models import FamilyLink, Household, ListImport, Organisation, Record, Resident
from linli.vault import blind

CITIES = Path(__file__).parents[3] / "cities"
CITY = CITIES / "yuncheng"
POPULATION = load_population(CITY)
LISTS = load_lists(CITY)
OPERATOR = system("test")
SIZE, FEW, SEED = 1_300, 600, 4  # fewer people leave some lists empty, of which nothing is then known


@pytest.fixture
def divisions(db: None) -> None:
    """The real tables of the city and its neighbour, where some residents live."""
    for city in (CITY, CITIES / "taiyuan"):
        cityareas.import_city(OPERATOR, city / "areas")


def _load(today: date, share: tuple[int, int] = (0, 1), residents: int = FEW) -> LoadedPeople:
    return load_people(OPERATOR, POPULATION, residents=residents, seed=SEED, as_of=today, share=share)


def _counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Resident, Household, FamilyLink, Organisation))


def test_the_registers_say_of_everyone_what_the_generator_meant(divisions: None, tmp_path: Path) -> None:
    today = clock.today()
    _load(today, residents=SIZE)
    write_files(POPULATION, LISTS, tmp_path / "lists", residents=SIZE, seed=SEED, as_of=today)
    for sent in read_deliveries(tmp_path / "lists"):
        if not sent.refused:
            delivery = Delivery(tmp_path / "lists" / sent.file, as_of=sent.as_of, area=sent.area)
            import_list(OPERATOR, declaration=LISTS[sent.list_slug], delivery=delivery)
    meant = pl.read_parquet(
        generate_parquet(POPULATION, LISTS, tmp_path / "frames", residents=SIZE, seed=SEED, as_of=today).files["people"]
    )
    held = pl.read_parquet(snapshot.write(tmp_path / "held", as_of=today).people)
    assert held["living_area"].str.len_chars().max() == 17  # the register knows the building or group, the frame the village
    held = held.with_columns(pl.col("living_area").str.head(12))
    slipped = pl.read_parquet(tmp_path / "lists" / "slips.parquet")["subject_id"].unique().to_list()
    columns = [name for name in meant.columns if name in held.columns]
    assert {"household_id", "role", "birth_date", "monthly_income", "has_disability_certificate", "holds.home-adaptation"} <= set(columns)
    left, right = (frame.filter(~pl.col("person_id").is_in(slipped)).sort("person_id").select(columns) for frame in (meant, held))
    assert left.height > SIZE - 60
    differing = [name for name in columns if not left[name].equals(right[name].cast(left[name].dtype))]
    assert differing == []


def test_a_load_cut_off_in_the_middle_goes_on_where_it_stopped_and_then_changes_nothing(
    divisions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, whole, calls = clock.today(), bulk.register_residents, []

    def cut_off(*args: object, **options: object) -> object:
        calls.append(options)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return whole(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "register_residents", cut_off)
    with pytest.raises(KeyboardInterrupt):
        _load(today)
    assert 0 < Resident.objects.count() < FEW
    monkeypatch.setattr(bulk, "register_residents", whole)
    first, counts = _load(today), _counts()
    assert first.residents == counts[0] == FEW
    assert _load(today) == first
    assert _counts() == counts


def test_shares_loaded_side_by_side_make_one_city_of_people_marked_as_generated(divisions: None, tmp_path: Path) -> None:
    today = clock.today()
    parts = [_load(today, (k, 3)) for k in (2, 0, 1)]
    assert sum(part.residents for part in parts) == Resident.objects.values("identity_blind").distinct().count() == FEW
    assert not Resident.objects.filter(generated=False).exists()
    write_files(POPULATION, LISTS, tmp_path, residents=FEW, seed=SEED, as_of=today)
    table = read_table(tmp_path / "student-status.xlsx")
    number = table.headers.index("身份证号")
    numbers = [row.cells[number].text for row in table.rows if row.cells[number].text][:20]
    assert all(text.startswith("990000") for text in numbers)
    assert Resident.objects.filter(identity_blind__in=[blind("identity", text) for text in numbers]).count() >= 18


def test_the_file_as_first_sent_is_refused_whole(divisions: None, tmp_path: Path) -> None:
    today = clock.today()
    write_files(POPULATION, LISTS, tmp_path, residents=FEW, seed=SEED, as_of=today)
    sent = next(one for one in read_deliveries(tmp_path) if one.refused)
    with pytest.raises(DeliveryRefused) as refused:
        import_list(OPERATOR, declaration=LISTS[sent.list_slug], delivery=Delivery(tmp_path / sent.file, as_of=sent.as_of, area=sent.area))
    slips = pl.read_parquet(tmp_path / "slips.parquet").filter(
        pl.col("file") == sent.file, pl.col("kind").is_in(["mistyped", "destroyed by a spreadsheet"])
    )
    assert sorted(note.place.line for note in refused.value.problems if note.place) == sorted(map(int, slips["row"]))
    assert not ListImport.objects.exists()
    assert not Record.objects.exists()
