"""Cases that wait for a public notice in words: how many of which programme, by when, and where the list is made or led on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from linli.batches.awaiting import Awaiting
from linli.kernel.clock import today
from linli.programmes.declaration import Programme
from linli.programmes.queries import live_versions, programme_of
from linli.rules.declare import Label
from linli.web.frame.counted import counted


@dataclass(frozen=True, slots=True)
class Line:
    """programme: by its name; words: how many wait; verb: of the link, "" where there is nothing to open; address: where it leads."""

    programme: Label
    words: str
    verb: str
    address: str
    due_at: datetime


def lines(found: Iterable[Awaiting]) -> Iterator[Line]:
    """Each in words. One query where there are any."""
    rows = list(found)
    live = {one.slug: one for one in map(programme_of, live_versions(today()))} if rows else {}
    for one in rows:
        programme = live.get(one.programme)
        label = programme.label if programme else Label(one.programme, one.programme)
        verb, address = way_to(one, programme)
        yield Line(label, counted("%(number)s 件等着公示", number=one.number), verb, address, one.due_at)


def way_to(one: Awaiting, programme: Programme | None) -> tuple[str, str]:
    """(what is done, where): the batch that lists it, a batch to be made, the ranking to be shown, or the notice of what isn't paid."""
    if one.batch is not None:
        return _("打开批次，办下一步"), reverse("batches:batch", args=[one.batch])
    if programme is None:
        return "", ""
    if programme.particulars.scores is not None:
        return _("打开评审，公示名次"), reverse("office:review", args=[one.programme])
    if programme.payment is None:
        return _("公示这些事项"), f"{reverse('batches:cases_begin', args=[one.programme])}?{urlencode({'area': one.area})}"
    asked = urlencode({"period": one.period, "area": one.area})
    return _("编制名单：收录、核查，然后公示"), f"{reverse('batches:begin', args=[one.programme])}?{asked}"
