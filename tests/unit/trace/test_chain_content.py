"""What a fact's hash binds, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.trace.chains import SHARED_CHAINS, Chain, Entry, chain_of, content, json_text, link, origin
from linli.trace.findings import WORDS, Finding

MOMENT = datetime(2026, 9, 1, 8, 0, 0, 123456, tzinfo=UTC)
PLAIN = {
    "chain": 3, "seq": 1, "id": 1, "uid": UUID(int=1), "type": "a.b", "version": 1, "occurred_at": MOMENT, "recorded_at": MOMENT,
    "actor": "staff:1", "subject": "case:1", "area": "", "echo_of": None, "payload": "{}", "digests": "{}",
}  # fmt: skip
texts = st.text(max_size=6)
facts = st.fixed_dictionaries(
    {},
    optional={
        "chain": st.integers(0, 70), "seq": st.integers(1, 5), "id": st.integers(1, 5), "uid": st.uuids(), "type": texts,
        "version": st.integers(1, 3), "actor": texts, "subject": texts, "area": texts, "echo_of": st.none() | st.integers(1, 5),
        "occurred_at": st.datetimes(timezones=st.just(UTC)), "recorded_at": st.datetimes(timezones=st.just(UTC)),
        "payload": st.dictionaries(texts, texts | st.integers() | st.none(), max_size=2).map(json_text),
        "digests": st.dictionaries(texts, texts, max_size=1).map(json_text),
    },
)  # fmt: skip


@given(facts, facts)
def test_two_different_facts_never_have_the_same_bytes(one: dict[str, object], other: dict[str, object]) -> None:
    first, second = {**PLAIN, **one}, {**PLAIN, **other}
    assert (content(**first) == content(**second)) == (first == second)  # type: ignore[arg-type]


def test_the_same_instant_in_another_zone_has_the_same_bytes() -> None:
    shanghai = MOMENT.astimezone(timezone(timedelta(hours=8)))
    assert content(**{**PLAIN, "occurred_at": shanghai}) == content(**PLAIN)  # type: ignore[arg-type]


@given(st.text(min_size=1))
def test_a_subject_has_one_shared_chain(subject: str) -> None:
    assert 0 <= chain_of(subject) < SHARED_CHAINS
    assert chain_of(subject) == chain_of(subject)


def test_the_chain_of_a_subject_is_the_same_for_ever() -> None:
    assert [chain_of(subject) for subject in ("case:1", "resident:甲", "list:disability-certificate")] == [9, 37, 33]


@pytest.mark.parametrize(("suite", "name"), [("aes", "sha256:"), ("sm", "sm3:")])
def test_a_chain_names_its_algorithm_and_goes_on_under_another(suite: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_CRYPTO", suite)
    chain = Chain(3)
    entry = Entry(
        subject="case:1", type="a.b", version=1, occurred_at=MOMENT, actor="staff:1", area="", payload="{}", id=1, uid=UUID(int=1)
    )
    chain.place(entry, MOMENT)
    assert chain.hash.startswith(name)
    assert chain.hash == link(origin(3), content(**PLAIN), name[:-1])  # type: ignore[arg-type]


def test_an_echo_is_a_fact_of_its_own_without_the_digests() -> None:
    entry = Entry(
        subject="case:1", type="a.b", version=1, occurred_at=MOMENT, actor="staff:1", area="", payload="{}", digests='{"m:1":"x"}', id=7
    )
    echo = entry.echo("home:1", 8)
    assert (echo.subject, echo.id, echo.echo_of, echo.digests, echo.payload) == ("home:1", 8, 7, "{}", "{}")
    assert echo.uid != entry.uid


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_finding_has_words_in_both_languages(code: str) -> None:
    finding = Finding(code, 3, 7, 11, row="m:1", other=5)
    assert finding.text("zh").startswith("数据行 m:1，链 3，第 7 位，留痕 11：")
    assert finding.text("en").startswith("row m:1, chain 3, place 7, fact 11: ")
    assert "{" not in finding.text("zh") + finding.text("en")
