"""Opening funds, money with a purpose from named sources, and allocating to them. What goes out of them: spending.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from linli.kernel import clock
from linli.kernel.errors import LinliError
from linli.kernel.ids import uuid7
from linli.kernel.viewer import Viewer
from linli.ledger.acts.accounts import open_account
from linli.ledger.acts.posting import Posted, Posting, post
from linli.ledger.facts import FUND_OPENED, FUND_PROMISED
from linli.ledger.models import Fund, Source
from linli.ledger.refusals import in_words, malformed
from linli.trace import act

ALLOCATE = "fund.allocate"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a source has promised to a fund: the province's special money, the city's welfare lottery."""

    slug: str
    name: tuple[str, str]
    fen: int


def open_fund(viewer: Viewer, *, slug: str, purpose: tuple[str, str], programme: str, promises: Sequence[Promise], shards: int = 0) -> Fund:
    """Open a fund with its sources. purpose: (zh, en); programme: slug of what it pays for; shards: see open_account.

    Accounts are made: fund:<slug>, and fund:<slug>:<source> for each source, whose floor is minus what was promised.
    """
    if not promises or len({one.slug for one in promises}) < len(promises):
        raise malformed("promises", "至少一个来源，名称不重复", "at least one source, each named once", [one.slug for one in promises])
    with act(viewer) as current:
        account = open_account(viewer, code=f"fund:{slug}", unit="fen", kind="fund", floor=0, purpose=purpose[0], shards=shards)
        with in_words(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_fund (uid, slug, purpose_zh, purpose_en, programme, account_id, opened)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
                [uuid7(), slug, *purpose, programme, account.pk, clock.now()],
            )
            fund = Fund.objects.get(pk=cursor.fetchone()[0])
        for promise in promises:
            _add_source(viewer, fund, promise)
        current.record(
            FUND_OPENED,
            subject=f"fund:{fund.uid}",
            payload={"slug": slug, "programme": programme, "promised_fen": sum(one.fen for one in promises), "sources": len(promises)},
            rows=[fund, *fund.sources.all()],
        )
    return fund


def promise_more(viewer: Viewer, *, fund: str, promise: Promise) -> Source:
    """A source of its own for what is promised to a fund later: what stands is never changed. Two statements and the account's."""
    with act(viewer) as current:
        found = fund_of(fund)
        _add_source(viewer, found, promise)
        source = found.sources.get(slug=promise.slug)
        payload = {"slug": fund, "source": promise.slug, "promised_fen": promise.fen}
        current.record(FUND_PROMISED, subject=f"fund:{found.uid}", payload=payload, rows=[source])
    return source


def _add_source(viewer: Viewer, fund: Fund, promise: Promise) -> None:
    if promise.fen <= 0:
        raise malformed("promises", "大于零的金额", "a sum above zero", promise.fen)
    code = f"fund:{fund.slug}:{promise.slug}"
    account = open_account(viewer, code=code, unit="fen", kind="source", floor=-promise.fen, purpose=promise.name[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_source (fund_id, slug, name_zh, name_en, promised_fen, account_id) VALUES (%s, %s, %s, %s, %s, %s)",
            [fund.pk, promise.slug, *promise.name, promise.fen, account.pk],
        )


def fund_of(slug: str) -> Fund:
    """The fund of a slug; raises LinliError if there is none."""
    found = Fund.objects.filter(slug=slug).select_related("account").first()
    if found is None:
        raise LinliError(
            "ledger.no_fund",
            zh="没有这项资金",
            en="There is no such fund.",
            found=slug,
            remedy_zh="先设立资金，写明来源与用途",
            remedy_en="open the fund with its sources and purpose first",
        )
    return found


def allocate(
    viewer: Viewer, *, fund: str, source: str, fen: int, key: str, reference: str = "", event_at: datetime | None = None
) -> Posted:
    """Money of a source arrives in the fund. Refused beyond what the source promised, by the floor of its account."""
    account = fund_of(fund).account.code
    legs = ((f"{account}:{source}", -fen), (account, fen))
    return post(viewer, posting=Posting(key=key, unit="fen", kind=ALLOCATE, legs=legs, reference=reference, event_at=event_at))
