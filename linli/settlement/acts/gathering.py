"""The items of an approved batch, read from batches with the accounts of their awards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from uuid import UUID

from linli.agreements.models import Award
from linli.batches import queries as batches
from linli.batches.acts.approving import key_of
from linli.batches.models import Batch
from linli.ledger.queries import parts_of
from linli.settlement.acts.shared import MACHINE
from linli.settlement.acts.taking import AT_ONCE, Payable, Source, take_over

TAKE = "settlement.take_over_batch"


def take_over_batch(*, batch: UUID) -> int:
    """Take over everything of an approved batch, AT_ONCE items to a transaction; how many are new. A rerun goes on where it stopped."""
    row = Batch.objects.get(uid=batch)
    payment = batches.programme_of(row).payment
    source = Source(row.uid, row.programme, row.period, payment.retention if payment else None)
    items = batches.payable(row)
    new = 0
    while piece := list(islice(items, AT_ONCE)):
        new += take_over(MACHINE, source=source, payables=list(_payables(piece)))
    return new


def _payables(items: Sequence[batches.Payable]) -> Iterator[Payable]:
    columns = Award.objects.filter(uid__in=[one.award for one in items]).values_list("uid", "case__uid", "account_cipher")
    awards = {uid: (case, cipher) for uid, case, cipher in columns}
    parts = parts_of([key_of(one.uid) for one in items])
    for one in items:
        case, cipher = awards[one.award]
        yield Payable(
            item=one.uid,
            award=one.award,
            case=case,
            person=one.person,
            payee=one.payee,
            payee_uid=one.payee_uid,
            area_code=one.area_code,
            shares=parts[key_of(one.uid)],
            account=cipher,
        )
