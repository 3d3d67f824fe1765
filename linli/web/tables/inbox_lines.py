"""The lines of the inbox as HTML. Fifty stand on a page that is opened all day, so no template goes through them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linli.rules.declare import Label
from linli.web.case.cases import Lamp, Row
from linli.web.frame.counted import counted
from linli.web.templatetags.components import tag
from linli.web.templatetags.texts import day, named, words

_LINE = """<tr>
    <td data-label="{choose}">{{tick}}</td>
    <th scope="row">{{title}}<br><span class="soft small">{{kind}}{{number}}</span></th>
    <td class="name" data-label="{name}">{{person}}</td>
    <td data-label="{until}">{{due}}</td>
    <td data-label="{desk}">{{desk}}</td>
    <td data-label="{taken}">{{holder}}</td>
  </tr>"""
_SOFT = '<br><span class="soft small">{}</span>'
_TICK = '<label class="tick"><input type="checkbox" name="case" value="{}"><span class="only-spoken">{} {}</span></label>'
_NOTHING = "–"


def lines(rows: Iterable[Row], narrowed: str) -> list[SafeString]:
    """One line for each. narrowed: what a case's address is given on, so that the next one comes from the same list."""
    heads = {"choose": _("选择"), "name": _("姓名"), "until": _("期限"), "desk": _("由谁办"), "taken": _("领取人")}
    line, page = format_html(_LINE, **heads), _Page(narrowed)
    return [format_html(line, **page.cells(row)) for row in rows]


class _Page:
    """What the lines of one page have in common is made once: most of them say the same desks, kinds and days."""

    def __init__(self, narrowed: str) -> None:
        self._narrowed = narrowed
        self._erased, self._no_day = _("资料已注销"), _("没有期限")
        self._words, self._desk, self._due, self._title = cache(words), cache(_desk), cache(_due), cache(conditional_escape)

    def cells(self, row: Row) -> dict[str, SafeString | str]:
        """The parts of a line by their names."""
        item, title = row.item, self._title(row.title)
        person: str = named(item.person) if item.person else self._erased
        address = f"{row.address}{self._narrowed if item.case else ''}"
        return {
            "tick": format_html(_TICK, item.case, title, named(item.person)) if item.case else _NOTHING,
            "title": format_html('<a href="{}" data-row>{}</a>', address, title) if row.address else title,
            "kind": self._words(row.kind),
            "number": " · " + counted("%(number)s 行", number=item.number) if item.number else "",
            "person": person if item.case else _NOTHING,
            "due": self._due(row.lamp) if row.lamp else self._no_day,
            "desk": self._desk(row.level, item.department),
            "holder": named(row.holder or _NOTHING),
        }


def _desk(level: Label | None, department: Label | None) -> SafeString:
    below = format_html(_SOFT, words(department)) if department else ""
    return format_html("{}{}", words(level) if level else "" if department else _NOTHING, below)


def _due(lamp: Lamp) -> SafeString:
    return tag(lamp.kind, lamp.words, lamp.sign) + format_html(_SOFT, day(lamp.at))
