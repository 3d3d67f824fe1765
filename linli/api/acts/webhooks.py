"""Adding and ending webhooks, and sending a delivery again."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from linli.api import jobs, outbound, signing
from linli.api.facts import DELIVERY_REPLAYED, WEBHOOK_ADDED, WEBHOOK_ENDED
from linli.api.models import HELD_BACK, Delivery, Webhook
from linli.api.queries import delivery_of, own_webhook, staff_of
from linli.api.reactions import OFFERED
from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place, Said
from linli.kernel.viewer import Viewer
from linli.trace import act
from linli.trace.acts import Act

MOST = 20


def add_webhook(viewer: Viewer, *, address: str, types: Sequence[str], role: str, area: str = "") -> tuple[Webhook, str]:
    """Tell an address of facts of these types inside the area, from now on. Needs the role there: officer or auditor.

    Returns the webhook and its secret, which is shown to nobody again.

    The address must be https and public, or lie in a network that the installation allows (LINLI_WEBHOOK_NETWORKS).
    """
    staff = staff_of(viewer)
    if role not in ("officer", "auditor"):
        raise _refused("role", "`officer`, `auditor`", role, "只有业务人员和审计人员可以登记", "Only officers and auditors may add one.")
    if area:
        areas.level(area)
    viewer.require(role, area=area)
    unknown = sorted(set(types) - OFFERED.keys())
    if unknown or not types:
        found = ", ".join(unknown) or ("没有", "none")
        raise _refused("types", ", ".join(OFFERED), found, "不能推送这类事实", "Facts of this type are not sent.")
    outbound.require_allowed(address)
    if Webhook.objects.filter(staff=staff, ended_at__isnull=True).count() >= MOST:
        raise _refused("address", f"≤ {MOST}", str(MOST), "登记的推送太多", "There are too many webhooks.")
    hook = Webhook(staff=staff, address=address, types=sorted(set(types)), role=role, area_code=area, made_at=clock.now())
    secret, hook.secret_cipher = signing.new_secret(hook.uid)
    with act(viewer) as a:
        hook.save(force_insert=True)
        payload = {"webhook": str(hook.uid), "types": hook.types, "role": role, "host": urlsplit(address).hostname or ""}
        a.record(WEBHOOK_ADDED, subject=staff.actor, payload=payload, rows=[hook], area=area)
    return hook, secret


def end_webhook(viewer: Viewer, *, webhook: UUID) -> Webhook:
    """Tell the address nothing more, also not what is still waiting. Twice is once."""
    with act(viewer) as a:
        row = own_webhook(viewer, webhook, lock=True)
        if row.ended_at is None:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            a.record(WEBHOOK_ENDED, subject=row.staff.actor, payload={"webhook": str(row.uid)}, rows=[row], area=row.area_code)
    return row


def replay(viewer: Viewer, *, delivery: UUID) -> Delivery:
    """Send a delivery again, whatever became of it; its attempts begin anew. The receiver knows it by the same id."""
    with act(viewer) as a:
        row = delivery_of(viewer, delivery, lock=True)
        if row.webhook.ended_at is not None:
            wanted = "未终止的推送", "an open webhook"
            raise _refused("webhook", wanted, ("已终止", "an ended one"), "推送已终止", "The webhook has ended.")
        _begin_anew(a, row)
        jobs.deliver.defer()
    return row


def hold_back() -> int:
    """After a restore: what waits may have arrived since, so it waits for a replay. Returns how many. One statement."""
    return Delivery.objects.filter(status="waiting").update(**HELD_BACK)


def release_held(viewer: Viewer) -> int:
    """Send what a restore held back, with a fact for each, at an operator's word; receivers know a repeated one by its id."""
    with act(viewer) as a:
        rows = list(
            Delivery.objects.select_for_update(of=("self",)).filter(**HELD_BACK, webhook__ended_at=None).select_related("webhook__staff")
        )
        for row in rows:
            _begin_anew(a, row)
        if rows:
            jobs.deliver.defer()
    return len(rows)


def _begin_anew(a: Act, row: Delivery) -> None:
    row.status, row.attempts, row.due_at, row.error = "waiting", 0, clock.now(), ""
    row.save(update_fields=["status", "attempts", "due_at", "error"])
    a.record(DELIVERY_REPLAYED, subject=row.webhook.staff.actor, payload={"webhook": str(row.webhook.uid), "delivery": str(row.uid)})


def _refused(field: str, expected: Said, found: Said, zh: str, en: str) -> LinliError:
    return LinliError(
        "api.bad_webhook",
        zh=zh,
        en=en,
        place=Place(field=field),
        expected=expected,
        found=found,
        remedy_zh="按提示修改后重试",
        remedy_en="mend it and try again",
    )
