"""The inbox as a spreadsheet: what waits, for whom, until when, narrowed as on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from linli.casework.inbox import Choice, Page, inbox
from linli.casework.receipts import grouped
from linli.kernel import clock
from linli.kernel.viewer import Viewer
from linli.web.case import cases
from linli.web.tables.exports import Sheet
from linli.web.templatetags.texts import words

AT_ONCE = 1000


def tasks(viewer: Viewer, parameters: Mapping[str, str]) -> Sheet:
    """Everything that the inbox shows under its filters: as on its page, in its order; no numbers of anybody."""
    given = QueryDict(mutable=True)
    given.update(dict(parameters))
    choice = cases.choice_of(given)
    headers = (_("什么事"), _("类别"), _("回执编号"), _("居民"), _("期限"), _("期限情况"), _("由谁办"), _("领取人"))
    return Sheet(_("待办"), headers, _rows(viewer, choice, inbox(viewer, choice, limit=AT_ONCE)))


def _rows(viewer: Viewer, choice: Choice, page: Page) -> Iterator[tuple[Any, ...]]:
    while True:
        for row in cases.rows(viewer, page.items):
            item = row.item
            due = clock.day_of(row.lamp.at) if row.lamp else None
            receipt = grouped(item.receipt) if item.receipt else ""
            office = " · ".join(words(one) for one in (row.level, item.department) if one)
            lamp = row.lamp.words if row.lamp else _("没有期限")
            yield row.title, words(row.kind), receipt, item.person, due, lamp, office, row.holder
        if not page.after:
            return
        page = inbox(viewer, choice, after=page.after, limit=AT_ONCE)
