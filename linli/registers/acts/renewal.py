"""Renewal of the stored index tokens after the index key was rotated, so that the old key can be put away."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from linli import vault
from linli.kernel.viewer import Viewer
from linli.registers import facts
from linli.registers.models import Resident, ResidentAccount
from linli.trace import bulk_act
from linli.trace.rows import with_digests
from linli.vault.blinding import current_prefix

BATCH = 2000
PURPOSE = "vault.renew"
TOKENS = ("identity", "phone")


def outdated_tokens() -> int:
    """How many residents and accounts have a token of an older index key or suite. Two queries."""
    return _outdated().count() + _outdated_accounts().count()


def renew_tokens(viewer: Viewer, *, progress: Callable[[int], None] = lambda done: None) -> int:
    """Recompute the residents' tokens with the newest index key, a batch per transaction; may be stopped and started again.

    Each batch reads its people's fields under the purpose vault.renew, which leaves one line a person in the access log. Locks
    the batch's residents. Returns how many residents and accounts were renewed.
    """
    done = 0
    while batch := list(_outdated().order_by("id").values_list("id", flat=True)[:BATCH]):
        with bulk_act(viewer, facts.TOKENS_RENEWED, subject="register:residents", payload={"residents": len(batch)}) as bulk:
            rows = list(Resident.objects.select_for_update(no_key=True).filter(id__in=batch))
            ciphers = [(row.uid, {kind: getattr(row, f"{kind}_cipher") for kind in TOKENS}) for row in rows]
            for row, plain in zip(rows, vault.reveal_many(viewer, purpose=PURPOSE, people=ciphers), strict=True):
                for kind, value in plain.items():
                    setattr(row, f"{kind}_blind", vault.blind(kind, value))
            Resident.objects.bulk_update(rows, [f"{kind}_blind" for kind in TOKENS])
            renewed = with_digests(Resident.objects.filter(id__in=batch).order_by("id"), "uid")
            bulk.extend((facts.TOKEN_RENEWED, f"resident:{uid}", {}, digests) for digests, (uid,) in renewed)
        done += len(batch)
        progress(done)
    while accounts := list(_outdated_accounts().order_by("id").values_list("id", flat=True)[:BATCH]):
        _renew_accounts(viewer, accounts)
        done += len(accounts)
        progress(done)
    return done


def _renew_accounts(viewer: Viewer, batch: list[int]) -> None:
    with bulk_act(viewer, facts.TOKENS_RENEWED, subject="register:accounts", payload={"residents": len(batch)}) as bulk:
        rows = list(ResidentAccount.objects.select_for_update(no_key=True).filter(id__in=batch))
        ciphers = [(row.subject, {"phone": row.phone_cipher}) for row in rows]
        for row, plain in zip(rows, vault.reveal_many(viewer, purpose=PURPOSE, people=ciphers), strict=True):
            row.phone_token = vault.blind("phone", plain["phone"])
        ResidentAccount.objects.bulk_update(rows, ["phone_token"])
        renewed = with_digests(ResidentAccount.objects.filter(id__in=batch).order_by("id"), "subject")
        bulk.extend((facts.TOKEN_RENEWED, f"resident:{uid}", {}, digests) for digests, (uid,) in renewed)


def _outdated_accounts() -> QuerySet[ResidentAccount]:
    return ResidentAccount.objects.filter(phone_token__isnull=False).exclude(phone_token__startswith=current_prefix())


def _outdated() -> QuerySet[Resident]:
    prefix = current_prefix()
    stale = Q(pk__in=[])
    for kind in TOKENS:
        stale |= Q(**{f"{kind}_blind__isnull": False}) & ~Q(**{f"{kind}_blind__startswith": prefix})
    return Resident.objects.filter(stale, erased_at__isnull=True)
