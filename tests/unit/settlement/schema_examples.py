"""A reader of the small schema beside this file: sequences, occurrence, lengths and patterns, and nothing else of XML Schema."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

XS = "{http://www.w3.org/2001/XMLSchema}"
PAIN = Path(__file__).with_name("pain.001.001.03.xsd")


def faults(document: bytes, schema: Path = PAIN) -> list[str]:
    """Where a document is not what the schema says; none is well."""
    declared = ElementTree.parse(schema).getroot()
    types = {one.get("name", ""): one for one in declared if one.tag in (f"{XS}complexType", f"{XS}simpleType")}
    namespace = declared.get("targetNamespace", "")
    root = ElementTree.fromstring(document)
    if root.tag != f"{{{namespace}}}Document":
        return [f"root {root.tag}"]
    return list(_of(root, types["Document"], types, namespace, "Document"))


def _of(element: Element, kind: Element, types: dict[str, Element], namespace: str, path: str) -> list[str]:
    if kind.tag == f"{XS}simpleType":
        return [
            *_text(element.text or "", kind, path),
            *([f"{path}: children"] if len(element) else []),
            *_attributes(element, [], types, path),
        ]
    extension = kind.find(f"{XS}simpleContent/{XS}extension")
    if extension is not None:
        attributes = extension.findall(f"{XS}attribute")
        return [*_text(element.text or "", types[extension.get("base", "")], path), *_attributes(element, attributes, types, path)]
    found = [f"{path}: text"] if (element.text or "").strip() else []
    children = list(element)
    for one in kind.findall(f"{XS}sequence/{XS}element"):
        name, taken = f"{{{namespace}}}{one.get('name')}", 0
        while children and children[0].tag == name:
            found += _of(children.pop(0), types[one.get("type", "")], types, namespace, f"{path}/{one.get('name')}")
            taken += 1
        most = one.get("maxOccurs", "1")
        if taken < int(one.get("minOccurs", "1")) or (most != "unbounded" and taken > int(most)):
            found.append(f"{path}/{one.get('name')}: {taken} times")
    return [*found, *(f"{path}: {child.tag} is out of place" for child in children)]


def _text(text: str, kind: Element, path: str) -> list[str]:
    for facet in kind.find(f"{XS}restriction") or ():
        value, name = facet.get("value", ""), facet.tag.removeprefix(XS)
        if not _fits(text, name, value):
            return [f"{path}: {text[:40]!r} against {name} {value}"]
    return []


def _fits(text: str, facet: str, value: str) -> bool:
    if facet == "minLength":
        return len(text) >= int(value)
    return len(text) <= int(value) if facet == "maxLength" else bool(re.fullmatch(value, text))


def _attributes(element: Element, declared: list[Element], types: dict[str, Element], path: str) -> list[str]:
    known = {one.get("name", ""): types[one.get("type", "")] for one in declared}
    missing = [f"{path}: no {name}" for name in known if name not in element.attrib]
    return missing + [
        fault
        for name, value in element.attrib.items()
        for fault in (_text(value, known[name], path) if name in known else [f"{path}: {name}"])
    ]
