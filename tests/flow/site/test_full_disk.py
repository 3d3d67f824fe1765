"""A full disk, here or the database's: nothing of what failed is kept, and whoever did it is told so and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client

from linli.kernel.errors import is_disk_full
from linli.registers.imports import shelf
from linli.site import command

NO_ROOM = OSError(errno.ENOSPC, "No space left on device", "/somewhere")


def full_database(*_: Any, **__: Any) -> None:
    """What Django raises where PostgreSQL finds no room."""
    try:
        raise psycopg.errors.DiskFull('could not extend file "base/1/2": No space left on device')
    except psycopg.Error as cause:
        raise OperationalError(*cause.args) from cause


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_says_that_nothing_was_saved_and_whom_to_tell(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr("linli.notices.queries.is_genuine", full_database)
    client = Client(raise_request_exception=False)
    client.cookies["linli_language"] = language
    answer = client.get("/genuine/?q=12345678")
    assert answer.status_code == 503
    said = answer.content.decode()
    assert {"zh": "刚才的操作没有保存", "en": "was not saved"}[language] in said
    assert "extend file" not in said


def test_other_troubles_of_a_database_or_a_file_are_not_taken_for_a_full_disk() -> None:
    assert is_disk_full(NO_ROOM)
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_disk_full(OperationalError("server closed the connection unexpectedly"))


def test_an_upload_that_finds_no_room_leaves_nothing_behind(tmp_path: Path, settings: Any) -> None:
    settings.LINLI_STATE = tmp_path

    def chunks() -> Iterator[bytes]:
        yield b"the first rows"
        raise NO_ROOM

    with pytest.raises(OSError, match="No space"):
        shelf.keep(UUID(int=1), chunks())
    assert list(shelf.present()) == []


def test_a_command_says_that_it_did_not_end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(**_: Any) -> None:
        raise NO_ROOM

    monkeypatch.setattr(command, "root", full)
    monkeypatch.setenv("LINLI_LANG", "en")
    with pytest.raises(SystemExit):
        command.main()
    assert "The disk is full" in (said := capsys.readouterr().err)
    assert "run the same command again" in said
