"""What a school, a centre, a contractor or a firm gets out of a batch: for whom, printed for it or taken along as a table."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.registers.models import Organisation
from linli.settlement import payees, queries
from linli.web.frame.asked import number
from linli.web.money import payments as shown
from linli.web.views.organisations import KINDS
from linli.web.views.payments import for_readers
from linli.web.views.window import at_window

for_lists = for_readers(frozenset(payees.READERS))
"""For officers, auditors and clerks."""


@for_lists
def of_batch(request: HttpRequest, viewer: Viewer, batch: UUID) -> HttpResponse:
    """The organisations that a batch pays, each with its list."""
    found = payees.of_batch(viewer, batch)
    if not found:
        raise Http404
    context = {"rows": found, "label": shown.label_of(found[0].programme), "period": found[0].period, "batch": batch}
    context["back"] = _way_back(viewer, batch)
    return render(request, "payments/payees.html", context)


@for_lists
def one(request: HttpRequest, viewer: Viewer, batch: UUID, organisation: UUID) -> HttpResponse:
    """One organisation's list, to print: receipt numbers whole, names masked. Everybody on it reads later who looked at it and why."""
    found = payees.received(viewer, batch, organisation)
    after = number(request.GET, "after")
    rows = payees.lines(viewer, batch, organisation, after=after)
    context = {
        "one": found,
        "label": shown.label_of(found.programme),
        "rows": [(row, shown.payment_state(row.row.state)) for row in rows],
        "after": str(rows[-1].row.pk) if len(rows) == payees.SHOWN else "",
        "first": not after,
        "today": clock.today(),
        "back": reverse("payments:payees", args=[batch]),
    }
    return render(request, "payments/payee.html", context)


@at_window
def organisation(request: HttpRequest, viewer: Viewer, uid: UUID) -> HttpResponse:
    """An organisation on record, with the batches that pay it as far as the viewer may list them. Four queries."""
    found = Organisation.objects.filter(uid=uid, kind__in=KINDS).first()
    if found is None:
        raise Http404
    rows = [(row, shown.label_of(row.programme)) for row in payees.of_organisation(viewer, uid)]
    context = {"section": "window", "one": found, "kind": KINDS[found.kind], "rows": rows, "title": found.name}
    return render(request, "window/organisation.html", context)


def _way_back(viewer: Viewer, batch: UUID) -> str:
    """The page before, as far as it opens for the viewer."""
    if queries.figures(viewer, [batch]):
        return reverse("payments:batch", args=[batch])
    return reverse("window:organisations" if viewer.areas("clerk") else "office:inbox")
