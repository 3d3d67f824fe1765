"""Lists that the worker writes: they can be cancelled, stop before the disk is full, begin anew after a kill, and leave nothing behind."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from place_examples import FIRST_DAY, SYSTEM
from web_examples import SmallCity

from linli.papers import writing
from linli.registers.acts import end_grant, place_grant
from linli.registers.models import StaffGrant
from linli.web.models import Download
from linli.web.tables import downloads, exports

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def portions_of_one(small_city: SmallCity, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row is a portion, so that two people are a long list; files lie in a folder of the test's own."""
    settings.LINLI_STATE = tmp_path
    monkeypatch.setattr(exports, "PORTION", 1)
    monkeypatch.setattr(writing, "_EVERY", 1)


def asked(office: Client, city: SmallCity) -> Download:
    office.post(f"/office/runs/{city.run.uid}/found/export/")
    return Download.objects.latest("id")


def page(office: Client, download: Download) -> str:
    response: Any = office.get(f"/office/downloads/{download.uid}/")
    return str(response.content.decode())


def left() -> list[str]:
    return sorted(path.name for path in (Path(settings.LINLI_STATE) / "downloads").iterdir())


def test_progress_says_how_much_there_is(office: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch):
    download = asked(office, small_city)
    seen: list[str] = []
    room = downloads._require_room
    monkeypatch.setattr(downloads, "_require_room", lambda: seen.append(page(office, download)) or room())
    downloads.make(download.uid)
    assert 'max="2" value="1"' in seen[1]
    assert "共 2 行" in page(office, download)
    assert left() == [f"{download.uid}.xlsx"]


def test_a_cancelled_file_is_not_written(office: Client, local_office: Client, small_city: SmallCity):
    download = asked(office, small_city)
    address = f"/office/downloads/{download.uid}/cancel/"
    assert local_office.post(address).status_code == 404
    assert office.get(address).status_code == 405
    assert "取消导出" in page(office, download)
    office.post(address)
    downloads.make(download.uid)
    assert "已取消" in page(office, download)
    assert left() == []


@pytest.mark.parametrize("row", [1, 2])
def test_a_file_that_is_being_written_stops_when_it_is_cancelled(
    office: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch, row: int
):
    download = asked(office, small_city)
    told: list[int] = []

    def room() -> None:
        told.append(1)
        if len(told) == row:
            office.post(f"/office/downloads/{download.uid}/cancel/")

    monkeypatch.setattr(downloads, "_require_room", room)
    downloads.make(download.uid)
    assert len(told) == row
    assert "已取消" in page(office, download)
    assert left() == []


def test_what_is_finished_is_not_cancelled(office: Client, small_city: SmallCity):
    download = asked(office, small_city)
    downloads.make(download.uid)
    office.post(f"/office/downloads/{download.uid}/cancel/")
    assert office.get(f"/office/downloads/{download.uid}/file/").status_code == 200


def test_nothing_is_exported_onto_a_disk_that_is_nearly_full(office: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch):
    download = asked(office, small_city)
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda path: SimpleNamespace(free=downloads.RESERVE - 1))
    downloads.make(download.uid)
    assert "磁盘空间不足" in page(office, download)
    assert left() == []
    refused: Any = office.post(f"/office/runs/{small_city.run.uid}/found/export/")
    assert (refused.status_code, "磁盘空间不足" in refused.content.decode()) == (409, True)
    assert Download.objects.count() == 1


def test_a_disk_that_fills_up_while_writing_is_said_in_words(office: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch):
    download = asked(office, small_city)

    def full(*_: Any, **__: Any) -> int:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as problem:
            raise RuntimeError(problem) from None

    monkeypatch.setattr(downloads, "write_table", full)
    downloads.make(download.uid)
    assert "磁盘空间不足" in page(office, download)
    assert left() == []


def test_a_list_is_written_under_the_grants_of_the_day_it_is_written(office: Client, small_city: SmallCity):
    download = asked(office, small_city)
    for grant in StaffGrant.objects.filter(staff=small_city.officer):
        end_grant(SYSTEM, grant=grant, on=FIRST_DAY)
    downloads.make(download.uid)
    assert Download.objects.get().problem == "refused"
    assert left() == []


