"""Running reactions: each job carries one reaction and the ids of facts of one act."""

from __future__ import annotations

import traceback
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from procrastinate.contrib.django import app

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import system
from linli.trace import seals, witness
from linli.trace.acts import REACT, act
from linli.trace.again import AGAIN, TRANSIENT, fresh
from linli.trace.models import Fact, Parked
from linli.trace.reactions import Reaction, named

ERROR_LENGTH = 2000
WITNESS = system("witness")


@app.task(name=REACT, retry=AGAIN)
def react(reaction: str, facts: list[int]) -> None:
    """Give the facts to the reaction: together if all goes well, else one by one, parking those that fail alone.

    A database that is down or a deadlock parks nothing: the job itself fails and is tried again.
    """
    fresh()
    declared = named(reaction)
    try:
        _handle(declared, facts)
    except TRANSIENT:
        raise
    except Exception as error:
        if len(facts) == 1:
            _park(declared, facts[0], error)
            return
        for fact in facts:
            react(reaction=reaction, facts=[fact])


def _handle(declared: Reaction, facts: list[int]) -> None:
    with act(system(declared.name)):
        todo = _mark(declared, facts)
        if todo:
            declared.handler(list(Fact.objects.filter(id__in=todo).order_by("id")))
            Parked.objects.filter(reaction=declared.name, fact__in=todo).delete()


def _mark(declared: Reaction, facts: list[int]) -> list[int]:
    """Claim the facts not handled yet. A second run of the same job waits here and then finds nothing to do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trace_reacted (reaction, fact) SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING RETURNING fact",
            [declared.name, sorted(facts)],
        )
        return [row[0] for row in cursor.fetchall()]


def _park(declared: Reaction, fact: int, error: Exception) -> None:
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__} at {last.name}:{last.lineno}: {error}"[:ERROR_LENGTH]
    moment = clock.now()
    with transaction.atomic():
        parked, made = Parked.objects.get_or_create(
            reaction=declared.name, fact=fact, defaults={"error": text, "first_seen": moment, "last_seen": moment}
        )
        if not made:
            Parked.objects.filter(pk=parked.pk).update(error=text, last_seen=moment, attempts=F("attempts") + 1)


@app.periodic(cron="5,35 * * * *")
@app.task(name="trace.witness", queueing_lock="trace.witness")
def witness_logs(timestamp: int) -> None:
    """Witness what the vault's logs gained: twice an hour, so that a run held up by a long transaction is made good within the hour."""
    fresh()
    witness.take(WITNESS)


@app.periodic(cron="20 18 * * *")
@app.task(name="trace.seal", queueing_lock="trace.seal")
def seal_nightly(timestamp: int) -> None:
    """Witness the logs and seal the chains at 02:20 Shanghai time into the state folder's seals/.

    Copy the seals to where the database's owner can't write.
    """
    folder = Path(settings.LINLI_STATE) / "seals"
    folder.mkdir(parents=True, exist_ok=True)
    witness.take(WITNESS)
    seals.take(Path(settings.LINLI_STATE), folder / f"{clock.today().isoformat()}.json")


def retry_parked(parked_id: int) -> None:
    """Give a parked fact to its reaction again, in this process. Raises LinliError if there is none, or if it fails again."""
    one = Parked.objects.filter(pk=parked_id).first()
    if one is None:
        raise _still_parked(parked_id, "没有这条搁置的留痕", "There is no such parked fact.", "nothing")
    react(reaction=one.reaction, facts=[one.fact])
    again = Parked.objects.filter(pk=parked_id).first()
    if again is not None:
        raise _still_parked(parked_id, "再次处理仍然失败", "It failed again.", again.error)


def _still_parked(parked_id: int, zh: str, en: str, found: str) -> LinliError:
    return LinliError(
        "trace.parked",
        zh=zh,
        en=en,
        place=Place(field=f"parked {parked_id}"),
        found=found,
        remedy_zh="运行 linli trace parked 查看错误，排除原因后再试",
        remedy_en="see the error with: linli trace parked; mend its cause and retry",
    )
