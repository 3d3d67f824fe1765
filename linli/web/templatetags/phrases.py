"""`{% translate %}` as this house needs it: a text that stands in the template is looked up once in each language, not once in each row."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.translation import get_language

register = template.Library()


class Phrase(TranslateNode):
    """Django's node, which remembers what it said. Catalogues do not change while a process runs."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.known: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        said = self.known.get(language)
        if said is None:
            said = self.known[language] = str(super().render(context))
        return said


@register.tag
def translate(parser: Parser, token: Token) -> TranslateNode:
    """`{% translate "…" %}`, as Django has it."""
    node = do_translate(parser, token)
    expression = node.filter_expression
    changing = node.asvar or node.message_context or expression.filters or expression.var.literal is None
    return node if changing else Phrase(expression, node.noop, node.asvar, node.message_context)
