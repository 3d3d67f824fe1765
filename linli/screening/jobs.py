"""Screening in the background: every night, once after an import, a draft when an officer asks what it would change, and a what-if."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.viewer import system
from linli.programmes.queries import live_versions, programme_of
from linli.registers.lists import load_lists
from linli.screening import acts
from linli.screening.asking import ANSWER, NIGHTLY, answer
from linli.screening.models import Run
from linli.trace.again import AGAIN, fresh


@app.periodic(cron=f"{NIGHTLY.minute} {(NIGHTLY.hour - 8) % 24} * * *")  # cron counts in UTC
@app.task(name="screening.nightly", queueing_lock="screening.nightly")
def nightly(timestamp: int) -> None:
    """At asking.NIGHTLY in Shanghai: ages change with the day, lists go stale, parameters come into force."""
    acts.screen(viewer=system("screening.nightly"))


@app.task(name=ANSWER, lock=ANSWER, retry=AGAIN)
def asked(uids: list[str]) -> None:
    """Screen what was asked for, one request after the other. A rerun is a no-op once it is finished."""
    fresh()
    answer(uids=[UUID(uid) for uid in uids])


@app.task(name=acts.PREVIEW, retry=AGAIN)
def preview(uid: str) -> None:
    """Compare a draft with the version in force. A rerun is a no-op once it is finished."""
    fresh()
    acts.make_preview(uid=UUID(uid))


@app.task(name=acts.SCENARIO, retry=AGAIN)
def scenario(uid: str, revision: int) -> None:
    """Work a what-if out. A rerun is a no-op once it is finished or asked for anew."""
    fresh()
    acts.work_out_scenario(uid=UUID(uid), revision=revision)


@app.periodic(cron="40 19 * * *")
@app.task(name="screening.prune_previews", queueing_lock="screening.prune_previews")
def prune_previews(timestamp: int) -> None:
    """Every night: whom a draft would touch is kept for thirty days, what a killed process left half-written for one."""
    acts.prune_previews(older_than=timedelta(days=30))
    acts.clear_scratch(older_than=timedelta(days=1))


@app.task(name="screening.after_import", retry=AGAIN)
def after_import(lists: list[str], since: str) -> None:
    """Screen the live programmes that read a fact of the lists, unless a run has looked since. A rerun is a no-op."""
    fresh()
    moment, today = datetime.fromisoformat(since), clock.today()
    seen = Run.objects.filter(state="done", as_of=today, known_at__gte=moment).values_list("programme", flat=True)
    slugs = sorted(set(reading(lists)) - set(seen))
    if slugs:
        acts.screen(viewer=system("screening.after_import"), slugs=slugs)


def reading(lists: Iterable[str]) -> list[str]:
    """Slugs of the live programmes that look for people and whose rules read a fact that one of the lists gives."""
    declared = load_lists(Path(settings.LINLI_CITY))
    given = {fact for slug in lists if slug in declared for fact in declared[slug].facts}
    found = []
    for version in live_versions(clock.today()):
        programme = programme_of(version)
        rule = programme.rule
        if programme.invites and given & (rule.facts_used | rule.household_facts_used | rule.family_facts_used):
            found.append(version.slug)
    return found