def test_after_a_kill_a_list_is_written_from_the_beginning(office: Client, small_city: SmallCity):
    download = asked(office, small_city)
    Download.objects.update(state="running", done=1)
    half = downloads.file_of(download).with_suffix(".part")
    half.mkdir()
    (half / "tmpabc").write_text("half of a list")
    downloads.make(download.uid)
    assert "共 2 行" in page(office, download)
    assert left() == [f"{download.uid}.xlsx"]


def test_a_database_that_goes_away_ends_no_file(office: Client, small_city: SmallCity, monkeypatch: pytest.MonkeyPatch):
    download = asked(office, small_city)
    room, gone = downloads._require_room, iter([OperationalError("server closed the connection unexpectedly")])

    def lost_once() -> None:
        for problem in gone:
            raise problem
        room()

    monkeypatch.setattr(downloads, "_require_room", lost_once)
    with pytest.raises(OperationalError):
        downloads.make(download.uid)
    assert Download.objects.get(pk=download.pk).state == "running"
    downloads.make(download.uid)  # the job is tried again
    assert Download.objects.get(pk=download.pk).state == "finished"


def test_a_finished_file_goes_with_the_grants_it_was_written_under(office: Client, small_city: SmallCity):
    """A narrower grant in their place still reads a part of the list, and must not bring the whole file with it."""
    download = asked(office, small_city)
    downloads.make(download.uid)
    address = f"/office/downloads/{download.uid}/file/"
    assert office.get(address).status_code == 200
    mine = list(StaffGrant.objects.filter(staff=small_city.officer))
    place_grant(SYSTEM, staff=small_city.officer, role="officer", area_code="1408", valid_from=FIRST_DAY)
    assert office.get(address).status_code == 200
    for grant in mine:
        end_grant(SYSTEM, grant=grant, on=FIRST_DAY)
    assert office.get(address).status_code == 403
    again = asked(office, small_city)
    downloads.make(again.uid)
    assert office.get(f"/office/downloads/{again.uid}/file/").status_code == 200


def test_a_file_of_unknown_grants_is_nobodys(office: Client, small_city: SmallCity):
    """Such as one that was written before they were kept."""
    download = asked(office, small_city)
    downloads.make(download.uid)
    Download.objects.update(grants=[])
    assert office.get(f"/office/downloads/{download.uid}/file/").status_code == 403


def test_my_list_says_state_size_and_until_when_and_is_mine_alone(office: Client, local_office: Client, small_city: SmallCity):
    ready, waiting = asked(office, small_city), asked(office, small_city)
    downloads.make(ready.uid)
    answer: Any = office.get("/office/downloads/")
    rows = {row.download.uid: row for row in answer.context["rows"]}
    assert rows[ready.uid].size == downloads.file_of(ready).stat().st_size
    assert rows[ready.uid].until == ready.asked_at + downloads.KEPT
    assert rows[waiting.uid].size is None
    told = answer.content.decode()
    assert ("等待中" in told, "已完成" in told, 'data-watch="5"' in told) == (True, True, True)
    assert f"/office/downloads/{ready.uid}/file/" in told
    assert f"/office/downloads/{waiting.uid}/file/" not in told
    theirs: Any = local_office.get("/office/downloads/")
    assert theirs.context["rows"] == []


def test_my_list_shows_no_way_to_a_file_beyond_my_grants_or_after_its_day(office: Client, small_city: SmallCity):
    download = asked(office, small_city)
    downloads.make(download.uid)
    address = f"/office/downloads/{download.uid}/file/"
    place_grant(SYSTEM, staff=small_city.officer, role="clerk", area_code="140802", valid_from=FIRST_DAY)
    for grant in StaffGrant.objects.filter(staff=small_city.officer).exclude(role="clerk"):
        end_grant(SYSTEM, grant=grant, on=FIRST_DAY)
    told = office.get("/office/downloads/").content.decode()
    assert "权限有变动，不能下载" in told
    assert address not in told
    Download.objects.update(asked_at=download.asked_at - downloads.KEPT)
    gone: Any = office.get("/office/downloads/")
    assert gone.context["rows"] == []
    assert [office.get(each).status_code for each in (address, f"/office/downloads/{download.uid}/")] == [404, 404]


def test_my_list_asks_as_much_however_long_it_is(office: Client, small_city: SmallCity):
    counted = []
    for _ in range(2):
        asked(office, small_city)
        with CaptureQueriesContext(connection) as queries:
            assert office.get("/office/downloads/").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
