"""Sealing and revealing: round trips, and everything that must be refused."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from linli.kernel.errors import LinliError, Refused
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Grant, Viewer, system
from linli.vault import accesses_of, blind, protect, protect_many, reveal, reveal_many
from linli.vault.keyring import new_keyring, write
from linli.vault.models import Access, PersonKey

pytestmark = pytest.mark.django_db

OFFICER = Viewer("staff:officer", (Grant("officer", "1408"),))
NUMBER = "990000194912310021"


def shown(subject: UUID, field: str, ciphertext: str) -> str:
    return reveal(OFFICER, purpose="screening.explain", subject=subject, fields={field: ciphertext})[field]


def code_of(error: pytest.ExceptionInfo[LinliError]) -> str:
    return error.value.code


def test_what_is_protected_is_revealed_and_names_its_algorithm(suite: str) -> None:
    subject = uuid7()
    sealed = protect(subject, {"identity": NUMBER, "phone": "13800000000", "account": ""})
    assert set(sealed) == {"identity", "phone"}
    assert sealed["identity"].startswith({"aes": "aes256gcm.1:", "sm": "sm4gcm.1:"}[suite])
    assert NUMBER not in sealed["identity"]
    assert reveal(OFFICER, purpose="screening.explain", subject=subject, fields=sealed) == {"identity": NUMBER, "phone": "13800000000"}


def test_the_same_value_never_gives_the_same_ciphertext() -> None:
    subject = uuid7()
    assert protect(subject, {"identity": NUMBER}) != protect(subject, {"identity": NUMBER})


def test_many_persons_at_once_get_a_key_each_and_keep_it() -> None:
    people = [(uuid7(), {"identity": f"{number:018d}"}) for number in range(1200)]
    first, again = protect_many(people), protect_many(people)
    assert PersonKey.objects.count() == 1200
    for sealed in (first, again):
        opened = reveal_many(
            OFFICER, purpose="screening.explain", people=[(uid, row) for (uid, _), row in zip(people, sealed, strict=True)]
        )
        assert opened == [fields for _, fields in people]


def test_a_person_named_twice_in_one_batch_has_one_key() -> None:
    subject = uuid7()
    first, second = protect_many([(subject, {"phone": "1"}), (str(subject), {"phone": "2"})])
    assert [shown(subject, "phone", row["phone"]) for row in (first, second)] == ["1", "2"]
    assert PersonKey.objects.count() == 1


def test_a_ciphertext_of_another_person_is_refused() -> None:
    mine, theirs = uuid7(), uuid7()
    protect(mine, {"phone": "13800000000"})
    foreign = protect(theirs, {"phone": "13900000000"})["phone"]
    with pytest.raises(LinliError) as error:
        shown(mine, "phone", foreign)
    assert code_of(error) == "vault.unreadable"


def test_a_ciphertext_of_another_field_is_refused() -> None:
    subject = uuid7()
    with pytest.raises(LinliError) as error:
        shown(subject, "identity", protect(subject, {"phone": "13800000000"})["phone"])
    assert code_of(error) == "vault.unreadable"


@pytest.mark.parametrize("damage", ["flip", "cut", "base64", "algorithm", "generation", "empty body"])
def test_an_altered_ciphertext_is_refused(damage: str) -> None:
    subject = uuid7()
    text = protect(subject, {"phone": "13800000000"})["phone"]
    head, body = text.split(":")
    altered = {
        "flip": f"{head}:{'B' if body[0] == 'A' else 'A'}{body[1:]}",
        "cut": f"{head}:{body[:-4]}",
        "base64": f"{head}:*{body[1:]}",
        "algorithm": f"rot13.1:{body}",
        "generation": f"{head[:-1]}7:{body}",
        "empty body": f"{head}:",
    }[damage]
    with pytest.raises(LinliError) as error:
        shown(subject, "phone", altered)
    assert code_of(error) == "vault.unreadable"


def test_another_installations_keys_are_refused(key_file: Path) -> None:
    subject = uuid7()
    sealed = protect(subject, {"phone": "13800000000"})
    write(new_keyring(), key_file, replace=True)
    with pytest.raises(LinliError) as error:
        shown(subject, "phone", sealed["phone"])
    assert code_of(error) == "vault.wrong_key"


def test_a_wrapped_key_moved_to_another_person_is_refused() -> None:
    mine, theirs = uuid7(), uuid7()
    protect(mine, {"phone": "1"})
    sealed = protect(theirs, {"phone": "2"})
    PersonKey.objects.filter(subject=theirs).update(wrapped=PersonKey.objects.get(subject=mine).wrapped)
    with pytest.raises(LinliError) as error:
        shown(theirs, "phone", sealed["phone"])
    assert code_of(error) == "vault.wrong_key"


def test_a_change_of_suite_keeps_old_ciphertexts_readable(suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = uuid7()
    before = protect(subject, {"phone": "13800000000"})["phone"]
    monkeypatch.setenv("LINLI_CRYPTO", "sm" if suite == "aes" else "aes")
    after = protect(subject, {"phone": "13900000000"})["phone"]
    assert before.split(".")[0] != after.split(".")[0]
    assert [shown(subject, "phone", text) for text in (before, after)] == ["13800000000", "13900000000"]


def test_every_read_is_listed_to_the_person() -> None:
    subject, other = uuid7(), uuid7()
    sealed = protect(subject, {"identity": NUMBER, "phone": "13800000000"})
    reveal(OFFICER, purpose="screening.explain", subject=subject, fields=sealed, place="140802")
    reveal(Viewer(f"resident:{subject}"), purpose="self.view", subject=subject, fields={"phone": sealed["phone"]})
    assert [(row.actor, row.purpose, row.fields, row.place) for row in accesses_of(subject)] == [
        (f"resident:{subject}", "self.view", ["phone"], ""),
        ("staff:officer", "screening.explain", ["identity", "phone"], "140802"),
    ]
    assert not accesses_of(other).exists()


@pytest.mark.parametrize(
    ("viewer", "purpose"),
    [
        (OFFICER, "curiosity"),
        (OFFICER, "audit.review"),
        (OFFICER, "self.view"),
        (Viewer("public"), "screening.explain"),
        (Viewer("resident:0190c0de-0000-7000-8000-000000000000"), "self.view"),
        (system("nightly"), "screening.explain"),
    ],
)
def test_a_purpose_that_does_not_fit_is_refused_and_nothing_is_shown(viewer: Viewer, purpose: str) -> None:
    subject = uuid7()
    sealed = protect(subject, {"phone": "13800000000"})
    with pytest.raises(Refused):
        reveal(viewer, purpose=purpose, subject=subject, fields=sealed)
    assert not Access.objects.exists()


def test_a_field_outside_the_purpose_is_refused() -> None:
    subject = uuid7()
    sealed = protect(subject, {"account": "6200000000000000000"})
    with pytest.raises(Refused) as error:
        reveal(OFFICER, purpose="screening.explain", subject=subject, fields=sealed)
    assert code_of(error) == "vault.purpose_refused"


def test_protecting_and_revealing_many_costs_a_fixed_number_of_queries(django_assert_max_num_queries: object) -> None:
    people = [(uuid7(), {"phone": str(number)}) for number in range(40)]
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        sealed = protect_many(people)
    rows = [(uid, row) for (uid, _), row in zip(people, sealed, strict=True)]
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        reveal_many(OFFICER, purpose="screening.explain", people=rows)


def test_no_plaintext_reaches_the_database() -> None:
    subject = uuid7()
    sealed = protect(subject, {"identity": NUMBER})
    token = blind("identity", NUMBER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(k::text, ' ') FROM vault_personkey k")
        assert NUMBER not in cursor.fetchone()[0] + sealed["identity"] + token
