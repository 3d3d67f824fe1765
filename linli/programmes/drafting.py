"""A draft as the checks see it: its programme, everything found in it, its examples with what the rule says of each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from linli.kernel.digests import digest_of
from linli.kernel.errors import LinliError, Place, Problems
from linli.programmes.catalogue import Catalogue
from linli.programmes.declaration import Programme, place_of
from linli.programmes.examples import Tried, try_text
from linli.programmes.files import ReadFile, city_vocabulary, read_content
from linli.programmes.finding import Finding
from linli.programmes.publishing import findings, findings_despite_faults
from linli.rules.declare import Label
from linli.rules.source import Entry, parse_yaml

FILE, EXAMPLES = "programme.yaml", "examples.yaml"


class Texts(Protocol):
    """What a draft is made of."""

    slug: str
    text: str
    examples: str


def content_digest(text: str, examples: str) -> str:
    """What a publisher's approval is bound to: every letter of both files."""
    return digest_of({"text": text, "examples": examples})


def slug_in(text: str) -> str:
    """The programme that a file names, as far as it can be read. Raises LinliError with its place where it names none."""
    try:
        found = parse_yaml(text.encode(), file=FILE).get("programme")
    except LinliError:
        # A draft may be broken for a while: its first line still says whose it is.
        plain = re.search(r"^programme: *[\"']?([a-z][a-z0-9-]{0,59})", text.removeprefix("\ufeff"), re.MULTILINE)
        if plain is None:
            raise
        return plain.group(1)
    slug = str(found.value) if found is not None else ""
    if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", slug) and len(slug) <= 60:
        return slug
    raise LinliError(
        "programmes.no_slug",
        zh="没有写明事项代号",
        en="The file doesn't say which programme it is.",
        place=Place(FILE, 1, 1, "programme"),
        expected="programme: a-slug",
        expected_zh="`programme: 代号`",
        found=slug or "nothing",
        found_zh=slug or "没有写",
        remedy_zh="第一行写 programme: 代号",
        remedy_en="write programme: a-slug first",
    )


def read_draft(draft: Texts, catalogue: Catalogue) -> ReadFile:
    """The draft's file with its faults, against the facts of the city."""
    return read_content(draft.text.encode(), city_vocabulary(catalogue.path), file=FILE)


def programme_of_draft(draft: Texts, catalogue: Catalogue) -> Programme:
    """The draft's programme. Raises Problems with its faults."""
    read = read_draft(draft, catalogue)
    if read.faults or read.programme is None:
        raise Problems(list(read.faults))
    return read.programme


def draft_findings(draft: Texts, catalogue: Catalogue, published: Iterable[Programme]) -> list[Finding]:
    """All that speaks for and against publishing the draft, its examples included. About 0.2 s for a programme about employment."""
    read = read_draft(draft, catalogue)
    if read.faults or read.programme is None:
        return findings_despite_faults(read, catalogue, draft.examples)
    programme, others = read.programme, list(published)
    found = findings(programme, catalogue, others, draft.examples)
    if any(one.version == programme.version for one in others):
        found.insert(0, Finding(_taken(programme), True))
    return found


def _taken(programme: Programme) -> LinliError:
    return LinliError(
        "programmes.version_taken", zh="这个版本号已经发布过", en="A version of this name is published already.",
        place=place_of(programme, "version"), expected="a version name of its own",
            expected_zh="不重复的版本号", found=programme.version,
        remedy_zh="另起一个版本号，例如起始日", remedy_en="give it another name, such as its first day",
    )  # fmt: skip


def tried(draft: Texts, catalogue: Catalogue) -> tuple[Tried, ...]:
    """The draft's examples, each with what the rule says otherwise; none while either file can't be read."""
    read = read_draft(draft, catalogue)
    if read.faults or read.programme is None or read.programme.empty_parameters:
        return ()
    try:
        return try_text(read.programme, draft.examples)
    except Problems:
        return ()


def label_of(draft: Texts) -> Label:
    """The programme's name as the draft has it, its slug while that can't be read."""
    entry = entry_of(draft.text)
    zh, en = (entry.get(key) if entry is not None else None for key in ("zh", "en"))
    return Label(str(zh.value), str(en.value)) if zh is not None and en is not None else Label(draft.slug, draft.slug)


def entry_of(text: str) -> Entry | None:
    """The text's values with their places, or None while it is no YAML."""
    try:
        return parse_yaml(text.encode(), file=FILE)
    except LinliError:
        return None
