"""Eight client processes that take turns at two or more ways of writing, all at once at the same one, within one run."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

CLIENTS = 8
SECONDS = 2.0
WARM_UP = 1
Step = Callable[[], int]
Arm = Callable[[int], Step]
"""Given the client's number, what it does again and again; the step says how much it did. A function of a module: clients import it."""


def set_up(database: str) -> None:
    """Django on the benchmark's own database."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
    settings.DATABASES["default"]["NAME"] = database
    django.setup()


def make_database(database: str, prepare: Callable[[], None]) -> None:
    """A fresh database with the product's schema and what `prepare` adds to it."""
    apart(_migrate, database, prepare)


def apart(function: Callable[..., None], *arguments: Any) -> None:
    """Run it in a process of its own, so that this one never opens Django; ends the benchmark if it fails."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{function.__name__} failed")


def _migrate(database: str, prepare: Callable[[], None]) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    set_up(database)
    from django.core.management import call_command
    from django.db import connection as ours

    call_command("migrate", verbosity=0)
    prepare()
    with ours.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def rates(database: str, arms: Sequence[Arm], rounds: int, before: Sequence[Callable[[], None]] = ()) -> list[list[float]]:
    """For each arm what all clients did per second, round by round. The order of the arms turns round with each round.

    before: for each arm what one of the clients does before all start on it.
    """
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(CLIENTS), context.Queue()
    clients = [
        context.Process(target=_client, args=(database, number, arms, rounds, before, barrier, answers)) for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    found = [answers.get(timeout=900) for _ in clients]
    for client in clients:
        client.join()
    return [[sum(one[arm][turn] for one in found) for turn in range(rounds)] for arm in range(len(arms))]


def _client(
    database: str, number: int, arms: Sequence[Arm], rounds: int, before: Sequence[Callable[[], None]], barrier: Barrier, answers: Any
) -> None:
    set_up(database)
    steps = [arm(number) for arm in arms]
    found: list[list[float]] = [[] for _ in arms]
    for turn in range(-WARM_UP, rounds):
        for place in range(len(arms))[:: 1 if turn % 2 else -1]:
            barrier.wait(timeout=120)
            if before:
                if number == 0:
                    before[place]()
                barrier.wait(timeout=120)
            done, start = 0, time.perf_counter()
            while time.perf_counter() - start < SECONDS:
                done += steps[place]()
            found[place].append(done / (time.perf_counter() - start))
    answers.put([of_arm[WARM_UP:] for of_arm in found])
