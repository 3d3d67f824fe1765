"""Opening and closing accounts."""

from __future__ import annotations

import re

from django.db import connection

from linli.kernel import clock
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.ledger.facts import ACCOUNT_CLOSED, ACCOUNT_OPENED
from linli.ledger.models import KINDS, LARGEST, MOST_SHARDS, UNITS, Account
from linli.ledger.refusals import in_words, malformed
from linli.trace import act

_CODE = re.compile(r"[a-z0-9][a-z0-9:._-]{0,119}")


def open_account(viewer: Viewer, *, code: str, unit: str, kind: str, floor: int | None, purpose: str = "", shards: int = 0) -> Account:
    """Open an account. floor: what it may never fall below once holds are taken off, None for no floor.

    shards: 2 to 64 for an account that thousands pay from at once, 0 for any other; it can't be changed later. Raises if the code is taken.
    """
    if not _CODE.fullmatch(code):
        raise malformed("code", "小写字母、数字和 : . _ -，至多 120 个", "lower-case letters, digits and : . _ -, at most 120", code)
    if unit not in UNITS:
        raise malformed("unit", "fen 或 minute", "fen or minute", unit)
    if kind not in KINDS:
        raise malformed("kind", "、".join(KINDS), f"one of {', '.join(KINDS)}", kind)
    if floor is not None and abs(floor) > LARGEST:
        raise malformed("floor", f"绝对值不超过 {LARGEST}", f"at most {LARGEST} either way", floor)
    if shards != 0 and not 2 <= shards <= MOST_SHARDS:
        raise malformed("shards", f"0，或 2 至 {MOST_SHARDS}", f"0, or 2 to {MOST_SHARDS}", shards)
    with act(viewer) as current:
        with in_words(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT ledger_open(%s::uuid[], %s, %s, %s, %s, %s, %s)",
                [[uuid7() for _ in range(shards + 1)], code, unit, kind, floor, purpose, clock.now()],
            )
            ids = [row[0] for row in cursor.fetchall()]
        account = Account.objects.get(pk=ids[0])
        current.record(
            ACCOUNT_OPENED,
            subject=f"account:{account.uid}",
            payload={"unit": unit, "kind": kind, "floor": floor, "shards": shards},
            rows=[(Account, number) for number in ids],
        )
    return account


def close_account(viewer: Viewer, *, code: str) -> None:
    """Take no more entries on an account. Raises unless it is at zero with nothing held. Locks its balances."""
    with act(viewer) as current:
        with in_words(), connection.cursor() as cursor:
            cursor.execute("SELECT ledger_close(%s, %s)", [code, clock.now()])
            (uid,) = cursor.fetchone()
        current.record(ACCOUNT_CLOSED, subject=f"account:{uid}")
