"""Every `linli …` that pages for operators, on walking and circles, and both READMEs print is a command that exists, with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from linli.site.command import root

ROOT = Path(__file__).resolve().parents[3]
OTHERS = ("docs/draws.md", "docs/reach.md", "docs/circles.md", "README.md", "README.zh-CN.md")
PAGES = [*sorted((ROOT / "docs" / "operate").glob("*.md")), *(ROOT / page for page in OTHERS)]
IN_TEXT = re.compile(r"`((?:[A-Z_]+=\S+ )*linli [^`\s][^`]*)`")
IN_BLOCK = re.compile(r"^\s*((?:[A-Z_]+=(?:'[^']*'|\S+) )*linli \S.*)$", re.MULTILINE)


def printed(page: Path) -> list[str]:
    """The commands of a page, without their comments and without what follows a pipe."""
    text = page.read_text("utf-8")
    blocks = re.sub(r"\\\n\s*", " ", "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)))
    found = IN_TEXT.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL)) + IN_BLOCK.findall(blocks)
    return [re.split(r"\s[#|]\s", command)[0] for command in found]


def unknown(command: str) -> str | None:
    """The first word of a printed command that linli does not know."""
    words = shlex.split(command)
    words = words[words.index("linli") + 1 :]
    current: click.Command = root
    context = click.Context(root)
    while isinstance(current, click.Group) and words:
        known = current.get_command(context, words[0])
        if known is None and "take" in current.commands:
            known, words = current.commands["take"], ["take", *words]
        if known is None:
            return words[0] if not words[0].startswith("-") else None
        current, words = known, words[1:]
    if "--" in words:
        words = words[: words.index("--")]
    options = {name for parameter in current.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help", "--version"}
    return next((word for word in words if word.startswith("--") and word.split("=")[0] not in options), None)


def test_both_readmes_print_the_same_commands() -> None:
    def plain(page: str) -> list[str]:
        return sorted(re.sub(r"[^\x00-\x7f]+|\b[A-Z]+\b", "", command).replace("..", ".") for command in printed(ROOT / page))

    assert plain("README.md") == plain("README.zh-CN.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_printed_can_be_run(page: Path) -> None:
    assert {command: unknown(command) for command in printed(page) if unknown(command)} == {}


def test_the_pages_print_commands_and_a_wrong_one_is_seen() -> None:
    assert sum(len(printed(page)) for page in PAGES) > 20
    assert unknown("linli backup /srv --keep 3 --recipient AB") is None
    assert unknown("A=b linli backup check /srv --everything") == "--everything"
    assert unknown("linli vault keys renew") == "renew"
