"""Settlement in the background: files are made, answers are dealt with. Each takes up where it was when a worker dies."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from linli.settlement.acts import confirming, gathering, inquiring, making_good, ordering, outcomes, reading, shelf
from linli.settlement.models import AccountAnswer, Inquiry, Order, Outcome
from linli.trace.again import AGAIN, fresh


@app.task(name=gathering.TAKE, retry=AGAIN)
def take_over_batch(batch: str) -> None:
    """Take over an approved batch. A rerun goes on where it stopped."""
    fresh()
    gathering.take_over_batch(batch=UUID(batch))


@app.task(name=ordering.FILL, retry=AGAIN)
def fill_order(order: str) -> None:
    """Fill an order. A rerun does nothing."""
    fresh()
    ordering.fill_order(order=UUID(order))


@app.task(name=outcomes.APPLY, retry=AGAIN)
def apply_outcome(outcome: str) -> None:
    """Deal with an answer, row by row. A rerun goes on where it stopped."""
    fresh()
    reading.read_kept(outcomes.READER, answer=UUID(outcome))
    while outcomes.apply_some(outcome=UUID(outcome)):
        pass


@app.task(name=inquiring.FILL, retry=AGAIN)
def fill_inquiry(inquiry: str) -> None:
    """Fill an account check. A rerun does nothing."""
    fresh()
    inquiring.fill_inquiry(inquiry=UUID(inquiry))


@app.task(name=confirming.APPLY, retry=AGAIN)
def apply_account_answer(answer: str) -> None:
    """Deal with an answer about accounts, row by row. A rerun goes on where it stopped."""
    fresh()
    reading.read_kept(confirming.READER, answer=UUID(answer))
    while confirming.apply_account_answers(answer=UUID(answer)):
        pass


@app.task(name=making_good.GO_ON, retry=AGAIN)
def go_on() -> None:
    """What waits until its fund has money goes on. A rerun does nothing."""
    fresh()
    making_good.go_on()


@app.periodic(cron="*/15 * * * *")
@app.task(name="settlement.take_up", queueing_lock="settlement.take_up")
def take_up(timestamp: int) -> None:
    """Every quarter of an hour: what a lost job left undone, and what waits for money that has come back to its fund."""
    fresh()
    for order in Order.objects.filter(state="making").values_list("uid", flat=True):
        fill_order.defer(order=str(order))
    for outcome in Outcome.objects.exclude(state="done").filter(refusal__isnull=True).values_list("uid", flat=True):
        apply_outcome.defer(outcome=str(outcome))
    for inquiry in Inquiry.objects.filter(state="making").values_list("uid", flat=True):
        fill_inquiry.defer(inquiry=str(inquiry))
    for answer in AccountAnswer.objects.exclude(state="done").filter(refusal__isnull=True).values_list("uid", flat=True):
        apply_account_answer.defer(answer=str(answer))
    making_good.go_on()
    waiting = [kind.objects.filter(state="reading").values_list("file_digest", flat=True) for kind in (Outcome, AccountAnswer)]
    shelf.sweep({digest for some in waiting for digest in some})
