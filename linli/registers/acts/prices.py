"""The price list: a version is published whole, and one published by mistake is withdrawn whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from linli.kernel import clock
from linli.kernel.errors import LinliError, Place, Problems
from linli.kernel.viewer import Viewer
from linli.registers.models import PriceItem, PriceVersion
from linli.registers.prices.facts import PRICE_PUBLISHED, PRICES_IMPORTED, PRICES_PUBLISHED, PRICES_WITHDRAWN
from linli.registers.prices.reading import NewPrice, overlapping, overlaps, reach
from linli.trace import act, bulk_act
from linli.trace.bulk import BulkFact
from linli.trace.rows import digests_now, ref

SUBJECT = "register:prices"
AT_A_TIME = 2_000
SHOWN = 100


def publish_prices(
    viewer: Viewer, *, prices: Sequence[NewPrice], document: str, effective_from: date, file_name: str, source: str, area: str
) -> PriceVersion:
    """Publish a version of the price list; the same file again returns the version that stands. source: the file's digest.

    document: the paper that says so, with its number. Raises Problems with every price whose days another one has, in the file or
    published before. Needs officer over the whole city (area). One bulk act under the price list's lock.
    """
    viewer.require("officer", area=area)
    words = document.strip()
    if not words:
        raise _refusal("no_document", "没有写明文件", "The document is missing.", "写明文件名和文号", "name the document with its number")
    found = list(overlaps(list(prices), effective_from, file_name))
    if found:
        raise Problems(found[:SHOWN])
    try:
        return _published(viewer, prices, words, effective_from, file_name, source)
    except _Known as known:
        return known.version


class _Known(Exception):  # noqa: N818 - not an error: takes the transaction back
    """The same file stands already."""

    def __init__(self, version: PriceVersion) -> None:
        super().__init__()
        self.version = version


def _published(
    viewer: Viewer, prices: Sequence[NewPrice], document: str, effective_from: date, file_name: str, source: str
) -> PriceVersion:
    with bulk_act(viewer, PRICES_IMPORTED, subject=SUBJECT, payload={"source": source}) as bulk:
        _lock()
        known = PriceVersion.objects.filter(source=source, withdrawn_at__isnull=True).first()
        if known is not None:
            raise _Known(known)
        _refuse_published(prices, effective_from, file_name)
        version = PriceVersion.objects.create(
            document=document,
            effective_from=effective_from,
            file_name=file_name[-255:],
            source=source,
            items=len(prices),
            published_at=clock.now(),
            published_by=viewer.actor,
        )
        for begin in range(0, len(prices), AT_A_TIME):
            rows = PriceItem.objects.bulk_create(_row(version, price, effective_from) for price in prices[begin : begin + AT_A_TIME])
            bulk.extend(list(_facts(rows)))
        bulk.act.record(
            PRICES_PUBLISHED,
            subject=f"prices:{version.uid}",
            payload={"document": document, "effective_from": str(effective_from), "items": len(prices)},
            rows=[version],
        )
    return version


def withdraw_prices(viewer: Viewer, *, version: UUID, reason: str, area: str) -> PriceVersion:
    """Withdraw a version that was published by mistake: from now on none of its prices holds on any day, past ones included.

    What was asked before keeps its answer (price_on with known_at). Needs officer over the whole city, and a reason.
    """
    viewer.require("officer", area=area)
    words = reason.strip()
    if not words:
        raise _refusal("no_reason", "没有写明撤回的理由", "The reason is missing.", "写明理由", "say why")
    with act(viewer) as a:
        _lock()
        row = PriceVersion.objects.select_for_update().get(uid=version)
        if row.withdrawn_at is not None:
            return row
        row.withdrawn_at, row.withdrawn_by, row.reason = clock.now(), viewer.actor, words[:400]
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "reason"])
        PriceItem.objects.filter(version=row).update(withdrawn=True)
        payload = {"document": row.document, "reason": row.reason, "items": row.items}
        a.record(PRICES_WITHDRAWN, subject=f"prices:{row.uid}", payload=payload, rows=[row])
    return row


def _lock() -> None:
    """One version after the other: what is checked before is still so when it is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('linli.prices', 0))")


def _refuse_published(prices: Sequence[NewPrice], effective_from: date, file: str) -> None:
    """Against what stands; the database's exclusion says the same."""
    taken: dict[tuple[str, str], list[PriceItem]] = {}
    for begin in range(0, len(prices), AT_A_TIME):
        codes = {price.code for price in prices[begin : begin + AT_A_TIME]}
        for row in PriceItem.objects.filter(code__in=codes, withdrawn=False).select_related("version"):
            others = taken.setdefault((row.code, row.level), [])
            if row not in others:
                others.append(row)
    problems: list[LinliError] = []
    for price in prices:
        first, last = reach(price.valid_from or effective_from, price.valid_to)
        for row in taken.get((price.code, price.level), ()):
            begin_day, end_day = reach(row.valid_from, row.valid_to)
            if first <= end_day and begin_day <= last and len(problems) < SHOWN:
                days = f"{row.valid_from} – {row.valid_to or '…'}"
                said = f"{row.version.document}（{days}）", f"{row.version.document} ({days})"
                problems.append(overlapping(Place(file, price.row), price, *said))
    if problems:
        raise Problems(problems)


def _row(version: PriceVersion, price: NewPrice, effective_from: date) -> PriceItem:
    return PriceItem(
        version=version,
        code=price.code,
        level=price.level,
        name=price.name,
        unit=price.unit,
        fen=price.fen,
        valid_from=price.valid_from or effective_from,
        valid_to=price.valid_to,
    )


def _facts(rows: Sequence[PriceItem]) -> Iterator[BulkFact]:
    digests = digests_now(ref(row) for row in rows)
    for row in rows:
        yield PRICE_PUBLISHED, SUBJECT, {"code": row.code, "level": row.level}, {str(ref(row)): digests[ref(row)]}


def _refusal(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> LinliError:
    return LinliError(f"prices.{code}", zh=zh, en=en, remedy_zh=remedy_zh, remedy_en=remedy_en)
