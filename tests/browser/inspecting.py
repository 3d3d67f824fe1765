"""The Inspector: one page after the other, measured and read by axe in every window of an edition.

`make test` looks at the residents' and the steward's pages in the edition and language that they most need, and with LINLI_LOOK=quick
at the two windows of it that differ most; `make check-long` at all four variants in every window, and at every page of officers.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import DESKTOP, PHONE, shot
from measures import BY_FINGER, BY_MOUSE, ELDER, ELDER_LARGEST, Norm, legible, untranslated
from playwright.sync_api import Page

VARIANTS = (("elder", "zh"), ("standard", "en"), ("standard", "zh"), ("elder", "en"))


def in_variants(*always: tuple[str, str]) -> pytest.MarkDecorator:
    """The test in all four variants, those that are not named here in `make check-long` alone."""
    rest = [pytest.param(*each, marks=pytest.mark.long) for each in VARIANTS if each not in always]
    return pytest.mark.parametrize(("edition", "language"), [*always, *rest])


for_residents = in_variants(("elder", "zh"))
for_officers = in_variants()
WIDE = {"width": 1440, "height": 900}
# What each edition is looked at in: name, size of the window, size of the text, norm.
WINDOWS: dict[str, list[tuple[str, dict[str, int], str, Norm]]] = {
    "standard": [
        ("desktop", DESKTOP, "large", BY_MOUSE),
        ("phone", PHONE, "large", BY_FINGER),
        ("narrow", {"width": 320, "height": 640}, "large", BY_FINGER),  # WCAG 2.2, 1.4.10: nothing is lost at 320 px
    ],
    "elder": [
        ("phone", PHONE, "large", ELDER),
        ("phone-largest", PHONE, "largest", ELDER_LARGEST),
        ("desktop", WIDE, "large", ELDER),
        ("desktop-largest", WIDE, "largest", ELDER_LARGEST),
    ],
}
# Where axe reads each edition and language, so that the four variants together cover both widths of both editions.
READ_BY_AXE = {("standard", "en"): "desktop", ("standard", "zh"): "phone", ("elder", "zh"): "phone", ("elder", "en"): "desktop"}
# WCAG 2.2 AA, best practices included.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "selectors": False,
}
# Contrast takes half of axe's time: a glance reads it on the style guide, which has every pair of colours, `make check-long` everywhere.
CONTRAST_ON = "styleguide"
AXE = Axe().axe_script
# Only this leaves the page: axe's whole answer is megabytes of what is in order, and takes longer to hand over than to work out.
VIOLATIONS = """async options => (await axe.run(options)).violations
  .flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)}`))"""


def windows(edition: str) -> list[tuple[str, dict[str, int], str, Norm]]:
    """Those to look at: with LINLI_LOOK=quick two, the narrowest and the one with the largest letters or the most room."""
    glance = {"standard": ("desktop", "narrow"), "elder": ("phone", "desktop-largest")}
    return [one for one in WINDOWS[edition] if not glancing() or one[0] in glance[edition]]


def glancing() -> bool:
    """Whether this is the short look of `make test`."""
    return os.environ.get("LINLI_LOOK") == "quick"


# Everything that is folded up, but for the rest of the menu where it opens over the page (tests/browser/test_menu_bar.py opens it).
UNFOLD = """() => { for (const each of document.querySelectorAll('details')) {
  const rest = each.querySelector('.menu-rest');
  each.open = !rest || getComputedStyle(rest).position === 'static';
} }"""

# The size of the letters; and what a narrower window showed in the page's own flow would lie over the page in a wider one.
BEGIN_WINDOW = """size => {
  document.documentElement.dataset.size = size;
  document.querySelectorAll('details:has(.menu-rest)').forEach(one => { one.open = false });
}"""


@dataclass
class Inspector:
    """Looks at pages in one edition and language and collects what is wrong with them."""

    page: Page
    edition: str
    language: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Axe is half a megabyte: handed to the browser once, which then has it in every page that it opens."""
        self.page.add_init_script(AXE)

    def look(self, name: str) -> None:
        """Keep screenshots; note what axe finds, and in every window what can't be read or hit. What is folded up is unfolded for it."""
        self.page.wait_for_load_state()
        found = untranslated(self.page, self.language)
        axe_window = READ_BY_AXE[self.edition, self.language]
        for window, size, letters, norm in windows(self.edition):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.evaluate(BEGIN_WINDOW, letters)
            if window == axe_window:
                found += self.read_by_axe(contrast=name == CONTRAST_ON or not glancing())
            if window in ("phone", "desktop"):
                shot(self.page, f"{name}-{self.edition}-{self.language}-{window}")
            self.page.evaluate(UNFOLD)
            found += [f"{window}: {problem}" for problem in legible(self.page, norm)]
        self.problems += [f"{name}: {problem}" for problem in found]

    def read_by_axe(self, *, contrast: bool = True) -> list[str]:
        """What axe finds wrong, by its rule and the place."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found: list[str] = self.page.evaluate(VIOLATIONS, RULES if contrast else {**RULES, "rules": {"color-contrast": {"enabled": False}}})
        return found
