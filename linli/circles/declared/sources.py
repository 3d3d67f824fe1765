"""By whose word a norm or a definition holds, and whether anybody has held it against that text: what nobody has checked says so."""

from __future__ import annotations

from linli.circles.declared.reading import keys, named, one_of
from linli.rules.declare import Label
from linli.rules.source import Entry

CHECKED = {
    "original": Label("已对照原文", "checked against the original"),
    "reprint": Label("据公开转载或报道，未核原文", "by a public reprint or report, not checked against the original"),
    "unseen": Label("未核原文", "not checked against the original"),
    "own": None,
}
"""How well a source is known. own: the city's own setting, which has no other text."""


def source(entry: Entry) -> Label:
    """The words of a source, with how well it is known: wherever a norm names its source, it says that too. LinliError with its place."""
    told = keys(entry, ("zh", "en", "checked"))
    words, checked = named(told), CHECKED[one_of(told["checked"], CHECKED)]
    return words if checked is None else Label(f"{words.zh}（{checked.zh}）", f"{words.en} ({checked.en})")
