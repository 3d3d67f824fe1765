"""The history of a case with what proves it: each fact's content, its hash, and the hash before it in its chain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import reduce
from hashlib import sha256
from itertools import islice
from operator import or_
from pathlib import Path

from django.db.models import Q

from linli.agreements.models import Award
from linli.archives import wording
from linli.archives.check import MANIFEST
from linli.archives.facts import OWN
from linli.archives.pages import Said, Section
from linli.casework.models import Case
from linli.kernel.money import yuan_text
from linli.kernel.periods import in_words
from linli.trace import queries as trace
from linli.trace.chains import content, json_text, origin
from linli.trace.facts import words_of
from linli.trace.models import Fact

PAGE = 500
PAYING = "settlement."
Proved = tuple[Fact, str]
"""A fact and the hash before it."""


def facts_of(case: Case) -> list[Proved]:
    """Facts of a case and of what was paid for it, in their order, exports of archives left out. Two queries for 500, and two more."""
    return sorted([*of_subject(str(case)), *_of_payments(case)], key=lambda one: one[0].id)


def _of_payments(case: Case) -> Iterator[Proved]:
    """What was done about money: accounts given anew, files, what the bank said. These facts are the person's, each names its award."""
    awards = [str(uid) for uid in Award.objects.filter(case=case).values_list("uid", flat=True)]
    if awards:
        rows = Fact.objects.filter(subject=case.subject, type__startswith=PAYING, payload__award__in=awards)
        found = list(rows.order_by("id"))
        before = _before(found)
        yield from ((one, before[one.chain, one.seq]) for one in found)


def of_subject(subject: str) -> Iterator[Proved]:
    """The same of any subject, in bounded memory."""
    after = 0
    while found := trace.timeline(subject, after=after, limit=PAGE):
        after = found[-1].id
        kept = [one for one in found if one.type not in OWN]
        before = _before(kept)
        yield from ((one, before[one.chain, one.seq]) for one in kept)


def _before(facts: list[Fact]) -> dict[tuple[int, int], str]:
    if not facts:
        return {}
    wanted = reduce(or_, (Q(chain=one.chain, seq=one.seq - 1) for one in facts))
    hashes = {(chain, seq): found for chain, seq, found in Fact.objects.filter(wanted).values_list("chain", "seq", "hash")}
    return {(one.chain, one.seq): hashes.get((one.chain, one.seq - 1), origin(one.chain)) for one in facts}


def section(said: Said, facts: Iterable[Proved], subject: str = "") -> Section:
    """As a table for people. subject: whom it is about."""
    rows = list(facts)
    names = wording.people(said, {one.actor for one, _ in rows}, subject)
    told = [(one.recorded_at, _told(said, one), names[one.actor], one.hash) for one, _ in rows]
    return Section(said("经过", "What happened"), told, wording.headers(said, "when", "matter", "who", "digest"))


def _told(said: Said, one: Fact) -> str:
    """What happened; of a payment for which period, and how much."""
    words, payload = words_of(one.type, said.language), one.payload
    if one.type.startswith(PAYING) and "period" in payload and "amount_fen" in payload:
        return said(
            f"{words}（{in_words(payload['period'])[0]}，{yuan_text(payload['amount_fen'])}元）",
            f"{words} ({in_words(payload['period'])[1]}, {yuan_text(payload['amount_fen'])} yuan)",
        )
    return words


def lines(facts: Iterable[Proved]) -> Iterator[bytes]:
    """As check.py reads it: hash = H(previous, newline, content)."""
    for one, previous in facts:
        body = content(
            chain=one.chain,
            seq=one.seq,
            id=one.id,
            uid=one.uid,
            type=one.type,
            version=one.version,
            occurred_at=one.occurred_at,
            recorded_at=one.recorded_at,
            actor=one.actor,
            subject=one.subject,
            area=one.area,
            echo_of=one.echo_of,
            payload=json_text(one.payload),
            digests=json_text(one.digests),
        )
        told = {"content": body.decode(), "hash": one.hash, "previous": previous}
        yield json.dumps(told, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def differences(folder: Path) -> Iterator[str]:
    """What an unpacked archive says otherwise than the chains: facts of another hash or that are not there, a manifest nobody recorded."""
    for path in sorted(folder.rglob("facts.jsonl")):
        with path.open(encoding="utf-8") as file:
            while lines := list(islice(file, PAGE)):
                yield from _differing(path.relative_to(folder).as_posix(), [json.loads(line) for line in lines])
    digest = f"sha256:{sha256((folder / MANIFEST).read_bytes()).hexdigest()}"
    if not Fact.objects.filter(type__in=OWN, payload__manifest=digest).exists():
        yield f"{MANIFEST}: {digest} was not recorded by this installation"


def _differing(path: str, told: list[dict[str, str]]) -> Iterator[str]:
    places = [tuple(json.JSONDecoder().raw_decode(one["content"])[0][:2]) for one in told]
    wanted = reduce(or_, (Q(chain=chain, seq=seq) for chain, seq in places))
    known = {(chain, seq): found for chain, seq, found in Fact.objects.filter(wanted).values_list("chain", "seq", "hash")}
    for (chain, seq), one in zip(places, told, strict=True):
        if known.get((chain, seq)) != one["hash"]:
            yield f"{path}: fact {chain}/{seq} is not the one in the chain"
