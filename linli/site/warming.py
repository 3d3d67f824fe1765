"""What a process that serves pages reads before anybody asks: the walking network in use, its map, and the compiled searches over it."""

from __future__ import annotations

from threading import Thread

from django.db import connection


def begin() -> None:
    """In a thread of its own, so that the first pages are answered meanwhile; what goes wrong there is logged as anything nobody caught."""
    Thread(target=_warm, name="warming", daemon=True).start()


def _warm() -> None:
    from linli.circles.blindspots import spots
    from linli.circles.queries.circles import latest
    from linli.circles.reachable import reachable
    from linli.circles.standing import standing
    from linli.kernel import clock
    from linli.kernel.positions import Position
    from linli.reach.profiles import PROFILES
    from linli.web.map import sheets

    try:
        there = standing()
        if there is None or not len(there.grounds.graph.lon):
            return
        start = Position(float(there.grounds.graph.lon[0]), float(there.grounds.graph.lat[0]))
        for profile in PROFILES:
            reachable(there, profile, start, clock.today(), clock.now())
        run = latest()
        if run is not None and run.network.digest == there.version.digest:
            for profile in PROFILES:
                spots(there, run).missing(profile)
        sheets.in_use()
    finally:
        connection.close()
