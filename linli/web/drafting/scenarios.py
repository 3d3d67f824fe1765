"""What-ifs on their pages: the figures of a version as a form, and what other figures come to, in words, tables and sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.kernel import clock
from linli.kernel.errors import LinliError, Problems
from linli.papers.writing import Book, Value
from linli.programmes.amounts import a_year, per_payment
from linli.programmes.declaration import SITUATIONS, Fund, Programme, last_day_of
from linli.programmes.differing import Row, compare
from linli.programmes.drafting import entry_of
from linli.programmes.naming import naming
from linli.programmes.telling import UNITS
from linli.rules.declare import Label
from linli.rules.source import Entry
from linli.screening.models import Scenario
from linli.screening.scenarios import SIDES, STEPS
from linli.web.drafting import drafts, previews
from linli.web.drafting import programme_fields as fields
from linli.web.frame import city
from linli.web.insights.figures import county_words
from linli.web.programme.questions import DayField
from linli.web.templatetags.texts import chinese, words, yuan

SECTION = "figures"
Number = int | Decimal
YEARS = (2000, 2100)


class BeginForm(forms.Form):
    """A new what-if: its name, and the version or the other what-if whose figures it begins with."""

    name = forms.CharField(
        label=gettext_lazy("试算名称"), max_length=100, help_text=gettext_lazy("例如：起始年龄降到七十五周岁"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    start = forms.ChoiceField(label=gettext_lazy("从哪里开始"))

    def __init__(self, versions: Sequence[Programme], others: Sequence[Scenario], data: Any = None) -> None:
        super().__init__(data)
        told = [(f"version:{one.version}", _("版本 %(version)s 的数值") % {"version": one.version}) for one in versions]
        told += [(f"scenario:{one.uid}", _("试算“%(name)s”的数值") % {"name": one.name}) for one in others]
        self.fields["start"].choices = told  # type: ignore[attr-defined]


class FiguresForm(drafts.SectionForm):
    """The figures of a what-if, beside each the published one, and the day on which both are asked."""

    day = DayField(YEARS, required=False, label=gettext_lazy("按哪一天计算（不填：今天）"))

    def __init__(self, asked: Sequence[fields.Spec], values: Mapping[str, str], revision: int, typed_day: Mapping[str, str]) -> None:
        super().__init__(asked, values, revision)
        self.data = {**self.data, **typed_day}

    def figures(self) -> list[tuple[Label | None, bool, list[forms.BoundField], list[forms.BoundField]]]:
        """The groups, whether each is one to add, their amounts and thresholds, and the days of these."""
        days = {spec.name for spec in self.asked if spec.kind == "day"}
        return [
            (group, new, [item for item in items if item.name not in days], [item for item in items if item.name in days])
            for group, new, items in self.groups()
        ]


def asked_of(entry: Entry, base: Entry) -> list[fields.Spec]:
    """The figures and their days, without their sources; each says what the published version has. entry: of the what-if's text."""
    asked = [spec for spec in fields.specs(entry, SECTION) if ".source." not in spec.path]
    published = fields.values_of(base, asked)
    return [replace(spec, hint=_hint(spec, base, published[spec.path])) for spec in asked]


def _hint(spec: fields.Spec, base: Entry, value: str) -> Label | None:
    if fields.NEW in spec.path or not value:
        return spec.hint
    _rule, section, name, *_rest = spec.path.split(".")
    unit = base.value["rule"].value[section].value[name].get("unit") if spec.kind == "money" else None
    per = UNITS.get(str(unit.value)) if unit is not None else None
    if spec.kind != "money":
        return Label(f"公布的是 {value}", f"published: {value}")
    value = value.removesuffix(".00")
    return Label(f"公布的是{per.zh if per else ''} {value} 元", f"published: {value} yuan{f' {per.en}' if per else ''}")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent: the text with it, None where something can't be written; the values to show; by path, why one is refused."""

    text: str | None
    values: dict[str, str]
    refused: Mapping[str, str]


