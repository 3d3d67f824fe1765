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
from psycopg import sql
from soak_staff import Watch, tell
from working_city import LOST, Browser, City, children_of

VICTIMS = ("page process", "site", "worker 1", "worker 2", "PostgreSQL")
WHO = {"serve": ("page processes", "site"), "worker": ("workers",)}
"""Whose connection it is, and what dies with them."""
STAGES = {
    "gather": "batches_item",
    "freeze": "batches_batch",
    "draw": "batches_check",
    "check": "batches_check",
    "approve": "batches_item",
    "take over": "settlement_payment",
    "fill": "settlement_instruction",
    "hand over": "vault_access",
    "read": "settlement_outcomerow",
    "apply": "settlement_instruction",
    "correct": "settlement_account",
}
"""What is written in each stage of a batch: at its door whoever does the work dies, and PostgreSQL once the next was let in."""
BY_ITSELF = {"approve": "take over", "read": "apply"}
"""After a stage one that nobody's press begins: its door is shut before the workers know that PostgreSQL is back."""
AIMED = 3.0  # seconds for which a strike by chance waits for somebody to write
_WRITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'linli' AND backend_xid IS NOT NULL"
_WAITING = """
SELECT a.pid, a.application_name FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
WHERE c.relname = %s AND l.mode = 'RowExclusiveLock' AND NOT l.granted"""


@dataclass
class Schedule:
    """What is to die, and when. pause: seconds between two strikes by chance, on average; late: of an aimed one, seconds at most.

    owed: of each stage the aimed strikes that are still to come.
    """

    seed: int
    pause: float
    late: float
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.first = list(VICTIMS)
        self.chance.shuffle(self.first)
        self.owed = {stage: ["who does the work", "PostgreSQL"] for stage in STAGES}

    def next(self) -> str:
        """The next victim of chance: each once, then any."""
        return self.first.pop() if self.first else self.chance.choice(VICTIMS)


class Door:
    """A table that nobody writes to until it is opened: whoever wants to stands waiting, in the midst of what they do."""

    def __init__(self, city: City, table: str) -> None:
        self.table = table
        self.eyes = psycopg.connect(city.cluster.url(), autocommit=True)
        self.bolt = psycopg.connect(city.cluster.url(), options="-c lock_timeout=2s")

    def __enter__(self) -> Door:
        try:
            self.bolt.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(self.table)))
        except psycopg.OperationalError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.bolt.close()
        self.eyes.close()

    def waiting(self) -> dict[int, str]:
        """Who stands before it: number of the connection → whose it is."""
        return {pid: name for pid, name in self.eyes.execute(_WAITING, [self.table]).fetchall() if name in WHO}

    def clear(self, name: str) -> None:
        """Connections before it that nobody is at the other end of any more: what they hold is what the next wait for."""
        for pid in [pid for pid, whose in self.waiting().items() if whose == name]:
            self.eyes.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


