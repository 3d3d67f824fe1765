"""batch-growth: time per payment of a batch of 100,000 beside one of 10,000, and what it adds to the memory of the process.

Taken over with their accounts checked, put into a bank file, released, handed over, reconciled with the bank's answer row by row and
posted to the ledger. PAYMENTS=1000,10000 tries other sizes without recording a figure.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.clients import apart, make_database, set_up
from benchmarks.harness import load, record

SIZES = (10_000, 100_000)
GOAL, MEMORY = 1.2, 200
DATABASE = "linli_bench_payments"
FIGURES = ("take over", "make the file", "hand over", "receive the answer", "settle")


def run() -> None:
    """Each size in a fresh database and a process of its own."""
    sizes = tuple(int(size) for size in os.environ.get("PAYMENTS", "").split(",") if size) or SIZES
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("LINLI_STATE", folder)
        os.environ["LINLI_KEY_FILE"] = str(Path(folder) / "keys.json")
        os.environ["LINLI_DEMO"] = "1"
        said = [_of_size(size, Path(folder)) for size in sizes]
    each = [sum(seconds) / size for size, (seconds, _) in zip(sizes, said, strict=True)]
    memory = said[-1][1]
    if sizes == SIZES:
        note = (
            f"{each[1] * 1000:.2f} ms a payment at 100,000, {each[0] * 1000:.2f} ms at 10,000; {memory:.0f} MiB more at its peak; {load()}"
        )
        record("batch-growth", each[1] / each[0], "times as long a payment", GOAL, "lower", note=note)
        record("batch-growth-memory", memory, "MiB", MEMORY, "lower", note="what 100,000 payments add to the process at its peak")


def _of_size(size: int, folder: Path) -> tuple[list[float], float]:
    make_database(DATABASE, _keys)
    told = folder / f"{size}.txt"
    apart(_measure, size, str(folder), str(told))
    *seconds, memory = (float(text) for text in told.read_text().split())
    parts = ", ".join(f"{name} {spent / size * 1000:.2f}" for name, spent in zip(FIGURES, seconds, strict=True))
    print(f"  {size:,} payments: {sum(seconds) / size * 1000:.2f} ms each ({parts}), {memory:.0f} MiB more at the peak", flush=True)
    return seconds, memory


def _keys() -> None:
    from linli.vault import keyring

    path = Path(os.environ["LINLI_KEY_FILE"])
    if not path.exists():
        keyring.write(keyring.new_keyring(), path)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measure(size: int, folder: str, told: str) -> None:
    """One batch from end to end; seconds of each part and the growth of the process in MiB, for the parent."""
    set_up(DATABASE)
    from benchmarks.payments import OFFICERS, PROGRAMME, answer, fund, payables
    from linli.kernel import clock
    from linli.kernel.ids import uuid7
    from linli.kernel.viewer import Grant, Viewer, system
    from linli.ledger.verify import verify_book
    from linli.settlement import acts
    from linli.settlement.acts import outcomes, reading
    from linli.settlement.acts.taking import Source
    from linli.settlement.models import Payment

    maker, checker = (Viewer(actor, (Grant("officer"),)) for actor in OFFICERS)
    payer, source = fund(size), Source(uuid7(), PROGRAMME, "once")
    seconds = dict.fromkeys(FIGURES, 0.0)
    before = 0.0
    for some in payables(size):
        start = time.perf_counter()
        acts.take_over(system("bench"), source=source, payables=some)
        seconds["take over"] += time.perf_counter() - start
        before = before or _peak()
    start = time.perf_counter()
    order = acts.make_order(maker, batch=source.batch, layout="transfer", day=clock.today(), payer=payer)
    acts.fill_order(order=order.uid)
    seconds["make the file"] = time.perf_counter() - start
    start = time.perf_counter()
    acts.release_order(checker, order=order.uid)
    acts.hand_over(checker, order=order.uid, path=Path(folder) / "order")
    seconds["hand over"] = time.perf_counter() - start
    answer(Path(folder) / "order", Path(folder) / "answer")
    start = time.perf_counter()
    reader = Viewer("staff:00000000-0000-7000-8000-0000000000a3", (Grant("officer"),))
    outcome = acts.receive(reader, layout="transfer", path=Path(folder) / "answer", name="answer")
    reading.read_kept(outcomes.READER, answer=outcome.uid)
    seconds["receive the answer"] = time.perf_counter() - start
    start = time.perf_counter()
    while acts.apply_some(outcome=outcome.uid):
        pass
    seconds["settle"] = time.perf_counter() - start
    if Payment.objects.filter(state="paid").count() != size or list(verify_book()):
        raise SystemExit("not everybody was paid")
    Path(told).write_text(" ".join(str(value) for value in (*seconds.values(), _peak() - before)))
