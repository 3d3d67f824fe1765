"""What the sensitive fields are called, wherever a page says which of them were read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from linli.vault.purpose import purposes
from linli.web.templatetags.texts import words


def field_words(field: str) -> str:
    """A sensitive field's name; the fields are those of a city's purposes.yaml."""
    known = {
        "identity": _("身份证号"),
        "phone": _("电话"),
        "address": _("住址"),
        "account": _("银行账号"),
        "list_secret": _("名单中的敏感栏"),
        "list_fact": _("名单中的敏感信息"),
        "words": _("诉求原文"),
        "position": _("上门走访时设备的位置"),
        "answers": _("申请中填报的情况"),
        "document": _("交来的材料"),
        "letter": _("文书内容"),
        "notice": _("信件内容"),
        "payment": _("付给单位的补助"),
        "email": _("电子邮箱"),
        "second_factor": _("第二步验证的密钥"),
        "webhook_secret": _("推送的密钥"),
    }
    return known.get(field, field)


def purpose_words(slug: str) -> str:
    """A purpose as the city's file names it; its slug where it names it no more."""
    found = purposes().get(slug)
    return words(found) if found else slug
