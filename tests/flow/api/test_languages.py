"""Whatever is refused, on every route: Chinese texts without English words in them, English ones without Chinese."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as Browser

from linli.api.application import api, operations
from linli.api.authority import ROLES, Bearer

ROUTES = list(operations(api))
QUOTED = re.compile(r"`[^`]*`")
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
NAMES = {"xlsx", "csv", "JSON", "UUID", "UTF-8", "YAML", "null", "MB", "Idempotency-Key", "api", "docs", "programmes"} | set(ROLES)
"""What bears a Latin name in Chinese, too: kinds of file, roles, the header and the addresses of this API."""
HAN = re.compile(r"[\u3400-\u9fff]")
NOBODY = str(UUID(int=7))
DAMAGED: tuple[tuple[str, bytes, str], ...] = (
    ("", b"", "application/json"),
    ("", b"{", "application/json"),
    ("", b"[]", "application/json"),
    ("", b"{}", "application/json"),
    ("?nonsense=1&after=a&after=b", b'{"nonsense": 1}', "application/json"),
    ("?after=!!", b'"text"', "application/json"),
    ("", b"--x\r\n", "multipart/form-data; boundary=x"),
)


def filled(path: str) -> str:
    for name, value in (("{uid}", NOBODY), ("{slug}", "no-such"), ("{subject}", f"resident:{NOBODY}"), ("{code}", "14")):
        path = path.replace(name, value)
    return path


def unfit(schema: dict[str, Any], shapes: dict[str, Any]) -> list[Any]:
    """Bodies in which one field after another does not fit, and one in which none does."""
    shape = shapes[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    names = shape.get("properties", {})
    wrong: list[Any] = [-1, "x" * 3000, {"a": [None]}, [], "2026-02-30", True]
    return [dict.fromkeys(names, value) for value in wrong] + [{name: {"no": "thing"}} for name in names]


def bodies(operation_id: str) -> list[Any]:
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    one = next(one for path in schema["paths"].values() for one in path.values() if one["operationId"] == operation_id)
    content = one.get("requestBody", {}).get("content", {}).get("application/json")
    return unfit(content["schema"], schema["components"]["schemas"]) if content else []


def foreign(problem: dict[str, Any], sent: str) -> list[str]:
    """Texts in the other language; what was sent is a value and may be said again in either."""
    found = []
    for name in ("zh", "remedy_zh", "expected_zh", "found_zh"):
        words = [word for word in WORD.findall(QUOTED.sub("", problem[name] or "")) if word not in NAMES and word not in sent]
        found += [f"{problem['code']} {name}: {problem[name]}"] if words else []
    for name in ("en", "remedy_en", "expected", "found"):
        han = [letter for letter in HAN.findall(QUOTED.sub("", problem[name] or "")) if letter not in sent]
        found += [f"{problem['code']} {name}: {problem[name]}"] if han else []
    return found + [f"{problem['code']} place: {problem['place']}" for _ in [1] if (problem["place"] or "").startswith("body.body")]


@pytest.fixture(scope="module")
def secrets(city, tokens_in_module):
    return {role: tokens_in_module.secret(tokens_in_module.staff(f"said-{role}", (role, "", ""))) for role in ROLES}


@pytest.mark.parametrize(("method", "path", "one"), ROUTES, ids=[one.operation_id for _, _, one in ROUTES])
def test_every_refusal_is_said_in_both_languages(secrets, db, method, path, one):
    roles = [role for callback in one.auth_callbacks if isinstance(callback, Bearer) for role in callback.roles]
    headers = {"Idempotency-Key": "said-in-both"} | ({"Authorization": f"Bearer {secrets[roles[0]]}"} if roles else {})
    told, browser = [], Browser(raise_request_exception=False)
    cases = [*DAMAGED, *(("", json.dumps(body).encode(), "application/json") for body in bodies(one.operation_id))]
    for query, body, kind in cases:
        answer = browser.generic(method, filled(path) + query, body, content_type=kind, headers=headers)
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["detail"].startswith((problem["place"] or problem["zh"], problem["zh"]))
            sent = f"{filled(path)}{query}{body.decode()}"
            told += [line for each in (problem, *problem["errors"]) for line in foreign(each, sent)]
    assert told == []
    missing = browser.generic(method, filled(path), b"{}", content_type="application/json")
    assert not roles or not foreign(missing.json(), "")


def test_an_unknown_parameter_is_refused_and_the_known_ones_are_named(city, db):
    answer = Browser().get("/api/v1/areas?limit=5&levl=county&after=a&after=b")
    said = {(one["code"], one["place"]): one for one in answer.json()["errors"]}
    assert answer.status_code == 422
    assert set(said) == {("api.unknown_parameter", "limit"), ("api.unknown_parameter", "levl"), ("api.repeated_parameter", "after")}
    assert said["api.unknown_parameter", "limit"]["expected"] == "one of: `after`, `below`, `level`"


def test_a_misspelt_field_of_a_delivery_is_refused_before_anything_is_applied(city, db, secrets):
    headers = {"Idempotency-Key": "misspelt-field", "Authorization": f"Bearer {secrets['officer']}"}
    form = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    body = form.format("file", '; filename="a.csv"', "姓名") + form.format("dry_runn", "", "true") + "--x--\r\n"
    answer = Browser().generic(
        "POST",
        "/api/v1/lists/disability-certificate/imports",
        body.encode(),
        content_type="multipart/form-data; boundary=x",
        headers=headers,
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["place"]) == (422, "api.unknown_parameter", "dry_runn")


def test_an_address_beyond_what_anybody_needs_is_a_problem(city, db):
    answer = Browser().get("/api/v1/areas?after=" + "a" * 4000)
    assert (answer.status_code, answer.json()["code"]) == (414, "api.too_long")
    assert len(answer.content) < 2000
