"""/api/docs: the schema as a page, from this server alone and without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.api.application import api

VERBS = ("get", "post", "put", "patch", "delete")


def docs(request: HttpRequest) -> HttpResponse:
    """Every route with what it takes, what it answers and whom it serves; the shapes below. No query."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in schema["paths"].items():
        for verb in VERBS:
            if verb in verbs:
                groups.setdefault(verbs[verb]["tags"][0], []).append(_route(verb, path, verbs[verb]))
    shapes = [{"name": name, "about": shape.get("description", ""), "rows": list(_rows(shape))} for name, shape in sorted(_shapes(schema))]
    return render(request, "api/docs.html", {"groups": groups.items(), "shapes": shapes, "section": "api"})


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
