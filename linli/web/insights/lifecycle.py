"""From found to paid in words: how far people have come, why somebody is not paid, how long steps take against what was promised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.agreements.queries import AWARD_REASONS
from linli.batches.refusals import STATE_WORDS as BATCH_WORDS
from linli.insight import lifecycle, measures, queries
from linli.insight.elsewhere import Elsewhere, elsewhere
from linli.insight.lifecycle import Progress, Reason
from linli.insight.measures import Decided, Service, StepTime
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.ledger.comparing import Spent, UnitCost, unit_costs
from linli.programmes import Programme
from linli.rules.declare import Label
from linli.settlement.words import REASONS as BANK_WORDS
from linli.web.batches.forms import REASONS as REMOVALS
from linli.web.frame import city
from linli.web.insights.figures import Number, county_words, percent, screened
from linli.web.programme import shelf
from linli.web.templatetags.texts import words

WHY = {
    "uninvited": gettext_lazy("还没有写信告知"),
    "unanswered": gettext_lazy("已写信告知，还没有申请"),
    "received": gettext_lazy("已申请，等待受理"),
    "missing": gettext_lazy("等本人补齐材料"),
    "step": gettext_lazy("正在办理"),
    "refused": gettext_lazy("申请时不符合条件，已决定不予"),
    "lapsed": gettext_lazy("逾期未补正，已终止，可以重新申请"),
    "withdrawn": gettext_lazy("本人撤回了申请"),
    "proposed": gettext_lazy("拟给予，等候公示或正在公示"),
    "suspended": gettext_lazy("已给予，暂停发放"),
    "unbatched": gettext_lazy("已给予，还没有列入批次"),
    "no_account": gettext_lazy("已给予，没有收款账户"),
    "batch": gettext_lazy("已列入批次"),
    "taken_off": gettext_lazy("已给予，从批次中移出"),
    "account": gettext_lazy("账户待更正"),
    "ready": gettext_lazy("账户已核对，等待编制发放文件"),
    "bank": gettext_lazy("已列入发放文件，等银行答复"),
    "failed": gettext_lazy("银行没有付成，待更正"),
    "retained": gettext_lazy("质保金，未到期"),
    "ended": gettext_lazy("以前给予的已终止，还没有重新申请"),
    "forwarded": gettext_lazy("已转办，等其他系统的结果"),
}
"""Why somebody eligible is not paid."""


def detail_words(programme: Programme, state: str, detail: str) -> str:
    """The step, the materials, the conditions, the reason: whatever the state names."""
    if not detail:
        return ""
    found = _DETAILS.get(state)
    return _("、").join(words(found(programme).get(one) or one) for one in detail.split(",")) if found else detail


def _steps(programme: Programme) -> Mapping[str, Label]:
    return {step.id: step.label for step in programme.procedure.steps} if programme.procedure else {}


def _batch(_programme: Programme) -> Mapping[str, Label]:
    return {state: Label(*said) for state, said in BATCH_WORDS.items()}


def _rests(_programme: Programme) -> Mapping[str, Label]:
    return AWARD_REASONS


_DETAILS: Mapping[str, Callable[[Programme], Mapping[str, Label]]] = {
    "step": _steps,
    "missing": lambda programme: {one.id: one.label for one in programme.materials},
    "refused": lambda programme: {one.id: one.label for one in programme.rule.conditions},
    "batch": _batch,
    "taken_off": lambda _programme: {code: Label(str(said), str(said)) for code, said in REMOVALS.items()},
    "account": lambda _programme: BANK_WORDS,
    "failed": lambda _programme: BANK_WORDS,
    "suspended": _rests,
    "ended": _rests,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A programme or county: how far its eligible have come. unpaid: with the address of their list, where the viewer may open it;
    screened: whether the whole city was ever looked at, else nobody knows how many are eligible."""

    key: str
    name: str
    address: str
    at: Progress
    unpaid: Number
    screened: bool

    @property
    def rate(self) -> str:
        """Paid or held, of the eligible; "" where nobody knows it."""
        return percent(self.at.paid + self.at.held, self.at.eligible) if self.screened and self.at.eligible else ""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason in words with how many."""

    reason: str
    detail: str
    number: Number
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Pace:
    """A step, or the whole way, in one area: measured beside declared. declared None: no document states it."""

    name: str
    declared: int | None
    at: StepTime
    whole: bool


@dataclass(frozen=True, slots=True)
class VersionPace:
    """A version of a programme: its number of steps, how many stays a case made on average, and how long each took."""

    version: str
    steps: int
    stays: str
    paces: tuple[Pace, ...]


@dataclass(frozen=True, slots=True)
class Approvals:
    """Decisions of a programme or office, the share granted, and of those looked at the share with a finding."""

    name: str
    at: Decided
    office: str = ""

    @property
    def rate(self) -> str:
        """Granted, of the decided."""
        return percent(self.at.granted, self.at.decided) if self.at.decided else ""

    @property
    def found(self) -> str:
        """With a finding, of the checked."""
        return percent(self.at.findings, self.at.checked) if self.at.checked else ""


@dataclass(frozen=True, slots=True)
class Care:
    """How people fared: shares with their counts, score with the response rate, cost per unit beside the others.

    funds: (name, fen paid, of which per unit) where several pay; elsewhere: what it costs in other places.
    """

    name: str
    at: Service
    works: bool
    cost: UnitCost
    funds: tuple[tuple[str, int, int | None], ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def spared(self) -> str:
        """Of all fields needed, those that nobody had to fill in."""
        return percent(self.at.known, self.at.needed) if self.at.needed else ""

    @property
    def response(self) -> str:
        """Answered, of the invited."""
        return percent(self.at.answered, self.at.invited) if self.at.invited else ""

    @property
    def score(self) -> str:
        """The mean answer, of 1 to 5."""
        return f"{self.at.score / self.at.answered:.1f}" if self.at.answered else ""

    @property
    def units(self) -> int:
        """Homes whose works were accepted, or people paid."""
        return self.at.completed if self.works else self.at.units


@dataclass
class Desk:
    """What one viewer sees of the way from found to paid. Two queries, for any number of figures."""

    viewer: Viewer
    programmes: dict[str, Programme] = field(default_factory=dict)
    names: dict[str, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.count = queries.counted(self.viewer)
        self.programmes = {one.slug: one.programme for one in shelf.shelf()}
        self.names = dict(city.counties())

    def label(self, slug: str) -> str:
        """A programme's name."""
        return words(self.programmes[slug].label) if slug in self.programmes else slug

    def lines(self, county: str = "") -> list[Line]:
        """Take-up of every programme. One query."""
        narrowed = f"?{urlencode({'county': county})}" if county else ""
        return [
            self._line(one, one.key, county, self.label(one.key), reverse("city:way_of", args=[one.key]) + narrowed)
            for one in lifecycle.by_programme(self.viewer, county=county)
            if one.key in self.programmes
        ]

    def counties(self, slug: str) -> list[Line]:
        """Take-up of a programme in every county. One query."""
        here = reverse("city:way_of", args=[slug])
        return [
            self._line(one, slug, one.key, county_words(one.key, self.names), f"{here}?{urlencode({'county': one.key})}")
            for one in lifecycle.by_county(self.viewer, slug)
        ]

    def _line(self, one: Progress, slug: str, county: str, name: str, address: str) -> Line:
        unpaid = Number(one.unpaid, self._rows(slug, county) if one.unpaid else "")
        return Line(one.key, name, address, one, unpaid, screened(self.count, slug))

    def _rows(self, slug: str, county: str, state: str = "", detail: str = "") -> str:
        if not queries.opens(self.viewer, slug, county):
            return ""
        narrowed = urlencode({name: value for name, value in (("county", county), ("state", state), ("detail", detail)) if value})
        return reverse("city:unpaid", args=[slug]) + (f"?{narrowed}" if narrowed else "")

    def why(self, slug: str, county: str = "") -> list[Why]:
        """Why the eligible of a programme are not paid. One query."""
        return [self._why(slug, county, one) for one in lifecycle.reasons(self.viewer, slug, county=county)]

    def _why(self, slug: str, county: str, one: Reason) -> Why:
        detail = detail_words(self.programmes[slug], one.state, one.detail)
        return Why(str(WHY[one.state]), detail, Number(one.number, self._rows(slug, county, one.state, one.detail)), one.amount_fen)

    def whole_ways(self) -> list[tuple[str, VersionPace]]:
        """(programme, the whole way of one of its versions), of the widest area that the viewer sees. One query."""
        found = measures.widest(measures.times(self.viewer, whole=True))
        return [(self.label(one.programme), self._version(one.programme, one.version, [one])) for one in found]

    def paces(self, slug: str, declared: Mapping[str, Programme], county: str = "") -> list[VersionPace]:
        """A programme's versions side by side, in one county or the widest area. declared: the versions' files. One query."""
        times = measures.times(self.viewer, programme=slug)
        chosen = [one for one in times if one.area_code == county] if county else measures.widest(times)
        versions = dict.fromkeys(one.version for one in chosen)
        return [self._version(slug, version, [one for one in chosen if one.version == version], declared) for version in versions]

    def _version(self, slug: str, version: str, times: Sequence[StepTime], declared: Mapping[str, Programme] | None = None) -> VersionPace:
        known = (declared or {}).get(version) or self.programmes.get(slug)
        steps = known.procedure.steps if known and known.procedure else ()
        order = {step.id: place for place, step in enumerate(steps)}
        days = {step.id: step.days for step in steps}
        labels = {step.id: words(step.label) for step in steps}
        promised = (known.promised_working_days or known.statutory_working_days) if known else None
        whole = [one for one in times if not one.step]
        paces = [
            Pace(labels.get(one.step, one.step) or _("从受理到办结"), days.get(one.step) if one.step else promised, one, not one.step)
            for one in sorted(times, key=lambda one: (not one.step, order.get(one.step, len(order)), one.step))
        ]
        return VersionPace(version, len(steps), f"{whole[0].hundredths / 100:.1f}" if whole else "", tuple(paces))

    def county_paces(self, slug: str) -> list[tuple[str, StepTime]]:
        """The whole way of a programme in each county and version. One query."""
        found = measures.times(self.viewer, programme=slug, whole=True)
        return [(county_words(one.area_code, self.names), one) for one in found if len(one.area_code) == 6]

    def approvals(self, county: str = "") -> list[Approvals]:
        """Decisions by programme, officers' and automatic ones apart. One query."""
        found = measures.summed(measures.decided(self.viewer, county=county))
        return [Approvals(self.label(slug), one) for (slug, _automatic), one in found.items()]

    def offices(self, slug: str, county: str = "") -> list[Approvals]:
        """Decisions of a programme by county and office. One query."""
        return [
            Approvals(county_words(one.county, self.names), one, _office(one, self.names))
            for one in measures.decided(self.viewer, programme=slug, county=county)
        ]

    def care(self, county: str = "") -> list[Care]:
        """How people fared, programme by programme; each cost beside those that pay as often to the same kind of subject, and what it costs
        elsewhere. Two queries."""
        found = measures.service_by_programme(self.viewer, county=county)
        known, funds = elsewhere(clock.today()), measures.paid_by_fund(self.viewer, county=county)
        alike: dict[tuple[str, str, bool], list[Service]] = {}
        for one in found:
            alike.setdefault(self._kind(one.key), []).append(one)
        costs = {key: cost for kind, each in alike.items() for key, cost in measures.costs(each, works=kind[2], elsewhere=known).items()}
        return [
            Care(
                self.label(one.key),
                one,
                works,
                costs[one.key],
                self._funds(one, works, funds.get(one.key, [])),
                tuple(known.get(one.key, ())),
            )
            for one in found
            for works in [self._kind(one.key)[2]]
        ]

    def cost_of(self, slug: str, county: str = "") -> Care | None:
        """A programme's own line of care(), None where nobody asked for it and nothing was paid. Two queries."""
        return next((one for one in self.care(county) if one.at.key == slug), None)

    def _funds(self, at: Service, works: bool, paid: Sequence[tuple[str, int]]) -> tuple[tuple[str, int, int | None], ...]:
        """Of a programme out of more than one fund, each with its part of the cost."""
        programme = self.programmes.get(at.key)
        names = {f"{at.key}.{one.id}": words(one.label) for one in programme.funds} if programme else {}
        costs = unit_costs([Spent(fund, fen, at.completed if works else at.units) for fund, fen in paid])
        shown = [(names.get(fund, fund), fen, one.fen_per_unit) for (fund, fen), one in zip(paid, costs, strict=True)]
        return tuple(shown) if len(shown) > 1 else ()

    def care_by_county(self, slug: str) -> list[Care]:
        """How people fared with a programme in each county, the counties' costs beside one another. One query."""
        works = self._kind(slug)[2]
        found = measures.service_by_county(self.viewer, slug)
        costs = measures.costs(found, works=works)
        return [Care(county_words(one.key, self.names), one, works, costs[one.key]) for one in found]

    def _kind(self, slug: str) -> tuple[str, str, bool]:
        one = self.programmes.get(slug)
        cycle = one.payment.cycle or "" if one and one.payment else ""
        return (one.subject if one else "", cycle, bool(one and one.particulars.works))


def _office(one: Decided, names: Mapping[str, Label]) -> str:
    if one.automatic:
        return _("由规则自动审批（秒批）")
    where = county_words(one.desk[:6], names) if len(one.desk) >= 6 else _("市级")
    return one.department or where


def total(lines: Iterable[Line]) -> Progress:
    """All lines together, as one."""
    each = [line.at for line in lines]
    names = ("eligible", "applied", "granted", "paid", "held", "owed_fen")
    return Progress("", **{name: sum(getattr(one, name) for one in each) for name in names})


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the list in words. case: address of the application, "" where there is none or the viewer doesn't work on it."""

    row: lifecycle.Waiting
    place: str
    why: str
    detail: str
    case: str


def shown(viewer: Viewer, programme: Programme, row: lifecycle.Waiting) -> Shown:
    """The row in the reader's language. No query."""
    works = row.case is not None and viewer.may("officer", area=row.area_code, programme=programme.slug)
    return Shown(
        row,
        city.area_words(row.area_code[:6], row.area_name),
        str(WHY[row.state]),
        detail_words(programme, row.state, row.detail),
        reverse("office:case", args=[row.case]) if works else "",
    )