def typed(scenario: Scenario, asked: Sequence[fields.Spec], posted: QueryDict) -> Typed:
    """A posted form laid over the what-if as it is. No query."""
    entry = entry_of(scenario.text)
    assert entry is not None, "a scenario's text was checked when it was saved"
    current = fields.values_of(entry, list(asked))
    told = {spec.path: " ".join(posted.get(spec.name, current[spec.path]).split()) for spec in asked}
    changed = drafts.changes_in(told, current, asked)
    refused = drafts.refused_amounts(changed, asked)
    text = None if refused else fields.written(scenario.text, entry, changed, list(asked))
    return Typed(text, {**current, **changed}, refused)


def show_faults(form: FiguresForm, text: str, error: Problems | LinliError) -> None:
    """Each fault beside its field, or above all where it belongs to none."""
    entry = entry_of(text)
    found = error.problems if isinstance(error, Problems) else [error]
    told = []
    for one in found:
        path = fields.place_in(entry, one.place.field) if one.place and one.place.field else ""
        told.append(drafts.Fault(drafts.fault_words(one), True, SECTION, path, "", None, ""))
    form.show(told)


def step_words(step: str) -> str:
    """What the worker is doing."""
    return {
        "snapshot": _("准备数据"),
        "before": _("按公布的数值计算"),
        "after": _("按试算的数值计算"),
        "compare": _("逐人比较"),
        "": _("排队等待"),
    }[step]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on both sides, as it is printed; number: the same for a sheet. difference: with its sign."""

    label: str
    before: str
    after: str
    difference: str
    numbers: tuple[Number, Number, Number]


def people_line(label: str, before: int, after: int) -> Line:
    """A count on both sides."""
    return Line(label, f"{before:,}", f"{after:,}", f"{after - before:+,}" if after != before else "0", (before, after, after - before))


def money_line(label: str, before: int, after: int) -> Line:
    """A sum in fen on both sides."""
    sign = "+" if after > before else ""
    old, new, more = (Decimal(fen) / 100 for fen in (before, after, after - before))
    return Line(label, yuan(before), yuan(after), f"{sign}{yuan(after - before)}", (old, new, more))


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which an answer changes: words, look, how many, and what it costs before and after for the time the page speaks of."""

    words: str
    kind: str
    sign: str
    number: int
    cost: Line


