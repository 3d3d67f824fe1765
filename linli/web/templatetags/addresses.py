"""`{% url %}` as this house needs it: an address of the other site leads to the other site's host."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url

from linli.web.portals import placed

register = template.Library()


class Address(URLNode):
    """Django's node; what it found is placed on the site that serves it."""

    def render(self, context: Context) -> str:
        found = str(super().render(context))
        if self.asvar:
            context[self.asvar] = placed(context[self.asvar]) if context[self.asvar] else ""
            return found
        return placed(found)


@register.tag
def url(parser: Parser, token: Token) -> Address:
    """`{% url name arguments %}`, as Django has it; "" for a page of a site whose address this one is not told."""
    node = django_url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)
