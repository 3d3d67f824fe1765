"""Keys are renewed without touching a ciphertext."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer, system
from linli.vault import erase, keyring, protect_many, reveal_many, rotation
from linli.vault.models import KeyEvent, PersonKey

pytestmark = pytest.mark.django_db

OFFICER = Viewer("staff:officer", (Grant("officer"),))
ADMIN = system("test")


def rotated() -> int:
    ring = keyring.keyring().with_new("wrapping")
    keyring.store(ring)
    return ring.newest("wrapping")


def test_after_rotation_and_rewrap_everything_opens_without_the_old_key() -> None:
    people = [(uuid7(), {"phone": f"138{number:08d}"}) for number in range(30)]
    sealed = protect_many(people)
    newest = rotated()
    late = (uuid7(), {"phone": "13900000000"})
    sealed += protect_many([late])
    seen: list[int] = []
    assert rotation.outdated() == 30
    assert rotation.rewrap(ADMIN, progress=seen.append) == 30
    assert seen == [30]
    assert rotation.rewrap(ADMIN) == 0
    keyring.store(rotation.without_generation(1))
    assert keyring.keyring().generations("wrapping") == (newest,)
    people.append(late)
    rows = [(uid, row) for (uid, _), row in zip(people, sealed, strict=True)]
    assert reveal_many(OFFICER, purpose="screening.contact", people=rows) == [fields for _, fields in people]
    assert KeyEvent.objects.get(what="rewrapped").persons == 30


def test_a_generation_in_use_is_not_retired() -> None:
    protect_many([(uuid7(), {"phone": "1"})])
    rotated()
    for generation, code in ((1, "vault.generation_in_use"), (2, "vault.newest_key"), (7, "vault.key_missing")):
        with pytest.raises(LinliError) as error:
            rotation.without_generation(generation)
        assert error.value.code == code


def test_rewrap_leaves_destroyed_keys_destroyed() -> None:
    subject = uuid7()
    protect_many([(subject, {"phone": "1"})])
    erase(ADMIN, subject=subject)
    rotated()
    assert rotation.rewrap(ADMIN) == 0
    assert PersonKey.objects.get().wrapped is None


def test_without_the_old_key_an_unwrapped_person_is_named_as_such(key_file: Path) -> None:
    people = [(uuid7(), {"phone": "1"})]
    sealed = protect_many(people)
    ring = keyring.keyring().with_new("wrapping")
    keyring.write(ring.without("wrapping", 1), key_file, replace=True)
    with pytest.raises(LinliError) as error:
        reveal_many(OFFICER, purpose="screening.contact", people=[(people[0][0], sealed[0])])
    assert error.value.code == "vault.key_missing"
