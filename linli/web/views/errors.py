"""Pages for what went wrong, in the reader's language: what happened, and the next step."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.kernel.errors import Refused, is_database_away, is_disk_full
from linli.web.entrance import attempts
from linli.web.frame.portals import site_of
from linli.web.tables.downloads import NotNow
from linli.web.templatetags.texts import chinese, words

_HEAD = "max total header size"
"""What the framework says of a part whose head, the file's name in it, is longer than it reads."""


def _page(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    context = {"status": status, "title": title, "words": words, "frame": "base.html" if status >= 500 else frame_of(request)}
    response = render(request, "errors/error.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"  # who is signed in may stand in its frame
    return response


def frame_of(request: HttpRequest) -> str:
    """Whoever works here keeps their navigation on a page that went wrong. At most two queries, none for who isn't signed in."""
    user = getattr(request, "user", None) if settings.LINLI_SITE != "public" and site_of(request.path) == "office" else None
    return "office/frame.html" if user is not None and user.is_authenticated else "base.html"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400. A file whose name fills the head of its part is the one thing that a person can send that the framework won't read."""
    if isinstance(exception, MultiPartParserError) and _HEAD in str(exception):
        return _page(
            request, 400, _("文件名太长"), _("文件没有收到，什么都没有保存。请返回上一页，把文件名改短（例如“名单.xlsx”），再上传一次。")
        )
    return _page(request, 400, _("这个请求无法处理"), _("地址或填写的内容不完整。请返回上一页重新操作。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403. A refusal of ours is noted for whoever watches over security; one that is for the moment only is said in its own words (409)."""
    if isinstance(exception, NotNow):
        remedy = exception.remedy_zh if chinese() else exception.remedy_en
        return _page(request, 409, words(exception), remedy)
    if isinstance(exception, Refused):
        attempts.note(request, exception)
    return _page(request, 403, _("您没有查看此页的权限"), _("权限按岗位、地区和事项授予。如工作需要，请联系管理员授权。"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form without its token: an old tab, or cookies refused."""
    return _page(request, 403, _("页面已过期"), _("为了安全，表单需要重新打开。请返回上一页，刷新后再提交。"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _page(request, 404, _("没有找到这个页面"), _("地址可能写错了，或者内容已经移动。可以从首页搜索，也可以拨打12345。"))


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where a disk is full or the database is away. Nothing in it touches the database, which may be what failed."""
    problem = sys.exc_info()[1]
    if is_disk_full(problem):
        return _page(request, 503, _("服务器磁盘已满"), _("刚才的操作没有保存，以前保存的都在。请告诉系统管理员，腾出空间后再做一次。"))
    if is_database_away(problem):
        words = _("数据库暂时连不上，以前保存的都在。请过一分钟刷新；如果刚才提交了内容，先看是否已经保存，没有再提交。急事请拨打12345。")
        response = _page(request, 503, _("系统暂时无法服务"), words)
        response.headers["Retry-After"] = "60"
        return response
    return _page(request, 500, _("系统出了问题"), _("这不是您的错，没有完成的操作不会只做一半。请稍后再试，急事请拨打12345。"))
