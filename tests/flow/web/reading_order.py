"""A page as somebody hears it: its headings, landmarks, tables, fields, links and pictures, and what of them leads nowhere.

Axe looks at pages in a browser; this reads what the server sent, so that every page of a flow test can be asked. A name that is only a
number, or that several links share, is a fault outside a row with a head of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
SILENT = frozenset(("script", "style", "template", "title"))
NUMBER = re.compile(r"[\d,.% –-]+")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass
class Part:
    """An element with what stands in it."""

    tag: str
    attributes: dict[str, str]
    parent: Part | None = None
    children: list[Part | str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Part]:
        found = []
        for one in self.children:
            if isinstance(one, Part):
                if one.tag in tags or not tags:
                    found.append(one)
                found += one.all(*tags)
        return found

    def above(self, *tags: str) -> Part | None:
        part = self.parent
        while part is not None and part.tag not in tags:
            part = part.parent
        return part

    def name(self) -> str:
        """What is read out of it: its label, or its words with those of its pictures, without what is hidden from readers."""
        if self.attributes.get("aria-hidden") == "true" or self.tag in SILENT:
            return ""
        if label := self.attributes.get("aria-label", ""):
            return label
        if self.tag == "img":
            return self.attributes.get("alt", "")
        words = "".join(one if isinstance(one, str) else f" {one.name()} " for one in self.children)
        return " ".join(words.split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.here = self.page = Part("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        part = Part(tag, {key: value or "" for key, value in attrs}, self.here)
        self.here.children.append(part)
        if tag not in VOID:
            self.here = part

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Part(tag, {key: value or "" for key, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        part: Part | None = self.here
        while part is not None and part.tag != tag:
            part = part.parent
        if part is not None and part.parent is not None:
            self.here = part.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def read(html: str) -> Part:
    reader = _Reader()
    reader.feed(html)
    return reader.page


def wrong_for_listeners(html: str) -> list[str]:
    """Everything about a page that somebody who hears it could not find their way by."""
    page = read(html)
    ids = {part.attributes["id"] for part in page.all() if "id" in part.attributes}
    return [*_headings(page), *_landmarks(page), *_tables(page, ids), *_fields(page, ids), *_doors(page), *_pictures(page)]


def _headings(page: Part) -> list[str]:
    found = page.all(*HEADINGS)
    ones = [one.name() for one in found if one.tag == "h1"]
    wrong = [] if len(ones) == 1 else [f"h1 {len(ones)} times: {ones}"]
    depth = 1
    for one in found:
        level = int(one.tag[1])
        if level > depth + 1:
            wrong.append(f"{one.tag} under h{depth}: {one.name()}")
        if not one.name():
            wrong.append(f"{one.tag} says nothing")
        depth = level
    return wrong


def _landmarks(page: Part) -> list[str]:
    names: dict[tuple[str, str], int] = defaultdict(int)
    for one in page.all("nav", "aside", "section"):
        label = one.attributes.get("aria-label", "") or one.attributes.get("aria-labelledby", "")
        if one.tag != "section" or label:
            names[one.tag, label] += 1
    return [f"{tag} {label or 'without a name'} {times} times" for (tag, label), times in names.items() if times > 1 or not label]


def _tables(page: Part, ids: set[str]) -> list[str]:
    wrong = []
    for table in page.all("table"):
        captions = [one.name() for one in table.all("caption")]
        title = " ".join(one.name() for one in table.all("th"))[:60]
        if not ("aria-label" in table.attributes or table.attributes.get("aria-labelledby", "") in ids or any(captions)):
            wrong.append(f"table without a name: {title}")
        wrong += [f"th without a scope: {one.name()}" for one in table.all("th") if not one.attributes.get("scope")]
        rows = [row for body in table.all("tbody") for row in body.all("tr")]
        wrong += [f"row without a head: {row.name()[:60]}" for row in rows if not row.all("th")]
    return wrong


def _fields(page: Part, ids: set[str]) -> list[str]:
    labels = {one.attributes["for"]: one.name() for one in page.all("label") if "for" in one.attributes}
    wrong = [f"label for nothing: {words}" for target, words in labels.items() if target not in ids]
    groups: dict[tuple[int, str], list[Part]] = defaultdict(list)
    for one in page.all("input", "select", "textarea"):
        kind = one.attributes.get("type", "")
        if kind in ("hidden", "submit"):
            continue
        over = one.above("label")
        name = labels.get(one.attributes.get("id", "")) or (over and over.name()) or one.attributes.get("aria-label")
        if not name and one.attributes.get("aria-labelledby", "-") not in ids:
            wrong.append(f"field without a label: {one.attributes.get('name')}")
        if kind in ("radio", "checkbox"):
            groups[id(one.above("form")), one.attributes.get("name", "")].append(one)
        for pointer in one.attributes.get("aria-describedby", "").split():
            if pointer not in ids:
                wrong.append(f"described by nothing: {pointer}")
    for (_form, name), boxes in groups.items():
        if len(boxes) > 1 and not boxes[0].above("table"):
            group = boxes[0].above("fieldset")
            if group is None or not any(one.name() for one in group.all("legend")):
                wrong.append(f"choices without a question: {name}")
    return wrong


def _doors(page: Part) -> list[str]:
    """Links and buttons: each says what it does, and the same words lead to the same place."""
    wrong = []
    leads: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in page.all("a", "button"):
        name, address = one.name(), one.attributes.get("href", "")
        row = one.above("tr")
        if one.attributes.get("aria-hidden") == "true" or (row and any(head.attributes.get("scope") == "row" for head in row.all("th"))):
            continue
        if not name and not _unseen(one):
            wrong.append(f"{one.tag} says nothing: {address}")
        if NUMBER.fullmatch(name) and not address.startswith("tel:"):
            wrong.append(f"{one.tag} says only {name}: {address}")
        form = one.above("form")
        leads[one.tag, name].add(_sent(form, one) if one.tag == "button" and form else address)
    return wrong + [f"{len(places)} {tag} say {name}: {sorted(places)[:3]}" for (tag, name), places in leads.items() if len(places) > 1]


def _sent(form: Part, button: Part) -> str:
    """What pressing a button asks for."""
    hidden = [one.attributes for one in form.all("input") if one.attributes.get("type") == "hidden"]
    values = [f"{one.get('name')}={one.get('value')}" for one in (*hidden, button.attributes) if one.get("name") != "csrfmiddlewaretoken"]
    return f"{form.attributes.get('action', '')} {' '.join(values)}"


def _unseen(part: Part) -> bool:
    here: Part | None = part
    while here is not None and "hidden" not in here.attributes:
        here = here.parent
    return here is not None


def _pictures(page: Part) -> list[str]:
    wrong = [f"picture without words: {one.attributes.get('src')}" for one in page.all("img") if "alt" not in one.attributes]
    for one in page.all("svg"):
        here: Part | None = one
        while here is not None and here.attributes.get("aria-hidden") != "true" and here.attributes.get("role") != "img":
            here = here.parent
        if here is None:
            wrong.append(f"drawing that is neither named nor hidden: {one.attributes.get('class')}")
    return wrong
