"""Filters that print values in the reader's language: city texts, money, days, counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linli.casework.receipts import grouped
from linli.kernel.clock import SHANGHAI, today
from linli.kernel.money import yuan_text
from linli.kernel.periods import in_words
from linli.registers.models import Guardianship, Mandate
from linli.rules import Label

register = template.Library()


def chinese() -> bool:
    """Whether the page is being rendered in Chinese."""
    return (translation.get_language() or "zh").startswith("zh")


@register.filter
def words(text: Any) -> str:
    """The reader's language of a city text: a mapping or an object with `zh` and `en`; plain text stays as it is."""
    key = "zh" if chinese() else "en"
    if isinstance(text, Mapping):
        return str(text.get(key, ""))
    return str(getattr(text, key, text if text is not None else ""))


_NAME = re.compile(r"`([^`]*)`")


@register.filter
def code_in(text: str) -> SafeString:
    """A text with what stands between backticks as code, which is in no language."""
    return mark_safe(_NAME.sub(r'<code lang="zxx">\1</code>', conditional_escape(text)))


# A name begins in Chinese and ends in it; a document's number may stand within: 运民受〔2026〕1号.
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff](?:[\u3400-\u9fff\uf900-\ufaff〔〕（）\d]*[\u3400-\u9fff\uf900-\ufaff〕）])?")


@register.filter
def named(text: Any) -> SafeString:
    """A name that may be written in Chinese only: on an English page its Chinese part says so, for voices that read aloud."""
    safe = conditional_escape(text)
    return safe if chinese() else mark_safe(_HAN.sub(r'<span lang="zh-CN">\g<0></span>', safe))


@register.filter
def sourced(name: str) -> SafeString:
    """Who made a file, in the reader's language where the file says it in both."""
    return named(words(Label.of(name)))


@register.filter
def tongue(text: str) -> str:
    """The language to declare where no mark fits inside, as in an option: Chinese for a name without any other letters."""
    return "zh-CN" if chinese() or (_HAN.search(text) and not re.search("[A-Za-z]", text)) else "en"


@register.filter
def yuan(fen: int | None) -> str:
    """'6,000 元' or '6,000 yuan'; fen are shown only where there are some."""
    if fen is None:
        return ""
    figure = yuan_text(fen).removesuffix(".00")
    return f"{figure} 元" if chinese() else f"{figure} yuan"


@register.filter
def day(value: date | str | None) -> str:
    """'2026年9月1日' or '1 September 2026'."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    if chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@register.filter
def moment(value: datetime | None) -> str:
    """'2026年9月1日 14:05' or '1 September 2026, 14:05', Shanghai time."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return f"{day(local.date())}{' ' if chinese() else ', '}{local:%H:%M}"


@register.filter
def count(number: int | None) -> str:
    """'27,909' with thousands separators; a missing number is a dash, never a zero."""
    return "–" if number is None else f"{number:,}"


@register.filter
def listed(names: Iterable[str]) -> str:
    """Names one after the other, with the comma of the reader's language."""
    return _("、").join(names)


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value of a key that only the data knows."""
    return mapping.get(key)


@register.filter
def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, where a template needs the answer as a value."""
    return bool(one == other)


@register.filter
def day_parts(widgets: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """The three boxes of a day with their words."""
    return list(zip(widgets, (_("年"), _("月"), _("日")), strict=True))


@register.filter
def role_words(role: str) -> str:
    """A household role in the reader's language."""
    return {
        "head": _("户主"),
        "spouse": _("配偶"),
        "child": _("子女"),
        "parent": _("父母"),
        "grandparent": _("祖父母、外祖父母"),
        "grandchild": _("孙子女、外孙子女"),
        "sibling": _("兄弟姐妹"),
    }.get(role, _("其他家人"))


@register.filter
def sex_words(sex: str | None) -> str:
    """A person's sex in the reader's language; a dash where it is not known."""
    return {"male": _("男"), "female": _("女")}.get(sex or "", "–")


@register.filter
def hukou_words(kind: str | None) -> str:
    """A kind of household registration in the reader's language."""
    return {"agricultural": _("农业户口"), "non_agricultural": _("非农业户口"), "unified": _("居民户口")}.get(kind or "", "–")


@register.filter
def mandate_words(kind: str) -> str:
    """A kind of mandate in the reader's language."""
    return {"guardian": _("监护人"), "family": _("家人代办"), "single_matter": _("单项委托")}[kind]


@register.filter
def document_words(document: str) -> str:
    """A kind of paper that shows a guardianship, in the reader's language."""
    return {
        "judgment": _("法院判决书"),
        "appointment": _("指定监护决定（村（居）民委员会、民政部门）"),
        "agreement": _("意定监护协议（经公证并已生效）"),
        "certificate": _("监护关系证明"),
    }[document]


@register.filter
def guardianship_words(paper: Guardianship) -> str:
    """What has come of a paper about a guardianship."""
    if paper.state == "confirmed" and paper.valid_to is not None and paper.valid_to <= today():
        return _("已到期")
    return {"waiting": _("等待县（市、区）确认，还没有效力"), "confirmed": _("已确认"), "refused": _("没有确认"), "revoked": _("已撤销")}[
        paper.state
    ]


@register.filter
def mandate_days(mandate: Mandate | Guardianship) -> str:
    """On which days a mandate is in force, the last one named: its end is the first day on which it no longer is."""
    first = day(mandate.valid_from)
    if mandate.valid_to is None:
        return _("自 %(first)s 起") % {"first": first}
    last = mandate.valid_to - timedelta(days=1)
    return _("%(day)s 当天有效") % {"day": first} if last == mandate.valid_from else f"{first} – {day(last)}"


register.filter("grouped", grouped)


@register.filter
def period_words(period: str) -> str:
    """The period that is paid for, in the page's language."""
    zh, en = in_words(period)
    return zh if chinese() else en


@register.filter
def origin_words(origin: str) -> str:
    """How a case came in, for the office."""
    return {
        "invitation": _("本人确认政策找人的邀请"),
        "resident": _("本人在网上提出"),
        "proxy": _("家人代为提出"),
        "window": _("窗口代为提出"),
        "phone": _("本人来电，窗口代为提出"),
    }.get(origin, "")
