"""Whatever is done to the facts behind the system, a verification finds it and names it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trace_examples import CLERK, LOADED, NOTED, behind_the_trace, codes, findings, forget_everything, note

from linli.kernel.errors import LinliError
from linli.trace import bulk_act, seals
from linli.trace.chains import chain_of
from linli.trace.deep import verify_rows
from linli.trace.models import Fact, Head
from linli.trace.verify import verify_chains

pytestmark = pytest.mark.usefixtures("empty_trace")
SUBJECT = "case:1"
CHAIN = chain_of(SUBJECT)


def _five() -> list[Fact]:
    for number in range(5):
        note(SUBJECT, f"step {number}")
    return list(Fact.objects.filter(chain=CHAIN).order_by("seq"))


@pytest.mark.parametrize(
    "change",
    [
        "id = id + 1000000", "chain = 63 - chain, seq = 900", "uid = gen_random_uuid()", "type = 'example.other'", "version = 2",
        "occurred_at = occurred_at + interval '1 microsecond'", "recorded_at = recorded_at - interval '1 day'", "actor = 'system:else'",
        "subject = 'case:2'", "area = '1408'", """payload = '{"note": "step nine"}'""", """payload = payload || '{"n": null}'""",
        """payload = '{"n": 1.5}'""", "payload = '[1]'",
        """digests = '{"auth.group:1": "sha256:00"}'""", "echo_of = 1", "hash = 'sha256:' || repeat('0', 64)", "hash = 'md5:00'",
    ],
)  # fmt: skip
def test_any_changed_column_is_found_and_the_fact_named(change: str) -> None:
    fact = _five()[2]
    assert findings() == []
    behind_the_trace(f"UPDATE trace_fact SET {change} WHERE id = %s", fact.id)
    assert any(finding.chain == CHAIN and finding.seq == fact.seq for finding in findings())


@pytest.mark.parametrize(
    "change",
    [
        "recorded_at = 'infinity'", "occurred_at = '-infinity'", "occurred_at = '4713-01-01 BC'", "recorded_at = '99999-01-01'",
        "digests = '[1]'", "digests = 'null'", "payload = '5'", """payload = '{"bulk": null}'""", """payload = '{"bulk": 5}'""",
        """payload = '{"bulk": {"chain": "x", "count": "y", "root": 1}}'""", """payload = '["bulk"]'""",
        "payload = repeat('9', 5000)::jsonb", "payload = (repeat('[', 3000) || repeat(']', 3000))::jsonb",
    ],
)  # fmt: skip
def test_a_fact_spoilt_beyond_reading_is_named_and_does_not_stop_the_verification(change: str) -> None:
    fact = _five()[2]
    behind_the_trace(f"UPDATE trace_fact SET {change} WHERE id = %s", fact.id)
    assert [(finding.code, finding.chain, finding.seq) for finding in findings()] == [("altered", CHAIN, 3)]
    list(verify_rows())


def test_an_altered_fact_is_the_only_one_named() -> None:
    fact = _five()[2]
    behind_the_trace("UPDATE trace_fact SET actor = 'system:else' WHERE id = %s", fact.id)
    (finding,) = findings()
    assert (finding.code, finding.chain, finding.seq, finding.fact) == ("altered", CHAIN, 3, fact.id)
    assert "被改动" in finding.text("zh")
    assert "altered" in finding.text("en")


def test_a_removed_fact_is_named() -> None:
    facts = _five()
    behind_the_trace("DELETE FROM trace_fact WHERE id = ANY(%s)", [facts[1].id, facts[2].id])
    (finding,) = findings()
    assert (finding.code, finding.chain, finding.seq, finding.other) == ("removed", CHAIN, 2, 3)


def test_removing_and_closing_the_gap_is_found() -> None:
    facts = _five()
    behind_the_trace("DELETE FROM trace_fact WHERE id = %s", facts[1].id)
    behind_the_trace("UPDATE trace_fact SET seq = seq + 1000 WHERE chain = %s AND seq > 2", CHAIN)
    behind_the_trace("UPDATE trace_fact SET seq = seq - 1001 WHERE chain = %s AND seq > 2", CHAIN)
    behind_the_trace("UPDATE trace_head SET seq = seq - 1 WHERE chain = %s", CHAIN)
    assert {(finding.code, finding.seq) for finding in findings()} == {("altered", 2), ("moved", 3), ("moved", 4)}


def test_two_facts_that_changed_places_are_named() -> None:
    facts = _five()
    behind_the_trace("UPDATE trace_fact SET seq = 99 WHERE id = %s", facts[1].id)
    behind_the_trace("UPDATE trace_fact SET seq = 2 WHERE id = %s", facts[3].id)
    behind_the_trace("UPDATE trace_fact SET seq = 4 WHERE id = %s", facts[1].id)
    assert {(finding.code, finding.seq, finding.other) for finding in findings()} == {("moved", 2, 4), ("moved", 4, 2)}


def test_an_inserted_fact_is_named() -> None:
    _five()
    behind_the_trace(
        "INSERT INTO trace_fact SELECT 999999, chain, 6, gen_random_uuid(), type, version, occurred_at, recorded_at, actor, subject,"
        " area, payload, digests, echo_of, hash FROM trace_fact WHERE chain = %s AND seq = 5",
        CHAIN,
    )
    assert ("inserted", CHAIN, 6) in {(finding.code, finding.chain, finding.seq) for finding in findings()}


def test_a_cut_tail_shows_against_the_head_and_a_lost_head_by_itself() -> None:
    facts = _five()
    behind_the_trace("DELETE FROM trace_fact WHERE id = %s", facts[4].id)
    assert codes() == {"removed"}
    behind_the_trace("DELETE FROM trace_head WHERE chain = %s", CHAIN)
    assert codes() == {"head_missing"}


def test_a_cut_tail_with_a_rewritten_head_shows_only_against_a_seal(tmp_path: Path) -> None:
    facts = _five()
    seals.take(tmp_path, tmp_path / "seal.json")
    seal = seals.read(tmp_path / "seal.json", state=tmp_path)
    assert list(verify_chains(seal=seal)) == []
    note(SUBJECT, "later")
    assert list(verify_chains(seal=seal)) == [], "what is recorded after a seal is no finding"
    behind_the_trace("DELETE FROM trace_fact WHERE chain = %s AND seq > 3", CHAIN)
    behind_the_trace("UPDATE trace_head SET seq = 3, hash = %s WHERE chain = %s", facts[2].hash, CHAIN)
    assert findings() == []
    (finding,) = verify_chains(seal=seal)
    assert (finding.code, finding.chain, finding.other) == ("seal_missing", CHAIN, 5)


def test_a_chain_rewritten_after_the_seal_is_found(tmp_path: Path) -> None:
    _five()
    seals.take(tmp_path, tmp_path / "seal.json")
    forget_everything()
    for number in range(6):
        note(SUBJECT, f"another step {number}")
    assert findings() == []
    seal = seals.read(tmp_path / "seal.json", state=tmp_path)
    assert [(finding.code, finding.seq) for finding in verify_chains(seal=seal)] == [("seal_differs", 5)]


def test_a_chain_wiped_after_the_seal_is_found(tmp_path: Path) -> None:
    _five()
    seals.take(tmp_path, tmp_path / "seal.json")
    forget_everything()
    seal = seals.read(tmp_path / "seal.json", state=tmp_path)
    assert [(finding.code, finding.chain) for finding in verify_chains(seal=seal)] == [("seal_missing", CHAIN)]


def test_a_forged_seal_is_refused(tmp_path: Path) -> None:
    _five()
    file = tmp_path / "seal.json"
    seals.take(tmp_path, file)
    assert (tmp_path / seals.KEY_FILE).stat().st_mode & 0o777 == 0o600
    file.write_text(file.read_text().replace('"seq": 5', '"seq": 4'))
    with pytest.raises(LinliError, match="signature"):
        seals.read(file, state=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    seals.take(elsewhere, file)
    with pytest.raises(LinliError, match="signature"):
        seals.read(file, state=tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trace_fact SET actor = actor",
        "DELETE FROM trace_fact",
        "TRUNCATE trace_fact",
        "DELETE FROM trace_head",
        "TRUNCATE trace_head",
    ],
)
def test_the_database_refuses_to_change_the_trace_even_to_who_took_the_rights_back(statement: str) -> None:
    _five()
    with pytest.raises(DatabaseError, match=r"append-only|permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON trace_fact, trace_head TO CURRENT_USER; {statement}")
    assert Fact.objects.filter(chain=CHAIN).count() == 5


def _bulk(count: int) -> int:
    with bulk_act(CLERK, LOADED, subject="list:example", payload={"n": count}) as bulk:
        bulk.extend((NOTED, f"case:{number}", {"n": number}, {}) for number in range(count))
    return int(Fact.objects.get(type="example.loaded").payload["bulk"]["chain"])


def test_a_bulk_chain_is_verified_against_its_anchor() -> None:
    chain = _bulk(6000)
    assert findings() == []
    behind_the_trace("UPDATE trace_fact SET payload = '{}' WHERE chain = %s AND seq = 5500", chain)
    assert [(finding.code, finding.chain, finding.seq) for finding in findings()] == [("altered", chain, 5500)]


def test_a_bulk_chain_without_its_tail_or_as_a_whole_is_missed() -> None:
    chain = _bulk(10)
    behind_the_trace("DELETE FROM trace_fact WHERE chain = %s AND seq > 7", chain)
    assert [(f.code, f.chain, f.seq, f.other) for f in findings()] == [("removed", chain, 8, 10)]
    behind_the_trace("DELETE FROM trace_fact WHERE chain = %s", chain)
    assert [(f.code, f.chain, f.other) for f in findings()] == [("bulk_missing", chain, 10)]


def test_a_rewritten_bulk_chain_and_one_without_anchor_are_found() -> None:
    chain = _bulk(10)
    with bulk_act(CLERK, LOADED, subject="list:other") as other:
        other.extend((NOTED, f"case:{number}", {"n": 7}, {}) for number in range(10))
        unbound = int(other.anchor()["chain"])
    behind_the_trace("UPDATE trace_fact SET payload = payload - 'bulk' WHERE subject = 'list:other'")
    assert {(f.code, f.chain) for f in findings()} == {("altered", chain_of("list:other")), ("bulk_unanchored", unbound)}
    behind_the_trace("UPDATE trace_fact SET hash = 'sha256:00' WHERE chain = %s AND seq = 10", chain)
    assert ("bulk_differs", chain) in {(f.code, f.chain) for f in findings()}


_STEPS = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, data=st.data())
def test_no_sequence_of_acts_is_found_fault_with_and_no_change_to_it_escapes(
    steps: list[tuple[int, bool, bool]], data: st.DataObject
) -> None:
    _write_and_tamper(steps, data)


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, data=st.data())
def test_no_long_search_finds_a_change_that_escapes(steps: list[tuple[int, bool, bool]], data: st.DataObject) -> None:
    _write_and_tamper(steps, data)


def _write_and_tamper(steps: list[tuple[int, bool, bool]], data: st.DataObject) -> None:
    forget_everything()
    for number, (subject, echoed, bulk) in enumerate(steps):
        if bulk:
            with bulk_act(CLERK, LOADED, subject=f"list:{subject}") as current:
                current.extend((NOTED, f"case:{subject}", {"n": one}, {}) for one in range(number % 3))
        else:
            note(f"case:{subject}", str(number), also=(f"home:{subject % 2}",) if echoed else ())
    assert findings() == []
    victim = data.draw(st.sampled_from(list(Fact.objects.order_by("id"))), label="fact")
    change = data.draw(
        st.sampled_from(
            [
                "DELETE FROM trace_fact WHERE id = %s",
                "UPDATE trace_fact SET payload = payload || '{\"z\": 1}' WHERE id = %s",
                "UPDATE trace_fact SET recorded_at = recorded_at + interval '1 second' WHERE id = %s",
            ]
        ),
        label="change",
    )
    behind_the_trace(change, victim.id)
    named = {(finding.chain, finding.seq) for finding in findings()}
    assert (victim.chain, victim.seq) in named or (victim.chain, None) in named


def test_heads_never_fall_behind() -> None:
    _five()
    assert Head.objects.get(chain=CHAIN).seq == 5
