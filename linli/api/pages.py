"""/api/docs: the schema as a page, from this server alone and without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.api.application import api
from linli.rules.declare import Label

VERBS = ("get", "post", "put", "patch", "delete")
GROUPS = {
    "programmes": Label("政策", "Programmes"),
    "check": Label("查一查", "What can I get?"),
    "areas": Label("行政区划", "Divisions"),
    "lists": Label("名单", "Lists"),
    "residents": Label("居民", "Residents"),
    "screenings": Label("筛查", "Screenings"),
    "trace": Label("留痕", "Trace"),
    "tokens": Label("令牌", "Tokens"),
    "webhooks": Label("推送", "Webhooks"),
    "cases": Label("事项与收件箱", "Cases and the inbox"),
    "city": Label("全市数据", "The city's figures"),
    "drafts": Label("政策草案", "Drafts of programmes"),
    "notices": Label("通知", "Notices"),
    "staff": Label("工作人员", "Staff"),
    "visits": Label("走访", "Visits"),
}


def docs(request: HttpRequest) -> HttpResponse:
    """Every route with what it takes, what it answers and whom it serves; the shapes below. No query."""
    groups, shapes = _described(settings.LINLI_SITE)
    return render(request, "api/docs.html", {"groups": groups, "shapes": shapes, "section": "api"})


@lru_cache(maxsize=2)
def _described(site: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The groups of routes and the shapes, read from the schema once a process."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in schema["paths"].items():
        for verb in VERBS:
            if verb in verbs:
                groups.setdefault(verbs[verb]["tags"][0], []).append(_route(verb, path, verbs[verb]))
    shapes = [{"name": name, "about": shape.get("description", ""), "rows": list(_rows(shape))} for name, shape in sorted(_shapes(schema))]
    return [{"tag": tag, "words": GROUPS[tag], "routes": routes} for tag, routes in groups.items()], shapes


def _route(verb: str, path: str, one: dict[str, Any]) -> dict[str, Any]:
    good = next((status for status in one["responses"] if status < 300), 200)
    body = next(iter(one.get("requestBody", {}).get("content", {}).items()), None)
    return {
        "id": one["operationId"],
        "verb": verb.upper(),
        "path": path,
        "about": one.get("description", ""),
        "roles": one["x-roles"],
        "parameters": [_parameter(parameter) for parameter in one["parameters"]],
        "body": {"type": body[0], "shape": _words(body[1]["schema"])} if body else None,
        "status": good,
        "answer": _words(one["responses"][good]["content"]["application/json"]["schema"]),
    }


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    return {"name": one["name"], "place": one["in"], "type": _words(one["schema"]), "required": one.get("required", False)}


def _shapes(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from schema["components"]["schemas"].items()


def _rows(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, one in shape.get("properties", {}).items():
        yield {"name": name, "type": _words(one), "required": name in shape.get("required", ())}


def _words(schema: dict[str, Any]) -> str:
    """A schema in a few words: the name of a shape, a list of them, or a plain type."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(_words(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"{_words(schema.get('items', {}))}[]"
    return " ".join(str(schema[key]) for key in ("type", "format") if key in schema) or "any"
