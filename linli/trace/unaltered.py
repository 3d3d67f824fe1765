"""Before an act builds on rows: one that isn't as the last fact that speaks of it left it was altered behind the trace, and is refused.

Otherwise the act would tell the trace how the altered row looks, and no later verification could know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db.models import BooleanField, F, Func, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast

from linli.kernel.digests import ALGORITHMS, algorithm_of
from linli.kernel.errors import LinliError
from linli.kernel.viewer import system
from linli.trace.acts import act, is_open, recorded_now
from linli.trace.facts import FactType
from linli.trace.models import Fact
from linli.trace.payload import exactly
from linli.trace.rows import GONE, digest_of, text_of

P = ParamSpec("P")
R = TypeVar("R")
KEEPER = system("trace")
REFUSED = FactType(
    "trace.altered_refused",
    version=1,
    schema=exactly(row={"type": "string", "maxLength": 120}, act={"type": "string", "maxLength": 60}),
    zh="数据被绕过系统改动，拒绝办理",
    en="refused: a row was altered behind the trace",
)


class AlteredError(LinliError):
    """A row was altered behind the trace. row: "app.model:key", as linli trace verify --deep names it."""

    def __init__(self, row: str) -> None:
        super().__init__(
            "trace.altered",
            zh="一条数据被绕过系统改动过，不能据此办理",
            en="A row was altered behind the trace: nothing is built on it.",
            expected="the row as the last fact left it",
            expected_zh="与最后一次留痕一致的数据",
            found=row,
            remedy_zh="请信息中心执行 linli trace verify --deep 查明，从备份恢复这条数据后再办",
            remedy_en="have the data centre run linli trace verify --deep and put the row back from a backup, then try again",
        )
        self.row = row


def require_unaltered(rows: QuerySet[Any], kind: str, column: str) -> None:
    """Raise AlteredError for the first row of a digested model that is not as the last fact about "kind:<column>" left it, or of which none
    speaks. What the open act has recorded itself it has looked at before. One cursor, bounded memory; about 30 µs a row.
    """
    own = recorded_now()
    for row, key, text, told in _told(rows, kind, column):
        if row in own:
            continue
        algorithm = algorithm_of(told) if told not in (None, GONE) else ""
        if algorithm not in ALGORITHMS or digest_of(row.rpartition(":")[0], key, text, algorithm) != told:
            raise AlteredError(row)


def _told(rows: QuerySet[Any], kind: str, column: str) -> Iterator[tuple[str, Any, str, str | None]]:
    label = rows.model._meta.label_lower
    named = _joined(f"{label}:", "pk")
    digest = Func(F("digests"), OuterRef("named"), template="(%(expressions)s)", arg_joiner=" ->> ", output_field=TextField())
    holds = Func(F("digests"), OuterRef("named"), function="jsonb_exists", output_field=BooleanField())
    last = Fact.objects.filter(holds, subject=OuterRef("told_of")).order_by("-id").annotate(told=digest).values("told")[:1]
    found = rows.annotate(named=named, told_of=_joined(f"{kind}:", column))
    yield from found.values_list("named", "pk", text_of(rows.model), Subquery(last)).iterator(chunk_size=5000)


def _joined(begin: str, column: str) -> Func:
    return Func(Value(begin), Cast(F(column), TextField()), template="(%(expressions)s)", arg_joiner=" || ", output_field=TextField())


def refusing_altered(verb: Callable[P, R]) -> Callable[P, R]:
    """An act that looks with require_unaltered(): that it was refused stays on record, though what it wrote is undone."""

    @wraps(verb)
    def kept(*args: P.args, **named: P.kwargs) -> R:
        try:
            return verb(*args, **named)
        except AlteredError as why:
            if not is_open():
                with act(KEEPER) as current:
                    current.record(REFUSED, subject=f"row:{why.row}", payload={"row": why.row, "act": verb.__name__.strip("_")})
            raise

    return kept
