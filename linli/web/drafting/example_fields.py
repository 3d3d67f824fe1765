"""One example of a draft as a form: whom it is about, fact by fact, and what the answer must be. A save changes its own lines only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from linli.kernel.errors import LinliError
from linli.kernel.money import yuan_text
from linli.programmes.breaches import VERDICTS
from linli.programmes.declaration import Programme
from linli.programmes.editing import append, insert, put, remove, repeat
from linli.programmes.examples import FILE
from linli.rules import FactDeclaration
from linli.rules.source import Entry, parse_yaml
from linli.web.drafting import amounts
from linli.web.drafting.drafts import fault_words
from linli.web.templatetags.texts import words

COMMON, UNKNOWN, GIVEN = "common", "unknown", "given"
UNSAID, NONE = "unsaid", "none"
HOW = "_how"
LATER = ("members", "relatives", "holds")
"""What only the text says of an example; kept as it is."""


def examples_of(text: str) -> Entry | None:
    """The file's entry, or None while it is no file of examples."""
    try:
        entry = parse_yaml(text.encode(), file=FILE)
    except LinliError:
        return None
    listed = entry.get("examples")
    sound = listed is not None and isinstance(listed.value, list) and all(isinstance(one.value, dict) for one in listed.value)
    return entry if sound else None


def listed(text: str) -> list[Entry]:
    """The examples of a text in their order; none while it can't be read."""
    entry = examples_of(text)
    return list(entry.value["examples"].value) if entry is not None else []


def found_again(text: str, seen: Entry) -> int | None:
    """Where an example stands by now, unchanged; None where somebody changed or removed it."""
    return next((place for place, one in enumerate(listed(text)) if one.plain() == seen.plain()), None)


