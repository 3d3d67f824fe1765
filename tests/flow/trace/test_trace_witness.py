"""The vault's logs, the persons' keys and the passwords: what is changed there behind the system is found and named too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import update_last_login
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from trace_examples import CLERK, behind_the_trace, switch_guards

from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import system
from linli.registers.acts import add_staff, change_password, set_active
from linli.registers.models import Resident, Staff
from linli.site.command.trace import command
from linli.trace import witness
from linli.trace.deep import verify_rows
from linli.trace.jobs import seal_nightly, witness_logs
from linli.trace.models import Fact
from linli.trace.sealed import verify_keys
from linli.trace.verify import verify_chains
from linli.trace.witness import SPANS_NAMED, take, verify_logs
from linli.vault import erase, keyring, protect
from linli.vault.models import Access, KeyEvent, PersonKey


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suite: str) -> None:
    monkeypatch.delenv("LINLI_KEYS", raising=False)
    monkeypatch.setenv("LINLI_KEY_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("LINLI_ERASURES", str(tmp_path / "erasures.jsonl"))
    keyring.write(keyring.new_keyring(), tmp_path / "keys.json")


@pytest.fixture
def read(empty_trace: None) -> list[int]:
    """Ten reads of one person, witnessed; their ids."""
    ids = _reads(10)
    assert take(CLERK) == []
    assert list(verify_logs()) == []
    return ids


def _reads(count: int) -> list[int]:
    rows = Access.objects.bulk_create(
        Access(at=clock.now(), subject=uuid4(), fields=["identity", "phone"], purpose="screening.explain", actor="staff:1")
        for _ in range(count)
    )
    return [row.pk for row in rows]


def _behind(statement: str, *parameters: Any) -> None:
    """Run a statement with every guard switched off."""
    switch_guards(on=False)
    behind_the_trace(statement, *parameters)
    switch_guards(on=True)


def _found() -> list[tuple[str, int | None, str]]:
    return [(finding.code, finding.other, finding.ids) for finding in verify_logs()]


def _witnesses() -> list[dict[str, Any]]:
    return [fact.payload for fact in Fact.objects.filter(type="trace.log_witnessed").order_by("id")]


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'", "subject = gen_random_uuid()", "fields = '{identity}'", "fields = '{\"identity,phone\"}'",
        "purpose = 'else'", "actor = 'staff:2'", "place = '140802'",
    ],
)  # fmt: skip
def test_an_altered_read_is_found_and_its_range_named(read: list[int], change: str) -> None:
    _behind(f"UPDATE vault_access SET {change} WHERE id = %s", read[4])
    (finding,) = verify_logs()
    assert (finding.code, finding.log) == ("log_altered", f"vault_access 1–{read[-1]}")
    assert Fact.objects.get(id=finding.fact or 0).type == "trace.log_witnessed"
    assert finding.text("zh").startswith(f"日志 vault_access 1–{read[-1]}，链 ")
    assert "witnessed rows were altered" in finding.text("en")


def test_deleted_reads_are_named(read: list[int]) -> None:
    _behind("DELETE FROM vault_access WHERE id = ANY(%s)", [read[2], read[5], read[6], read[9]])
    assert _found() == [("log_removed", 4, f"{read[2]}, {read[5]}–{read[6]}, {read[9]}")]


def test_all_reads_deleted_are_named(read: list[int]) -> None:
    _behind("DELETE FROM vault_access")
    assert _found() == [("log_removed", 10, f"{read[0]}–{read[-1]}")]


def test_a_read_put_where_an_id_was_never_used_is_named(empty_trace: None) -> None:
    with transaction.atomic():
        (lost,) = _reads(1)
        transaction.set_rollback(True)
    (kept,) = _reads(1)
    take(CLERK)
    _behind("INSERT INTO vault_access SELECT %s, at, subject, fields, purpose, actor, place FROM vault_access WHERE id = %s", lost, kept)
    assert _found() == [("log_inserted", 1, str(lost))]


@pytest.mark.parametrize("number", ["-5", "10::bigint ^ 9"])
def test_a_read_with_an_id_that_was_never_given_is_found_and_swallows_no_other(read: list[int], number: str) -> None:
    _behind(
        f"INSERT INTO vault_access SELECT {number}, at, subject, fields, purpose, actor, place FROM vault_access WHERE id = %s", read[0]
    )
    _reads(3)
    take(CLERK)
    assert _found() == [("log_outside", 1, "")]
    assert _witnesses()[-1]["count"] == 3


def test_more_gaps_than_a_fact_states_still_show_that_rows_are_gone(empty_trace: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "GAPS_STATED", 2)
    ids = _reads(12)
    _behind("DELETE FROM vault_access WHERE id = ANY(%s)", ids[1:9:2])
    take(CLERK)
    assert "gaps" not in _witnesses()[0]
    assert _found() == []
    _behind("DELETE FROM vault_access WHERE id = ANY(%s)", ids[10:])
    assert _found() == [("log_removed", 2, "")]
    assert "编号：不明" in next(verify_logs()).text("zh")


def test_the_key_journal_is_witnessed_as_well(empty_trace: None) -> None:
    erase(CLERK, subject=uuid4())
    take(CLERK)
    event = KeyEvent.objects.latest("id")
    _behind("DELETE FROM vault_keyevent WHERE id = %s", event.pk)
    assert [(finding.code, finding.log.split()[0], finding.ids) for finding in verify_logs()] == [
        ("log_removed", "vault_keyevent", str(event.pk))
    ]


def test_ranges_follow_each_other_and_nothing_new_leaves_no_fact(read: list[int]) -> None:
    more = _reads(2)
    newer: dict[str, int] = {}
    assert list(verify_logs(newer=newer)) == []
    assert newer == {"vault_access": 2, "vault_keyevent": 0, "ledger_transfer": 0}
    take(CLERK)
    take(CLERK)
    assert [(one["first"], one["last"], one["count"]) for one in _witnesses()] == [(1, read[-1], 10), (read[-1] + 1, more[-1], 2)]
    assert list(verify_logs(newer=newer)) == []
    assert newer["vault_access"] == 0


def test_a_range_keeps_its_algorithm(read: list[int], suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_CRYPTO", {"aes": "sm", "sm": "aes"}[suite])
    _reads(1)
    take(CLERK)
    assert _found() == []
    assert len({one["digest"].split(":")[0] for one in _witnesses()}) == 2


@pytest.mark.parametrize("payload", ['{"log": 5}', "[1]", '{"log": "vault_access", "first": 1e30, "last": 2, "count": 1, "digest": "x"}'])
def test_a_spoilt_witness_is_named_by_its_chain_and_stops_nothing(read: list[int], payload: str) -> None:
    behind_the_trace("UPDATE trace_fact SET payload = %s WHERE type = 'trace.log_witnessed'", payload)
    assert [finding.code for finding in verify_chains()] == ["altered"]
    list(verify_logs())


def test_the_jobs_witness_before_they_seal(empty_trace: None, tmp_path: Path) -> None:
    _reads(1)
    witness_logs(timestamp=0)
    _reads(1)
    with override_settings(LINLI_STATE=tmp_path):
        seal_nightly(timestamp=0)
    assert [one["count"] for one in _witnesses()] == [1, 1]


def test_an_auditor_sees_the_log_and_what_is_not_witnessed_yet(read: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_LANG", "zh")
    _reads(2)
    _behind("DELETE FROM vault_access WHERE id = %s", read[3])
    result = CliRunner().invoke(command, ["verify", "--deep"])
    assert result.exit_code == 1
    assert f"已见证的记录被删除 1 条，编号：{read[3]} [log_removed]" in result.output
    assert "日志 vault_access：2 条尚未见证" in result.output
    with override_settings(LINLI_STATE=tmp_path):
        CliRunner().invoke(command, ["seal", "--out", str(tmp_path / "seal.json")], catch_exceptions=False)
    assert "尚未见证" not in CliRunner().invoke(command, ["verify", "--deep"]).output


_SPANS = st.sets(st.integers(0, 40)).map(lambda ids: list(_spans(sorted(ids))))


def _spans(ids: list[int]) -> Iterator[tuple[int, int]]:
    for place, id_ in enumerate(ids):
        if place == 0 or ids[place - 1] != id_ - 1:
            yield id_, next(end for end in range(id_, 42) if end + 1 not in ids)


@given(_SPANS, _SPANS)
def test_what_is_left_of_spans_is_the_difference_of_their_ids(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    def ids(some: list[tuple[int, int]]) -> set[int]:
        return {id_ for start, end in some for id_ in range(start, end + 1)}

    assert ids(witness._without(spans, others)) == ids(spans) - ids(others)


def test_a_long_list_of_ids_is_cut_short() -> None:
    assert witness._ids([(id_, id_) for id_ in range(0, 100, 2)]).count(",") == SPANS_NAMED


@pytest.mark.usefixtures("transactional_db")
def test_a_row_that_commits_late_with_a_smaller_id_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader in an open transaction has taken an id; another read with a greater id is committed before it."""
    inserted, go_on = threading.Event(), threading.Event()

    def slow_reader() -> None:
        try:
            with transaction.atomic():
                _reads(1)
                inserted.set()
                go_on.wait(20)
        finally:
            connection.close()

    reader = threading.Thread(target=slow_reader)
    reader.start()
    inserted.wait(20)
    _reads(1)
    with monkeypatch.context() as patch:
        patch.setattr(witness, "PATIENCE_SECONDS", 0.0)
        assert take(CLERK) == ["vault_access"]
    assert _witnesses() == []
    threading.Timer(0.3, go_on.set).start()
    assert take(CLERK) == []
    reader.join()
    assert [one["count"] for one in _witnesses()] == [2]
    assert _found() == []


