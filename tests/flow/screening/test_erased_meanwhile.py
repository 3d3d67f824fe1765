"""Whoever is erased while a screening is under way is in none of its files afterwards, and what it kept still replays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from place_examples import SYSTEM
from screening_examples import AID, build, certify, prepare_keys, student

from linli.registers import acts as registers
from linli.registers.facts import RESIDENT_ERASED
from linli.registers.models import Resident
from linli.screening import acts, evaluation, replaying
from linli.screening.models import Determination
from linli.trace.jobs import react
from linli.trace.models import Fact

HELD = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
    " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
)


@pytest.fixture
def city(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """The city of the other files, committed, so that other connections see it. Returns the state folder."""
    prepare_keys(tmp_path, monkeypatch)
    settings.LINLI_STATE = tmp_path / "state"
    build()
    return Path(settings.LINLI_STATE)


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        return int(cursor.fetchone()[0])


def bury(who: Resident) -> None:
    """What the worker does after an erasure, in one transaction on a connection of its own."""
    try:
        facts = Fact.objects.filter(type=RESIDENT_ERASED.name, subject=f"resident:{who.uid}")
        react(reaction="screening.bury", facts=list(facts.values_list("id", flat=True)))
    finally:
        connections.close_all()


def erase(who: Resident) -> None:
    try:
        registers.erase_resident(SYSTEM, resident=who, reason="测试")
    finally:
        connections.close_all()


def beside(work: Callable[[Resident], None], who: Resident) -> threading.Thread:
    thread = threading.Thread(target=work, args=[who])
    thread.start()
    return thread


def holding(state: Path, who: Resident) -> list[Path]:
    """Every file but tombstones that still names the person."""
    return [
        path
        for path in state.rglob("*.parquet")
        if path.name != replaying.verdicts.TOMBSTONES and str(who.uid).encode() in path.read_bytes()
    ]


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_and_buried_during_a_screening_is_in_none_of_its_files(city: Path, monkeypatch: pytest.MonkeyPatch):
    """One when the snapshot is written and not yet laid down, another when the verdicts are worked out and not yet kept."""
    early, late, stays = student("甲"), student("乙"), student("丙")
    for one in (early, late, stays):
        certify(one)
    burials: list[threading.Thread] = []

    def erased_after(work: Callable[..., Any], who: Resident) -> Callable[..., Any]:
        def both(*arguments: Any, **more: Any) -> Any:
            result = work(*arguments, **more)
            beside(erase, who).join()
            burials.append(beside(bury, who))
            while burials[-1].is_alive() and waiting() < len(burials):
                burials[-1].join(0.02)
            return result

        return both

    monkeypatch.setattr(evaluation.snapshot, "write", erased_after(evaluation.snapshot.write, early))
    monkeypatch.setattr(evaluation, "evaluate", erased_after(evaluation.evaluate, late))
    (run,) = acts.screen(viewer=SYSTEM, slugs=[AID])
    monkeypatch.undo()
    for burial in burials:
        burial.join()
    assert [holding(city, one) for one in (early, late)] == [[], []]
    assert holding(city, stays) != []
    assert [one.subject for one in Determination.objects.all()] == [stays.uid]
    outcome = replaying.replay(run)
    assert (run.eligible, outcome.same, outcome.tombstones) == (3, True, 2)


@pytest.mark.django_db
def test_what_a_killed_screening_left_of_a_person_goes_with_them(city: Path, monkeypatch: pytest.MonkeyPatch):
    certify(gone := student("甲"))
    certify(student("乙"))

    class Killed(BaseException):
        pass

    def killed(*arguments: Any, **more: Any) -> Any:
        raise Killed

    monkeypatch.setattr(acts.standing, "merge", killed)
    with pytest.raises(Killed):
        acts.screen(viewer=SYSTEM, slugs=[AID])
    monkeypatch.undo()
    cut = city / "screening" / "snapshots" / "unfinished-1"
    cut.mkdir()
    (cut / "people.parquet").write_bytes(str(gone.uid).encode())
    (other,) = acts.screen(viewer=SYSTEM, slugs=[AID])
    registers.erase_resident(SYSTEM, resident=gone, reason="测试")
    replaying.bury(str(gone.uid))
    assert holding(city, gone) == []
    assert replaying.replay(other).same
