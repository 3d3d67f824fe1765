"""The key document: where it is looked for, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.kernel.errors import LinliError
from linli.vault import keyring
from linli.vault.suites import SUITES, current_suite


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LINLI_KEYS")
    monkeypatch.setenv("LINLI_KEY_FILE", str(tmp_path / "folder" / "keys.json"))
    return tmp_path / "folder" / "keys.json"


def code_of(error: pytest.ExceptionInfo[LinliError]) -> str:
    return error.value.code


def test_a_document_written_is_the_document_read(path: Path) -> None:
    ring = keyring.new_keyring().with_new("wrapping").with_new("index")
    keyring.write(ring, path)
    read = keyring.keyring()
    assert (read.wrapping, read.index) == (ring.wrapping, ring.index)
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_keys_the_error_says_how_to_make_them(path: Path) -> None:
    with pytest.raises(LinliError) as error:
        keyring.keyring()
    assert code_of(error) == "vault.no_keys"
    assert keyring.ensure()
    assert not keyring.ensure()
    assert keyring.keyring().newest("wrapping") == 1


def test_a_key_file_is_never_overwritten_by_accident(path: Path) -> None:
    keyring.write(keyring.new_keyring(), path)
    before = path.read_text()
    with pytest.raises(LinliError) as error:
        keyring.write(keyring.new_keyring(), path)
    assert code_of(error) == "vault.keys_exist"
    assert path.read_text() == before


def test_a_key_file_that_others_can_read_is_refused(path: Path) -> None:
    keyring.write(keyring.new_keyring(), path)
    path.chmod(0o640)
    with pytest.raises(LinliError) as error:
        keyring.keyring()
    assert code_of(error) == "vault.keys_exposed"


@pytest.mark.parametrize(
    "document",
    ["", "[]", "{}", '{"wrapping": {}, "index": {}}', '{"wrapping": {"1": "AA=="}, "index": {"1": "AA=="}}', '{"wrapping": 1, "index": 2}'],
)
def test_a_malformed_document_is_refused_without_showing_it(path: Path, document: str) -> None:
    path.parent.mkdir()
    path.write_text(document)
    path.chmod(0o600)
    with pytest.raises(LinliError) as error:
        keyring.keyring()
    assert code_of(error) == "vault.bad_keys"


def test_secrets_do_not_show_in_tracebacks() -> None:
    ring = keyring.new_keyring()
    assert repr(ring.wrapping[1]) not in repr(ring)


def test_keys_from_the_environment_cannot_be_stored() -> None:
    with pytest.raises(LinliError) as error:
        keyring.store(keyring.keyring())
    assert code_of(error) == "vault.keys_in_environment"


def test_uses_and_suites_never_share_a_key() -> None:
    ring = keyring.Keyring({1: b"s" * 32}, {1: b"s" * 32})
    derived = {ring.key(use, 1, suite) for use in ("wrapping", "index") for suite in SUITES.values()}  # type: ignore[arg-type]
    assert len(derived) == 4


def test_an_unknown_suite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_CRYPTO", "rot13")
    with pytest.raises(LinliError) as error:
        current_suite()
    assert code_of(error) == "vault.unknown_suite"
