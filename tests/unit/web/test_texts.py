"""Both languages are whole: every Chinese text of templates and code has an English one, and none is left over."""

import ast
import re
from pathlib import Path

import yaml
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from linli.web.frame.sensitive import field_words

ROOT = Path(__file__).resolve().parents[3]
WEB, CITIES = ROOT / "linli" / "web", ROOT / "cities"
CALLS = re.compile(r"""(?:gettext|\b_)\(\s*(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")\s*[,)]""")
HAN = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)s")
NOUNS = "rows|days|people|records|changes|cases|examples|seconds|items|calls|letters|remarks"
COUNTED = re.compile(rf"%\(\w+\)s (?:working |wrong |more )?(?:{NOUNS})\b")
FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff01-\uff60]")


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
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "gettext", "gettext_lazy", "counted"):
                found.add(ast.literal_eval(node.args[0]))
    return found


def english() -> dict[str, tuple[str, ...]]:
    """The English of each Chinese text: one form, or those for one and for several."""
    with (WEB / "locale" / "en" / "LC_MESSAGES" / "django.po").open("rb") as stream:
        told = [message for message in read_po(stream) if message.id]
    return {
        one.id[0] if isinstance(one.id, tuple) else one.id: one.string if isinstance(one.string, tuple) else (one.string,) for one in told
    }


def test_every_text_has_an_english_one_and_none_is_left_over():
    used, known = used_in_templates() | used_in_code(), english()
    assert len(used) > 200
    assert sorted(used - set(known)) == []
    assert sorted(set(known) - used) == []
    assert [text for text, forms in known.items() if not all(forms) or any(HAN.search(form) for form in forms)] == []


def test_placeholders_survive_translation():
    for text, (*one, several) in english().items():
        held = sorted(PLACEHOLDER.findall(text))
        assert sorted(PLACEHOLDER.findall(several)) == held, text
        # “every day” needs no number.
        assert all(set(PLACEHOLDER.findall(form)) <= set(held) for form in one), text


def test_english_reads_right_for_one():
    """A number before its noun has a form for one, and no Chinese bracket, comma or colon stands in an English text."""
    stiff = [several for one in english().values() if len(one) == 1 and COUNTED.search(several := one[0])]
    assert stiff == []
    assert [form for forms in english().values() for form in forms if FULL_WIDTH.search(form)] == []


def test_no_template_holds_chinese_outside_a_translated_text():
    for file in WEB.rglob("*.html"):
        source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", file.read_text(), flags=re.DOTALL)
        source = re.sub(r"{%.*?%}|{#.*?#}|{{.*?}}", "", source, flags=re.DOTALL)
        bare = [line for line in source.splitlines() if HAN.search(line)]
        assert bare == [], file.name


def test_every_sensitive_field_of_a_city_has_a_name():
    for file in CITIES.glob("*/purposes.yaml"):
        fields = {field for purpose in yaml.safe_load(file.read_text("utf-8")).values() for field in purpose["fields"]}
        assert [field for field in sorted(fields) if not HAN.search(field_words(field))] == []
