"""act: the one way to write. Rows, facts and the jobs of their reactions in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django import app

from linli.kernel import areas, clock
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.trace import chains, rows
from linli.trace.facts import BULK_KEY, FactType
from linli.trace.reactions import wanted

REACT = "trace.react"
FACTS_PER_JOB = 1000
_SUBJECT = re.compile(r"[a-z_]+:\S{1,200}")
_current: ContextVar[_Ledger | None] = ContextVar("linli_act", default=None)


class AlreadyDone(LinliError):  # noqa: N818 - not a mistake of the caller, but an answer
    """The idempotency key was used before: `result` is what that act stored. Nothing was written now."""

    def __init__(self, key: str, result: Any) -> None:
        super().__init__(
            "trace.already_done",
            zh="这件事已经办过",
            en="This has been done before.",
            found=f"key {key}",
            found_zh=f"键 {key}",
            remedy_zh="无需重复办理",
            remedy_en="nothing more to do",
        )
        self.key, self.result = key, result

    def of_the_same(self, content: str) -> Any:
        """The result of the act before, where what it was asked for is the same; raises KeyReusedError for other content.

        content: a digest of what is asked for, as the act kept it in its result; where it kept none, it is taken for the same.
        """
        if self.result.get("content", content) != content:
            raise KeyReusedError(self.key)
        return self.result


class KeyReusedError(LinliError):
    """The idempotency key was used before for something else: nothing was written, and what was written then stands."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "trace.key_reused",
            zh="这张表刚才已经交过，这次写的不一样，没有再登记",
            en="This form was sent before with other content. Nothing more was recorded.",
            expected="the same content, or a new form",
            expected_zh="同样的内容，或者新的一张表",
            found=key,
            remedy_zh="上次交的已经收到；这次说的是另一件事，就再交一次",
            remedy_en="what you sent first has been received; if this is something else, send it once more",
        )


@dataclass(slots=True)
class _Pending:
    """A recorded fact until the outermost act ends, with the rows to digest and the subjects that get an echo."""

    entry: chains.Entry
    rows: tuple[rows.RowRef, ...]
    also: tuple[str, ...]


class _Ledger:
    """What the outermost act has recorded so far."""

    def __init__(self) -> None:
        self.pending: list[_Pending] = []


class Act:
    """An act in progress. viewer: under whom its facts are recorded; result: JSON kept with the act's key."""

    def __init__(self, viewer: Viewer, ledger: _Ledger, occurred_at: datetime | None) -> None:
        self.viewer = viewer
        self.result: Any = None
        self._occurred_at = occurred_at
        self._ledger = ledger

    def record(
        self,
        fact_type: FactType,
        *,
        subject: str,
        payload: dict[str, Any] | None = None,
        rows: Iterable[Any] = (),
        area: str = "",
        also: Iterable[str] = (),
    ) -> None:
        """Record a fact; it is appended when the outermost act ends.

        subject, also: "kind:id"; the chain of each `also` subject gets an echo of the fact. rows: instances of digested
        models or (model, key) pairs, digested as they are when the outermost act ends.
        """
        self._add(fact_type, subject, payload or {}, {}, rows, area, also)

    def anchor(self, fact_type: FactType, *, subject: str, payload: dict[str, Any], area: str, bulk: dict[str, Any]) -> None:
        """Record the fact that binds a bulk chain to the shared ones. bulk: chain, root, count."""
        self._add(fact_type, subject, payload, {BULK_KEY: bulk}, (), area, ())

    def _add(
        self,
        fact_type: FactType,
        subject: str,
        payload: dict[str, Any],
        own: dict[str, Any],
        changed: Iterable[Any],
        area: str,
        also: Iterable[str],
    ) -> None:
        if area:
            areas.level(area)
        text = chains.json_text({**payload, **own})
        fact_type.check(payload, text)
        entry = chains.Entry(
            subject=checked_subject(subject),
            type=fact_type.name,
            version=fact_type.version,
            occurred_at=self._occurred_at or clock.now(),
            actor=self.viewer.actor,
            area=area,
            payload=text,
        )
        refs = tuple(rows.ref(row) for row in changed)
        self._ledger.pending.append(_Pending(entry, refs, tuple(checked_subject(other) for other in also)))


