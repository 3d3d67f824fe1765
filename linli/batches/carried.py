"""Who got away from a draw: an item that was drawn and taken off unchecked, or a list whose draw was broken off once something was told.

Whoever knows the outcome could otherwise take an item off and list it anew, or break draws off until one suits. Such awards are looked at
in any case on the programme's next list, whatever its period; once somebody has looked they are drawn like all others.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, Min, OuterRef, Q

from linli.batches import facts, queries
from linli.batches.models import Batch, Check, Draw, Item
from linli.kernel import clock
from linli.rules.declare import Label
from linli.trace.models import Fact

CODE = "left_unchecked"
LABEL = Label("此前已被抽中而未核查，或者那次抽取中途作废", "drawn before and not checked, or that draw was broken off")
BY_DRAW = ("key", "random", "cross")
_OPEN = Q(result="") | Q(result="finding", settled="")


def told_at(draw: Draw) -> datetime | None:
    """From when on somebody may have known what a frozen list's draw comes to: the first secret published, or the public draw that stands
    for one. None before. One query."""
    if not draw.document:
        return None
    moments = [draw.secrets.aggregate(first=Min("revealed_at"))["first"]]
    if draw.public_draw is not None:
        moments.append(clock.midnight(date.fromisoformat(draw.public_draw["on"])))
    return min((one for one in moments if one is not None and one <= clock.now()), default=None)


def carried(batch: Batch) -> set[int]:
    """The awards on the batch's list that are looked at in any case. Two queries, and three for each draw of the programme broken off."""
    listed = queries.listed(batch).order_by().values("award")
    later = Check.objects.filter(
        ~_OPEN, kind__in=BY_DRAW, item__award=OuterRef("item__award"), item__id__gt=OuterRef("item__id"), item__programme=batch.programme
    )
    fled = Check.objects.filter(_OPEN, kind__in=BY_DRAW, item__state="removed", item__programme=batch.programme)
    away = set(fled.exclude(Exists(later)).values_list("item__award", flat=True))  # few: not looked for along the list
    found = set(listed.filter(award__in=away).values_list("award", flat=True))
    for draw in Draw.objects.filter(batch__programme=batch.programme, state="void", drawn_at__isnull=True).exclude(document=""):
        found |= _of_broken(draw, batch)
    return found


def _of_broken(draw: Draw, batch: Batch) -> set[int]:
    """The awards that stood on the list of a draw that was broken off after something was told, and that nobody has looked at since."""
    since, broken = told_at(draw), _broken_at(draw)
    if since is None or (broken is not None and broken < since):
        return set()
    then = Item.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=since), batch=draw.batch_id)
    looked = Check.objects.filter(
        ~_OPEN, kind__in=BY_DRAW, item__award=OuterRef("award"), item__programme=batch.programme, done_at__gte=since
    )
    now = queries.listed(batch).order_by().values("award")
    return set(then.filter(award__in=now).exclude(Exists(looked)).values_list("award", flat=True))


def _broken_at(draw: Draw) -> datetime | None:
    fact = Fact.objects.filter(subject=str(draw), type=facts.DRAW_VOID.name, echo_of=None).order_by("-id").first()
    return fact.occurred_at if fact else None
