"""What the API says of itself, from this server alone: /api/docs, a page without scripts, and openapi.json for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from linli.api.application import api
from linli.api.description import GROUPS, LANGUAGES
from linli.api.problems import language_of, problem
from linli.kernel.errors import LinliError, Place
from linli.rules.declare import Label

ROOT = "/api/v1/"
VERBS = ("get", "post", "put", "patch", "delete")
PLACES = {"path": Label("地址", "path"), "query": Label("查询", "query"), "header": Label("请求头", "header")}


def docs(request: HttpRequest) -> HttpResponse:
    """Every route with what it takes, what it answers and whom it serves; the shapes below. No query."""
    language = "zh" if (translation.get_language() or "zh").startswith("zh") else "en"
    groups, shapes = _described(settings.LINLI_SITE, language)
    return render(request, "api/docs.html", {"groups": groups, "shapes": shapes, "section": "api"})


@csrf_exempt
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The schema in the language of `lang`, else of Accept-Language. No query."""
    language = request.GET.get("lang") or language_of(request)
    if language not in LANGUAGES:
        return problem(request, _no_language(language))
    answer = HttpResponse(_serialised(settings.LINLI_SITE, language), content_type="application/json")
    answer.headers["Content-Language"] = "zh-CN" if language == "zh" else "en"
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _no_language(asked: str) -> LinliError:
    listed = ", ".join(f"`{one}`" for one in LANGUAGES)
    return LinliError(
        "api.invalid",
        zh="没有这种语言",
        en="There is no such language.",
        place=Place(field="lang"),
        expected=(f"其中之一：{listed}", f"one of: {listed}"),
        found=asked[:80],
        remedy_zh="改为其中之一，或去掉",
        remedy_en="name one of them, or leave it out",
    )


@lru_cache(maxsize=4)
def _serialised(site: str, language: str) -> bytes:
    return json.dumps(api.get_openapi_schema(path_prefix=ROOT, language=language), ensure_ascii=False).encode()


@lru_cache(maxsize=4)
def _described(site: str, language: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The groups of routes and the shapes, read from the schema once a process."""
    schema = api.get_openapi_schema(path_prefix=ROOT, language=language)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in schema["paths"].items():
        for verb in VERBS:
            if verb in verbs:
                groups.setdefault(verbs[verb]["tags"][0], []).append(_route(verb, path, verbs[verb]))
    shapes = [{"name": name, "about": shape["description"], "rows": list(_rows(shape))} for name, shape in sorted(_shapes(schema))]
    return [{"tag": tag, "words": GROUPS[tag], "routes": routes} for tag, routes in groups.items()], shapes


def _route(verb: str, path: str, one: dict[str, Any]) -> dict[str, Any]:
    good = next((status for status in one["responses"] if status < 300), 200)
    body = next(iter(one.get("requestBody", {}).get("content", {}).items()), None)
    return {
        "id": one["operationId"],
        "verb": verb.upper(),
        "path": path,
        "heading": one["summary"],
        "about": one["description"],
        "roles": one["x-roles"],
        "parameters": [_parameter(parameter) for parameter in one["parameters"]],
        "body": _body(*body) if body else None,
        "status": good,
        "answer": _words(one["responses"][good]["content"]["application/json"]["schema"]),
    }


def _body(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """A shape by its name; the fields of a form one by one."""
    schema = content["schema"]
    if "$ref" in schema:
        return {"type": kind, "shape": _words(schema), "rows": []}
    return {"type": kind, "shape": "", "rows": list(_rows(schema))}


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    return {"name": one["name"], "place": PLACES[one["in"]], "type": _words(one["schema"]), "required": one.get("required", False)}


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
    if "type" in schema:
        return f"{schema['type']} ({schema['format']})" if "format" in schema else str(schema["type"])
    return "any"
