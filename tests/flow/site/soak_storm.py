"""kill -9 at random: pages, workers and PostgreSQL die by a seeded schedule and come back as under a supervisor."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter

import psycopg
from working_city import LOST, Browser, City, children_of

VICTIMS = ("page process", "site", "worker 1", "worker 2", "PostgreSQL")
AIMED = 3.0  # seconds for which a strike waits for somebody to write
_WRITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'linli' AND backend_xid IS NOT NULL"


class Storm:
    """The processes of a city, killed and started again from a thread of its own.

    pause: seconds between two strikes on average, counted from when the site answers again; one in five does not wait for that.
    Victims come shuffled at first, so that each dies at least once, then by chance; every other strike waits until something is being
    written. Seed and strikes are printed.
    """

    def __init__(self, city: City, port: int, seed: int, pause: float) -> None:
        self.city, self.port, self.pause = city, port, pause
        self.chance = random.Random(seed)
        self.first = list(VICTIMS)
        self.chance.shuffle(self.first)
        self.struck: Counter[str] = Counter()
        self.stopping = threading.Event()
        self.began = time.monotonic()
        self.trouble: list[BaseException] = []
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.thread = threading.Thread(target=self._run)
        print(f"soak: seed {seed}, a strike every {pause:g} s on average", flush=True)

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

    def calm(self) -> None:
        """No more strikes from now on; what died comes back."""
        self.stopping.set()
        self.thread.join()
        self._revive()

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                if self.chance.random() > 1 / 5:
                    self._wait_for_the_site()
                until = time.monotonic() + self.chance.expovariate(1 / self.pause)
                victim = self.first.pop() if self.first else self.chance.choice(VICTIMS)
                aimed, delay = self.chance.random() < 0.5, self.chance.uniform(0, 0.2)
                while time.monotonic() < until and not self.stopping.wait(0.3):
                    self._revive()
                if not self.stopping.is_set():
                    self._strike(victim, delay if aimed else None)
        except BaseException as problem:  # told to the test, which would wait for ever
            self.trouble.append(problem)

    def _strike(self, victim: str, delay: float | None) -> None:
        if delay is not None:
            self._wait_for_a_write()
            time.sleep(delay)
        self.struck[victim] += 1
        print(f"  {time.monotonic() - self.began:7.1f} s kill -9 {victim}{'' if delay is None else ' while it writes'}", flush=True)
        if victim == "PostgreSQL":
            self.city.kill_server()
        elif victim == "page process":
            _kill(children_of(self.running["site"].pid)[:1])
        else:
            process = self.running[victim]
            _kill([process.pid, *(children_of(process.pid) if process.poll() is None else [])])
            process.wait()
        self._revive()

    def _wait_for_the_site(self) -> None:
        while not self.stopping.wait(0.3):
            self._revive()
            try:
                Browser(self.port).get("/healthz")
            except LOST:
                continue
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