@pytest.fixture
def resident(empty_trace: None) -> Resident:
    uid = uuid7()
    ciphers = protect(uid, {"identity": "990000", "phone": "1"})
    return Resident.objects.create(
        uid=uid, name="x", identity_cipher=ciphers["identity"], phone_cipher=ciphers["phone"], known_from=clock.now()
    )


def test_a_key_deleted_behind_the_system_is_missed_where_its_ciphertexts_are(resident: Resident) -> None:
    assert list(verify_keys()) == []
    key = PersonKey.objects.get(subject=resident.uid)
    _behind("DELETE FROM vault_personkey WHERE id = %s", key.pk)
    (finding,) = verify_keys()
    assert (finding.code, finding.row, finding.ids) == ("key_missing", f"registers.resident:{resident.pk}", f"{key.suite}.1")
    assert "个人密钥" in finding.text("zh")


def test_a_key_destroyed_behind_the_system_is_missed_too(resident: Resident) -> None:
    _behind("UPDATE vault_personkey SET wrapped = NULL, destroyed_at = now() WHERE subject = %s", resident.uid)
    assert [finding.row for finding in verify_keys()] == [f"registers.resident:{resident.pk}"]


def test_the_destroyed_key_of_an_erased_person_is_as_it_should_be(resident: Resident) -> None:
    erase(CLERK, subject=UUID(str(resident.uid)))
    Resident.objects.filter(pk=resident.pk).update(identity_cipher="", phone_cipher="")
    assert list(verify_keys()) == []


@pytest.fixture
def staff(empty_trace: None, settings: Any) -> Staff:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.MD5PasswordHasher"]
    return add_staff(system("example"), login="wang", name="x", password="a long enough secret")


def _rows_found() -> list[tuple[str, str]]:
    return [(finding.code, finding.row) for finding in verify_rows()]


def test_a_password_put_there_by_hand_is_found(staff: Staff) -> None:
    change_password(system("example"), staff=staff, password="another long secret")
    set_active(system("example"), staff=staff, active=False)
    assert _rows_found() == []
    _behind("UPDATE registers_staff SET password = %s WHERE id = %s", make_password("mine"), staff.pk)
    assert _rows_found() == [("row_altered", f"registers.staff:{staff.pk}")]


def test_signing_in_changes_no_digested_column(staff: Staff, settings: Any) -> None:
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[::-1]  # the stored hash is now one that Django itself would renew
    staff.refresh_from_db()
    before = staff.password
    assert staff.check_password("a long enough secret")
    assert not staff.check_password("a wrong secret")
    assert authenticate(None, username="wang", password="a long enough secret") == staff
    update_last_login(Staff, staff)
    staff.refresh_from_db()
    assert (staff.password, staff.last_login is None) == (before, False)
    assert _rows_found() == []
