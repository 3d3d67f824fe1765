"""Several officials publish and confirm the same at the same moment: it happens once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

from django.db import connection, connections

from linli.kernel.viewer import system
from linli.programmes import catalogue
from linli.programmes.acts import confirm_reading, publish_version
from linli.programmes.models import ProgrammeVersion, ReadingConfirmation

YUNCHENG = Path(__file__).resolve().parents[3] / "cities" / "yuncheng"
OFFICIALS = 4


def at_once(work: Callable[[], Any]) -> list[Any]:
    """What `work` returns to each of several officials who start together."""
    start = Barrier(OFFICIALS)

    def one(_: int) -> Any:
        try:
            start.wait(timeout=30)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(OFFICIALS) as pool:
        return list(pool.map(one, range(OFFICIALS)))


def facts() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trace_fact WHERE type LIKE 'programmes.%'")
        return int(cursor.fetchone()[0])


def test_publishing_the_same_version_at_once_is_one_version(transactional_db: None) -> None:
    shelf = catalogue(YUNCHENG)
    programme = shelf.newest("disabled-student-aid")
    rows = at_once(lambda: publish_version(viewer=system("test"), catalogue=shelf, programme=programme))
    assert {row.pk for row in rows} == {ProgrammeVersion.objects.get().pk}
    assert facts() == 1


def test_confirming_the_same_words_at_once_is_one_confirmation(transactional_db: None) -> None:
    programme = catalogue(YUNCHENG).newest("elder-pairing")
    rows = at_once(lambda: confirm_reading(viewer=system("test"), programme=programme, confirmed_by="运城市民政局"))
    assert {row.pk for row in rows} == {ReadingConfirmation.objects.get().pk}
    assert facts() == 1
