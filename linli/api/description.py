"""What the API's description says in words: the English of the source made complete, and the same description in Chinese."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from linli.api import chinese
from linli.api.routes.city import Counted
from linli.api.routes.hsds import HsdsPage
from linli.api.shapes import Page
from linli.rules.declare import Label

LANGUAGES = ("zh", "en")
GROUPS = {
    "programmes": Label("政策", "Programmes"),
    "check": Label("查一查", "What can I get?"),
    "areas": Label("行政区划", "Divisions"),
    "windows": Label("服务窗口", "Service windows"),
    "hsds": Label("服务目录（HSDS）", "Directory of services (HSDS)"),
    "open-data": Label("开放数据", "Open data"),
    "lists": Label("名单", "Lists"),
    "residents": Label("居民", "Residents"),
    "screenings": Label("政策匹配", "Screenings"),
    "trace": Label("留痕", "Trace"),
    "tokens": Label("令牌", "Tokens"),
    "webhooks": Label("推送", "Webhooks"),
    "cases": Label("事项与收件箱", "Cases and the inbox"),
    "applications": Label("申请", "Applications"),
    "payments": Label("发放", "Payments"),
    "city": Label("全市数据", "The city's figures"),
    "drafts": Label("政策草案", "Drafts of programmes"),
    "notices": Label("通知", "Notices"),
    "staff": Label("工作人员", "Staff"),
    "visits": Label("走访", "Visits"),
}
_OF_MANY = {"HsdsPage": HsdsPage.__doc__ or "", "Page": Page.__doc__ or "", "Counted": Counted.__doc__ or ""}
_SENTENCE = re.compile(r"[^.;:。；：（(]+")


def complete(schema: Any) -> None:
    """Give what the schema leaves out, in place: headings of routes, names of groups, words of the shapes that hold others."""
    for one in _operations(schema):
        one["summary"] = _heading(one["description"])
    used = {one["tags"][0] for one in _operations(schema)}
    schema["tags"] = [{"name": tag, "description": words.en} for tag, words in GROUPS.items() if tag in used]
    for name, shape in schema["components"]["schemas"].items():
        shape.setdefault("description", _OF_MANY.get(family(name), ""))


def in_chinese(english: Any) -> Any:
    """A copy whose words are Chinese; names and values stay."""
    schema = deepcopy(english)
    schema["info"]["description"] = chinese.ABOUT
    for tag in schema["tags"]:
        tag["description"] = GROUPS[tag["name"]].zh
    for one in _operations(schema):
        one["description"] = chinese.ROUTES[one["operationId"]]
        one["summary"] = _heading(one["description"])
        for parameter in one["parameters"]:
            _translate(parameter)
        for status, answer in one["responses"].items():
            answer["description"] = chinese.STATUSES[status]
    for name, shape in schema["components"]["schemas"].items():
        shape["description"] = chinese.SHAPES[family(name)]
    _drop_titles(schema["paths"])
    _drop_titles(schema["components"])
    return schema


def family(name: str) -> str:
    """The shape whose words tell what this one is: Page of Page_AreaShape_, else itself."""
    outer = name.split("_", 1)[0]
    return outer if outer in _OF_MANY else name


def _operations(schema: Any) -> list[dict[str, Any]]:
    return [one for verbs in schema["paths"].values() for one in verbs.values()]


def _heading(text: str) -> str:
    """The first words of a description, up to the first stop."""
    found = _SENTENCE.match(text)
    return found[0].strip() if found else text


def _translate(parameter: dict[str, Any]) -> None:
    for place in (parameter, parameter["schema"]):
        if "description" in place:
            place["description"] = chinese.PARAMETERS[place["description"]]


def _drop_titles(part: Any) -> None:
    """Titles are the names again, spelt as English words."""
    if isinstance(part, dict):
        if isinstance(part.get("title"), str):
            del part["title"]
        for one in part.values():
            _drop_titles(one)
    elif isinstance(part, list):
        for one in part:
            _drop_titles(one)
