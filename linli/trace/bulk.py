"""bulk_act: up to millions of facts in a chain of their own, bound to the shared chains by one anchoring fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.trace import chains
from linli.trace.acts import Act, act, checked_subject
from linli.trace.facts import FactType

BATCH = 5000
BulkFact = tuple[FactType, str, dict[str, Any], Mapping[str, str]]


class Bulk:
    """A bulk act in progress. act: the act around it, for ordinary facts and the result; count: facts so far."""

    def __init__(self, current: Act, area: str, occurred_at: datetime) -> None:
        self.act = current
        self.area = area
        self.count = 0
        self._occurred_at = occurred_at
        self._chain: chains.Chain | None = None
        self._checked: set[tuple[str, str]] = set()  # payloads of bulk facts repeat: each is checked once

    def extend(self, facts: Iterable[BulkFact]) -> None:
        """Append (fact type, subject, payload, {row reference: digest}) in batches of 5,000, in bounded memory.

        Give the facts after their rows are written: a fact's id must be greater than those of earlier changes of its rows.
        """
        source = iter(facts)
        while batch := list(islice(source, BATCH)):
            self._chain = self._chain or chains.new_bulk_chain()
            ids = chains.new_ids(len(batch))
            chains.copy(self._chain, (self._entry(fact, id_) for fact, id_ in zip(batch, ids, strict=True)))
            self.count += len(batch)

    def _entry(self, fact: BulkFact, id_: int) -> chains.Entry:
        fact_type, subject, payload, digests = fact
        text = chains.json_text(payload)
        if (fact_type.name, text) not in self._checked:
            fact_type.check(payload, text)
            if len(self._checked) < BATCH:
                self._checked.add((fact_type.name, text))
        return chains.Entry(
            id=id_,
            subject=checked_subject(subject),
            type=fact_type.name,
            version=fact_type.version,
            occurred_at=self._occurred_at,
            actor=self.act.viewer.actor,
            area=self.area,
            payload=text,
            digests=chains.digests_text(digests),
        )

    def anchor(self) -> dict[str, Any]:
        """What the anchoring fact says of the chain: number, hash of its last fact, count. An empty bulk act has no chain."""
        if self._chain is None:
            return {"chain": None, "root": None, "count": 0}
        return {"chain": self._chain.number, "root": self._chain.hash, "count": self._chain.seq}


@contextmanager
def bulk_act(
    viewer: Viewer,
    fact_type: FactType,
    *,
    subject: str,
    payload: dict[str, Any] | None = None,
    area: str = "",
    key: str | None = None,
    occurred_at: datetime | None = None,
) -> Iterator[Bulk]:
    """An act whose many facts go to their own chain; at the end one fact of `fact_type` about `subject` anchors it.

    Other writers are not held up: the shared chain of `subject` is locked only for the anchor, at the end. Reactions are
    run for the anchor alone, not for each fact of the chain. `bulk.act.result` is kept with the key.
    """
    with act(viewer, key=key, occurred_at=occurred_at) as current:
        bulk = Bulk(current, area, occurred_at or clock.now())
        yield bulk
        current.anchor(fact_type, subject=subject, payload=payload or {}, area=area, bulk=bulk.anchor())
