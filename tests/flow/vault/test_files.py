"""Files of people: encrypted on the disk, read for a purpose, gone with the person, swept when nothing came of them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from linli import vault
from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer, system
from linli.trace.sealed import verify_files
from linli.vault.files import acts as files
from linli.vault.files.checking import faults
from linli.vault.models import Access, StoredFile

pytestmark = pytest.mark.django_db

OFFICER = Viewer("staff:officer", (Grant("officer", "1408"),))
PAPER = b"a paper with a name on it " * 40_000


@pytest.fixture(autouse=True)
def state(tmp_path: Path, settings: Settings) -> Path:
    settings.LINLI_STATE = tmp_path
    return tmp_path


def kept_files() -> list[Path]:
    return [path for path in (Path(settings.LINLI_STATE) / "files").rglob("*") if path.is_file()]


def read(viewer: Viewer, subject: UUID, address: str, purpose: str = "casework.document") -> bytes:
    return b"".join(files.read(viewer, purpose=purpose, subject=subject, address=address))


def test_a_file_is_read_for_a_purpose_by_who_may_and_the_reading_is_noted() -> None:
    subject = uuid7()
    kept = files.keep(subject, PAPER, "image/jpeg")
    (path,) = kept_files()
    assert b"paper" not in path.read_bytes()
    assert read(OFFICER, subject, kept.address) == PAPER
    noted = Access.objects.get()
    assert (noted.subject, noted.fields, noted.purpose, noted.actor) == (subject, ["document"], "casework.document", "staff:officer")
    assert read(Viewer(f"resident:{subject}", subject=str(subject)), subject, kept.address, "self.view") == PAPER


def test_nobody_else_reads_it() -> None:
    subject = uuid7()
    kept = files.keep(subject, PAPER, "image/jpeg")
    for viewer, purpose in (
        (Viewer("staff:planner", (Grant("planner", "1408"),)), "casework.document"),
        (Viewer("public"), "casework.document"),
        (OFFICER, "self.view"),
        (OFFICER, "notices.send"),
    ):
        with pytest.raises(Refused):
            read(viewer, subject, kept.address, purpose)
    with pytest.raises(LinliError):
        read(OFFICER, uuid7(), kept.address)
    assert not Access.objects.exists()


def test_the_same_paper_of_two_people_has_nothing_in_common() -> None:
    one, other = files.keep(uuid7(), PAPER, "image/jpeg"), files.keep(uuid7(), PAPER, "image/jpeg")
    assert one.address != other.address


def test_an_erased_persons_files_are_noise_and_go(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    subject, neighbour = uuid7(), uuid7()
    kept, stays = files.keep(subject, PAPER, "image/jpeg"), files.keep(neighbour, PAPER, "image/jpeg")
    vault.erase(system("test"), subject=subject)
    with pytest.raises(LinliError) as erased:
        read(OFFICER, subject, kept.address)
    assert erased.value.code == "vault.erased"
    with django_capture_on_commit_callbacks(execute=True):
        assert files.forget(subject) == 1
    assert len(kept_files()) == 1
    assert StoredFile.objects.get().address == stays.address
    with pytest.raises(LinliError):
        files.keep(subject, PAPER, "image/jpeg")


def test_what_nothing_came_of_is_swept_after_a_day_and_nothing_else() -> None:
    stays = files.keep(uuid7(), PAPER, "image/jpeg")
    with transaction.atomic():
        files.keep(uuid7(), PAPER, "image/jpeg")
        transaction.set_rollback(True)
    draft = kept_files()[0].with_name("died.part")
    draft.write_bytes(b"half")
    assert (len(kept_files()), files.sweep()) == (3, 0)
    for path in kept_files():
        os.utime(path, (time.time() - 90_000,) * 2)
    assert files.sweep() == 1
    assert [f"{path.name}" for path in kept_files()] == [stays.address.replace(":", "-")]


def test_a_missing_and_an_altered_file_are_named() -> None:
    one, other, whole = (files.keep(uuid7(), PAPER, "image/jpeg") for _ in range(3))
    assert not list(faults())
    root = Path(settings.LINLI_STATE) / "files"
    names = {row.pk: next(root.rglob(row.address.replace(":", "-"))) for row in (one, other, whole)}
    names[one.pk].unlink()
    content = bytearray(names[other.pk].read_bytes())
    content[-1] ^= 1
    names[other.pk].write_bytes(content)
    assert {(fault.row, fault.state) for fault in faults()} == {(one.pk, "missing"), (other.pk, "altered")}
    assert {(found.code, found.row) for found in verify_files()} == {
        ("file_missing", f"vault.storedfile:{one.pk}"),
        ("file_altered", f"vault.storedfile:{other.pk}"),
    }
    with pytest.raises(LinliError):
        read(OFFICER, other.subject, other.address)