class Storm:
    """The processes of a city, killed and started again from a thread of its own.

    Strikes by chance are counted from when the site answers again, and as far apart as it took to, or as long as nothing has moved: so
    something is done in between on a busy machine too. One in five does not wait for the site, and every other waits until something is
    being written. Beside them, in each stage that at() names, who does the work and PostgreSQL die once while what that stage writes is
    being written: its door is shut before anybody can begin. Seed and strikes are printed.
    """

    def __init__(self, city: City, port: int, schedule: Schedule, watch: Watch) -> None:
        self.city, self.port, self.schedule, self.watch = city, port, schedule, watch
        self.stage, self.shut, self.away = "", "", 0.0
        self.stopping = threading.Event()
        self.began = time.monotonic()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.still: list[int] = []
        self.thread = threading.Thread(target=self._run)
        tell(f"soak: seed {schedule.seed}, a strike every {schedule.pause:g} s on average")

    def __enter__(self) -> Storm:
        self._revive()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()
        self._go_on()
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait()
        if self.watch.trouble:
            raise self.watch.trouble[0]

    def at(self, stage: str) -> None:
        """That stage begins; returns when the door of what it writes is shut, so that even a short one gets the strikes that it is owed."""
        self.stage = stage
        while self.schedule.owed[stage] and self.shut != stage and self.thread.is_alive():
            time.sleep(0.02)

    def calm(self) -> None:
        """No more strikes from now on; what died comes back."""
        self.stopping.set()
        self.thread.join()
        self._go_on()
        self._revive()

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                if stage := self._in_debt():
                    self._aim(stage)
                    continue
                if self.schedule.chance.random() > 1 / 5:
                    self._wait_for_the_site()
                self._by_chance()
        except BaseException as problem:  # told to the test, which would wait for ever
            self.watch.trouble.append(problem)

    def _in_debt(self) -> str:
        """The stage that is on, or comes next by itself, if strikes are owed to it."""
        for stage in (self.stage, BY_ITSELF.get(self.stage, "")):
            if self.schedule.owed.get(stage):
                return stage
        return ""

    def _aim(self, stage: str) -> None:
        while self._in_debt() == stage and not self.stopping.is_set():
            try:
                with Door(self.city, STAGES[stage]) as door:
                    self.shut = stage
                    self._go_on()
                    self._strike_at(door, stage)
            except psycopg.OperationalError:  # somebody is writing, or PostgreSQL is about to come back
                self._go_on()
                self._revive()
                time.sleep(0.1)
            finally:
                self.shut = ""

    def _strike_at(self, door: Door, stage: str) -> None:
        """The first to come dies at the door; the next is let in, and PostgreSQL dies a little later."""
        owed, told = self.schedule.owed[stage], 0.0
        while self._in_debt() == stage and not self.stopping.wait(0.003):
            came = list(door.waiting().values())
            if came and len(owed) > 1:
                owed.pop(0)
                self._strike(self.schedule.chance.choice(WHO[came[0]]), f" at the door of {stage}")
                door.clear(came[0])
            elif came:
                late = self.schedule.chance.uniform(0, self.schedule.late)
                if stage in BY_ITSELF:
                    self._stand_still()
                door.bolt.rollback()
                time.sleep(late)
                owed.pop(0)
                self._strike("PostgreSQL", f" {late * 1000:.0f} ms into {stage}")
            elif time.monotonic() - told > 0.5:
                self._revive()
                told = time.monotonic()

    def _stand_still(self) -> None:
        self.still = [each for name in ("worker 1", "worker 2") for each in (self.running[name].pid, *self._children(name))]
        _kill(self.still, signal.SIGSTOP)

    def _go_on(self) -> None:
        _kill(self.still, signal.SIGCONT)
        self.still = []

    def _children(self, name: str) -> list[int]:
        return children_of(self.running[name].pid) if self.running[name].poll() is None else []

    def _by_chance(self) -> None:
        chance = self.schedule.chance
        until = time.monotonic() + chance.expovariate(1 / max(self.schedule.pause, self.away, self.watch.idle()))
        victim, aimed, delay = self.schedule.next(), chance.random() < 0.5, chance.uniform(0, 0.2)
        while time.monotonic() < until and not self.stopping.wait(0.1):
            self._revive()
            if self._in_debt():
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
        elif victim in ("page process", "page processes"):
            processes = self._children("site")
            _kill(processes if victim == "page processes" else self.schedule.chance.sample(processes, min(1, len(processes))))
        else:
            names = ("worker 1", "worker 2") if victim == "workers" else (victim,)
            _kill([each for name in names for each in (self.running[name].pid, *self._children(name))])
            for name in names:
                self.running[name].wait()
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


def _kill(processes: list[int], by: signal.Signals = signal.SIGKILL) -> None:
    for process in processes:
        try:
            os.kill(process, by)
        except ProcessLookupError:
            continue
