"""What a page says of a file that is being written: rows of a table, cells of a form, cases of an archive, payments of a bank file."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from linli.web.frame.counted import counted
from linli.web.models import Download

register = template.Library()


@register.filter
def download_title(download: Download) -> str:
    """What kind of file it is."""
    return {"cases": _("导出档案"), "payments": _("银行发放文件")}.get(download.counts) or _("导出表格")


@register.filter
def finished_words(download: Download) -> str:
    """How much a finished file holds."""
    done = download.done
    if download.counts == "cells":
        return counted("填好 %(number)s 格，保留一天。", number=done)
    if download.counts == "cases":
        return counted("共 %(number)s 件档案，保留一天。", number=done)
    if download.counts == "payments":
        return counted("共 %(number)s 笔，保留一天。", number=done)
    return counted("共 %(number)s 行，保留一天。", number=done)


@register.filter
def progress_words(download: Download) -> str:
    """How far a file is that is being written."""
    if download.total is None:
        return counted("已写入 %(number)s 行。可以离开此页，稍后再来。", number=download.done)
    text = _("已写入 %(number)s 行，共 %(total)s 行。可以离开此页，稍后再来。")
    if download.counts != "rows":
        text = _("已完成 %(number)s，共 %(total)s。可以离开此页，稍后再来。")
    return text % {"number": f"{download.done:,}", "total": f"{download.total:,}"}


@register.filter
def done_words(download: Download) -> str:
    """How much of it there is, in a list; rows without a word, as the column says."""
    done = download.done
    if download.counts == "cells":
        return counted("%(number)s 格", number=done)
    if download.counts == "cases":
        return counted("%(number)s 件档案", number=done)
    return counted("%(number)s 笔", number=done) if download.counts == "payments" else f"{done:,}"
