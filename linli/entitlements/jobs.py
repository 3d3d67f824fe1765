"""Entitlements in the background, every night after the screening: awards that go on."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linli.entitlements import overpaid, standing


@app.periodic(cron="40 21 * * *")
@app.task(name="entitlements.follow_standing", queueing_lock="entitlements.follow_standing")
def follow_standing(timestamp: int) -> None:
    """At 05:40 in Shanghai: awards are stopped, resumed, renewed and ended by what is known now; what was paid beyond is found."""
    standing.follow()
    overpaid.find(standing.FOLLOWING)
    overpaid.reckon_anew(standing.FOLLOWING)
