"""Funds as the officers of their programme for the whole city, and auditors, see them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404

from linli.kernel.viewer import Viewer
from linli.ledger.models import Fund
from linli.ledger.queries import FundFigures, fund_figures
from linli.rules.declare import Label

READERS = ("officer", "auditor")


@dataclass(frozen=True, slots=True)
class FundRow:
    """A fund with its figures."""

    slug: str
    purpose: Label
    figures: FundFigures


def funds(viewer: Viewer) -> list[FundRow]:
    """Every fund that the viewer may read. Three queries a fund; a city has some dozens."""
    rows = [one for one in Fund.objects.order_by("slug") if _may(viewer, one)]
    return [FundRow(one.slug, Label(one.purpose_zh, one.purpose_en), fund_figures(one.slug)) for one in rows]


def fund_for(viewer: Viewer, slug: str) -> Fund:
    """One fund that the viewer may read; the 404 page for any other."""
    found = Fund.objects.filter(slug=slug).first()
    if found is None or not _may(viewer, found):
        raise Http404
    return found


def _may(viewer: Viewer, fund: Fund) -> bool:
    return any(viewer.may(role, programme=fund.programme) for role in READERS)
