"""People who are owed something out of one fund, made in sets, and a bank that answers a file: what batch-growth and the soak stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

FEN = 10_000
PROGRAMME = "bench"
FUND = f"{PROGRAMME}.city"
AT_ONCE = 1000
OFFICERS = ("staff:00000000-0000-7000-8000-00000000b001", "staff:00000000-0000-7000-8000-00000000b002")


def fund(payments: int) -> UUID:
    """Open the fund with enough for all, and an account that pays; the payer's uid."""
    from linli.kernel.viewer import Grant, Viewer, system
    from linli.ledger.acts import Promise, allocate, open_fund
    from linli.settlement.acts import enter_payer

    clerk = system("bench")
    promise = Promise("city", ("市级资金", "city"), payments * FEN)
    open_fund(clerk, slug=FUND, purpose=("测算", "benchmark"), programme=PROGRAMME, promises=[promise])
    allocate(clerk, fund=FUND, source="city", fen=payments * FEN, key="all")
    return enter_payer(Viewer(OFFICERS[0], (Grant("officer"),)), name="市财政局", number="1400990000001", bank="102181000012").uid


def payables(payments: int) -> Iterator[list[Any]]:
    """Items as an approved batch hands them over, AT_ONCE at a time: a person each with an account under their key, the money committed."""
    from linli import vault
    from linli.kernel import clock
    from linli.kernel.ids import uuid7
    from linli.kernel.viewer import system
    from linli.ledger.acts import Commitment, commit_all
    from linli.registers.models import Resident
    from linli.settlement.acts import Payable
    from linli.settlement.checking import Given

    clerk = system("bench")
    for start in range(0, payments, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, payments))
        people = [Resident(name=f"居民{number}", generated=True, known_from=clock.now()) for number in numbers]
        Resident.objects.bulk_create(people)
        given = [Given(who.name, f"62{number:014}").text() for who, number in zip(people, numbers, strict=True)]
        sealed = vault.protect_many([(who.uid, {"account": text}) for who, text in zip(people, given, strict=True)])
        items = [uuid7() for _ in numbers]
        parts = commit_all(clerk, funds=[FUND], commitments=[Commitment(f"batch:{item}", FEN) for item in items])
        yield [
            Payable(item, uuid7(), None, who.uid, "self", None, "140802", shares, cipher["account"])
            for item, who, shares, cipher in zip(items, people, parts, sealed, strict=True)
        ]


def answer(order: Path, target: Path, failing: int = 0) -> None:
    """The bank's answer to a file in the shipped delimited layout; every `failing`-th payment fails, 0 for none."""
    with order.open("rb") as lines, target.open("wb") as out:
        for line in lines:
            parts = line.rstrip(b"\r\n").split(b"|")
            if parts[0] == b"D":
                code = b"13" if failing and int(parts[1]) % failing == 0 else b"00"
                out.write(b"|".join([b"D", parts[2], parts[3], parts[6], code, b"20261101", b""]) + b"\r\n")
