"""`linli vault`: rotation from the command line, and a restored backup caught up with the erasure list."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.kernel.viewer import system
from linli.registers.acts import register_resident
from linli.registers.models import Resident
from linli.site.command.vault import command
from linli.trace.deep import verify_rows
from linli.vault import accesses_of, blind, erasures, is_erased, keyring, protect, reveal
from linli.vault.models import KeyEvent

pytestmark = pytest.mark.django_db

REGISTRY = system("registry")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_keys_are_rotated_rewrapped_and_retired() -> None:
    subject = uuid7()
    sealed = protect(subject, {"phone": "13800000000"})
    run("keys", "rotate")
    assert "1 keys rewrapped" in run("keys", "rewrap")
    run("keys", "retire", "1")
    assert keyring.keyring().generations("wrapping") == (2,)
    assert reveal(REGISTRY, purpose="registers.match", subject=subject, fields=sealed) == {"phone": "13800000000"}
    assert [event.what for event in KeyEvent.objects.order_by("id")] == ["rotated", "rewrapped", "retired"]


def test_index_tokens_are_renewed_and_the_person_is_still_found() -> None:
    who = register_resident(REGISTRY, name="测试甲", phone="13800000000")
    run("keys", "rotate", "--index")
    assert "1 residents renewed" in run("keys", "renew-index")
    who.refresh_from_db()
    assert who.phone_blind == blind("phone", "13800000000")
    assert "0 residents renewed" in run("keys", "renew-index")
    assert list(verify_rows()) == []
    assert [access.purpose for access in accesses_of(who.uid)] == ["vault.renew"]


def test_a_first_key_document_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "first.json"
    run("keys", "new", "--file", str(path))
    with pytest.raises(LinliError):
        run("keys", "new", "--file", str(path))


def test_a_restored_backup_forgets_the_erased_again() -> None:
    back = register_resident(REGISTRY, name="测试甲", phone="13800000000")
    kept = register_resident(REGISTRY, name="测试乙", phone="13900000000")
    never_here = uuid7()
    erasures.append({back.uid: clock.now(), never_here: clock.now()})
    assert "2 erased again" in run("replay-erasures", str(erasures.list_file()))
    assert "0 erased again" in run("replay-erasures", str(erasures.list_file()))
    assert is_erased(back.uid)
    assert is_erased(never_here)
    assert not is_erased(kept.uid)
    emptied = Resident.objects.get(pk=back.pk)
    assert (emptied.name, emptied.phone_cipher, emptied.erased_at is not None) == ("", "", True)
    assert Resident.objects.get(pk=kept.pk).name == "测试乙"
