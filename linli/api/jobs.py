"""What the API leaves to a worker: deliveries to webhooks, old counts of calls."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from linli.api import outbound, signing
from linli.api.keys import KEYS
from linli.api.models import Calls, Delivery, Webhook
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.registers.queries import viewer_of
from linli.trace.again import AGAIN, fresh
from linli.trace.models import Done, Fact

BACKOFF = (60, 300, 1800, 7200, 21600, 43200, 86400)
"""Seconds until the next attempt after each failed one: about two days, then the delivery has failed and can be replayed."""
ANSWERS_KEPT = timedelta(days=7)
LEASE = timedelta(seconds=60)  # longer than a call can take: a worker that dies with a delivery in hand leaves it to the next


@app.periodic(cron="* * * * *")
@app.task(name="api.deliver_due", queueing_lock="api.deliver_due")
def deliver_due(timestamp: int) -> None:
    """Every minute, what is due: attempts after a failed one, and what a dead worker left behind."""
    send_due()


@app.task(name="api.deliver", retry=AGAIN)
def deliver() -> None:
    """At once, what has just been written."""
    fresh()
    send_due()


@app.periodic(cron="55 19 * * *")
@app.task(name="api.forget_answers", queueing_lock="api.forget_answers")
def forget_answers(timestamp: int) -> None:
    """Nightly: the answer to a write is kept under its Idempotency-Key for seven days; after that the key is a new one."""
    Done.objects.filter(key__startswith=KEYS, recorded_at__lt=clock.now() - ANSWERS_KEPT).delete()


@app.periodic(cron="50 19 * * *")
@app.task(name="api.forget_calls", queueing_lock="api.forget_calls")
def forget_calls(timestamp: int) -> None:
    """Nightly: counts of calls older than an hour tell nobody anything."""
    Calls.objects.filter(minute__lt=clock.now() - timedelta(hours=1)).delete()


def send_due() -> int:
    """Send every delivery that is due, one by one; returns how many were tried. Several workers share the work.

    A receiver gets each at least once and knows a repeated one by its id. No transaction is open during a call.
    """
    fresh()
    tried = 0
    while (taken := _take(clock.now())) is not None:
        _finish(taken, *_attempt(taken))
        tried += 1
    return tried


def _take(moment: datetime) -> Delivery | None:
    """Claim the delivery that has waited longest, for the time of a call."""
    with transaction.atomic():
        due = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("webhook__staff")
            .defer("webhook__staff__password")
        )
        found = due.filter(status="waiting", due_at__lte=moment).order_by("due_at", "id").first()
        if found is not None:
            Delivery.objects.filter(pk=found.pk).update(due_at=moment + LEASE)
    return found


def _attempt(delivery: Delivery) -> tuple[int | None, str]:
    """Call the webhook: the status code and what went wrong, if anything."""
    fact = Fact.objects.get(pk=delivery.fact)
    if not _still_wanted(delivery.webhook, fact):
        return None, "ended"
    body = json.dumps(message(delivery, fact), ensure_ascii=False, separators=(",", ":")).encode()
    try:
        headers = signing.headers_for(delivery.webhook, str(delivery.uid), int(clock.now().timestamp()), body)
        status = outbound.post(delivery.webhook.address, body, headers)
    except LinliError as error:
        return None, error.text("en")
    except OSError as error:
        return None, f"{type(error).__name__}: {error}"
    return status, "" if 200 <= status < 300 else f"answered {status}"


def _still_wanted(webhook: Webhook, fact: Fact) -> bool:
    """A webhook speaks for its owner: when their grant ends, it hears nothing more."""
    return webhook.ended_at is None and viewer_of(webhook.staff).may(webhook.role, area=webhook.area_code)


def message(delivery: Delivery, fact: Fact) -> dict[str, Any]:
    """What is sent: the fact as it was recorded. It holds opaque ids, never a name or a number of a person."""
    return {
        "id": str(delivery.uid),
        "type": fact.type,
        "version": fact.version,
        "occurred_at": fact.occurred_at.isoformat(),
        "recorded_at": fact.recorded_at.isoformat(),
        "fact": str(fact.uid),
        "subject": fact.subject,
        "area": fact.area,
        "data": fact.payload,
    }


def _finish(delivery: Delivery, status: int | None, error: str) -> None:
    moment, attempts = clock.now(), delivery.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts, "last_at": moment, "status_code": status, "error": error[:300]}
    if not error:
        changes["status"] = "sent"
    elif error == "ended" or attempts > len(BACKOFF):
        changes["status"] = "failed"
    else:
        changes["due_at"] = moment + timedelta(seconds=BACKOFF[attempts - 1])
    Delivery.objects.filter(pk=delivery.pk).update(**changes)
