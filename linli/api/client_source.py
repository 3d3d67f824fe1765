"""The Python client, written from the schema: one file without dependencies, typed, the same for everybody (clients/python)."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FRAME = Path(__file__).parent / "templates" / "api" / "client.txt"
PLAIN = {"string": "str", "integer": "int", "boolean": "bool", "number": "float", "null": "None"}
WIDTH = 140


def client_source(schema: dict[str, Any]) -> str:
    """The whole file; a formatter breaks its lines (scripts/client)."""
    shapes = "\n\n\n".join(_shape(name, one) for name, one in _in_order(schema["components"]["schemas"]))
    methods = "\n\n".join(
        _method(verb, path, one)
        for path, verbs in schema["paths"].items()
        for verb, one in verbs.items()
        if verb in ("get", "post", "put", "patch", "delete")
    )
    return FRAME.read_text(encoding="utf-8").replace("# <shapes>", shapes).replace("    # <methods>", methods)


def _in_order(shapes: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, one in sorted(shapes.items()):
        if one.get("type") == "object":
            yield name, one


def class_name(name: str) -> str:
    """Page_AreaShape_ as AreaShapePage, Counted_GapShape_ as GapShapeCounted; other names as they are."""
    generic = re.fullmatch(r"([A-Za-z]+)_(\w+)_", name)
    return f"{generic[2]}{generic[1]}" if generic else name


def _shape(name: str, one: dict[str, Any]) -> str:
    lines = [f"class {class_name(name)}(TypedDict):", *_doc(one.get("description", ""), 4)]
    needed = one.get("required", ())
    for field, schema in one.get("properties", {}).items():
        kind = _type(schema)
        lines.append(f"    {field}: {kind if field in needed else f'NotRequired[{kind}]'}")
    return "\n".join(lines)


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return class_name(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return f"Literal[{', '.join(_quoted(one) for one in schema['enum'])}]"
    if schema.get("type") == "array":
        return f"builtins.list[{_type(schema.get('items', {}))}]"
    if schema.get("type") == "object":
        extra = schema.get("additionalProperties")
        return f"dict[str, {_type(extra) if isinstance(extra, dict) else 'Any'}]"
    return "bytes" if schema.get("format") == "binary" else PLAIN.get(schema.get("type", ""), "Any")


def _quoted(value: Any) -> str:
    return '"' + value + '"' if isinstance(value, str) else repr(value)


def _method(verb: str, path: str, one: dict[str, Any]) -> str:
    good = next(answer for status, answer in one["responses"].items() if int(status) < 300)
    returns = _type(good["content"]["application/json"]["schema"])
    parameters = [parameter for parameter in one["parameters"] if parameter["in"] != "header"]
    keyed = any(parameter["name"] == "Idempotency-Key" for parameter in one["parameters"])
    content = one.get("requestBody", {}).get("content", {})
    arguments = [_argument(parameter["name"], parameter["schema"], parameter["required"]) for parameter in parameters]
    given = [f'"{verb.upper()}"', _path(path)]
    if query := [parameter["name"] for parameter in parameters if parameter["in"] == "query"]:
        given.append(f"query={_dict(query)}")
    if "application/json" in content:
        arguments.append(f"body: {_type(content['application/json']['schema'])}")
        given.append("body=body")
    if form := content.get("multipart/form-data", {}).get("schema"):
        fields = {name: field for name, field in form["properties"].items() if name != "file"}
        arguments += [
            "file: bytes",
            "file_name: str",
            *(_argument(name, field, name in form.get("required", ())) for name, field in fields.items()),
        ]
        given += ["file=(file_name, file)", f"form={_dict(list(fields))}"]
    if keyed:
        arguments.append("key: str | None = None")
        given.append("key=key or str(uuid4())")
    signature = ", ".join(["self", *(["*", *sorted(arguments, key=lambda text: "=" in text)] if arguments else [])])
    lines = [
        f"    def {_name(one['operationId'])}({signature}) -> {returns}:",
        *_doc(one.get("description", ""), 8),
        f"        return cast({returns}, self._call({', '.join(given)}))",
    ]
    return "\n".join(lines)


def _argument(name: str, schema: dict[str, Any], required: bool) -> str:
    kind = _type(schema)
    if required:
        return f"{_name(name)}: {kind}"
    default = schema.get("default")
    return f"{_name(name)}: {kind} = {_quoted(default)}"


def _name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _dict(names: list[str]) -> str:
    return "{" + ", ".join(f'"{name}": {_name(name)}' for name in names) + "}"


def _path(path: str) -> str:
    filled = re.sub(r"\{(\w+)\}", lambda match: "{_segment(" + _name(match[1]) + ")}", path)
    return ('f"' if filled != path else '"') + filled + '"'


def _doc(text: str, indent: int) -> list[str]:
    words, lines, space = text.replace("\n", " ").split(), [""], WIDTH - indent - 6
    for word in words:
        if len(lines[-1]) + len(word) + 1 > space:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    pad = " " * indent
    if not text:
        return [f'{pad}"""As the schema says."""']
    return [f'{pad}"""{lines[0]}"""'] if len(lines) == 1 else [f'{pad}"""{lines[0]}', *(pad + line for line in lines[1:]), f'{pad}"""']
