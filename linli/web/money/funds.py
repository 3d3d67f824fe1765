"""Funds as the officers of their programme for the whole city, and auditors, see them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404

from linli.kernel.clock import today
from linli.kernel.viewer import Viewer
from linli.ledger.models import Fund
from linli.ledger.queries import FundFigures, SourceFigures, fund_figures
from linli.programmes.queries import live_versions
from linli.registers.queries.staff import names_of
from linli.rules.declare import Label
from linli.settlement.acts import funding
from linli.settlement.models import FundPromise
from linli.web.templatetags.texts import chinese, words

READERS = ("officer", "auditor")


@dataclass(frozen=True, slots=True)
class FundRow:
    """A fund with its figures."""

    slug: str
    purpose: Label
    figures: FundFigures

    @property
    def parts(self) -> list[tuple[Label, SourceFigures]]:
        """Its sources by name, where it was promised more than once."""
        named = [(Label(*one.name), one) for one in self.figures.sources]
        return named if len(named) > 1 else []


def funds(viewer: Viewer) -> list[FundRow]:
    """Every fund that the viewer may read. Three queries a fund; a city has some dozens."""
    rows = [one for one in Fund.objects.order_by("slug") if _may(viewer, one)]
    return [FundRow(one.slug, Label(one.purpose_zh, one.purpose_en), fund_figures(one.slug)) for one in rows]


def to_open(viewer: Viewer) -> list[tuple[str, Label, Label]]:
    """Funds that the viewer may open: slug, the programme's name, the fund's. Three queries."""
    found = funding.unopened(viewer)
    named = {one.slug: Label(one.zh, one.en) for one in live_versions(today())} if found else {}
    return [(slug, named[slug.partition(".")[0]], one.label) for slug, one in found]


def sources(viewer: Viewer, rows: list[FundRow]) -> list[tuple[str, str, str]]:
    """From which sources the viewer may enter money into which fund: slug, source, both in words. No query."""
    mine = [one for one in rows if viewer.may("officer", programme=one.slug.partition(".")[0])]
    zh = chinese()
    found = []
    for one in mine:
        for source in one.figures.sources:
            fund, name = words(one.purpose), source.name[0 if zh else 1]
            found.append((one.slug, source.slug, fund if name == fund else f"{fund} · {name}"))
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A further promise that somebody entered. own: it was the viewer, who may only drop it."""

    row: FundPromise
    fund: Label
    entered_by: str
    own: bool


def waiting(viewer: Viewer, rows: list[FundRow]) -> list[Waiting]:
    """Further promises that wait for a second officer. Two queries."""
    found = funding.waiting_promises(viewer)
    named, people = {one.slug: one.purpose for one in rows}, names_of({one.entered_by for one in found})
    return [Waiting(one, named[one.fund], people.get(one.entered_by, ""), one.entered_by == viewer.actor) for one in found]


def promised_to(viewer: Viewer, rows: list[FundRow]) -> list[tuple[str, str]]:
    """Funds that the viewer may enter a further promise for. No query."""
    return [(one.slug, words(one.purpose)) for one in rows if viewer.may("officer", programme=one.slug.partition(".")[0])]


def fund_for(viewer: Viewer, slug: str) -> Fund:
    """One fund that the viewer may read; the 404 page for any other."""
    found = Fund.objects.filter(slug=slug).first()
    if found is None or not _may(viewer, found):
        raise Http404
    return found


def _may(viewer: Viewer, fund: Fund) -> bool:
    return any(viewer.may(role, programme=fund.programme) for role in READERS)
