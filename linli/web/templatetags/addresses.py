"""`{% url %}` as this house needs it: an address of the other site leads to the other site's host, and a list's addresses are made once.

A list has an address in every row, which differs from that of the row before in one uid. Django looks each up among all patterns.
"""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import get_urlconf, reverse
from django.utils.html import escape

from linli.web.frame.portals import placed

register = template.Library()


class Address(URLNode):
    """Django's node; what it found is placed on the site that serves it."""

    def render(self, context: Context) -> str:
        if self.asvar is None:
            values = [part.resolve(context) for part in (*self.args, *self.kwargs.values())]
            if all(isinstance(value, UUID) for value in values):
                return placed(_shape(_patterns(), self.view_name.resolve(context), len(self.args), tuple(self.kwargs)).format(*values))
        rendered = str(super().render(context))
        if self.asvar:
            context[self.asvar] = placed(context[self.asvar]) if context[self.asvar] else ""
            return rendered
        return placed(rendered)


def address(name: str, *uids: UUID) -> str:
    """reverse() of a page that takes nothing but uids."""
    return _shape(_patterns(), name, len(uids), ()).format(*uids)


def _patterns() -> str:
    found: str = get_urlconf() or settings.ROOT_URLCONF
    return found


@lru_cache(maxsize=1024)
def _shape(patterns: str, name: str, unnamed: int, names: tuple[str, ...]) -> str:
    """The address of a page that takes nothing but uids, with {0}, {1} … in their places."""
    uids = [UUID(int=number) for number in range(unnamed + len(names))]
    address = str(escape(reverse(name, patterns, uids[:unnamed] or None, dict(zip(names, uids[unnamed:], strict=True)))))
    for number, uid in enumerate(uids):
        address = address.replace(str(uid), f"{{{number}}}")
    return address


@register.tag
def url(parser: Parser, token: Token) -> Address:
    """`{% url name arguments %}`, as Django has it; "" for a page of a site whose address this one is not told."""
    node = django_url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)
