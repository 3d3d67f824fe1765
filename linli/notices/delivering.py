"""Handing notices to the gateways: claimed in one transaction, handed over outside any, settled in another.

So a message goes out at most once. A process that dies in between leaves a delivery that is neither sent nor waiting: nobody knows
whether it went out, so it is shown as failed and only an officer sends it again. So is what a backup held as not sent, after a restore.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from linli import vault
from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.notices import ports
from linli.notices.facts import FAILED, SENT
from linli.notices.manners import manners
from linli.notices.models import Delivery, Preference
from linli.notices.ports import Channel, Message, NotSent
from linli.notices.writing import LANGUAGES, templates, unpacked
from linli.registers.models import Resident
from linli.trace import act
from linli.trace.acts import Act

DELIVERER = system("notices.deliver")
PURPOSE = "notices.send"
UNCERTAIN = "notices.uncertain"
RESTORED = "notices.restored"
ABANDONED_AFTER = timedelta(minutes=10)  # longer than any gateway's time-out


def deliver_due(limit: int) -> int:
    """Hand over up to `limit` deliveries that are due, in order; returns how many were. Two transactions and a read of each."""
    adapters: dict[str, Channel] = {}
    for count in range(limit):
        claimed = _claim()
        if claimed is None:
            return count
        _hand_over(claimed, adapters)
    return limit


def _claim() -> Delivery | None:
    """Take the next due delivery for ourselves. In the quiet hours only urgent ones, whatever their due time says."""
    moment = clock.now()
    with transaction.atomic(durable=True):
        due = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(status="waiting", due_at__lte=moment)
        if manners().is_quiet(moment):
            due = due.filter(urgent=True)
        row = due.select_related("notice").order_by("due_at", "id").first()
        if row is not None:
            row.status, row.claimed_at, row.attempts = "sending", moment, row.attempts + 1
            row.save(update_fields=["status", "claimed_at", "attempts"])
    return row


def _hand_over(row: Delivery, adapters: dict[str, Channel]) -> None:
    """Until the gateway is asked everything fails safely: nothing has gone out yet."""
    try:
        resident, wish = _recipient(row)
        if resident is None or (stopped := _stopped(row, resident, wish)):
            _settle(row, stopped if resident else "dropped")
            return
        message = _message(row, resident, wish)
        adapter = adapters.get(row.channel) or adapters.setdefault(row.channel, ports.channel(row.channel))
    except LinliError as error:
        _fail(row, error.code)
        return
    try:
        reference = adapter.send(message)
    except NotSent as refusal:
        _try_later(row, refusal)
    except Exception as error:  # whatever it was, the message may have gone out: that is recorded, and shown to an officer
        _fail(row, f"{UNCERTAIN}:{type(error).__name__}")
    else:
        _settle(row, "sent", reference=reference[:120])


def _recipient(row: Delivery) -> tuple[Resident | None, Preference | None]:
    """The person, unless they have died or were erased since, and how they want to be reached. Two queries."""
    recipient = row.notice.recipient
    alive = Resident.objects.filter(uid=recipient, erased_at__isnull=True, deceased_on__isnull=True)
    return alive.first(), Preference.objects.filter(recipient=recipient).first()


def _stopped(row: Delivery, resident: Resident, wish: Preference | None) -> str:
    """Why the message is not to go out after all, "" if it is."""
    if wish and row.channel in wish.refused and _refusable(row.notice.template):
        return "refused"
    return "" if _address(row, resident, wish) else "unreachable"


def _address(row: Delivery, resident: Resident, wish: Preference | None) -> str:
    if row.channel == "sms":
        return resident.phone_cipher
    return wish.email_cipher if wish else ""


def _message(row: Delivery, resident: Resident, wish: Preference | None) -> Message:
    """What goes where, read for the purpose of sending it, which the person sees."""
    name = "phone" if row.channel == "sms" else "email"
    ciphers = {name: _address(row, resident, wish), "notice": row.notice.text_cipher}
    shown = vault.reveal(DELIVERER, purpose=PURPOSE, subject=resident.uid, fields=ciphers)
    languages, _ = unpacked(shown["notice"])
    words = languages[wish.language if wish else LANGUAGES[0]]
    return Message(to=shown[name], text=words.short, reference=str(row.uid), subject=words.title)


def _refusable(template: str) -> bool:
    return any(one.slug == template and one.refusable for one in templates())


def _try_later(row: Delivery, refusal: NotSent) -> None:
    pause = manners().pause(row.attempts) if refusal.again else None
    if pause is None:
        _fail(row, refusal.code)
        return
    due_at = clock.now() + pause
    row.status, row.error, row.due_at = "waiting", refusal.code[:80], due_at if row.urgent else manners().next_civil(due_at)
    row.save(update_fields=["status", "error", "due_at"])


def _fail(row: Delivery, error: str) -> None:
    _settle(row, "failed", error=error[:80])


def _settle(row: Delivery, status: str, *, error: str = "", reference: str = "") -> None:
    """Say what became of it, with a fact where it went out or will not."""
    notice = row.notice
    with act(DELIVERER) as current:
        # An erasure may have deleted the row meanwhile: then there is nothing to update.
        settled = {"status": status, "error": error, "reference": reference, "settled_at": clock.now()}
        Delivery.objects.filter(pk=row.pk).update(**settled)
        payload = {"template": notice.template, "channel": row.channel}
        subject, area = f"resident:{notice.recipient}", notice.area_code[:6]
        if status == "sent":
            current.record(SENT, subject=subject, payload=payload, area=area)
        elif status == "failed":
            record_failed(current, row, error)


def settle_abandoned() -> int:
    """Deliveries whose process died while a gateway had them: failed, since nobody knows. Returns how many."""
    before = clock.now() - ABANDONED_AFTER
    with act(DELIVERER):
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(status="sending", claimed_at__lt=before)
        found = list(rows.select_related("notice"))
        for row in found:
            _fail(row, UNCERTAIN)
    return len(found)


def hold_back() -> int:
    """After a restore: what the backup holds as not sent may have gone out since, so none of it goes by itself. Returns how many.

    Each is shown as failed, with a fact; one statement for all.
    """
    with act(DELIVERER) as current:
        rows = list(Delivery.objects.select_for_update(of=("self",)).filter(status__in=("waiting", "sending")).select_related("notice"))
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(status="failed", error=RESTORED, settled_at=clock.now())
        for row in rows:
            record_failed(current, row, RESTORED)
    return len(rows)


def record_failed(current: Act, row: Delivery, error: str) -> None:
    """That a delivery will not go out by itself, and why."""
    payload = {"template": row.notice.template, "channel": row.channel, "error": error}
    current.record(FAILED, subject=f"resident:{row.notice.recipient}", payload=payload, area=row.notice.area_code[:6])
