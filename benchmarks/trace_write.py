"""trace-write: acts per second of 8 client processes, against the same acts with only the chaining removed.

An act inserts one domain row and records one fact about it; every fifth also echoes it to a second subject, whose chain is another.
Both arms go through linli.trace.act. In the arm without chaining the same rows are inserted with an empty hash: no head is locked
or moved and nothing is hashed. Arms alternate within one run, so that a busy machine weighs on both. The 64 chains are those of the
product: their number does not follow the number of clients.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.clients import CLIENTS, Step, apart, make_database, rates, set_up
from benchmarks.harness import record

PAIRS = 10
DATABASE = "linli_bench_trace"
INSERT = """
INSERT INTO trace_fact (id, chain, seq, uid, type, version, occurred_at, recorded_at, actor, subject, area, payload, digests, echo_of, hash)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::uuid[], %s::text[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
    %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::bigint[], %s::text[])
"""


def run() -> None:
    """Make a database, let the clients alternate the arms, verify the chains they wrote, record the median ratio."""
    make_database(DATABASE, _table)
    with_chains, without = rates(DATABASE, [chained, unchained], PAIRS)
    ratios = [one / other for one, other in zip(with_chains, without, strict=True)]
    for one, other, ratio in zip(with_chains, without, ratios, strict=True):
        print(f"  {one:.0f} acts/s chained, {other:.0f} without, ratio {ratio:.3f}", flush=True)
    apart(_verify)
    record(
        "trace-write",
        statistics.median(with_chains) / statistics.median(without),
        "of the rate without chaining",
        0.6,
        "higher",
        spread=(min(ratios), max(ratios)),
        note=f"{CLIENTS} clients, 64 chains, {statistics.median(with_chains):.0f} acts/s chained",
    )


def _table() -> None:
    """One table of domain rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_case (id bigserial PRIMARY KEY, holder text NOT NULL, amount_fen bigint NOT NULL, at timestamptz NOT NULL)"
        )


def chained(number: int) -> Step:
    """Acts as the product makes them."""
    from linli.trace import chains

    return _acts(number, chains.hold, chains.append)


def unchained(number: int) -> Step:
    """The same acts with only the chaining removed."""
    return _acts(number, _ids_only, _insert_only)


def _acts(number: int, hold: Any, append: Any) -> Step:
    from linli.kernel.viewer import system
    from linli.trace import FactType, act, chains

    schema = {"type": "object", "required": ["amount_fen"], "properties": {"amount_fen": {"type": "integer"}}}
    decided = FactType("bench.decided", version=1, schema=schema, zh="已决定", en="decided")
    viewer, chance = system(f"bench-{number}"), random.Random(number)

    def step() -> int:
        chains.hold, chains.append = hold, append
        _one_act(act, decided, viewer, chance)
        return 1

    return step


def _one_act(act: Any, decided: Any, viewer: Any, chance: random.Random) -> None:
    from django.db import connection

    from linli.kernel import clock

    holder, amount = f"resident:{chance.randrange(1_000_000)}", chance.randrange(1_000_000)
    also = [f"household:{chance.randrange(400_000)}"] if chance.random() < 0.2 else []
    with act(viewer) as current:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_case (holder, amount_fen, at) VALUES (%s, %s, %s)", [holder, amount, clock.now()])
        current.record(decided, subject=holder, payload={"amount_fen": amount}, area="140802001003", also=also)


def _ids_only(subjects: Sequence[str]) -> Any:
    """chains.hold with only the chaining removed: the ids, and no head locked."""
    from linli.trace.chains import Held, new_ids

    return Held(new_ids(len(subjects)), {})


def _insert_only(entries: Sequence[Any], held: Any) -> None:
    """chains.append with only the chaining removed: the same columns in one statement, the id standing in for the place."""
    from django.db import connection

    from linli.kernel import clock
    from linli.trace.chains import chain_of

    recorded_at = clock.now()
    rows = [
        (
            one.id, chain_of(one.subject), one.id + 10**12, one.uid, one.type, one.version, one.occurred_at, recorded_at, one.actor,
            one.subject, one.area, one.payload, one.digests, one.echo_of, "",
        )
        for one in entries
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])


def _verify() -> None:
    """Every fact of the chained arm in its place: what eight writers did at once is one unbroken chain per number."""
    set_up(DATABASE)
    from django.db import connection

    from linli.trace.verify import Tally, verify_chains

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trace_fact DISABLE TRIGGER USER; GRANT DELETE ON trace_fact TO CURRENT_USER")
        cursor.execute("DELETE FROM trace_fact WHERE hash = ''")
    tally = Tally()
    found = list(verify_chains(tally=tally))
    print(f"  verified {tally.facts} facts in {tally.chains} chains: {len(found)} findings", flush=True)
    if found:
        raise SystemExit(1)