class ExampleForm(forms.Form):
    """The example's own facts are chosen or typed; the rest is as the file's common facts have it."""

    zh = forms.CharField(widget=forms.Textarea(attrs={"rows": 2, "class": "input-grow", "lang": "zh-CN"}))
    en = forms.CharField(widget=forms.Textarea(attrs={"rows": 2, "class": "input-grow", "lang": "en"}))
    as_of = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input-short"}))
    verdict = forms.ChoiceField()
    amount_how = forms.ChoiceField()
    amount = forms.CharField(required=False, widget=forms.TextInput(attrs={"class": "input-short", "inputmode": "decimal"}))

    def __init__(self, text: str, place: int, programme: Programme, posted: Mapping[str, str] | None = None) -> None:
        entry = examples_of(text)
        assert entry is not None
        self.text, self.place, self.one = text, place, listed(text)[place]
        common = entry.get("facts")
        self.common: Mapping[str, Entry] = common.value if common else {}
        self.asked = _asked(programme, self.own)
        super().__init__(posted, initial=self._shown())
        labels = {"zh": _("情况（中文）"), "en": _("情况（英文）"), "as_of": _("哪一天"), "verdict": _("应当得出")}
        for name, label in {**labels, "amount_how": _("金额"), "amount": _("金额（元）")}.items():
            self.fields[name].label = label
        self.fields["as_of"].help_text = _("例如 2027-01-01")
        self.fields["verdict"].choices = [(code, words(label)) for code, label in VERDICTS.items()]  # type: ignore[attr-defined]
        amount = [(UNSAID, _("不核对")), (GIVEN, _("应为下面的金额")), (NONE, _("没有金额"))]
        self.fields["amount_how"].choices = amount  # type: ignore[attr-defined]
        for name, fact in self.asked.items():
            self.fields |= self._fact_fields(name, fact)

    @property
    def own(self) -> Mapping[str, Entry]:
        """What the example itself says of its subject."""
        facts = self.one.get("facts")
        return facts.value if facts else {}

    def _fact_fields(self, name: str, fact: FactDeclaration) -> dict[str, forms.Field]:
        common = _said(self.common.get(name), fact) if name in self.common else _("没有写")
        rest = [(COMMON, _("同共同情况：%(value)s") % {"value": common}), (UNKNOWN, _("不知道"))]
        codes = _choices(fact)
        if codes:
            return {f"fact.{name}": forms.ChoiceField(choices=[*rest, *codes], label=words(fact.label))}
        how = forms.ChoiceField(choices=[*rest, (GIVEN, _("填写"))], label=words(fact.label))
        attributes = {"class": "input-short", "autocomplete": "off"}
        label = _("%(fact)s（元）") % {"fact": words(fact.label)} if fact.type.kind == "money" else words(fact.label)
        hint = _("例如 2027-01-01") if fact.type.kind == "date" else ""
        value = forms.CharField(required=False, label=label, help_text=hint, widget=forms.TextInput(attrs=attributes))
        return {f"fact.{name}{HOW}": how, f"fact.{name}": value}

    def _shown(self) -> dict[str, str]:
        """What the file says, as the fields have it."""
        one, expect = self.one.value, self.one.value["expect"].value
        found = {name: str(one[name].raw) for name in ("zh", "en", "as_of") if name in one}
        found["verdict"] = str(expect["verdict"].value)
        amount = expect.get("amount")
        found["amount_how"] = UNSAID if amount is None else NONE if amount.value is None else GIVEN
        found["amount"] = amounts.shown(amount.raw) if found["amount_how"] == GIVEN else ""
        for name, fact in self.asked.items():
            here = self.own.get(name)
            how = COMMON if here is None else UNKNOWN if here.value is None else GIVEN
            value = "" if how != GIVEN or here is None else amounts.shown(here.raw) if fact.type.kind == "money" else _raw(here)
            if _choices(fact):
                found[f"fact.{name}"] = value if how == GIVEN else how
            else:
                found |= {f"fact.{name}{HOW}": how, f"fact.{name}": value}
        return found

    def groups(self) -> dict[str, list[forms.BoundField]]:
        """The fields as the page has them: what it is about, the person, the answer."""
        facts = [self[name] for name in self.fields if name.startswith("fact.")]
        return {
            "about": [self[name] for name in ("zh", "en", "as_of")],
            "facts": facts,
            "answer": [self[name] for name in ("verdict", "amount_how", "amount")],
        }

    def clean(self) -> dict[str, Any]:
        """Amounts are yuan, days are days, and where a value is to be given it is."""
        told: dict[str, Any] = super().clean() or {}
        kinds = {f"fact.{name}": fact.type.kind for name, fact in self.asked.items() if not _choices(fact)} | {"amount": "money"}
        for name, kind in kinds.items():
            if told.get("amount_how" if name == "amount" else f"{name}{HOW}") == GIVEN:
                self._check(name, kind, str(told.get(name, "")).strip())
        return told

    def _check(self, name: str, kind: str, value: str) -> None:
        try:
            if not value:
                self.add_error(name, _("请填写。"))
            elif kind == "money":
                amounts.typed(value)
            elif kind == "date":
                forms.DateField(input_formats=["%Y-%m-%d"]).clean(value)
            elif kind == "integer":
                forms.IntegerField().clean(value)
        except LinliError as error:
            self.add_error(name, fault_words(error))
        except forms.ValidationError as error:
            self.add_error(name, error)

    def written(self, text: str, place: int) -> str:
        """The text with what was changed on the page written into the example at a place; the rest letter by letter."""
        told = {name: str(value) for name, value in self.cleaned_data.items()}
        base, shown = f"examples[{place}]", {name: str(value) for name, value in self.initial.items()}
        for name, path, kind in (
            ("zh", "zh", "text"),
            ("en", "en", "text"),
            ("as_of", "as_of", "day"),
            ("verdict", "expect.verdict", "text"),
        ):
            if told[name] != shown.get(name):
                text = put(text, f"{base}.{path}", told[name], kind)
        amount, before = (_place_of(each, "amount_how", "amount", "money") for each in (told, shown))
        if amount != before:
            text = _placed(text, f"{base}.expect", "amount", amount, UNSAID)
        for name, fact in self.asked.items():
            how = f"fact.{name}{HOW}" if not _choices(fact) else f"fact.{name}"
            wanted, here = (_place_of(each, how, f"fact.{name}", fact.type.kind) for each in (told, shown))
            if wanted != here:
                if listed(text)[place].get("facts") is None:
                    text = insert(text, f"{base}.facts", {})
                text = _placed(text, f"{base}.facts", name, wanted, COMMON)
        return text


