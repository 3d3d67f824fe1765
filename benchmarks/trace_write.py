"""trace-write: acts per second of 8 client processes, against the same acts with only the chaining removed.

An act inserts one domain row and records one fact about it; every fifth also echoes it to a second subject, whose chain is another.
Both arms go through linli.trace.act. In the arm without chaining the same rows are inserted with an empty hash: no head is locked
or moved and nothing is hashed. Arms alternate within one run, so that a busy machine weighs on both. The 64 chains are those of the
product: their number does not follow the number of clients.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

from benchmarks.harness import record

CLIENTS = 8
SECONDS = 2.0
PAIRS = 10
WARM_UP = 2
DATABASE = "linli_bench_trace"
INSERT = """
INSERT INTO trace_fact (id, chain, seq, uid, type, version, occurred_at, recorded_at, actor, subject, area, payload, digests, echo_of, hash)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::uuid[], %s::text[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
    %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::bigint[], %s::text[])
"""


def run() -> None:
    """Make a database, let the clients alternate the arms, verify the chains they wrote, record the median ratio."""
    _make_database()
    per_slice = [sum(rates) for rates in zip(*_clients(), strict=True)]
    with_chains = [rate for slice_, rate in enumerate(per_slice) if chained(slice_)]
    without = [rate for slice_, rate in enumerate(per_slice) if not chained(slice_)]
    ratios = [one / other for one, other in zip(with_chains, without, strict=True)]
    for one, other, ratio in zip(with_chains, without, ratios, strict=True):
        print(f"  {one:.0f} acts/s chained, {other:.0f} without, ratio {ratio:.3f}", flush=True)
    _check_chains()
    record(
        "trace-write",
        statistics.median(with_chains) / statistics.median(without),
        "of the rate without chaining",
        0.6,
        "higher",
        spread=(min(ratios), max(ratios)),
        note=f"{CLIENTS} clients, 64 chains, {statistics.median(with_chains):.0f} acts/s chained",
    )


def _set_up() -> None:
    """Django on the benchmark's own database."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
    settings.DATABASES["default"]["NAME"] = DATABASE
    django.setup()


def _make_database() -> None:
    """A fresh database with the product's schema and one table of domain rows."""
    process = multiprocessing.get_context("spawn").Process(target=_migrate)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the benchmark's database could not be made")


def _migrate() -> None:
    import psycopg
    from psycopg import sql

    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    _set_up()
    from django.core.management import call_command
    from django.db import connection as ours

    call_command("migrate", verbosity=0)
    with ours.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_case (id bigserial PRIMARY KEY, holder text NOT NULL, amount_fen bigint NOT NULL, at timestamptz NOT NULL)"
        )


def _clients() -> list[list[float]]:
    """Acts per second of each slice, one list per client. The clients live through all slices and change arms together."""
    context = multiprocessing.get_context("spawn")
    barrier, rates = context.Barrier(CLIENTS), context.Queue()
    clients = [context.Process(target=_client, args=(number, barrier, rates)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    found: list[list[float]] = [rates.get(timeout=600) for _ in clients]
    for client in clients:
        client.join()
    return found


def _client(number: int, barrier: Barrier, rates: Any) -> None:
    _set_up()
    from linli.kernel.viewer import system
    from linli.trace import FactType, act, chains

    schema = {"type": "object", "required": ["amount_fen"], "properties": {"amount_fen": {"type": "integer"}}}
    decided = FactType("bench.decided", version=1, schema=schema, zh="已决定", en="decided")
    arms = {True: (chains.hold, chains.append), False: (_ids_only, _insert_only)}
    viewer, chance, found = system(f"bench-{number}"), random.Random(number), []
    for slice_ in range(-WARM_UP, 2 * PAIRS):
        chains.hold, chains.append = arms[chained(slice_)]
        barrier.wait(timeout=120)
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < SECONDS:
            _one_act(act, decided, viewer, chance)
            done += 1
        found.append(done / (time.perf_counter() - start))
    rates.put(found[WARM_UP:])


def chained(slice_: int) -> bool:
    """Which arm a slice belongs to: chained, without, without, chained, and so on, so that neither is always second."""
    return slice_ % 4 in (0, 3)


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


def _check_chains() -> None:
    process = multiprocessing.get_context("spawn").Process(target=_verify)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("the chains written under load do not verify")


def _verify() -> None:
    """Every fact of the chained arm in its place: what eight writers did at once is one unbroken chain per number."""
    _set_up()
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
