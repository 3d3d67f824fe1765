"""A full disk, here or the database's: the API says so and what to do, keeps nothing, and does it once there is room."""

from __future__ import annotations

import errno
from typing import Any

import psycopg
import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db import OperationalError
from linli_client import Refused
from place_examples import VILLAGE

from linli.api import limits
from linli.api.routes import lists
from linli.registers.imports import shelf
from linli.registers.models import ListImport, Upload

HEAD = "姓名,出生日期,行政区划代码,残疾类别,残疾等级,发证日期"
FILE = f"{HEAD}\n测试丙,1990-01-01,{VILLAGE},视力,1,2024-01-01\n".encode()
DELIVERED = {"slug": "disability-certificate", "file": FILE, "file_name": "a.csv", "whole": False, "key": "full-disk-1"}


def no_room(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")


def full_database(*_: Any, **__: Any) -> Any:
    """What Django raises where PostgreSQL finds no room."""
    try:
        raise psycopg.errors.DiskFull('could not extend file "base/1/2": No space left on device')
    except psycopg.Error as cause:
        raise OperationalError(*cause.args) from cause


@pytest.mark.parametrize(
    ("where", "name", "fails"),
    [
        (MemoryFileUploadHandler, "receive_data_chunk", no_room),
        (shelf, "keep", no_room),
        (Upload, "save", full_database),
        (limits, "counted", full_database),
    ],
    ids=["receiving", "keeping", "database", "counting"],
)
def test_a_file_that_finds_no_room_is_kept_nowhere_and_taken_later(city, db, officer, monkeypatch, where, name, fails):
    before = set(shelf.present())
    with monkeypatch.context() as full:
        full.setattr(where, name, fails)
        with pytest.raises(Refused) as refused:
            officer.send_file(**DELIVERED)
    told = refused.value.problem
    assert (told["status"], told["code"]) == (503, "api.disk_full")
    assert "磁盘已满" in told["zh"]
    assert "disk is full" in told["en"]
    assert told["remedy_zh"]
    assert "somewhere" not in str(told)
    assert (set(shelf.present()), Upload.objects.count()) == (before, 0)
    assert officer.send_file(**DELIVERED)["state"] == "checking"


def test_a_delivery_that_finds_no_room_is_applied_later(city, db, officer, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(lists.tempfile, "TemporaryDirectory", no_room)
        with pytest.raises(Refused) as refused:
            officer.import_list(**DELIVERED)
    assert refused.value.problem["code"] == "api.disk_full"
    assert not ListImport.objects.exists()
    assert officer.import_list(**DELIVERED)["rows"] == 1
