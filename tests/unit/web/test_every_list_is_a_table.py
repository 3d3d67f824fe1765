"""Every list of the office's pages can be taken along as xlsx: whoever adds a list offers its table, or says here why there is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from linli.web.tables import officeexports
from linli.web.tables.downloads import LISTINGS

TEMPLATES = Path(__file__).parents[3] / "linli" / "web" / "templates"
FOLDERS = ("admin", "batches", "city", "imports", "office", "payments", "programmes", "window")
LIST = re.compile(r"{% pager |\bdata-list\b")
OFFERED = re.compile(r'{% export_button "([a-z-]+)"|money_export\.html" with listing="([a-z-]+)"|listing="([a-z-]+)"|url "office:(export)"')
# Lists that are no list of rows of their own, each with what stands for it.
OTHERWISE = {
    "city/forms.html": "forms of superior organs, each an xlsx of its own",
    "city/numbers_table.html": "a part of pages that offer it",
    "city/way_table.html": "a part of pages that offer it",
    "imports/delivered.html": "a part of pages that offer it",
    "imports/checked.html": "a file as it was sent, with its faults marked: imports:marked",
    "imports/people.html": "a preview of a file that was sent: imports:marked has its rows",
    "imports/home.html": "what the viewer may deliver: the lists themselves stand in city-lists",
    "office/downloads.html": "the viewer's own files",
    "programmes/list.html": "programmes, each a file of its own: programmes:download",
    "programmes/whatif.html": "scenarios that are being worked on",
    "programmes/changed.html": "whom a scenario would change: the screening that follows has its list",
}


def pages() -> dict[str, str]:
    """The office's templates that hold a list, by name."""
    found = {
        f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for name in FOLDERS for path in TEMPLATES.glob(f"{name}/*.html")
    }
    return {name: text for name, text in found.items() if LIST.search(text)}


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_list_offers_its_table_or_says_why_not(name: str) -> None:
    offered = {next(one for one in found if one) for found in OFFERED.findall(pages()[name])} - {"export"}
    assert offered <= set(LISTINGS)
    assert bool(offered or 'url "office:export"' in pages()[name]) != (name in OTHERWISE)
    assert get_template(name)


def test_what_is_excused_is_there() -> None:
    assert set(OTHERWISE) <= set(pages())


def test_every_table_is_offered_on_a_page() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    assert [name for name in officeexports.LISTINGS if f'"{name}"' not in texts] == []
