"""Lists as spreadsheets: what the page shows, and on request identity numbers and telephones, each read recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli import vault
from linli.kernel.viewer import Viewer
from linli.papers import write_table
from linli.programmes import Programme
from linli.registers.models import Resident
from linli.rules.explain import missing_label
from linli.screening.queries import Row
from linli.web import city
from linli.web.templatetags.texts import words

PURPOSE = "screening.export"
AT_ONCE = 1000
FIELDS = ("identity", "phone")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Headers and rows of an export."""

    headers: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def table(viewer: Viewer, rows: Sequence[Row], programme: Programme, *, sensitive: bool) -> Sheet:
    """The rows as a table. sensitive: with identity number and telephone of residents; refused unless the purpose names the role."""
    headers = (_("编号"), _("名称"), _("出生日期"), _("县（市、区）"), _("结论"), _("金额（元）"), _("缺少的信息"), _("自"), _("至"))
    if not sensitive:
        return Sheet(headers, (_plain(row, programme) for row in rows))
    return Sheet((*headers, _("身份证号"), _("电话")), _with_numbers(viewer, rows, programme))


def write(path: Path, sheet: Sheet, name: str) -> None:
    """Write the sheet as xlsx."""
    write_table(path, sheet.headers, sheet.rows, sheet=name)


def _plain(row: Row, programme: Programme) -> tuple[Any, ...]:
    verdicts = {"eligible": _("符合条件"), "unknown": _("还不能确定")}
    missing = _("、").join(words(missing_label(programme.rule, key)) for key in row.missing)
    amount = None if row.amount_fen is None else Decimal(row.amount_fen) / 100
    return (
        str(row.subject),
        row.name,
        row.birth_date,
        city.area_words(row.area_code[:6], row.area_name),
        verdicts[row.verdict],
        amount,
        missing,
        row.since,
        row.until,
    )


def _with_numbers(viewer: Viewer, rows: Sequence[Row], programme: Programme) -> Iterator[tuple[Any, ...]]:
    """In portions, so that a long list does not hold every number in memory at once."""
    for start in range(0, len(rows), AT_ONCE):
        portion = rows[start : start + AT_ONCE]
        numbers = _numbers(viewer, [row.subject for row in portion if row.subject_kind == "person"])
        for row in portion:
            shown = numbers.get(row.subject, {})
            yield (*_plain(row, programme), *(shown.get(field, "") for field in FIELDS))


def _numbers(viewer: Viewer, subjects: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    held = Resident.objects.filter(uid__in=subjects, erased_at__isnull=True).values_list("uid", "identity_cipher", "phone_cipher")
    people = [(uid, {"identity": identity, "phone": phone}) for uid, identity, phone in held]
    if not people:
        return {}
    shown = vault.reveal_many(viewer, purpose=PURPOSE, people=people)
    return {uid: texts for (uid, _fields), texts in zip(people, shown, strict=True)}
