"""kill -9 at random and aimed: pages, workers and PostgreSQL die by a seeded schedule and come back as under a supervisor."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psycopg
from soak_staff import tell
from working_city import LOST, Browser, City, children_of

VICTIMS = ("page process", "site", "worker 1", "worker 2", "PostgreSQL")
PAGES, WORKERS = ("page process", "site"), ("workers",)
STAGES = {
    "gather": ("batches_item", PAGES),
    "freeze": ("batches_batch", PAGES),
    "draw": ("batches_check", PAGES),
    "check": ("batches_check", PAGES),
    "approve": ("batches_item", PAGES),
    "take over": ("settlement_payment", WORKERS),
    "fill": ("settlement_instruction", WORKERS),
    "hand over": ("vault_access", WORKERS),
    "read": ("settlement_outcomerow", PAGES),
    "apply": ("settlement_outcomerow", WORKERS),
    "correct": ("settlement_account", PAGES),
}
"""What is written in each stage of a batch, and who writes it: PostgreSQL and one of those die in the midst of it, whatever chance says."""
AIMED = 3.0  # seconds for which a strike by chance waits for somebody to write
_WRITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'linli' AND backend_xid IS NOT NULL"
_WRITING_TO = """
SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = %s AND l.mode = 'RowExclusiveLock' AND l.granted"""


@dataclass
class Schedule:
    """What is to die, and when. pause: seconds between two strikes by chance, on average; late: of an aimed one, seconds at most."""

    seed: int
    pause: float
    late: float
    struck: Counter[str] = field(default_factory=Counter)
    aimed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.first = list(VICTIMS)
        self.chance.shuffle(self.first)
        self.owed = {stage: [self.chance.choice(those), "PostgreSQL"] for stage, (_, those) in STAGES.items()}

    def next(self) -> str:
        """The next victim of chance: each once, then any."""
        return self.first.pop() if self.first else self.chance.choice(VICTIMS)


class Storm:
    """The processes of a city, killed and started again from a thread of its own.

    Strikes by chance are counted from when the site answers again, and as far apart as it took to, so that something is done in between
    on a busy machine too; one in five does not wait for the site, and every other waits until something is being written. Beside them, in
    each stage that at() names, PostgreSQL and who does the work die once while they write what that stage writes. Seed and strikes are
    printed.
    """

    def __init__(self, city: City, port: int, schedule: Schedule) -> None:
        self.city, self.port, self.schedule = city, port, schedule
        self.stage, self.poised, self.away = "", "", 0.0
        self.stopping = threading.Event()
        self.began = time.monotonic()
        self.trouble: list[BaseException] = []
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.thread = threading.Thread(target=self._run)
        tell(f"soak: seed {schedule.seed}, a strike every {schedule.pause:g} s on average")

    def __enter__(self) -> Storm:
        self._revive()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait()
        if self.trouble:
            raise self.trouble[0]

    def at(self, stage: str) -> None:
        """That stage begins; returns when the strikes that it is owed are ready, so that even a short one gets them."""
        self.poised, self.stage = "", stage
        while self.schedule.owed.get(stage) and self.poised != stage and self.thread.is_alive():
            time.sleep(0.02)

    def calm(self) -> None:
        """No more strikes from now on; what died comes back."""
        self.stopping.set()
        self.thread.join()
        self._revive()

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                if self.schedule.chance.random() > 1 / 5:
                    self._wait_for_the_site()
                if self.schedule.owed.get(self.stage):
                    self._aim(self.stage)
                else:
                    self._by_chance()
        except BaseException as problem:  # told to the test, which would wait for ever
            self.trouble.append(problem)

    def _aim(self, stage: str) -> None:
        owed, late = self.schedule.owed[stage], self.schedule.chance.uniform(0, self.schedule.late)
        self.poised = stage
        if self._writes(stage, late):
            victim = owed.pop()
            self.schedule.aimed[stage, victim] += 1
            self._strike(victim, f" {late * 1000:.0f} ms into {stage}")

    def _writes(self, stage: str, late: float) -> bool:
        """Wait until its table has been written for so long, or is written again; False when the stage is over."""
        since, told = None, time.monotonic()
        while self.stage == stage and not self.stopping.is_set():
            try:
                with psycopg.connect(self.city.cluster.url(), autocommit=True) as connection:
                    while self.stage == stage and not self.stopping.wait(0.003):
                        writing = connection.execute(_WRITING_TO, [STAGES[stage][0]]).fetchone() != (0,)
                        if writing and time.monotonic() - (since := since or time.monotonic()) >= late:
                            return True
                        if not writing and since:
                            since, late = None, 0.0
                        if time.monotonic() - told > 0.5:
                            self._revive()
                            told = time.monotonic()
            except psycopg.OperationalError:
                time.sleep(0.1)
        return False

    def _by_chance(self) -> None:
        chance = self.schedule.chance
        until = time.monotonic() + chance.expovariate(1 / max(self.schedule.pause, self.away))
        victim, aimed, delay = self.schedule.next(), chance.random() < 0.5, chance.uniform(0, 0.2)
        while time.monotonic() < until and not self.stopping.wait(0.1):
            self._revive()
            if self.schedule.owed.get(self.stage):
                return
        if self.stopping.is_set():
            return
        if aimed:
            self._wait_for_a_write()
            time.sleep(delay)
        self._strike(victim, " while it writes" if aimed else "")

    def _strike(self, victim: str, when: str) -> None:
        self.schedule.struck[victim] += 1
        tell(f"    kill -9 {victim}{when}")
        if victim == "PostgreSQL":
            self.city.kill_server()
        elif victim == "page process":
            processes = children_of(self.running["site"].pid) if self.running["site"].poll() is None else []
            _kill(self.schedule.chance.sample(processes, min(1, len(processes))))
        else:
            names = ("worker 1", "worker 2") if victim == "workers" else (victim,)
            processes = [self.running[name] for name in names]
            _kill([each for one in processes for each in (one.pid, *(children_of(one.pid) if one.poll() is None else []))])
            for process in processes:
                process.wait()
        self._revive()

    def _wait_for_the_site(self) -> None:
        began = time.monotonic()
        while not self.stopping.wait(0.1):
            self._revive()
            try:
                Browser(self.port).get("/healthz")
            except LOST:
                continue
            self.away = time.monotonic() - began
            return

    def _wait_for_a_write(self) -> None:
        end = time.monotonic() + AIMED
        while time.monotonic() < end and not self.stopping.is_set():
            try:
                if self.city.value(_WRITING):
                    return
            except psycopg.OperationalError:
                return
            time.sleep(0.01)

    def _revive(self) -> None:
        """Start what has ended, as a supervisor does."""
        commands = {"site": ("serve", "--port", str(self.port)), "worker 1": ("worker",), "worker 2": ("worker",)}
        for name, command in commands.items():
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                self.running[name] = self.city.start(*command)


def _kill(processes: list[int]) -> None:
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
