"""What the ledger's benchmarks share: a book with accounts, the ceiling, and ways to write it."""

from __future__ import annotations

import random
import statistics
from itertools import count
from uuid import uuid4

from benchmarks.clients import Arm, Step, apart, make_database, rates, set_up
from benchmarks.harness import load, record

ACCOUNTS = 1000
SHARDS = 31
BATCH = 100
ROUNDS = 5
DATABASE = "linli_bench_ledger"
_INSERT = "INSERT INTO bench_paid (holder, amount_fen, at) VALUES (%s, %s, now())"
_UPDATE = "UPDATE bench_account SET balance_fen = balance_fen + %s WHERE id = %s"


def beside_ceiling(name: str, arm: Arm, goal: float) -> None:
    """Measure an arm beside a bare two-row write, the ceiling, and beside the same write as an act; verify what was written, record the
    ratio of the medians."""
    make_database(DATABASE, accounts)
    ours, act_rows, bare = rates(DATABASE, [arm, two_rows, bare_rows], ROUNDS)
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    for one, other, ratio in zip(ours, bare, ratios, strict=True):
        print(f"  {one:.0f} a second beside {other:.0f}, ratio {ratio:.3f}", flush=True)
    apart(_verify)
    middle, acts, top = (statistics.median(rows) for rows in (ours, act_rows, bare))
    traced = f"{middle / acts:.2f} of the same write as an act with its fact ({acts:.0f}/s)"
    note = f"8 clients, {middle:.0f} transfers/s beside {top:.0f} writes/s; {traced}; {load()}"
    record(name, middle / top, "of a two-row write", goal, "higher", spread=(min(ratios), max(ratios)), note=note)


def accounts() -> None:
    """Payees, a split fund, and the two tables of the ceiling."""
    from django.db import connection

    from linli.kernel.viewer import system
    from linli.ledger.acts import Posting, open_account, post
    from linli.trace import act

    clerk = system("bench")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_account (id int PRIMARY KEY, balance_fen bigint NOT NULL) WITH (fillfactor = 50)")
        cursor.execute("INSERT INTO bench_account SELECT number, 0 FROM generate_series(0, %s) AS number", [ACCOUNTS])
        cursor.execute(
            "CREATE TABLE bench_paid (id bigserial PRIMARY KEY, holder text NOT NULL, amount_fen bigint NOT NULL, at timestamptz NOT NULL)"
        )
    with act(clerk):
        for number in range(ACCOUNTS):
            open_account(clerk, code=f"payee:{number}", unit="fen", kind="payee", floor=None)
    open_account(clerk, code="world", unit="fen", kind="source", floor=None)
    open_account(clerk, code="split", unit="fen", kind="fund", floor=0, shards=SHARDS)
    post(clerk, posting=Posting(key="fill", unit="fen", kind="fill", legs=(("world", -(10**14)), ("split", 10**14))))


def _verify() -> None:
    """What eight clients wrote at once adds up and fits its chains; it is witnessed, as the product does, and is what was witnessed."""
    set_up(DATABASE)
    from linli.kernel.viewer import system
    from linli.ledger.facts import TRANSFERS
    from linli.ledger.verify import Read, verify_book
    from linli.trace import witness

    read = Read()
    witness.take(system("bench"), only=TRANSFERS)
    found = [*verify_book(read=read), *witness.verify_logs(only=TRANSFERS)]
    print(f"  verified {read.transfers} transfers: {len(found)} findings", flush=True)
    if found:
        raise SystemExit(1)


def two_rows(number: int) -> Step:
    """An act of the product that inserts one row, updates another and records its fact."""
    from linli.kernel.viewer import system
    from linli.trace import FactType, act

    decided = FactType("bench.decided", version=1, schema={"type": "object"}, zh="已决定", en="decided")
    clerk, chance = system(f"bench-{number}"), random.Random(number)

    def step() -> int:
        with act(clerk) as current:
            holder, amount = _write_two(chance)
            current.record(decided, subject=holder, payload={"amount_fen": amount})
        return 1

    return step


def bare_rows(number: int) -> Step:
    """The ceiling: the same two rows, committed without act or fact, as no act of the product is."""
    from django.db import transaction

    chance = random.Random(number)

    def step() -> int:
        with transaction.atomic():
            _write_two(chance)
        return 1

    return step


def _write_two(chance: random.Random) -> tuple[str, int]:
    from django.db import connection

    holder, amount = f"resident:{chance.randrange(10**6)}", chance.randrange(10**6)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [holder, amount])
        cursor.execute(_UPDATE, [amount, chance.randrange(ACCOUNTS)])
    return holder, amount


def _posting(number: int, source: str, size: int) -> Step:
    from linli.kernel.viewer import system
    from linli.ledger.acts import Posting, post_all

    clerk, chance, keys, run = system(f"bench-{number}"), random.Random(number), count(), uuid4()

    def step() -> int:
        postings = []
        for _ in range(size):
            payer, payee = chance.sample(range(ACCOUNTS), 2)
            amount = 1 + chance.randrange(10**5)
            legs = ((source or f"payee:{payer}", -amount), (f"payee:{payee}", amount))
            postings.append(Posting(key=f"{run}-{next(keys)}", unit="fen", kind="bench.paid", legs=legs))
        post_all(clerk, postings=postings)
        return size

    return step


def single(number: int) -> Step:
    """One transfer between two of the accounts."""
    return _posting(number, "", 1)


def batch(number: int) -> Step:
    """A set of 100 transfers between accounts."""
    return _posting(number, "", BATCH)


def hot(number: int) -> Step:
    """One transfer out of the one fund that everybody is paid from, which is split."""
    return _posting(number, "split", 1)
