"""Lists as spreadsheets: what the page shows, and on request identity numbers and telephones, each read recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from linli import vault
from linli.kernel.viewer import Viewer
from linli.papers import write_table
from linli.programmes import Programme
from linli.registers.models import Resident
from linli.registers.queries import Found, search_residents
from linli.rules.explain import missing_label
from linli.screening import queries
from linli.screening.causes import Cause, run_before
from linli.screening.models import Run
from linli.screening.queries import Row
from linli.web.frame import city
from linli.web.person import page as person_page
from linli.web.programme import findings
from linli.web.templatetags.texts import sex_words, words

PURPOSE = "screening.export"
AT_ONCE = 1000
PORTION = 5000
FIELDS = ("identity", "phone")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Name, headers and rows of an export. Rows are read as they are written, a portion at a time. count: how many, where that is cheap."""

    name: str
    headers: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    count: Callable[[], int | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Filled:
    """A file that is written in its own way: write(path, progress). count: how much there is, where that is cheap."""

    write: Callable[[Path, Callable[[int], None]], int]
    count: Callable[[], int | None] = lambda: None


def people(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """A list of a screening: run, kind, county, missing, and sensitive ("1") for identity numbers and telephones."""
    run = queries.run(viewer, UUID(parameters["run"]))
    kind = parameters["kind"]
    narrowed = {"county": parameters.get("county", ""), "missing": parameters.get("missing", "")}
    found = _portions(viewer, run, findings.KINDS[kind], **narrowed)
    sheet = table(viewer, found, run, kind, sensitive=parameters.get("sensitive") == "1")
    return replace(sheet, count=lambda: queries.count_people(viewer, run, findings.KINDS[kind], **narrowed))


def _portions(viewer: Viewer, run: Run, kind: queries.Kind, county: str, missing: str) -> Iterator[Row]:
    after = 0
    while portion := queries.people(viewer, run, kind, county=county, missing=missing, after=after, limit=PORTION):
        yield from portion
        after = portion[-1].id


def residents(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """What a search finds: q and county, as on its page. Officers only; never by a number."""
    viewer.require("officer", area=parameters.get("county", ""))
    text, county = parameters["q"], parameters.get("county", "")
    first = search_residents(viewer, text, area=county, limit=PORTION)
    headers = (_("编号"), _("姓名"), _("性别"), _("出生日期"), _("年龄"), _("居住地"))
    return Sheet(_("居民"), headers, _residents(viewer, text, county, first))


def _residents(viewer: Viewer, text: str, county: str, page: Found) -> Iterator[tuple[Any, ...]]:
    while True:
        for one in person_page.listed(page.residents):
            who = one.resident
            yield str(who.uid), who.name, sex_words(who.sex), who.birth_date, one.age, one.place
        if not page.after:
            return
        page = search_residents(viewer, text, area=county, after=page.after, limit=PORTION)


def table(viewer: Viewer, rows: Iterable[Row], run: Run, kind: str, *, sensitive: bool) -> Sheet:
    """The rows of one of a screening's lists as a table; of the newly found and lost with what made the difference.

    sensitive: with identity number and telephone of residents; refused unless the purpose names the role.
    """
    programme = findings.programme_of_run(run)
    headers = [_("编号"), _("名称"), _("出生日期"), _("县（市、区）"), _("结论"), _("金额（元）"), _("缺少的信息"), _("自"), _("至")]
    before = run_before(run) if kind in findings.NEWS else None
    if before is not None:
        headers.append(_("变化的原因"))
    if sensitive:
        headers += [_("身份证号"), _("电话")]
    return Sheet(findings.kind_words(kind), tuple(headers), _rows(viewer, iter(rows), programme, run, before, sensitive=sensitive))


def _rows(
    viewer: Viewer, rows: Iterator[Row], programme: Programme, run: Run, before: Run | None, *, sensitive: bool
) -> Iterator[tuple[Any, ...]]:
    """In portions, so that a long list holds neither every number nor every cause in memory at once."""
    while portion := list(islice(rows, AT_ONCE)):
        causes = findings.causes_of(viewer, run, before, portion) if before else {}
        numbers = _numbers(viewer, [row.subject for row in portion if row.subject_kind == "person"]) if sensitive else {}
        for row in portion:
            more: list[str] = []
            if before is not None:
                more.append(_("；").join(_cause(cause) for cause in causes.get(row.subject, ())))
            if sensitive:
                shown = numbers.get(row.subject, {})
                more += [shown.get(field, "") for field in FIELDS]
            yield (*_plain(row, programme), *more)


def _cause(cause: Cause) -> str:
    before, after = (words(side) if side else _("不清楚") for side in (cause.before, cause.after))
    return _("%(what)s：%(before)s → %(after)s") % {"what": words(cause.label), "before": before, "after": after}


def write(path: Path, sheet: Sheet) -> None:
    """Write the sheet as xlsx."""
    write_table(path, sheet.headers, sheet.rows, sheet=sheet.name)


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


def _numbers(viewer: Viewer, subjects: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    held = Resident.objects.filter(uid__in=subjects, erased_at__isnull=True).values_list("uid", "identity_cipher", "phone_cipher")
    people = [(uid, {"identity": identity, "phone": phone}) for uid, identity, phone in held]
    if not people:
        return {}
    shown = vault.reveal_many(viewer, purpose=PURPOSE, people=people)
    return {uid: texts for (uid, _fields), texts in zip(people, shown, strict=True)}