def _place_of(told: Mapping[str, str], how: str, value: str, kind: str) -> tuple[str, str, str]:
    """How something is said, its value as the file writes it, and the kind of that value for the editor."""
    said = told.get(how, "")
    if said in (COMMON, UNSAID, UNKNOWN, NONE):
        return said, "", "value"
    text = told.get(value, "").strip()
    written = amounts.written(text, "") if kind == "money" else text
    return GIVEN, written, "text" if kind == "text" else "day" if kind == "date" else "value"


def _placed(text: str, base: str, key: str, wanted: tuple[str, str, str], absent: str) -> str:
    how, value, kind = wanted
    if how == absent:
        return remove(text, f"{base}.{key}")
    return put(text, f"{base}.{key}", value if how == GIVEN else "null", kind)


def _asked(programme: Programme, own: Mapping[str, Entry]) -> dict[str, FactDeclaration]:
    """The facts of the subject that the rule reads, then what the example says besides."""
    known = programme.rule.declarations.facts
    names = [*sorted(programme.rule.facts_used), *own]
    return {name: known[name] for name in dict.fromkeys(names) if name in known}


def _choices(fact: FactDeclaration) -> list[tuple[str, str]]:
    if fact.type.kind == "boolean":
        return [("true", _("是")), ("false", _("否"))]
    if fact.type.kind == "text" and fact.values:
        labels = fact.value_labels or ()
        return [(code, words(labels[at]) if at < len(labels) else code) for at, code in enumerate(fact.values)]
    return []


def _said(entry: Entry | None, fact: FactDeclaration) -> str:
    if entry is None or entry.value is None:
        return str(_("不知道"))
    raw = _raw(entry)
    fen = amounts.fen_of(raw) if fact.type.kind == "money" else None
    return dict(_choices(fact)).get(raw, raw) if fen is None else _("%(amount)s 元") % {"amount": yuan_text(fen)}


def _raw(entry: Entry) -> str:
    return str(entry.value).lower() if isinstance(entry.value, bool) else str(entry.raw or entry.value)


def added(text: str, programme: Programme) -> str:
    """The text with a new example at its end, to be filled in; a file's first one makes the file."""
    item = {
        "zh": "新示例", "en": "new example", "as_of": (programme.effective_from.isoformat(), "day"), "facts": {},
        "expect": {"verdict": "eligible"},
    }  # fmt: skip
    if examples_of(text) is None:
        text = f"programme: {programme.slug}\nexamples: []\n"
    return append(text, "examples", item)


def copied(text: str, place: int) -> str:
    """The text with an example a second time behind itself, named as a copy."""
    zh, en = (str(listed(text)[place].value[key].value) for key in ("zh", "en"))
    after = f"examples[{place + 1}]"
    return put(put(repeat(text, f"examples[{place}]"), f"{after}.zh", f"{zh}（副本）"), f"{after}.en", f"{en} (copy)")


def removed(text: str, place: int) -> str:
    """The text without an example."""
    return remove(text, f"examples[{place}]")


def kept_apart(one: Entry) -> Iterator[str]:
    """What an example says that its form doesn't ask for: household, relatives, what is held, single conditions."""
    yield from (key for key in LATER if one.get(key) is not None)
    yield from (key for key in ("conditions", "missing") if key in one.value["expect"].value)
