"""Fill a superior's form under the asker's grants: a figure in each mapped cell, or a row for each person of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Q

from linli import papers, vault
from linli.insight import mapping as mappings
from linli.insight import queries
from linli.insight.acts import opened
from linli.insight.facts import FORM_FILLED
from linli.insight.models import Count, Form, FormVersion
from linli.insight.queries import READERS, Figures
from linli.kernel import clock
from linli.kernel.dates import age_on
from linli.kernel.errors import LinliError, Place
from linli.kernel.viewer import Viewer
from linli.papers.writing import Value
from linli.registers.models import Resident
from linli.screening import queries as screenings
from linli.screening.queries import Row
from linli.trace import act

PURPOSE = "screening.export"
PORTION = 1_000
SENSITIVE = ("identity", "phone")
Progress = Callable[[int], None]


def forms(viewer: Viewer) -> list[Form]:
    """The forms in use in an area that the viewer sees figures of, newest first. One query."""
    queries.require(viewer)
    areas = {area for role in READERS for area in viewer.areas(role)}
    found = Form.objects.filter(ended_at__isnull=True).order_by("-id")
    return [one for one in found if any(one.area_code.startswith(area) for area in areas)]


def newest(viewer: Viewer, uid: UUID) -> FormVersion:
    """A form as it is now; FormVersion.DoesNotExist where the viewer has none of that id. Two queries."""
    if not any(one.uid == uid for one in forms(viewer)):
        raise FormVersion.DoesNotExist
    return FormVersion.objects.select_related("form", "template").filter(form__uid=uid).latest("number")


def require_rows(viewer: Viewer, version: FormVersion) -> None:
    """Raise Refused unless the viewer may fill the form: people need officer for the programme over the form's area."""
    if version.form.kind == "people":
        mappings.require_columns(version.mapping)
        viewer.require("officer", area=version.form.area_code, programme=version.mapping["programme"])


def fill(viewer: Viewer, version: FormVersion, out: Path, *, progress: Progress = lambda _: None) -> int:
    """Write the filled form and return the number of people in it. A list of people is recorded with its purpose, numbers for each person.

    Raises LinliError naming the cell for a figure outside the viewer's grants, or one that nothing is known of.
    """
    require_rows(viewer, version)
    with opened(bytes(version.template.content), version.file_name) as form:
        if version.form.kind == "figures":
            values = _figures(viewer, version, form)
            progress(len(values))
            return form.fill(out, values)
        told = version.mapping
        columns = [form.slot(f"{told['sheet']}!{one['target']}{told['row']}").column for one in told["columns"]]
        fields = [one["field"] for one in told["columns"]]
        written = form.fill(out, {}, papers.Rows(told["sheet"], told["row"], columns, _people(viewer, version, fields, progress)))
    with act(viewer) as a:
        payload = {"version": version.number, "purpose": PURPOSE, "people": written}
        a.record(FORM_FILLED, subject=str(version.form), payload=payload, area=version.form.area_code)
    return written


def check(viewer: Viewer, version: FormVersion) -> None:
    """Raise what fill() would raise before it writes."""
    require_rows(viewer, version)
    if version.form.kind == "figures":
        with opened(bytes(version.template.content), version.file_name) as form:
            _figures(viewer, version, form)


def _figures(viewer: Viewer, version: FormVersion, form: papers.Form) -> dict[papers.Slot, Value]:
    count = queries.counted(viewer)
    if count is None:
        raise LinliError("insight.not_counted", zh="数字还没有统计", en="The figures have not been counted yet.")
    known: dict[str, list[Figures]] = {}
    values: dict[papers.Slot, Value] = {}
    for line in version.mapping:
        slug, county = line["programme"], line["county"]
        if slug and slug not in known:
            known[slug] = queries.by_county(viewer, slug)
        values[form.slot(line["target"])] = _value(viewer, line, count, known.get(slug, []), county or version.form.area_code)
    return values


def _value(viewer: Viewer, line: Any, count: Count, known: list[Figures], area: str) -> Value:
    if line["measure"] == "day":
        return count.day
    if not queries.sees(viewer, line["programme"], area):
        raise _cell(line, "超出您的授权范围", "It is outside your grants.", area)
    if line["measure"] == "taken" and line["programme"] not in count.recorded:
        raise _cell(line, "这项政策没有发放记录", "No benefit of the programme is on record.", line["programme"])
    inside = [one for one in known if one.key.startswith(area)]
    if line["measure"] == "amount":
        return Decimal(sum(one.amount_fen for one in inside)) / 100
    return sum(int(getattr(one, line["measure"])) for one in inside)


def _cell(line: Any, zh: str, en: str, found: str) -> LinliError:
    target = line["target"]
    return LinliError(
        "insight.cell", zh=f"{target}：{zh}", en=f"{target}: {en}", place=Place(field=target), found=found,
        remedy_zh="改这个单元格的指标或地区", remedy_en="change the indicator or the area of this cell",
    )  # fmt: skip


def _people(viewer: Viewer, version: FormVersion, fields: list[str], progress: Progress) -> Iterator[list[Value]]:
    number, told = 0, version.mapping
    rows = _listed(viewer, told["programme"], told["state"], version.form.area_code)
    while portion := list(islice(rows, PORTION)):
        shown = _numbers(viewer, portion, fields)
        for row in portion:
            number += 1
            yield [_field(name, number, row, shown.get(row.subject, {})) for name in fields]
        progress(number)


def _listed(viewer: Viewer, slug: str, state: str, area: str) -> Iterator[Row]:
    after = 0
    while page := _page(viewer, slug, state, area, after):
        yield from page
        after = page[-1].id


def _page(viewer: Viewer, slug: str, state: str, area: str, after: int) -> list[Row]:
    if state == "found":
        return screenings.eligible(viewer, slug, Q(), county=area, after=after, limit=PORTION)
    return queries.people(viewer, slug, state, county=area, after=after, limit=PORTION)


def _numbers(viewer: Viewer, rows: list[Row], fields: list[str]) -> dict[UUID, dict[str, str]]:
    """Identity numbers and telephones where the form asks for them; every read is recorded for the person. At most two statements."""
    wanted = [name for name in SENSITIVE if name in fields]
    people = [row.subject for row in rows if row.subject_kind == "person"]
    if not wanted or not people:
        return {}
    held = Resident.objects.filter(uid__in=people, erased_at__isnull=True).values_list("uid", *(f"{name}_cipher" for name in wanted))
    asked = [(uid, dict(zip(wanted, ciphers, strict=True))) for uid, *ciphers in held]
    shown = vault.reveal_many(viewer, purpose=PURPOSE, people=asked)
    return {uid: texts for (uid, _fields), texts in zip(asked, shown, strict=True)}


def _field(name: str, number: int, row: Row, shown: dict[str, str]) -> Value:
    if name in SENSITIVE:
        return shown.get(name, "")
    if name == "number":
        return number
    if name == "age":
        return age_on(row.birth_date, clock.today()) if row.birth_date else None
    if name == "amount":
        return None if row.amount_fen is None else Decimal(row.amount_fen) / 100
    if name == "since":
        return clock.day_of(row.since)
    return {"name": row.name, "birth_date": row.birth_date, "county": row.area_name}[name]