@dataclass(frozen=True, slots=True)
class County:
    """One county's row: found and undecided, who gains or loses in any way; counts and sums as of the totals."""

    name: str
    found: Line
    undecided: Line
    winners: int
    losers: int
    counts: tuple[Line, ...]
    sums: tuple[Line, ...]

    @property
    def cost(self) -> Line | None:
        """What the page speaks of: a year, or one payment to each."""
        return self.sums[-1] if self.sums else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A what-if for its page. lines: the totals, their sums last; times: how often a year the rule's amount is paid, None where nothing
    says so. funds: in the order in which they are drawn on, the sums beside the first; the others pay what is missing there.
    """

    scenario: Scenario
    base: Programme
    step: str
    steps: int
    error: str
    lines: tuple[Line, ...]
    ways: tuple[Way, ...]
    same: int
    unpriced: int
    counties: tuple[County, ...]
    funds: tuple[tuple[Fund, tuple[Line, ...]], ...]
    conditions: tuple[tuple[str, int, int], ...]
    sums: tuple[Line, ...]
    times: int | None

    @property
    def cost(self) -> Line | None:
        """What the page speaks of: a year, or one payment to each; None where the programme has no amount."""
        return self.sums[-1] if self.sums else None

    @property
    def unit(self) -> str:
        """What is counted."""
        return unit_words(self.base.subject)

    @property
    def once(self) -> bool:
        """Whether the file says that it is paid once."""
        return self.base.payment is not None and self.base.payment.cycle == "once"

    @property
    def changes(self) -> int:
        """How many answers change in any way."""
        return sum(way.number for way in self.ways)

    @property
    def payer(self) -> str:
        """Which county pays, where that is not the one whose office decides."""
        place = self.base.place
        return words(SITUATIONS[place.payer]) if place.payer != place.office and self.base.subject != "organisation" else ""


def unit_words(subject: str) -> str:
    """What is counted: people, households or organisations."""
    return {"person": _("人"), "household": _("户"), "organisation": _("家单位")}[subject]


def shown(scenario: Scenario, base: Programme) -> Shown:
    """A what-if in words. base: the published version. No query."""
    figures = scenario.figures
    times = a_year(base)
    error = scenario.error_zh if chinese() else scenario.error_en
    empty = (scenario, base, step_words(scenario.step), len(STEPS), error)
    if not figures:
        return Shown(*empty, (), (), 0, 0, (), (), (), (), times)
    totals = figures["totals"]
    sums = tuple(_sums(base, totals))
    conditions = [row for row in figures["conditions"] if row["gains"] or row["loses"]]
    return Shown(
        *empty,
        (*_counts(base, totals), *sums),
        tuple(_ways(figures["changes"], Fraction(times or 1))),
        totals["same"],
        totals["unpriced_after"],
        tuple(_county(base, row) for row in figures["counties"]),
        tuple((fund, sums if not place else ()) for place, fund in enumerate(_funds(base))) if sums else (),
        tuple((_condition_words(base, row["id"]), row["gains"], row["loses"]) for row in conditions),
        sums,
        times,
    )


def _cost_words(times: int | None) -> str:
    return _("一年") if times else _("各发一次")


def _money(row: Mapping[str, int], label: str, factor: Fraction) -> Line:
    before, after = (_fen(row[f"fen_{side}"], factor) for side in SIDES)
    return money_line(label, before, after)


def _fen(fen: int, factor: Fraction) -> int:
    return round(fen * factor)


def _counts(base: Programme, row: Mapping[str, int]) -> Iterator[Line]:
    def line(label: str, name: str) -> Line:
        return people_line(label, *(row[f"{name}_{side}"] for side in SIDES))

    if base.subject == "organisation":
        yield line(_("符合条件（家单位）"), "found")
        yield line(_("还不能确定（家单位）"), "undecided")
    else:
        yield line(_("符合条件（人）"), "found_people")
        yield line(_("符合条件（户）"), "found_households")
        yield line(_("还不能确定（人）"), "undecided_people")
        yield line(_("还不能确定（户）"), "undecided_households")


def _sums(base: Programme, row: Mapping[str, int]) -> Iterator[Line]:
    """Of one payment and of a year, as far as the file says how often it is paid; nothing where the programme has no amount."""
    if base.rule.amount is None:
        return
    times = a_year(base)
    if base.payment is not None and times is not None:
        yield _money(row, _("每次发放"), per_payment(base))
    yield _money(row, _cost_words(times), Fraction(times or 1))


def _ways(changes: Mapping[str, Mapping[str, int]], factor: Fraction) -> Iterator[Way]:
    for change, row in changes.items():
        cost = money_line("", *(_fen(row[f"{side}_fen"], factor) for side in SIDES))
        if row["number"]:
            yield Way(previews.change_words(change), *previews.LOOKS[change], row["number"], cost)


def _county(base: Programme, row: Mapping[str, Any]) -> County:
    name = county_words(row["county"], dict(city.counties()))
    return County(
        name,
        people_line(name, row["found_before"], row["found_after"]),
        people_line(name, row["undecided_before"], row["undecided_after"]),
        row["gains"] + row["more"],
        row["loses"] + row["less"],
        tuple(_counts(base, row)),
        tuple(_sums(base, row)),
    )


def _funds(base: Programme) -> list[Fund]:
    """In the order in which they are drawn on."""
    known = {fund.id: fund for fund in base.funds}
    return [known[one] for one in base.payment.funds] if base.payment is not None else list(base.funds)


def _condition_words(base: Programme, identity: str) -> str:
    labels = {one.id: one.label for one in base.rule.conditions}
    return words(labels[identity]) if identity in labels else words(base.place.label)


def chart(one: Shown) -> list[dict[str, Any]]:
    """Bars by county: who gains, who loses."""
    return [{"label": row.name, "first": row.winners, "second": row.losers} for row in one.counties if row.winners or row.losers]


def counties_beside(one: Shown, other: Shown) -> list[tuple[str, Line | None, Line | None]]:
    """The cost of each county in both, in the order of the code table as far as either has it."""
    costs = [{row.name: row.cost for row in each.counties} for each in (one, other)]
    return [(name, costs[0].get(name), costs[1].get(name)) for name in dict.fromkeys([*costs[0], *costs[1]])]


def cost_chart(several: Sequence[Shown]) -> list[dict[str, Any]]:
    """Bars in whole yuan: as published, then each what-if."""
    found = [one for one in several if one.cost is not None]
    rows = [{"label": one.scenario.name, "first": int(one.cost.numbers[1])} for one in found if one.cost]
    first = found[0].cost if found else None
    return [{"label": _("公布的数值"), "first": int(first.numbers[0])}, *rows] if first else []


def changed(base: Programme, other: Programme) -> tuple[Row, ...]:
    """The figures that differ, in words. No query."""
    parts = compare(base, other, naming(settings.LINLI_CITY), city.city().bodies)
    return next(part.changed for part in parts if part.slug == SECTION)


def write(path: Path, one: Shown, rows: Sequence[Row]) -> None:
    """A what-if as a workbook: what it is of, the figures changed (rows), totals, ways of change, counties, funds, conditions."""
    sides = (_("公布的数值"), _("试算的数值"), _("相差"))
    with Book(path) as book:
        book.table(_("说明"), (_("项目"), _("内容")), _about(one), widths=(24, 60))
        book.table(_("改过的数值"), (_("项目"), *sides[:2]), (_row_words(row) for row in rows), widths=(40, 24, 24))
        book.table(_("总数"), (_("项目"), *sides), ((line.label, *line.numbers) for line in one.lines))
        priced = (_("金额相差（元）"),) if one.sums else ()
        ways = ((way.words, way.number, *way.cost.numbers[2:][: len(priced)]) for way in one.ways)
        book.table(_("谁的结果会变"), (_("怎样变"), one.unit, *priced), ways)
        book.table(_("各县（市、区）"), tuple(_county_heads(one)), (_county_row(row) for row in one.counties))
        held = ((words(fund.label), line.label, *line.numbers) for fund, sums in one.funds for line in sums)
        spare = ((words(fund.label), _("前一项不够时才用"), None, None, None) for fund, sums in one.funds if not sums)
        book.table(_("资金"), (_("资金"), _("金额"), *sides), (*held, *spare))
        book.table(_("按条件"), (_("条件"), _("因此新享受"), _("因此不再享受或不能确定")), one.conditions)


def _row_words(row: Row) -> tuple[Value, ...]:
    name = (words(row.group), words(row.label)) if row.group else (words(row.label),)
    return _("：").join(name), words(row.before) if row.before else None, words(row.after) if row.after else None


def _about(one: Shown) -> Iterator[tuple[Value, Value]]:
    row = one.scenario
    yield _("政策"), words(one.base.label)
    yield _("试算名称"), row.name
    yield _("版本"), row.version
    yield _("按哪一天计算"), row.asked_day
    yield _("数据截至"), row.snapshot_day
    yield _("金额"), _cost_words(one.times)
    yield _("试算时间"), row.finished_at


def _county_heads(one: Shown) -> Iterator[str]:
    yield _("县（市、区）")
    for line in one.lines:
        yield _("%(what)s：公布") % {"what": line.label}
        yield _("%(what)s：试算") % {"what": line.label}
    yield from (_("得益"), _("受损"))


def _county_row(row: County) -> tuple[Value, ...]:
    sides = [number for line in (*row.counts, *row.sums) for number in line.numbers[:2]]
    return (row.name, *sides, row.winners, row.losers)


def day_boxes(value: Any) -> dict[str, str]:
    """A day as the three boxes of its field hold it."""
    parts = (value.year, value.month, value.day) if value else ("", "", "")
    return {f"day_{place}": str(part) for place, part in enumerate(parts)}


def still_apply(published: Sequence[Programme]) -> list[Programme]:
    """The versions that apply today or later, the newest first; published: in order of their first day."""
    today = clock.today()
    ends = ((one, last_day_of(one, published)) for one in published)
    return [one for one, last in reversed(list(ends)) if last is None or last >= today]
