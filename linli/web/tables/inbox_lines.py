"""The lines of the inbox as HTML. Fifty stand on a page that is opened all day, so no template goes through them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linli.web.case.cases import Row
from linli.web.frame.counted import counted
from linli.web.templatetags.components import tag
from linli.web.templatetags.texts import day, named, words

_LINE = """<tr>
    <td data-label="{choose}">{tick}</td>
    <th scope="row">{title}<br><span class="soft small">{kind}{number}</span></th>
    <td data-label="{name}">{person}</td>
    <td data-label="{until}">{due}</td>
    <td data-label="{desk}">{level}{department}</td>
    <td data-label="{taken}">{holder}</td>
  </tr>"""
_SOFT = '<br><span class="soft small">{}</span>'
_TICK = '<label class="tick"><input type="checkbox" name="case" value="{}"><span class="only-spoken">{} {}</span></label>'
_NOTHING = "–"


def lines(rows: Iterable[Row], narrowed: str) -> list[SafeString]:
    """One line for each. narrowed: what a case's address is given on, so that the next one comes from the same list."""
    heads = {"choose": _("选择"), "name": _("姓名"), "until": _("期限"), "desk": _("由谁办"), "taken": _("领取人")}
    absent = {"erased": _("资料已注销"), "no_day": _("没有期限")}
    return [format_html(_LINE, **heads, **_cells(row, narrowed, absent)) for row in rows]


def _cells(row: Row, narrowed: str, absent: dict[str, str]) -> dict[str, str]:
    item = row.item
    person: str = named(item.person) if item.person else absent["erased"]
    department = format_html(_SOFT, words(item.department)) if item.department else ""
    address = f"{row.address}{narrowed if item.case else ''}"
    return {
        "tick": format_html(_TICK, item.case, row.title, named(item.person)) if item.case else _NOTHING,
        "title": format_html('<a href="{}" data-row>{}</a>', address, row.title) if row.address else row.title,
        "kind": words(row.kind),
        "number": " · " + counted("%(number)s 行", number=item.number) if item.number else "",
        "person": person if item.case else _NOTHING,
        "due": tag(row.lamp.kind, row.lamp.words, row.lamp.sign) + format_html(_SOFT, day(row.lamp.at)) if row.lamp else absent["no_day"],
        "level": words(row.level) if row.level else "" if department else _NOTHING,
        "department": department,
        "holder": named(row.holder or _NOTHING),
    }
