"""A page never invents its own look: closed classes, no inline style or script, tokens only."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[3] / "linli" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
STYLES = WEB / "static" / "linli"


def classes_of(source: str) -> set[str]:
    found = set()
    for attribute in re.findall(r'class="((?:[^"{]|{%.*?%}|{{.*?}})*)"', source):
        plain = re.sub(r"{{.*?}}", "\0", re.sub(r"{%.*?%}", " ", attribute))
        found |= {name for name in plain.split() if "\0" not in name}
    return found


def styled() -> set[str]:
    css = "".join(file.read_text() for file in (*STYLES.glob("*.css"), *STYLES.glob("map/*.css")))
    return set(re.findall(r"\.([a-z][a-z0-9-]*)", re.sub(r"{[^{}]*}", "{}", css)))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_uses_only_classes_of_the_style_sheets(template: Path):
    assert classes_of(template.read_text()) - {"not-read"} <= styled()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_style_script_or_foreign_address(template: Path):
    source = template.read_text()
    assert not re.search(r"\sstyle=|<style|javascript:|\son[a-z]+=|https?://", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


def test_every_class_of_the_components_is_shown_in_the_style_guide():
    rendered = "".join(
        (WEB / "templates" / folder / name).read_text() for folder, name in (("public", "styleguide.html"), ("", "base.html"))
    )
    rendered += "".join(file.read_text() for file in (WEB / "templates" / "components").glob("*.html"))
    rendered += (WEB / "templatetags" / "components.py").read_text()
    css = re.sub(r"{[^{}]*}", "{}", (STYLES / "components.css").read_text())
    components = set(re.findall(r"\.([a-z][a-z0-9-]*)", css)) - {"aside"}  # a column of the frame
    made = {"notice-good", "notice-open", "notice-bad", "notice-note", "tag-good", "tag-open", "tag-not", "tag-bad", "tag-note"}
    assert sorted(name for name in components - made if not re.search(rf"\b{name}\b", rendered)) == []


@pytest.mark.parametrize("sheet", ["layout.css", "components.css", "map/map.css"])
def test_colours_outside_the_tokens_are_only_shadows_and_borders_of_panels(sheet: str):
    css = (STYLES / sheet).read_text()
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", css)) <= {"#ecc9b7", "#bcdad4"}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens() -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", (STYLES / "tokens.css").read_text().split("}")[0]))


@pytest.mark.parametrize("ink", ["ink", "ink-soft", "brand", "brand-deep", "ember", "good", "open", "not", "bad", "note"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_text_colours_have_a_contrast_of_four_and_a_half(ink: str, ground: str):
    assert contrast(tokens()[ink], tokens()[ground]) >= 4.5


@pytest.mark.parametrize("kind", ["good", "open", "not", "bad", "note", "brand", "ember"])
def test_a_colour_is_legible_on_its_own_wash(kind: str):
    assert contrast(tokens()[kind], tokens()[f"{kind}-wash"]) >= 4.5


def test_the_elder_edition_meets_the_norm_for_size_line_height_and_targets():
    css = (STYLES / "tokens.css").read_text()
    elder = css[css.index('[data-edition="elder"]') :]
    sizes = [float(size) * 16 for size in re.findall(r"--text[a-z0-9-]*: ([\d.]+)rem", elder)]
    assert min(sizes) >= 18
    assert "--text: 1.875rem" in elder
    assert float(re.search(r"--leading-tight: ([\d.]+)", elder)[1]) >= 1.3
    assert "--target: 3.75rem" in elder
