"""The price list: what an item costs on a day, that no day has two prices, and that nothing published changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems, Refused
from linli.kernel.viewer import Grant, Viewer, system
from linli.registers.acts.prices import publish_prices, withdraw_prices
from linli.registers.models import PriceItem, PriceVersion
from linli.registers.prices import NewPrice
from linli.registers.queries.prices import history_of, price_on, prices_on
from linli.site.command.prices import command
from linli.trace.deep import verify_rows
from linli.trace.models import Fact

pytestmark = pytest.mark.django_db
OFFICER = system("tests")
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
CODE = "110200001"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def price(fen: int, first: date | None = None, last: date | None = None, level: str = "", code: str = CODE) -> NewPrice:
    return NewPrice(2, code, level, f"项目{code}", "次", fen, first, last)


def publish(*prices: NewPrice, first: date = date(2026, 1, 1), source: str = "", viewer: Viewer = OFFICER) -> PriceVersion:
    return publish_prices(
        viewer,
        prices=prices,
        document=f"运医保发〔{first.year}〕1号",
        effective_from=first,
        file_name="prices.csv",
        source=source or f"sha256:{first}{prices[0].fen}",
        area="1408",
    )


def cost(day: date, level: str = "", known_at: datetime | None = None) -> int | None:
    row = price_on(CODE, day, level, known_at)
    return row.fen if row else None


def test_a_service_costs_what_was_in_force_on_its_day():
    publish(price(500), first=date(2026, 1, 1))
    publish(price(800), first=date(2026, 7, 1))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2030, 1, 1))
    assert [cost(day) for day in days] == [None, 500, 500, 800, 800]
    publish(price(600, date(2026, 3, 1), date(2026, 3, 31)), first=date(2026, 3, 1))
    assert [cost(date(2026, month, 15)) for month in (2, 3, 4)] == [500, 600, None], "after a stated last day no price is made up"
    assert [row.fen for row in history_of(CODE)] == [800, 600, 500]


def test_a_grade_has_its_own_price_or_that_for_all():
    publish(price(500), price(900, level="3"))
    assert [cost(date(2026, 2, 1), level) for level in ("", "3", "2")] == [500, 900, 500]


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 1, 1), None), (date(2025, 12, 1), date(2026, 1, 1)), (date(2026, 5, 5), date(2026, 8, 1)), (date(2026, 7, 1), None)],
)
def test_an_overlap_with_what_is_published_is_refused_with_its_place(first: date, last: date | None):
    publish(price(500), price(800, date(2026, 7, 1), date(2026, 12, 31)))
    with pytest.raises(Problems) as caught:
        publish(price(700, first, last), first=first)
    [error, *_] = caught.value.problems
    assert error.code == "prices.overlap"
    assert "运医保发〔2026〕1号" in error.zh
    assert PriceItem.objects.count() == 2
    row = PriceVersion.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():  # the database itself says the same
        PriceItem.objects.create(version=row, code=CODE, name="x", unit="次", fen=1, valid_from=first, valid_to=last)


ANOTHER = itertools.count()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12) | st.none()), min_size=1, max_size=5))
def test_no_day_has_two_prices_whatever_is_tried(tried: list[tuple[int, int | None]]):
    begin, code = date(2026, 1, 1), f"item{next(ANOTHER)}"
    stood: list[tuple[date, date | None, int]] = []
    for number, (offset, length) in enumerate(tried, 1):
        first = begin + timedelta(days=offset)
        last = first + timedelta(days=length) if length is not None else None
        clash = any(first <= (b or a) and a <= (last or first) for a, b, _ in stood)
        try:
            publish(price(number, first, last, code=code), first=first, source=f"{code}.{number}")
        except Problems:
            assert clash
        else:
            assert not clash
            stood.append((first, last, number))
    for day in (begin + timedelta(days=number) for number in range(-1, 60, 3)):
        started = [(a, b, fen) for a, b, fen in stood if a <= day]
        latest = max(started, default=None, key=lambda one: one[0])
        wanted = latest[2] if latest is not None and (latest[1] is None or day <= latest[1]) else None
        found = price_on(code, day)
        assert (found.fen if found else None) == wanted


def test_the_same_file_again_changes_nothing_and_a_withdrawn_version_holds_on_no_day():
    before = clock.now()
    version = publish(price(500), source="sha256:one")
    facts = Fact.objects.count()
    assert publish(price(500), source="sha256:one").pk == version.pk
    assert (Fact.objects.count(), PriceItem.objects.count()) == (facts, 1)
    with clock.frozen(NOW + timedelta(hours=1)):
        withdraw_prices(OFFICER, version=version.uid, reason="公布的不是这一版", area="1408")
        assert cost(date(2026, 2, 1)) is None
        assert cost(date(2026, 2, 1), known_at=before) == 500, "what was known then stays answerable"
        publish(price(550), source="sha256:one")
        assert cost(date(2026, 2, 1)) == 550
    assert list(verify_rows()) == []


def test_published_prices_cannot_be_changed_and_altered_ones_are_named():
    publish(price(500))
    for statement in (
        "UPDATE registers_priceitem SET fen = 1",
        "DELETE FROM registers_priceitem",
        "UPDATE registers_priceversion SET document = 'x'",
        "DELETE FROM registers_priceversion",
    ):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE registers_priceitem DISABLE TRIGGER USER")
        cursor.execute("UPDATE registers_priceitem SET fen = 1")
    [finding] = verify_rows()
    assert "registers.priceitem" in finding.text("en")


def test_only_officers_of_the_whole_city_publish_and_withdraw():
    county = Viewer("staff:county", grants=(Grant("officer", "140802"),))
    with pytest.raises(Refused):
        publish(price(500), viewer=county)
    version = publish(price(500), viewer=Viewer("staff:city", grants=(Grant("officer", "1408"),)))
    with pytest.raises(Refused):
        withdraw_prices(county, version=version.uid, reason="x", area="1408")
    with pytest.raises(LinliError, match="reason"):
        withdraw_prices(OFFICER, version=version.uid, reason=" ", area="1408")


def test_a_day_is_searched_by_code_and_name():
    publish(price(500), price(700, code="120100001"))
    assert [row.code for row in prices_on(date(2026, 2, 1), "1102")] == [CODE]
    assert [row.code for row in prices_on(date(2026, 2, 1), "项目12")] == ["120100001"]
    assert len(prices_on(date(2026, 2, 1))) == 2
    assert prices_on(date(2025, 2, 1)) == []


def test_the_command_publishes_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LINLI_LANG", "en")
    file = tmp_path / "prices.csv"
    file.write_text("项目编码,项目名称,计价单位,价格（元）\n110200001,普通门诊诊查费,次,5.50\n", encoding="utf-8")
    for _ in range(2):
        done = CliRunner().invoke(command, ["import", str(file), "--document", "运医保发〔2026〕1号", "--from", "2026-01-01"])
        assert (done.exit_code, PriceVersion.objects.count()) == (0, 1)
    asked = CliRunner().invoke(command, ["at", CODE, "--on", "2026-03-01"])
    assert asked.output.strip() == "普通门诊诊查费: 5.50 yuan / 次 (运医保发〔2026〕1号, from 2026-01-01)"
    assert CliRunner().invoke(command, ["at", CODE, "--on", "2025-03-01"]).exit_code == 1
    assert CliRunner().invoke(command, ["withdraw", str(PriceVersion.objects.get().uid), "--reason", "错了"]).exit_code == 0
    assert CliRunner().invoke(command, ["at", CODE]).exit_code == 1