def is_open() -> bool:
    """Whether an act is open here."""
    return _current.get() is not None


def recorded_now() -> set[str]:
    """The rows ("app.model:key") that the open act has recorded so far."""
    ledger = _current.get()
    return {str(ref) for pending in ledger.pending for ref in pending.rows} if ledger is not None else set()


def checked_subject(subject: str) -> str:
    """The subject itself; raises LinliError unless it is "kind:id"."""
    if not _SUBJECT.fullmatch(subject):
        raise LinliError(
            "trace.bad_subject",
            zh="事实的对象写法不对",
            en="Not a subject of a fact.",
            place=Place(field="subject"),
            expected="kind:id without spaces",
            expected_zh="类别:编号，不含空格",
            found=repr(subject),
            remedy_zh="写成“类别:编号”",
            remedy_en='write it as "kind:id"',
        )
    return subject


@contextmanager
def act(viewer: Viewer, key: str | None = None, occurred_at: datetime | None = None) -> Iterator[Act]:
    """Open a transaction, or join the act that is open, and record facts in it.

    key: an idempotency key; if it was used before, raises AlreadyDone with that act's result, and a second act with the same
    key waits until the first has ended. occurred_at: when it happened, now if left out. An exception undoes this act with
    everything inside it; an outer act may catch it and go on. Locks: at the end of the outermost act the chain heads of its
    subjects, in chain order, until the commit. Cost beside the caller's statements: BEGIN, two of the trace, COMMIT; one more
    each for rows and jobs, two for a key, two for an inner act.
    """
    outer = _current.get()
    ledger = outer or _Ledger()
    recorded = len(ledger.pending)
    with transaction.atomic(durable=outer is None):
        token = _current.set(ledger)
        try:
            if key is not None:
                _claim(key, viewer)
            current = Act(viewer, ledger, occurred_at)
            yield current
            if key is not None:
                _keep_result(key, current.result)
            if outer is None:
                _finish(ledger)
        except BaseException:
            del ledger.pending[recorded:]
            raise
        finally:
            _current.reset(token)


def _claim(key: str, viewer: Viewer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trace_done (key, actor, recorded_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [key, viewer.actor, clock.now()],
        )
        if cursor.rowcount == 0:
            cursor.execute("SELECT result FROM trace_done WHERE key = %s", [key])
            found = cursor.fetchone()
            raise AlreadyDone(key, found and chains.json_value(found[0]))


def _keep_result(key: str, result: Any) -> None:
    if result is not None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE trace_done SET result = %s::jsonb WHERE key = %s", [chains.json_text(result), key])


def _finish(ledger: _Ledger) -> None:
    """Digest the rows, and last of all lock the chains, defer the jobs and append."""
    if not ledger.pending:
        return
    digests = rows.digests_now({ref for pending in ledger.pending for ref in pending.rows})
    for pending in ledger.pending:
        if pending.rows:
            pending.entry.digests = chains.digests_text({str(ref): digests[ref] for ref in pending.rows})
    held = chains.hold([subject for pending in ledger.pending for subject in (pending.entry.subject, *pending.also)])
    entries = _with_echoes(ledger.pending, iter(held.ids))
    _defer([(entry.type, entry.id) for entry in entries if entry.echo_of is None])
    chains.append(entries, held)


def _with_echoes(pending: list[_Pending], ids: Iterator[int]) -> list[chains.Entry]:
    entries = []
    for one in pending:
        one.entry.id = next(ids)
        entries.append(one.entry)
        entries += [one.entry.echo(subject, next(ids)) for subject in one.also]
    return entries


def _defer(facts: list[tuple[str, int]]) -> None:
    jobs = [
        {"reaction": name, "facts": ids[start : start + FACTS_PER_JOB]}
        for name, ids in wanted(facts).items()
        for start in range(0, len(ids), FACTS_PER_JOB)
    ]
    if jobs:
        app.configure_task(REACT).batch_defer(*jobs)
