"""Both languages are whole: every Chinese text of templates and code has an English one, and none is left over."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

WEB = Path(__file__).resolve().parents[3] / "linli" / "web"
CALLS = re.compile(r"""(?:gettext|\b_)\(\s*(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")\s*\)""")
HAN = re.compile(r"[\u4e00-\u9fff]")


def used_in_templates() -> set[str]:
    found = set()
    for file in WEB.rglob("*.html"):
        source = file.read_text()
        for text in (templatize(source, origin=str(file)), source):
            found |= {ast.literal_eval(match) for match in CALLS.findall(text)}
    return found


def used_in_code() -> set[str]:
    found = set()
    for file in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "gettext", "gettext_lazy"):
                found.add(ast.literal_eval(node.args[0]))
    return found


def english() -> dict[str, str]:
    with (WEB / "locale" / "en" / "LC_MESSAGES" / "django.po").open("rb") as stream:
        return {message.id: message.string for message in read_po(stream) if message.id}


def test_every_text_has_an_english_one_and_none_is_left_over():
    used, known = used_in_templates() | used_in_code(), english()
    assert len(used) > 200
    assert sorted(used - set(known)) == []
    assert sorted(set(known) - used) == []
    assert [text for text, translated in known.items() if not translated or HAN.search(translated)] == []


@pytest.mark.parametrize("kind", [r"%\(\w+\)s"])
def test_placeholders_survive_translation(kind: str):
    for text, translated in english().items():
        assert sorted(re.findall(kind, text)) == sorted(re.findall(kind, translated)), text


def test_no_template_holds_chinese_outside_a_translated_text():
    for file in WEB.rglob("*.html"):
        source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", file.read_text(), flags=re.DOTALL)
        source = re.sub(r"{%.*?%}|{#.*?#}|{{.*?}}", "", source, flags=re.DOTALL)
        bare = [line for line in source.splitlines() if HAN.search(line)]
        assert bare == [], file.name
